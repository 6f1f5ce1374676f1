"""The channel `task`: a colleague passes a message on, in WeCom or by phone, and says how it went.

The text stands in a task of the worklist, for who looks after the customer or for a team. A task that is done makes the
message done; a person who could not be reached, or a task that was cancelled, makes it fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from huoshui.act.channels.task_models import TaskSetting
from huoshui.data.customers import listing, scope
from huoshui.data.privacy import queries as privacy
from huoshui.desk.audit import services as audit
from huoshui.desk.users import queries as users
from huoshui.desk.worklist import queries as tasks
from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.errors import NotATask
from huoshui.desk.worklist.rules import TaskRule
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import HEARD, Channel, Content, Handed, Line, Outcome, Outgoing
from huoshui.kernel.plugs import HOUSE_ZONE, Panel
from huoshui.kernel.texts import Language, Text

SOURCE = "messages"
CONSENT = "wecom"
MAKER = Actor(name=SOURCE, rights=frozenset({Right.TASKS_WORK}))
MOST_DAYS = 60

PASS_ON = Text("Pass this on to {name}", "转达给{name}")
TO_CUSTOMER = Text("Pass this on to the customer", "转达给客户")
ENDS: Mapping[str, tuple[Outcome, str]] = {
    "done": (Outcome.SENT, "done"),
    "cancelled": (Outcome.REFUSED, "cancelled"),
    "not_reached": (Outcome.REFUSED, "could not be reached"),
}
WAYS: Mapping[str, Text] = {
    "wecom": Text("Write in WeCom", "企业微信发送"),
    "phone": Text("Call", "电话联系"),
}


class TaskLine:
    """Makes a task of each message."""

    def hand_over(self, message: Outgoing) -> Handed:
        """A task for whom the address names; the same key makes one task."""
        name = listing.contacts([message.customer_id]).get(message.customer_id, {}).get("name", "")
        title = PASS_ON.in_(message.language).format(name=name) if name else TO_CUSTOMER.in_(message.language)
        title = message.content.subject or title
        kind, _sign, number = message.address.partition(":")
        draft = worklist.Draft(
            title=title[: tasks.LONGEST_TITLE],
            note=message.content.text,
            owner_id=int(number) if kind == "user" else None,
            team_id=int(number) if kind == "team" else None,
            due=clock.now().astimezone(HOUSE_ZONE()).date() + timedelta(days=setting().days),
            subject=f"customer:{message.customer_id}",
            key=message.key,
        )
        try:
            worklist.add_many(actor=MAKER, source=SOURCE, drafts=[draft], now=clock.now())
        except NotATask as error:
            # Colleagues and teams go; the words of a message stay as they are.
            gone = error.field in ("owner", "team")
            return Handed(outcome=Outcome.LATER if gone else Outcome.REFUSED, answer=error.problem[:200])
        return Handed(
            outcome=Outcome.SENT,
            answer="a task",
            reference=f"task:{tasks.made_by_rule(source=SOURCE, key=message.key)}",
        )


def setting() -> TaskSetting:
    """What is set, or the usual: no team, two days."""
    return TaskSetting.objects.first() or TaskSetting()


def change_setting(*, actor: Actor, team_id: int | None, days: int, now: datetime) -> None:
    """Say which team gets the tasks about people whom nobody looks after, and in how many days all tasks are due.

    Raises `NotATask`, `NoSuchTeam`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    if not 0 <= days <= MOST_DAYS:
        raise NotATask(
            "days", Text(f"0 to {MOST_DAYS} days", f"0 到 {MOST_DAYS} 天"), received=str(days)[:20]
        )
    if team_id is not None:
        users.team(team_id)
    TaskSetting.objects.update_or_create(id=1, defaults={"team_id": team_id, "days": days})
    audit.record(actor=actor, act="channel.changed", subject="channel:task", now=now)


def changed(key: str, act: str, state: str, now: datetime) -> None:
    """A task of a message ended, or was opened again: the outbox is told."""
    outcome, answer = ENDS.get(act) or ENDS.get(state) or (Outcome.SENT, "a task")
    HEARD()(key, Handed(outcome=outcome, answer=answer), now)


@contextmanager
def _open() -> Iterator[Line]:
    yield TaskLine()


def _addresses(customer_ids: Sequence[int]) -> Mapping[int, str]:
    """``user:12`` who looks after them, if they work on tasks; else ``team:3``, if there is one."""
    team, workers = setting().team_id, users.who_may(Right.TASKS_WORK)
    found: dict[int, str] = {}
    for customer_id, owner in scope.owners_of(customer_ids).items():
        if owner in workers:
            found[customer_id] = f"user:{owner}"
        elif team is not None:
            found[customer_id] = f"team:{team}"
    return found


def _problems(content: Content, marketing: bool) -> Sequence[Text]:
    found = []
    if len(content.text.strip()) > tasks.LONGEST_NOTE:
        found.append(
            Text(
                f"The text of a task has at most {tasks.LONGEST_NOTE} characters",
                f"任务文本最多 {tasks.LONGEST_NOTE} 字",
            )
        )
    if not content.text.strip():
        found.append(Text("A task needs a text to pass on", "任务需要可转达的文本"))
    return found


def _ready() -> Text | None:
    """Nothing: with colleagues alone it works; who cannot be reached is told person by person."""
    return None


def _of_task(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    number = subject.removeprefix("task:")
    task = tasks.task(actor=actor, task_id=int(number) if number.isdecimal() else 0)
    kind, _sign, customer = task.subject.partition(":")
    if task.source != SOURCE or kind != "customer":
        return {"task": None}
    told = [int(customer)]
    ways = [
        (label.in_(language), bool(privacy.allowed(told, purpose="marketing", channel=way, now=clock.now())))
        for way, label in WAYS.items()
    ]
    return {"task": task, "ways": ways, "may_work": actor.may(Right.TASKS_WORK) and task.open}


CHANNEL = Channel(
    slug="task",
    label=Text("Task for a colleague", "员工任务"),
    consent=CONSENT,
    addresses=_addresses,
    problems=_problems,
    unready=_ready,
    open=_open,
)
RULE = TaskRule(slug=SOURCE, label=Text("a message to customers", "客户触达"), changed=changed)
PANEL = Panel(
    slug="message_task",
    label=Text("How did it go", "结果如何"),
    page="task",
    width="wide",
    place=5,
    template="channels/task_panel.html",
    context=_of_task,
)
