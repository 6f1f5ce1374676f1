"""Campaigns: what they are to be, where their people are, and what is done to them."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.act.campaigns import leading, pages, queries, services
from huoshui.act.campaigns.drafts import LETTERS, Draft, VariantDraft
from huoshui.act.campaigns.queries import Described, Progress
from huoshui.act.templates import queries as templates
from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import Day, Moment, Number, Said, Seen, said
from huoshui.web import shell

router = Router(tags=["campaigns"])
Choice = Literal["draw", "global_only", "unknown"]
Goal = Literal["conversion", "orders", "revenue", "margin"]
Plan = Literal["", "now", "house", "recipient"]
AMOUNT = r"^\d{1,9}(\.\d{1,4})?$"
Act = Literal["submit", "approve", "return", "reopen", "start", "pause", "resume", "stop"]


class VariantIn(Said):
    """A message: a template, its newest `version` unless another is said, and its weight among the others."""

    template: Annotated[int, Field(ge=1, le=2**63 - 1)]
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    weight: float = Field(1.0, gt=0, le=1000)


class CampaignIn(Said):
    """What a campaign is to be. Amounts are in house currency, as text; `audience` is a rule of segments."""

    name: str = Field(min_length=1, max_length=120)
    note: str = Field("", max_length=500)
    audience: dict[str, Any] | None = Field(None, examples=[{"segment": "vip"}])
    channel: str = Field("", max_length=40)
    sender: str = Field("", max_length=60)
    variants: list[VariantIn] = Field(default_factory=list, max_length=8)
    control_group: Choice = "draw"
    holdout: float = Field(0.1, ge=0, le=0.5, description="Part of the people who are left out")
    goal: Goal = "conversion"
    horizon_days: int = Field(14, ge=1, le=365)
    cap: str | None = Field(None, pattern=AMOUNT, description="Most money counted per person")
    plan: Plan = ""
    day: Day | None = None
    time: str | None = Field(None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM")
    waves: int = Field(1, ge=1, le=30, description="Days over which it is spread")
    message_cost: str = Field("0", pattern=AMOUNT)
    fixed_cost: str = Field("0", pattern=AMOUNT)


class Remark(Said):
    """What is said with an act: to send a campaign back needs a remark."""

    remark: str = Field("", max_length=500)


class CopyIn(Said):
    """The name of the copy."""

    name: str = Field(min_length=1, max_length=120)


class VariantOut(Schema):
    """A message of a campaign."""

    letter: str
    template: int
    version: int
    weight: float


class ReachOut(Schema):
    """How many of the audience can be reached, and why the others cannot."""

    audience: int
    reachable: int
    under_14: int = Field(description="Under fourteen, and no guardian agrees")
    no_consent: int
    no_address: int
    capped: int
    global_control: int
    at: Moment


class CampaignLine(Schema):
    """A campaign and where it is on its way; `because` says why it is paused."""

    number: int
    name: str
    note: str
    state: str
    version: int
    channel: str
    expected: int | None
    begins_at: Moment | None
    started_at: Moment | None
    ended_at: Moment | None
    because: str


class ProgressOut(Schema):
    """Where the people of the audience are: the six add up to `audience`. `reasons` say why people are out."""

    audience: int
    sent: int
    uncertain: int
    pending: int
    suppressed: int
    failed: int
    held_out: int
    reasons: dict[str, int]
    cost: str


class CampaignOut(CampaignLine):
    """A campaign with all that is fixed, and how it stands."""

    audience: dict[str, Any] | None
    sentence: str
    sender: str
    variants: list[VariantOut]
    control_group: Choice
    holdout: float
    goal: Goal
    horizon_days: int
    cap: str | None
    plan: Plan
    day: Day | None
    time: str | None
    waves: int
    message_cost: str
    fixed_cost: str
    reach: ReachOut | None
    progress: ProgressOut
    missing: list[str]


class CampaignCatalogue(Schema):
    """All campaigns, the newest first."""

    items: list[CampaignLine]


@router.get("/campaigns", response=CampaignCatalogue, url_name="campaigns", operation_id="list_campaigns")
def list_campaigns(request: HttpRequest) -> CampaignCatalogue:
    """All campaigns, the newest first."""
    found = queries.campaigns(actor=shell.actor_of(request))
    return CampaignCatalogue(items=[CampaignLine(**line(one)) for one in found])


@router.post("/campaigns", response={201: CampaignOut}, url_name="campaigns", operation_id="create_campaign")
def create_campaign(request: HttpRequest, response: HttpResponse, sent: CampaignIn) -> Status[CampaignOut]:
    """Keep a campaign as a draft, complete or not."""
    number = services.make(actor=shell.actor_of(request), draft=_draft(sent), now=clock.now())
    response["Location"] = reverse("api:campaign", args=[number])
    return Status(201, _shown(request, response, number))


@router.get("/campaigns/{int:number}", response=CampaignOut, url_name="campaign", operation_id="get_campaign")
def get_campaign(request: HttpRequest, response: HttpResponse, number: Number) -> CampaignOut:
    """One campaign: what is fixed, and where its people are. The `ETag` says which version it is."""
    return _shown(request, response, number)


@router.put(
    "/campaigns/{int:number}", response=CampaignOut, url_name="campaign", operation_id="change_campaign"
)
def change_campaign(
    request: HttpRequest, response: HttpResponse, number: Number, sent: CampaignIn, if_match: Seen = None
) -> CampaignOut:
    """Give a draft other values. `If-Match` holds the `ETag` that you saw."""
    actor = shell.actor_of(request)
    newest = queries.campaign(number, actor=actor).version
    services.change(
        actor=actor,
        number=number,
        version=version_seen(if_match, newest=newest),
        draft=_draft(sent),
        now=clock.now(),
    )
    return _shown(request, response, number)


@router.post(
    "/campaigns/{int:number}/copy",
    response={201: CampaignOut},
    url_name="copy_campaign",
    operation_id="copy_campaign",
)
def copy_campaign(
    request: HttpRequest, response: HttpResponse, number: Number, sent: CopyIn
) -> Status[CampaignOut]:
    """A clean copy: a draft without schedule, approval or progress."""
    copy = services.duplicate(actor=shell.actor_of(request), number=number, name=sent.name, now=clock.now())
    response["Location"] = reverse("api:campaign", args=[copy])
    return Status(201, _shown(request, response, copy))


@router.post(
    "/campaigns/{int:number}/{str:act}",
    response=CampaignOut,
    url_name="campaign_act",
    operation_id="lead_campaign_on",
)
def lead_on(
    request: HttpRequest, response: HttpResponse, number: Number, act: Act, sent: Remark
) -> CampaignOut:
    """Submit, approve, send back, take back, start, pause, resume or stop a campaign."""
    leading.lead(
        act,
        actor=shell.actor_of(request),
        number=number,
        zone=HOUSE().zone,
        now=clock.now(),
        remark=sent.remark,
    )
    return _shown(request, response, number)


def described(request: HttpRequest, number: int) -> CampaignOut:
    """A campaign as plain values."""
    return shown(*queries.in_whole(number, actor=shell.actor_of(request), now=clock.now()))


def shown(one: Described, progress: Progress) -> CampaignOut:
    """A campaign and how it stands as plain values."""
    draft, language = one.draft, shell.language_now()
    sentence = pages.audience(draft.audience)
    return CampaignOut(
        **line(one),
        audience=draft.audience,
        sentence=said(sentence) if sentence else "",
        sender=draft.sender,
        variants=[
            VariantOut(
                letter=letter, template=two.template_id, version=two.template_version, weight=two.weight
            )
            for letter, two in zip(LETTERS, draft.variants, strict=False)
        ],
        control_group=draft.choice,  # type: ignore[arg-type]  # one of them: `drafts.checked`
        holdout=draft.share,
        goal=draft.goal,  # type: ignore[arg-type]
        horizon_days=draft.horizon_days,
        cap=None if draft.cap is None else str(draft.cap),
        plan=draft.plan,  # type: ignore[arg-type]
        day=draft.day,
        time=f"{draft.time:%H:%M}" if draft.time else None,
        waves=draft.waves,
        message_cost=str(draft.message_cost),
        fixed_cost=str(draft.fixed_cost),
        reach=_reach(one),
        progress=ProgressOut(
            audience=progress.audience,
            **progress.by_state,
            reasons=dict(progress.by_reason),
            cost=str(progress.cost),
        ),
        missing=pages.missing(one, clock.now(), HOUSE().zone, language),
    )


def line(one: Described) -> dict[str, Any]:
    """A line of the list as plain values."""
    return {
        "number": one.number,
        "name": one.name,
        "note": one.draft.note,
        "state": one.state,
        "version": one.version,
        "channel": one.draft.channel,
        "expected": one.expected,
        "begins_at": one.begins_at,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "because": said(one.because) if one.because else "",
    }


def _shown(request: HttpRequest, response: HttpResponse, number: int) -> CampaignOut:
    found = described(request, number)
    response["ETag"] = f'"{found.version}"'
    return found


def _reach(one: Described) -> ReachOut | None:
    if one.reach is None:
        return None
    return ReachOut(
        audience=one.reach.audience,
        reachable=one.reach.reachable,
        under_14=one.reach.under_14,
        no_consent=one.reach.no_consent,
        no_address=one.reach.no_address,
        capped=one.reach.capped,
        global_control=one.reach.control,
        at=one.reach.at,
    )


def _draft(sent: CampaignIn) -> Draft:
    return Draft(
        name=sent.name,
        note=sent.note,
        audience=sent.audience,
        channel=sent.channel,
        sender=sent.sender,
        variants=[
            VariantDraft(
                template_id=one.template,
                template_version=templates.template(one.template, one.version or 0).version,
                weight=one.weight,
            )
            for one in sent.variants
        ],
        choice=sent.control_group,
        share=sent.holdout,
        goal=sent.goal,
        horizon_days=sent.horizon_days,
        cap=None if sent.cap is None else Decimal(sent.cap),
        plan=sent.plan,
        day=sent.day,
        time=time.fromisoformat(sent.time) if sent.time else None,
        waves=sent.waves,
        message_cost=Decimal(sent.message_cost),
        fixed_cost=Decimal(sent.fixed_cost),
    )
