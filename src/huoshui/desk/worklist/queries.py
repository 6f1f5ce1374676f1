"""Questions about tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy

from huoshui.desk.worklist import models
from huoshui.desk.worklist.errors import NoSuchTask, NotATask
from huoshui.desk.worklist.scope import may_see
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text

SIZE = 50
SOON = timedelta(days=7)
MOST_OF_A_PART = 50
LARGEST_ID = 2**63 - 1
LONGEST_TITLE, LONGEST_NOTE = models.LONGEST_TITLE, models.LONGEST_NOTE

View = Literal["mine", "team", "all"]
VIEWS: Mapping[View, Text] = {
    "mine": Text("Mine", "我的"),
    "team": Text("My teams'", "团队的"),
    "all": Text("All I may see", "我能看到的全部"),
}
STATES: Mapping[str, Text] = {
    "open": Text("open", "进行中"),
    "done": Text("done", "已完成"),
    "cancelled": Text("cancelled", "已取消"),
}
PRIORITIES: Mapping[int, Text] = {2: Text("high", "高"), 1: Text("normal", "普通"), 0: Text("low", "低")}
SORTS = ("due", "priority", "title", "owner", "made_at")
USUAL_SORT = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as values. ``due`` is a day of the house's zone; ``owner`` and ``made_by`` are names or empty."""

    id: int
    title: str
    note: str
    owner_id: int | None
    owner: str
    team_id: int | None
    team: Text | None
    due: date | None
    priority: int
    subject: str
    state: str
    made_by_id: int | None
    made_by: str
    made_at: datetime
    closed_at: datetime | None
    source: str
    version: int

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.state == "open"

    @property
    def waits(self) -> bool:
        """Whether somebody of the team is to take it."""
        return self.open and self.owner_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act on a task, with the fields it changed: what they were and what they became."""

    version: int
    act: str
    by: str
    at: datetime
    fields: Sequence[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which tasks are wanted: ``state`` and ``kind`` (of the subject) empty for any."""

    view: View = "mine"
    state: str = "open"
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of tasks and how many there are in all."""

    rows: Sequence[Task]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The work of one day. Each part has at most `MOST_OF_A_PART` tasks; ``totals`` says how many there are."""

    overdue: Sequence[Task] = ()
    today: Sequence[Task] = ()
    soon: Sequence[Task] = ()
    waiting: Sequence[Task] = ()
    later: int = 0
    totals: Mapping[str, int] = field(default_factory=dict)

    @property
    def due(self) -> int:
        """How many are due today or before."""
        return self.totals.get("overdue", 0) + self.totals.get("today", 0)


def task(*, actor: Actor, task_id: int) -> Task:
    """One task. Raises `NoSuchTask` for one that ``actor`` does not see."""
    row = _rows(models.Task.objects.filter(may_see(actor), pk=_id(task_id)))
    if not row:
        raise NoSuchTask("There is no such task", received=str(task_id)[:40])
    return row[0]


def find(
    *, actor: Actor, conditions: Conditions, sort: str = USUAL_SORT, page: int = 1, size: int = SIZE
) -> Found:
    """The tasks that meet ``conditions``, by ``sort`` (one of `SORTS`, with ``-`` in front when falling).

    Raises `NotATask` for a view, state or sort that there is not, and for a page past the end.
    """
    if sort.removeprefix("-") not in SORTS:
        raise _unknown("sort", sort, dict.fromkeys(SORTS))
    tasks = models.Task.objects.filter(_wanted(actor, conditions))
    total = tasks.count()
    if page < 1 or (page > 1 and (page - 1) * size >= total):
        raise NotATask(
            "page",
            Text("The list has no such page", "列表没有这一页"),
            received=str(page),
            valid=f"1 to {max(1, -(-total // size))}",
        )
    first = (page - 1) * size
    return Found(rows=_rows(tasks.order_by(*_order(sort))[first : first + size]), total=total)


def newest(
    *, actor: Actor, conditions: Conditions, before: int | None = None, size: int = SIZE
) -> Sequence[Task]:
    """The ``size`` newest tasks that meet ``conditions`` (and are older than the task ``before``), newest first.

    Raises `NotATask` as `find`.
    """
    found = models.Task.objects.filter(_wanted(actor, conditions))
    found = found if before is None else found.filter(pk__lt=before)
    return _rows(found.order_by("-pk")[:size])


