"""Tasks: found, made, changed, and on their way to done."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.desk.worklist import queries as tasks
from huoshui.desk.worklist import services as task_services
from huoshui.desk.worklist.services import Draft
from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text
from huoshui.project.api import cursors
from huoshui.project.api.customers import VersionMissing, seen_version
from huoshui.project.api.shapes import SIZE, Day, Moment, Number, Said, Seen, said
from huoshui.project.api.work import Cursor, Limit
from huoshui.web import shell

router = Router(tags=["tasks"])
PRIORITIES = ("low", "normal", "high")
Priority = Literal["low", "normal", "high"]


class NotAVersion(HuoshuiError):
    """An ETag that no task ever had."""

    code = "not_a_version"
    says = Text("This is no version of a task", "这不是待办的版本")


class TaskOut(Schema):
    """A task. `due` is a day of the house's zone; `subject` is `kind:id`, such as a customer's."""

    task_id: int
    title: str
    note: str
    owner_id: int | None
    owner: str
    team_id: int | None
    team: str
    due: Day | None
    priority: Priority
    subject: str
    state: Literal["open", "done", "cancelled"]
    made_by: str
    made_at: Moment
    closed_at: Moment | None
    source: str
    version: int


class TaskPage(Schema):
    """Tasks, newest first."""

    items: list[TaskOut]
    next_cursor: str


class TaskIn(Said):
    """What a task is to be. Without owner and team it is one's own."""

    title: str = Field(min_length=1, max_length=200)
    note: str = Field("", max_length=10_000)
    owner_id: Number | None = None
    team_id: Number | None = None
    due: Day | None = None
    priority: Priority = "normal"
    subject: str = Field("", max_length=100, examples=["customer:482113095127844"])

    def draft(self) -> Draft:
        """The task as the verbs take it."""
        return Draft(
            title=self.title,
            note=self.note,
            owner_id=self.owner_id,
            team_id=self.team_id,
            due=self.due,
            priority=PRIORITIES.index(self.priority),
            subject=self.subject,
        )


class Postponed(Said):
    """Until when."""

    due: Day


class HandedOver(Said):
    """To a colleague, or to a team to be taken."""

    owner_id: Number | None = None
    team_id: Number | None = None


@router.get("/tasks", response=TaskPage, url_name="tasks", operation_id="list_tasks")
def list_tasks(
    request: HttpRequest,
    view: Annotated[Literal["mine", "team", "all"], Query()] = "mine",
    state: Annotated[Literal["open", "done", "cancelled", "any"], Query()] = "open",
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Cursor = "",
    limit: Limit = SIZE,
) -> TaskPage:
    """The tasks that the colleague sees, newest first."""
    listed = f"tasks?{view}&{state}&{q}"
    found = tasks.newest(
        actor=shell.actor_of(request),
        conditions=tasks.Conditions(view=view, state="" if state == "any" else state, words=q),
        before=cursors.read(cursor, listed),
        size=limit + 1,
    )
    return TaskPage(
        items=[_task(task) for task in found[:limit]],
        next_cursor=cursors.following([t.id for t in found], limit, listed),
    )


@router.post("/tasks", response={201: TaskOut}, url_name="tasks", operation_id="create_task")
def create_task(request: HttpRequest, response: HttpResponse, sent: TaskIn) -> Status[TaskOut]:
    """Add a task."""
    task_id = task_services.add(actor=shell.actor_of(request), draft=sent.draft(), now=clock.now())
    response["Location"] = reverse("api:task", args=[task_id])
    return Status(201, _shown(request, response, task_id))


@router.get("/tasks/{int:task_id}", response=TaskOut, url_name="task", operation_id="get_task")
def get_task(request: HttpRequest, response: HttpResponse, task_id: Number) -> TaskOut:
    """One task. The `ETag` says which version it is."""
    return _shown(request, response, task_id)


@router.put("/tasks/{int:task_id}", response=TaskOut, url_name="task", operation_id="change_task")
def change_task(
    request: HttpRequest, response: HttpResponse, task_id: Number, sent: TaskIn, if_match: Seen = None
) -> TaskOut:
    """Give an open task other values. `If-Match` holds the `ETag` that you saw."""
    actor = shell.actor_of(request)
    version = _version(if_match) or tasks.task(actor=actor, task_id=task_id).version
    task_services.edit(actor=actor, task_id=task_id, version=version, draft=sent.draft(), now=clock.now())
    return _shown(request, response, task_id)


