"""The register of research: competitors, figures of the market, what people said, and how plans cite them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Body, Query, Router, Schema, Status
from pydantic import Field

from huoshui.kernel import clock
from huoshui.kernel.texts import Text
from huoshui.know.research import drafts, queries, services
from huoshui.know.research.drafts import Origin
from huoshui.know.research.errors import NotResearch
from huoshui.know.research.limits import LONGEST_NAME, LONGEST_SOURCE, LONGEST_TEXT
from huoshui.know.research.queries import Entry
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import Day, Moment, Number, Said, Seen
from huoshui.web import shell

router = Router(tags=["research"])
Kind = Literal["competitor", "figure", "note"]
Confidence = Literal["low", "medium", "high"]
Heard = Literal["interview", "focus_group", "observation", "review"]
Exact = Annotated[str, Field(pattern=r"^-?\d{1,15}(\.\d{1,6})?$", examples=["1250"])]
Called = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


OTHER_KIND = Text("An entry keeps its kind", "研究记录的类型不能改变")


class FromSource(Said):
    """Where something comes from, of which day it is, how sure one may be."""

    source: str = Field(min_length=1, max_length=LONGEST_SOURCE)
    day: Day
    link: str = Field("", max_length=500)
    confidence: Confidence = "medium"

    def origin(self) -> Origin:
        """Where it comes from."""
        return Origin(source=self.source, day=self.day, link=self.link, confidence=self.confidence)


class Score(Said):
    """How a competitor does by a criterion: 1 to 5 or not known, and a remark."""

    score: int | None = Field(None, ge=1, le=5)
    remark: str = Field("", max_length=120)


class CompetitorIn(FromSource):
    """A competitor, or with `ours` the company itself; `scores` by criterion."""

    kind: Literal["competitor"]
    name: Called
    about: str = Field("", max_length=500)
    ours: bool = False
    scores: dict[Annotated[str, Field(max_length=60)], Score] = Field({}, max_length=100)

    def draft(self) -> drafts.Draft:
        """The entry as the verbs take it."""
        return drafts.Competitor(
            name=self.name,
            about=self.about,
            ours=self.ours,
            scores={name: (one.score, one.remark) for name, one in self.scores.items()},
            origin=self.origin(),
        )


class YearValue(Said):
    """What a figure was in a year."""

    year: int = Field(ge=1900, le=2200)
    value: Exact


class FigureIn(FromSource):
    """A figure of the market by year. Of a year twice the later one counts."""

    kind: Literal["figure"]
    name: Called
    unit: str = Field(min_length=1, max_length=40)
    about: str = Field("", max_length=500)
    values: list[YearValue] = Field(min_length=1, max_length=drafts.MOST_YEARS)

    def draft(self) -> drafts.Draft:
        """The entry as the verbs take it."""
        return drafts.Figure(
            name=self.name,
            unit=self.unit,
            about=self.about,
            values={one.year: Decimal(one.value) for one in self.values},
            origin=self.origin(),
        )


class NoteIn(FromSource):
    """What was heard of somebody, without their name. `segment` is the slug of whom it speaks for."""

    kind: Literal["note"]
    who: Called
    words: str = Field(min_length=1, max_length=LONGEST_TEXT)
    heard: Heard = "interview"
    segment: str = Field("", max_length=60)
    means: str = Field("", max_length=500)

    def draft(self) -> drafts.Draft:
        """The entry as the verbs take it."""
        return drafts.Note(
            who=self.who,
            words=self.words,
            kind=self.heard,
            segment=self.segment,
            means=self.means,
            origin=self.origin(),
        )


EntryIn = Annotated[CompetitorIn | FigureIn | NoteIn, Body(discriminator="kind")]


class YearTold(Schema):
    """What a figure was in a year; exact, as text."""

    year: int
    value: str


class ResearchEntry(Schema):
    """An entry: `key` is what plans cite it by. Fields of other kinds are null."""

    key: str
    id: int
    kind: Kind
    source: str
    link: str
    day: Day
    confidence: Confidence
    version: int
    changed_at: Moment
    retired: bool
    name: str | None = None
    about: str | None = None
    ours: bool | None = None
    scores: dict[str, Score] | None = None
    unit: str | None = None
    values: list[YearTold] | None = None
    who: str | None = None
    words: str | None = None
    heard: Heard | None = None
    segment: str | None = None
    means: str | None = None


class ResearchList(Schema):
    """Entries of a kind, or of all."""

    items: list[ResearchEntry]


class CitationOut(Schema):
    """What can be cited: `text` says it in a line. A finding of a plan cites `key` in its field `cites`."""

    key: str
    kind: Kind
    title: str
    text: str
    source: str
    link: str
    day: Day
    confidence: Confidence


class Citations(Schema):
    """All that can be cited: figures, competitors, notes."""

    items: list[CitationOut]


class Criteria(Said):
    """What competitors are compared by, in this order."""

    names: list[Annotated[str, Field(max_length=60)]] = Field(max_length=services.MOST_CRITERIA)


class CriteriaOut(Schema):
    """What competitors are compared by; last what only scores speak of."""

    names: list[str]


@router.get("/research", response=ResearchList, url_name="research", operation_id="list_research")
def list_research(
    request: HttpRequest,
    kind: Annotated[Kind | None, Query()] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    retired: bool = False,
) -> ResearchList:
    """What is known of the market, those in use or those put away; `q` are words that an entry holds."""
    actor = shell.actor_of(request)
    kinds = [kind] if kind else list(queries.MODELS)
    found = [one for it in kinds for one in queries.entries(it, actor=actor, words=q, retired=retired)]
    return ResearchList(items=[entry_told(one) for one in found])


@router.post("/research", response={201: ResearchEntry}, url_name="research", operation_id="create_research")
def create_research(request: HttpRequest, response: HttpResponse, sent: EntryIn) -> Status[ResearchEntry]:
    """Keep an entry with its source."""
    made = services.add(actor=shell.actor_of(request), draft=sent.draft(), now=clock.now())
    response["Location"] = reverse("api:research_entry", args=[sent.kind, made])
    return Status(201, _shown(request, response, sent.kind, made))


@router.get("/research/citations", response=Citations, url_name="citations", operation_id="list_citations")
def list_citations(request: HttpRequest) -> Citations:
    """All that plans can cite, each in a line with its source."""
    found = queries.citations(actor=shell.actor_of(request))
    names = CitationOut.model_fields
    return Citations(items=[CitationOut(**{name: getattr(one, name) for name in names}) for one in found])


@router.get("/research/criteria", response=CriteriaOut, url_name="criteria", operation_id="list_criteria")
def list_criteria(request: HttpRequest) -> CriteriaOut:
    """What competitors are compared by."""
    return CriteriaOut(names=queries.criteria(actor=shell.actor_of(request)))


@router.put("/research/criteria", response=CriteriaOut, url_name="criteria", operation_id="set_criteria")
def set_criteria(request: HttpRequest, sent: Criteria) -> CriteriaOut:
    """Say what competitors are compared by. Scores of what is left out stay where they are."""
    services.compare_by(actor=shell.actor_of(request), names=sent.names, now=clock.now())
    return list_criteria(request)


@router.get(
    "/research/{str:kind}/{int:entry}",
    response=ResearchEntry,
    url_name="research_entry",
    operation_id="get_research",
)
def get_research(request: HttpRequest, response: HttpResponse, kind: Kind, entry: Number) -> ResearchEntry:
    """One entry, put away or not. The `ETag` says which version."""
    return _shown(request, response, kind, entry)


@router.put(
    "/research/{str:kind}/{int:entry}",
    response=ResearchEntry,
    url_name="research_entry",
    operation_id="change_research",
)
def change_research(
    request: HttpRequest,
    response: HttpResponse,
    kind: Kind,
    entry: Number,
    sent: EntryIn,
    if_match: Seen = None,
) -> ResearchEntry:
    """Give an entry other words. `If-Match` holds the `ETag` that you saw. What cites it says the new ones."""
    actor = shell.actor_of(request)
    there = queries.entry(kind, entry, actor=actor)
    if sent.kind != kind:
        raise NotResearch(OTHER_KIND, received=sent.kind, valid=kind)
    services.change(
        actor=actor,
        entry_id=entry,
        seen=version_seen(if_match, newest=there.version),
        draft=sent.draft(),
        now=clock.now(),
    )
    return _shown(request, response, kind, entry)


@router.delete(
    "/research/{str:kind}/{int:entry}",
    response={204: None},
    url_name="research_entry",
    operation_id="retire_research",
)
def retire_research(request: HttpRequest, kind: Kind, entry: Number) -> Status[None]:
    """Put an entry away; what cites it goes on."""
    services.retire(actor=shell.actor_of(request), kind=kind, entry_id=entry, now=clock.now())
    return Status(204, None)


@router.post(
    "/research/{str:kind}/{int:entry}/restore",
    response=ResearchEntry,
    url_name="restore_research",
    operation_id="restore_research",
)
def restore_research(
    request: HttpRequest, response: HttpResponse, kind: Kind, entry: Number
) -> ResearchEntry:
    """Offer an entry again."""
    services.bring_back(actor=shell.actor_of(request), kind=kind, entry_id=entry, now=clock.now())
    return _shown(request, response, kind, entry)


def entry_told(one: Entry) -> ResearchEntry:
    """An entry as programs read it."""
    draft, origin = one.draft, one.draft.origin
    own: dict[str, object]
    if isinstance(draft, drafts.Competitor):
        scores = {name: Score(score=score, remark=remark) for name, (score, remark) in draft.scores.items()}
        own = {"name": draft.name, "about": draft.about, "ours": draft.ours, "scores": scores}
    elif isinstance(draft, drafts.Figure):
        values = [YearTold(year=year, value=f"{value:f}") for year, value in sorted(draft.values.items())]
        own = {"name": draft.name, "about": draft.about, "unit": draft.unit, "values": values}
    else:
        names = ("who", "words", "segment", "means")
        own = {**{name: getattr(draft, name) for name in names}, "heard": draft.kind}
    return ResearchEntry.model_validate(
        {
            "key": one.key,
            "id": one.id,
            "kind": one.kind,
            "source": origin.source,
            "link": origin.link,
            "day": origin.day,
            "confidence": origin.confidence,
            "version": one.version,
            "changed_at": one.changed_at,
            "retired": one.retired,
            **own,
        }
    )


def _shown(request: HttpRequest, response: HttpResponse, kind: str, entry: int) -> ResearchEntry:
    found = queries.entry(kind, entry, actor=shell.actor_of(request))
    response["ETag"] = f'"{found.version}"'
    return entry_told(found)