def day(*, actor: Actor, today: date) -> Day:
    """What ``actor`` has to do on ``today``: overdue, today, the seven days after it, and what waits in their teams."""
    mine = models.Task.objects.filter(state="open", owner_id=actor.user_id or 0)
    waiting = models.Task.objects.filter(state="open", owner_id=None, team_id__in=sorted(actor.team_ids))
    soon = today + SOON
    parts = {
        "overdue": mine.filter(due__lt=today),
        "today": mine.filter(due=today),
        "soon": mine.filter(due__gt=today, due__lte=soon),
        "waiting": waiting,
    }
    rows = {name: _rows(part.order_by(*_order("due"))[: MOST_OF_A_PART + 1]) for name, part in parts.items()}
    totals = {
        name: len(found) if len(found) <= MOST_OF_A_PART else parts[name].count()
        for name, found in rows.items()
    }
    later = mine.filter(Q(due__gt=soon) | Q(due=None)).count()
    return Day(
        **{name: found[:MOST_OF_A_PART] for name, found in rows.items()},
        later=later,
        totals=totals,
    )


def of_subject(*, actor: Actor, subject: str, most: int = 5) -> Found:
    """The open tasks about ``subject`` that ``actor`` sees, the next due first."""
    tasks = models.Task.objects.filter(may_see(actor), subject=subject, state="open")
    rows = _rows(tasks.order_by(*_order("due"))[: most + 1])
    return Found(rows=rows[:most], total=len(rows) if len(rows) <= most else tasks.count())


def titles(actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    """The titles of those tasks that ``actor`` sees, by their number as text."""
    wanted = [int(id_) for id_ in ids if id_.isascii() and id_.isdecimal() and int(id_) <= LARGEST_ID]
    seen = models.Task.objects.filter(may_see(actor), pk__in=wanted).values_list("pk", "title")
    return {str(pk): title for pk, title in seen if str(pk) in ids}


def made_by_rule(*, source: str, key: str) -> int | None:
    """The number of the task that a rule made under a key, whoever may see it."""
    found: int | None = (
        models.Task.objects.filter(source=source, key=key).values_list("pk", flat=True).first()
    )
    return found


def steps(*, actor: Actor, task_id: int, after: int = 0) -> list[Step]:
    """What was done to a task after its version ``after``, newest first. Raises `NoSuchTask`."""
    found = task(actor=actor, task_id=task_id)
    return steps_of(found.id, after)


def steps_of(task_id: int, after: int = 0) -> list[Step]:
    """Like `steps`, for a caller who has seen to it that the task may be seen."""
    changes = models.Change.objects.filter(task_id=task_id, version__gt=after).order_by("-version")
    return [
        Step(
            version=version,
            act=act,
            by=by or "",
            at=at,
            fields=[(name, before.get(name), after.get(name)) for name in after],
        )
        for version, act, by, at, before, after in changes.values_list(
            "version", "act", "by__name", "at", "before", "after"
        )
    ]


def _wanted(actor: Actor, conditions: Conditions) -> Q:
    if conditions.view not in VIEWS:
        raise _unknown("view", conditions.view, VIEWS)
    if conditions.state and conditions.state not in STATES:
        raise _unknown("state", conditions.state, STATES)
    wanted = may_see(actor) & _of_view(actor, conditions.view)
    if conditions.state:
        wanted &= Q(state=conditions.state)
    if conditions.kind:
        wanted &= Q(subject__startswith=f"{conditions.kind}:")
    if conditions.words:
        wanted &= Q(title__icontains=conditions.words) | Q(note__icontains=conditions.words)
    return wanted


def _of_view(actor: Actor, view: View) -> Q:
    if view == "mine":
        return Q(owner_id=actor.user_id or 0)
    if view == "team":
        return Q(team_id__in=sorted(actor.team_ids))
    return Q()


def _order(sort: str) -> list[OrderBy | str]:
    column = F({"owner": "owner__name"}.get(name := sort.removeprefix("-"), name))
    by = column.desc(nulls_last=True) if sort.startswith("-") else column.asc(nulls_last=True)
    # Within a day, what matters most comes first.
    return [by, *([] if name == "priority" else ["-priority"]), *([] if name == "due" else ["due"]), "pk"]


def _rows(tasks: QuerySet[models.Task]) -> list[Task]:
    columns = (
        "id", "title", "note", "owner_id", "owner__name", "team_id", "team__name_en", "team__name_zh", "due",
        "priority", "subject", "state", "made_by_id", "made_by__name", "made_at", "closed_at", "source", "version",
    )  # fmt: skip
    return [_row(row) for row in tasks.values(*columns)]


def _row(row: dict[str, Any]) -> Task:
    en, zh = row.pop("team__name_en"), row.pop("team__name_zh")
    owner, made_by = row.pop("owner__name"), row.pop("made_by__name")
    return Task(**row, owner=owner or "", made_by=made_by or "", team=Text(en, zh) if en and zh else None)


def _id(task_id: int) -> int:
    return task_id if 0 < task_id <= LARGEST_ID else 0


def _unknown(field_: str, received: str, known: Mapping[Any, object]) -> NotATask:
    return NotATask(
        field_,
        Text("There is no such choice", "没有这个选项"),
        received=repr(received[:40]),
        valid=", ".join(str(one) for one in known),
    )
