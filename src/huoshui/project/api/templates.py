"""Templates of messages: kept by version, looked at as a customer, checked for a channel."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.act.templates import checking, queries, services
from huoshui.act.templates.content import Content, Words
from huoshui.act.templates.queries import Kept
from huoshui.kernel import clock
from huoshui.kernel.texts import Language
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import CustomerId, Moment, Number, Said, Seen, said
from huoshui.web import shell

router = Router(tags=["templates"])


class MergeField(Schema):
    """A field that a message may name, as `{{ slug : format | default }}`. A `personal` one says something of the
    person, and neutral words have none."""

    slug: str
    label: str
    kind: str
    formats: list[str]
    personal: bool


class MergeFields(Schema):
    """All fields."""

    items: list[MergeField]


class WordsOut(Schema):
    """A subject and a body in Markdown."""

    subject: str
    body: str


class TemplateOut(Schema):
    """A version of a template. `words` and `neutral` are by language; `newest` is the number of the newest version."""

    template_id: int
    name: str
    note: str
    words: dict[Literal["zh", "en"], WordsOut]
    neutral: dict[Literal["zh", "en"], WordsOut]
    version: int
    newest: int
    by: str
    changed_at: Moment
    retired: bool


class TemplateCatalogue(Schema):
    """All templates in use."""

    items: list[TemplateOut]


class WordsIn(Said):
    """A subject, empty for channels without one, and a body in Markdown."""

    subject: str = Field("", max_length=200)
    body: str = Field(min_length=1, max_length=50_000)


class TemplateIn(Said):
    """What a template is to say, in at least one language."""

    name: str = Field(min_length=1, max_length=120)
    note: str = Field("", max_length=500)
    zh: WordsIn | None = None
    en: WordsIn | None = None
    neutral_zh: WordsIn | None = None
    neutral_en: WordsIn | None = None

    def content(self) -> Content:
        """The template as the verbs take it."""

        def words(zh: WordsIn | None, en: WordsIn | None) -> dict[Language, Words]:
            both: tuple[tuple[Language, WordsIn | None], ...] = (("zh", zh), ("en", en))
            return {one: Words(subject=told.subject, body=told.body) for one, told in both if told}

        return Content(
            name=self.name,
            note=self.note,
            words=words(self.zh, self.en),
            neutral=words(self.neutral_zh, self.neutral_en),
        )


class Check(Schema):
    """Something to mend; where it does not `stop` a message, to think about."""

    stops: bool
    text: str


class Checks(Schema):
    """What is wrong, what stops it first."""

    items: list[Check]


class Letter(Schema):
    """What a customer would get. `refusal` says why they would get nothing: `no_value`."""

    language: Literal["zh", "en"]
    subject: str
    text: str
    html: str
    refusal: str


@router.get("/templates", response=TemplateCatalogue, url_name="templates", operation_id="list_templates")
def list_templates(request: HttpRequest) -> TemplateCatalogue:
    """The newest version of every template in use, by name."""
    return TemplateCatalogue(items=[_template(one) for one in queries.templates()])


@router.post("/templates", response={201: TemplateOut}, url_name="templates", operation_id="create_template")
def create_template(request: HttpRequest, response: HttpResponse, sent: TemplateIn) -> Status[TemplateOut]:
    """Keep a template."""
    made = services.create(actor=shell.actor_of(request), content=sent.content(), now=clock.now())
    response["Location"] = reverse("api:template", args=[made])
    return Status(201, _shown(response, made))


@router.get(
    "/templates/fields", response=MergeFields, url_name="merge_fields", operation_id="list_merge_fields"
)
def list_merge_fields(request: HttpRequest) -> MergeFields:
    """The fields that a message may name."""
    return MergeFields(
        items=[
            MergeField(
                slug=one.slug,
                label=said(one.label),
                kind=one.kind,
                formats=list(one.formats),
                personal=one.personal,
            )
            for one in queries.fields()
        ]
    )


@router.get(
    "/templates/{int:template_id}", response=TemplateOut, url_name="template", operation_id="get_template"
)
def get_template(
    request: HttpRequest,
    response: HttpResponse,
    template_id: Number,
    version: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> TemplateOut:
    """A version of a template, the newest without `version`. The `ETag` says which it is."""
    return _shown(response, template_id, version)


@router.put(
    "/templates/{int:template_id}", response=TemplateOut, url_name="template", operation_id="change_template"
)
def change_template(
    request: HttpRequest,
    response: HttpResponse,
    template_id: Number,
    sent: TemplateIn,
    if_match: Seen = None,
) -> TemplateOut:
    """Keep other words as the next version. `If-Match` holds the `ETag` that you saw."""
    seen = version_seen(if_match, newest=queries.template(template_id).newest)
    services.save(
        actor=shell.actor_of(request),
        template_id=template_id,
        seen=seen,
        content=sent.content(),
        now=clock.now(),
    )
    return _shown(response, template_id)


@router.delete(
    "/templates/{int:template_id}", response={204: None}, url_name="template", operation_id="retire_template"
)
def retire_template(request: HttpRequest, template_id: Number) -> Status[None]:
    """Put a template away; what was written by it goes on."""
    services.retire(actor=shell.actor_of(request), template_id=template_id, now=clock.now())
    return Status(204, None)


@router.post(
    "/templates/{int:template_id}/restore",
    response=TemplateOut,
    url_name="restore_template",
    operation_id="restore_template",
)
def restore_template(request: HttpRequest, response: HttpResponse, template_id: Number) -> TemplateOut:
    """Offer a template again that was put away."""
    services.bring_back(actor=shell.actor_of(request), template_id=template_id, now=clock.now())
    return _shown(response, template_id)


@router.get(
    "/templates/{int:template_id}/checks",
    response=Checks,
    url_name="template_checks",
    operation_id="check_template",
)
def check_template(
    request: HttpRequest,
    template_id: Number,
    channel: Annotated[str, Query(max_length=20)] = "email",
    marketing: bool = True,
) -> Checks:
    """What is wrong with the newest version on a channel, such as `email`, `task`, `webhook` or `sms`."""
    found = checking.checks(template_id=template_id, version=0, channel=channel, marketing=marketing)
    return Checks(items=[Check(stops=one.stops, text=said(one.words)) for one in found])


@router.get(
    "/templates/{int:template_id}/preview/{int:customer_id}",
    response=Letter,
    url_name="template_preview",
    operation_id="preview_template",
)
def preview_template(
    request: HttpRequest, template_id: Number, customer_id: CustomerId, neutral: bool = False
) -> Letter:
    """What the newest version says to a customer; `neutral` as if they wanted nothing based on what they are like."""
    told = services.preview(
        actor=shell.actor_of(request),
        content=queries.template(template_id).content,
        customer_id=customer_id,
        neutral=neutral,
    )
    content = told.content
    return Letter(
        language=told.language,
        subject=content.subject if content else "",
        text=content.text if content else "",
        html=content.html if content else "",
        refusal=told.refusal,
    )


def _shown(response: HttpResponse, template_id: int, version: int = 0) -> TemplateOut:
    found = queries.template(template_id, version)
    response["ETag"] = f'"{found.version}"'
    return _template(found)


def _template(found: Kept) -> TemplateOut:
    def words(of: dict[Language, Words]) -> dict[Language, WordsOut]:
        return {one: WordsOut(subject=told.subject, body=told.body) for one, told in of.items()}

    return TemplateOut(
        template_id=found.id,
        name=found.name,
        note=found.content.note,
        words=words(dict(found.content.words)),
        neutral=words(dict(found.content.neutral)),
        version=found.version,
        newest=found.newest,
        by=found.by,
        changed_at=found.at,
        retired=found.retired_at is not None,
    )
