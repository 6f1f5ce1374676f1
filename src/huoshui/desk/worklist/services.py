"""Verbs of tasks. Each is one transaction, leaves a `Change`, and is told to the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.users import queries as users
from huoshui.desk.worklist import queries
from huoshui.desk.worklist.errors import (
    ChangedMeanwhile,
    NoSuchTask,
    NotATask,
    NothingToTakeBack,
    TaskIsOpen,
    TaskNotOpen,
)
from huoshui.desk.worklist.models import (
    LONGEST_NOTE,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    Change,
    Task,
)
from huoshui.desk.worklist.rules import TASK_RULES
from huoshui.desk.worklist.scope import may_see
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import SUBJECTS
from huoshui.kernel.texts import Text
from huoshui.web import subjects

BATCH = 1000
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
FIELDS = ("title", "note", "owner_id", "team_id", "due", "priority", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a task is to be. Without owner and team it is the maker's own. ``key`` is for rules: see `add_many`."""

    title: str
    note: str = ""
    owner_id: int | None = None
    team_id: int | None = None
    due: date | None = None
    priority: int = 1
    subject: str = ""
    key: str = ""


def add(*, actor: Actor, draft: Draft, now: datetime) -> int:
    """Add a task and return its number. Raises `NotATask`, `NoSuchSubject` and `NotAllowed`."""
    actor.require(Right.TASKS_WORK)
    if draft.owner_id is None and draft.team_id is None:
        draft = replace(draft, owner_id=actor.user_id)
    (checked,) = _checked([draft])
    if checked.subject:
        subjects.seen(actor, checked.subject)
    with transaction.atomic():
        task = Task.objects.create(**_values(checked), made_by_id=actor.user_id, made_at=now)
        Change.objects.create(task=task, version=1, act="added", by_id=actor.user_id, at=now)
        audit.record(actor=actor, act="task.added", subject=f"task:{task.pk}", now=now)
    return int(task.pk)


def add_many(*, actor: Actor, source: str, drafts: Sequence[Draft], now: datetime) -> int:
    """Add the tasks of a rule and return how many are new.

    ``source`` names the rule, and each draft has a ``key`` of its own: a task of the same source and key is never made
    twice, whatever became of the first, so a rule may simply run again. Subjects are taken as given. Raises `NotATask`
    and `NotAllowed`.
    """
    actor.require(Right.TASKS_WORK)
    if not source or len(source) > 60:
        raise NotATask("source", Text("A rule needs a name", "规则需要名称"), received=repr(source[:80]))
    for draft in drafts:
        if not draft.key or len(draft.key) > 200:
            raise NotATask(
                "key",
                Text("A task of a rule needs a key", "规则生成的任务需要键"),
                received=repr(draft.key[:80]),
            )
    checked = _checked(drafts)
    with transaction.atomic():
        tasks = [
            Task(**_values(one), made_by_id=actor.user_id, made_at=now, source=source, key=one.key)
            for one in checked
        ]
        keys = sorted({one.key for one in checked})
        before = _known(source, keys)
        Task.objects.bulk_create(tasks, batch_size=BATCH, ignore_conflicts=True)
        new = _known(source, keys) - before
        Change.objects.bulk_create(
            [Change(task_id=pk, version=1, act="added", by_id=actor.user_id, at=now) for pk in sorted(new)],
            batch_size=BATCH,
        )
        if new:
            detail = {"source": source, "tasks": len(new)}
            audit.record(actor=actor, act="tasks.added", detail=detail, now=now)
    return len(new)


def edit(*, actor: Actor, task_id: int, version: int, draft: Draft, now: datetime) -> int:
    """Give an open task other values and return its version.

    ``version`` is the one that the editor saw. Raises `ChangedMeanwhile` with what others changed since,
    `TaskNotOpen`, `NotATask`, `NoSuchTask`, `NoSuchSubject` and `NotAllowed`.
    """
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        task = _held(actor, task_id, version=version)
        _require_open(task)
        if draft.owner_id is None and draft.team_id is None:
            draft = replace(draft, owner_id=actor.user_id)
        (checked,) = _checked([draft], known=(task.owner_id, task.team_id))
        if checked.subject and checked.subject != task.subject:
            subjects.seen(actor, checked.subject)
        return _change(actor, task, "edited", now, **_values(checked))


