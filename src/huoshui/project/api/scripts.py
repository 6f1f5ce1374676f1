"""The script library: found, kept, counted."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.act.scripts import queries, services
from huoshui.act.scripts.queries import Script
from huoshui.act.scripts.services import Draft
from huoshui.kernel import clock
from huoshui.project.api.segments import version_seen
from huoshui.project.api.shapes import CustomerId, Moment, Number, Said, Seen
from huoshui.web import shell

router = Router(tags=["scripts"])
Words = Annotated[str, Query(max_length=200, description="Parts of words, or their pinyin")]
Code = Annotated[str, Query(max_length=60)]


class ScriptOut(Schema):
    """A script. `fits` says for what of a customer it was offered: `segment`, `stage`."""

    script_id: int
    title: str
    question: str
    text: str
    stage: str
    segment: str
    language: str
    used: int
    version: int
    changed_at: Moment
    retired: bool
    fits: list[str]


class ScriptList(Schema):
    """Scripts, what is used most first."""

    items: list[ScriptOut]


class ScriptIn(Said):
    """What a script is to be; without stage and segment it is for everybody."""

    title: str = Field(min_length=1, max_length=120)
    text: str = Field(min_length=1, max_length=4000)
    question: str = Field("", max_length=300)
    stage: str = Field("", max_length=20)
    segment: str = Field("", max_length=60)
    language: Literal["", "zh", "en"] = ""


@router.get("/scripts", response=ScriptList, url_name="scripts", operation_id="list_scripts")
def list_scripts(
    request: HttpRequest,
    q: Words = "",
    stage: Code = "",
    segment: Code = "",
    language: Annotated[Literal["", "zh", "en"], Query()] = "",
) -> ScriptList:
    """The scripts that have all of the words, and are for the stage and the segment or for everybody."""
    found = queries.scripts(words=q, stage=stage, segment=segment, language=language)
    return ScriptList(items=[_script(one) for one in found])


@router.post("/scripts", response={201: ScriptOut}, url_name="scripts", operation_id="create_script")
def create_script(request: HttpRequest, response: HttpResponse, sent: ScriptIn) -> Status[ScriptOut]:
    """Keep a script."""
    made = services.add(actor=shell.actor_of(request), draft=Draft(**sent.model_dump()), now=clock.now())
    response["Location"] = reverse("api:script", args=[made])
    return Status(201, _shown(response, made))


@router.get("/scripts/{int:script_id}", response=ScriptOut, url_name="script", operation_id="get_script")
def get_script(request: HttpRequest, response: HttpResponse, script_id: Number) -> ScriptOut:
    """One script. The `ETag` says which version it is."""
    return _shown(response, script_id)


@router.put("/scripts/{int:script_id}", response=ScriptOut, url_name="script", operation_id="change_script")
def change_script(
    request: HttpRequest, response: HttpResponse, script_id: Number, sent: ScriptIn, if_match: Seen = None
) -> ScriptOut:
    """Give a script other words. `If-Match` holds the `ETag` that you saw."""
    services.change(
        actor=shell.actor_of(request),
        script_id=script_id,
        seen=version_seen(if_match, newest=queries.script(script_id).version),
        draft=Draft(**sent.model_dump()),
        now=clock.now(),
    )
    return _shown(response, script_id)


@router.delete(
    "/scripts/{int:script_id}", response={204: None}, url_name="script", operation_id="retire_script"
)
def retire_script(request: HttpRequest, script_id: Number) -> Status[None]:
    """Put a script away."""
    services.retire(actor=shell.actor_of(request), script_id=script_id, now=clock.now())
    return Status(204, None)


@router.post(
    "/scripts/{int:script_id}/restore",
    response=ScriptOut,
    url_name="restore_script",
    operation_id="restore_script",
)
def restore_script(request: HttpRequest, response: HttpResponse, script_id: Number) -> ScriptOut:
    """Offer a script again that was put away."""
    services.bring_back(actor=shell.actor_of(request), script_id=script_id, now=clock.now())
    return _shown(response, script_id)


@router.post(
    "/scripts/{int:script_id}/used",
    response=ScriptOut,
    url_name="script_used",
    operation_id="note_use_of_script",
)
def note_use_of_script(request: HttpRequest, response: HttpResponse, script_id: Number) -> ScriptOut:
    """Count that a script was used once more."""
    services.note_use(actor=shell.actor_of(request), script_id=script_id, now=clock.now())
    return _shown(response, script_id)


@router.get(
    "/customers/{int:customer_id}/scripts",
    response=ScriptList,
    url_name="customer_scripts",
    operation_id="list_scripts_for_customer",
)
def list_scripts_for_customer(request: HttpRequest, customer_id: CustomerId, q: Words = "") -> ScriptList:
    """What fits a customer: scripts for a segment of theirs first, then for their stage, then for everybody."""
    actor = shell.actor_of(request)
    found = queries.for_customer(actor=actor, customer_id=customer_id, words=q, most=20)
    return ScriptList(items=[_script(one) for one in found])


def _shown(response: HttpResponse, script_id: int) -> ScriptOut:
    found = queries.script(script_id)
    response["ETag"] = f'"{found.version}"'
    return _script(found)


def _script(one: Script) -> ScriptOut:
    same = {name: getattr(one, name) for name in ScriptOut.model_fields if hasattr(one, name)}
    return ScriptOut.model_validate(
        {**same, "script_id": one.id, "retired": one.retired_at is not None, "fits": list(one.fits)}
    )