@router.post("/tasks/{int:task_id}/done", response=TaskOut, url_name="task_done", operation_id="finish_task")
def finish_task(request: HttpRequest, response: HttpResponse, task_id: Number) -> TaskOut:
    """Close a task as done."""
    task_services.done(actor=shell.actor_of(request), task_id=task_id, now=clock.now())
    return _shown(request, response, task_id)


@router.post(
    "/tasks/{int:task_id}/cancel", response=TaskOut, url_name="task_cancel", operation_id="cancel_task"
)
def cancel_task(request: HttpRequest, response: HttpResponse, task_id: Number) -> TaskOut:
    """Close a task as no longer wanted."""
    task_services.cancel(actor=shell.actor_of(request), task_id=task_id, now=clock.now())
    return _shown(request, response, task_id)


@router.post(
    "/tasks/{int:task_id}/not-reached",
    response=TaskOut,
    url_name="task_not_reached",
    operation_id="give_task_up",
)
def give_task_up(request: HttpRequest, response: HttpResponse, task_id: Number) -> TaskOut:
    """Close a task because the person whom it is about could not be reached."""
    task_services.not_reached(actor=shell.actor_of(request), task_id=task_id, now=clock.now())
    return _shown(request, response, task_id)


@router.post(
    "/tasks/{int:task_id}/reopen", response=TaskOut, url_name="task_reopen", operation_id="reopen_task"
)
def reopen_task(request: HttpRequest, response: HttpResponse, task_id: Number) -> TaskOut:
    """Open a task that is done or cancelled again."""
    task_services.reopen(actor=shell.actor_of(request), task_id=task_id, now=clock.now())
    return _shown(request, response, task_id)


@router.post("/tasks/{int:task_id}/take", response=TaskOut, url_name="task_take", operation_id="take_task")
def take_task(request: HttpRequest, response: HttpResponse, task_id: Number) -> TaskOut:
    """Take a task that waits in a team."""
    task_services.take(actor=shell.actor_of(request), task_id=task_id, now=clock.now())
    return _shown(request, response, task_id)


@router.post(
    "/tasks/{int:task_id}/postpone", response=TaskOut, url_name="task_postpone", operation_id="postpone_task"
)
def postpone_task(request: HttpRequest, response: HttpResponse, task_id: Number, sent: Postponed) -> TaskOut:
    """Give an open task another day."""
    task_services.postpone(actor=shell.actor_of(request), task_id=task_id, due=sent.due, now=clock.now())
    return _shown(request, response, task_id)


@router.post(
    "/tasks/{int:task_id}/hand-over",
    response={204: None},
    url_name="task_hand_over",
    operation_id="hand_over_task",
)
def hand_over_task(request: HttpRequest, task_id: Number, sent: HandedOver) -> Status[None]:
    """Give an open task to a colleague or a team. You may not see it any more then."""
    task_services.hand_over(
        actor=shell.actor_of(request),
        task_id=task_id,
        owner_id=sent.owner_id,
        team_id=sent.team_id,
        now=clock.now(),
    )
    return Status(204, None)


def _shown(request: HttpRequest, response: HttpResponse, task_id: int) -> TaskOut:
    found = tasks.task(actor=shell.actor_of(request), task_id=task_id)
    response["ETag"] = f'"{found.version}"'
    return _task(found)


def _task(task: tasks.Task) -> TaskOut:
    return TaskOut.model_validate(
        {
            **{name: getattr(task, name) for name in TaskOut.model_fields if hasattr(task, name)},
            "task_id": task.id,
            "team": said(task.team) if task.team else "",
            "priority": PRIORITIES[task.priority],
        }
    )


def _version(if_match: str | None) -> int | None:
    """The version of an ETag; none for ``*``. Raises `VersionMissing`, `NotAVersion`."""
    if not if_match:
        raise VersionMissing("A change needs If-Match", valid="the ETag of the task that you read, or *")
    seen = seen_version(if_match)
    if seen == "*":
        return None
    number = seen.removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 10 and int(number)):
        raise NotAVersion("This is no version of a task", received=repr(if_match[:40]))
    return int(number)