def take(*, actor: Actor, task_id: int, now: datetime) -> int:
    """Take a task that waits. Raises `NotATask` where somebody else was faster, else as `edit`."""
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        task = _held(actor, task_id)
        _require_open(task)
        if actor.user_id is None or task.owner_id not in (None, actor.user_id):
            raise NotATask(
                "owner",
                Text("A colleague has taken this task already", "已有同事领取了这项任务"),
                received=str(task_id),
                next_step="Ask them to hand it over",
            )
        return _change(actor, task, "taken", now, owner_id=actor.user_id)


def hand_over(
    *, actor: Actor, task_id: int, owner_id: int | None = None, team_id: int | None = None, now: datetime
) -> int:
    """Give an open task to a colleague, or back to a team to be taken. Raises as `edit`."""
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        task = _held(actor, task_id)
        _require_open(task)
        if owner_id is None and team_id is None:
            raise NotATask("owner", Text("Say to whom", "请说明交给谁"))
        kept = task.team_id if team_id is None else team_id
        (checked,) = _checked([Draft(title=task.title, owner_id=owner_id, team_id=kept)])
        return _change(actor, task, "handed_over", now, owner_id=checked.owner_id, team_id=checked.team_id)


def postpone(*, actor: Actor, task_id: int, due: date, now: datetime) -> int:
    """Give an open task another day. Raises as `edit`."""
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        task = _held(actor, task_id)
        _require_open(task)
        (checked,) = _checked(
            [Draft(title=task.title, owner_id=task.owner_id, team_id=task.team_id, due=due)]
        )
        return _change(actor, task, "postponed", now, due=checked.due)


def done(*, actor: Actor, task_id: int, now: datetime) -> int:
    """Close a task as done. Whoever does a task that waits has taken it. Raises as `edit`."""
    return _close(actor, task_id, "done", now)


def cancel(*, actor: Actor, task_id: int, now: datetime) -> int:
    """Close a task as no longer wanted. Raises as `edit`."""
    return _close(actor, task_id, "cancelled", now)


def not_reached(*, actor: Actor, task_id: int, now: datetime) -> int:
    """Close a task because the person whom it is about could not be reached. Raises as `edit`."""
    return _close(actor, task_id, "cancelled", now, act="not_reached")


def reopen(*, actor: Actor, task_id: int, now: datetime) -> int:
    """Open a task that is done or cancelled again. Raises `TaskIsOpen`, `NoSuchTask` and `NotAllowed`."""
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        task = _held(actor, task_id)
        if task.state == Task.State.OPEN:
            raise TaskIsOpen("This task is open", received=str(task_id))
        return _change(actor, task, "reopened", now, state="open", closed_at=None)


def take_back(*, actor: Actor, task_id: int, version: int, now: datetime) -> int:
    """Undo the act that made ``version``, as long as it is the last one. Raises `NothingToTakeBack`, `NoSuchTask`.

    Whoever has handed a task over can take that back although they may no longer see it.
    """
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        last = Change.objects.filter(task_id=_number(task_id), version=version).first()
        own = last is not None and last.by_id is not None and last.by_id == actor.user_id
        task = _held(actor, task_id, own=own)
        if last is None or task.version != version or not last.before:
            raise NothingToTakeBack("This can no longer be taken back", received=f"version {version}")
        return _change(actor, task, "taken_back", now, **_read(last.before))


def _close(actor: Actor, task_id: int, state: str, now: datetime, *, act: str = "") -> int:
    actor.require(Right.TASKS_WORK)
    with transaction.atomic():
        task = _held(actor, task_id)
        _require_open(task)
        did_it = state == "done" or act
        owner = task.owner_id or (actor.user_id if did_it else None)
        return _change(actor, task, act or state, now, state=state, closed_at=now, owner_id=owner)


def _held(actor: Actor, task_id: int, *, version: int | None = None, own: bool = False) -> Task:
    """The task, held until the transaction ends; ``own`` of somebody who need not see it any more."""
    task = Task.objects.select_for_update(of=("self",)).filter(pk=_number(task_id)).first()
    if task is None or not (own or Task.objects.filter(may_see(actor), pk=task.pk).exists()):
        raise NoSuchTask("There is no such task", received=str(task_id)[:40])
    if version is not None and task.version != version:
        raise ChangedMeanwhile(queries.steps_of(task.pk, version), version=task.version)
    return task


def _require_open(task: Task) -> None:
    if task.state != Task.State.OPEN:
        raise TaskNotOpen("This task is no longer open", received=task.state, next_step="Open it again first")


def _change(actor: Actor, task: Task, act: str, now: datetime, **values: Any) -> int:
    """Write what differs as the next version; nothing where nothing does."""
    before = {name: _plain(getattr(task, name)) for name in values}
    after = {name: _plain(value) for name, value in values.items()}
    differ = [name for name in values if before[name] != after[name]]
    if not differ:
        return task.version
    for name in differ:
        setattr(task, name, values[name])
    task.version += 1
    task.save(update_fields=[*(name.removesuffix("_id") for name in differ), "version"])
    Change.objects.create(
        task=task,
        version=task.version,
        act=act,
        by_id=actor.user_id,
        at=now,
        before={name: before[name] for name in differ},
        after={name: after[name] for name in differ},
    )
    audit.record(
        actor=actor, act=f"task.{act}", subject=f"task:{task.pk}", detail={"fields": differ}, now=now
    )
    if "state" in differ and task.source in TASK_RULES:
        TASK_RULES[task.source].changed(task.key, act, task.state, now)
    return task.version


def _checked(drafts: Sequence[Draft], *, known: tuple[int | None, int | None] = (None, None)) -> list[Draft]:
    """The drafts as they may be written; colleagues and teams are looked up once each.

    ``known`` are owner and team that the task has already: who has left since keeps their tasks.
    """
    found = [_in_words(draft) for draft in drafts]
    teams = {draft.team_id for draft in found} - {None, known[1]}
    if teams and (strange := teams - {team.id for team in users.teams()}):
        raise NotATask(
            "team", Text("There is no such team", "没有这个团队"), received=str(min(strange, key=str))
        )
    owners = {draft.owner_id for draft in found} - {None, known[0]}
    if owners and (strange := owners - set(users.who_may(Right.TASKS_WORK))):
        raise NotATask(
            "owner",
            Text("No active colleague who works on tasks has this number", "没有可处理任务的在职同事"),
            received=str(min(strange, key=str)),
        )
    return found


def _in_words(draft: Draft) -> Draft:
    title = " ".join(draft.title.split())
    note = draft.note.replace("\r\n", "\n").strip()
    if not title or len(title) > LONGEST_TITLE or "\0" in title:
        raise NotATask(
            "title",
            Text(
                f"A task needs a title of at most {LONGEST_TITLE} characters",
                f"任务需要标题，最多 {LONGEST_TITLE} 字",
            ),
            received=repr(draft.title[:80]),
        )
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise NotATask(
            "note",
            Text(f"A note has at most {LONGEST_NOTE} characters", f"说明最多 {LONGEST_NOTE} 字"),
            received=f"{len(note)} characters",
        )
    if draft.due is not None and not EARLIEST <= draft.due <= LATEST:
        raise NotATask(
            "due",
            Text("A day between 2000 and 2100", "请选择 2000 到 2100 年之间的日期"),
            received=str(draft.due),
        )
    if draft.priority not in queries.PRIORITIES:
        raise NotATask(
            "priority", Text("There is no such priority", "没有这个优先级"), received=str(draft.priority)
        )
    kind, _, id_ = draft.subject.partition(":")
    if draft.subject and (kind not in SUBJECTS or not id_ or len(draft.subject) > LONGEST_SUBJECT):
        raise NotATask(
            "subject", Text("There is no such thing", "没有这个对象"), received=repr(draft.subject[:80])
        )
    if draft.owner_id is None and draft.team_id is None:
        raise NotATask("owner", Text("A task needs an owner or a team", "任务需要负责人或团队"))
    return replace(draft, title=title, note=note)


def _values(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in FIELDS}


def _known(source: str, keys: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(keys), BATCH // 2):
        part = keys[start : start + BATCH // 2]
        found |= set(Task.objects.filter(source=source, key__in=part).values_list("pk", flat=True))
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(before: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a `Change` as the columns hold them."""
    values = dict(before)
    if values.get("due"):
        values["due"] = date.fromisoformat(values["due"])
    if values.get("closed_at"):
        values["closed_at"] = datetime.fromisoformat(values["closed_at"])
    return values


def _number(task_id: int) -> int:
    return task_id if 0 < task_id <= queries.LARGEST_ID else 0
