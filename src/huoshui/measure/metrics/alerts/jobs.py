"""The clock's look at all alerts: a task and a letter when one fires, once for as long as it lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from huoshui.data.traits import queries as traits
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.desk.mail import services as mail
from huoshui.desk.users import queries as users
from huoshui.desk.users.errors import NoSuchUser
from huoshui.desk.users.queries import Colleague
from huoshui.desk.worklist import queries as tasks
from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.rules import TASK_RULES, TaskRule
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.plugs import HOUSE, House
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.alerts import checking, queries, words
from huoshui.measure.metrics.alerts.checking import Found
from huoshui.measure.metrics.models import Alert, Ring
from huoshui.measure.metrics.periods import Period

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

CHECK = "alerts.check"
EVERY = timedelta(minutes=5)
DAYS = 3
"""How long there is for the task of an alert."""
MAKER = Actor(name=queries.SOURCE, rights=frozenset({Right.TASKS_WORK}))

HEADS = {
    "firing": Text("Alert: {rule}", "预警：{rule}"),
    "unknown": Text("No figure: {rule}", "无数据：{rule}"),
}


def check(job: JobContext) -> None:
    """Look at every alert whose figures may have changed since it was looked at."""
    house, tables = HOUSE(), open_lake().snapshot()
    for alert_id in list(Alert.objects.filter(ended_at=None).order_by("pk").values_list("pk", flat=True)):
        check_one(alert_id, tables=tables, house=house, now=job.now)


def check_one(alert_id: int, *, tables: Snapshot, house: House, now: datetime) -> str:
    """Look at one, and return its state; nothing is asked of the lake where neither facts nor period are new."""
    row = Alert.objects.filter(pk=alert_id, ended_at=None).first()
    if row is None:
        return ""
    try:
        colleague = users.colleague(row.owner_id)
        if not users.actor_of(row.owner_id).may(Right.CUSTOMERS_VIEW):
            return str(row.state)
    except NoSuchUser:
        return str(row.state)
    refreshed = traits.last_refresh(tables=tables)
    at = refreshed[0] if refreshed else now.replace(second=0, microsecond=0)
    end = Period.before(AsOf(at=at, zone=house.zone), days=1).end_day
    period = checking.last_whole(end, row.grain, house.zone)
    seen = f"{tables.version}/{period.first_day}"
    if row.seen == seen:
        return str(row.state)
    found = _look(row, period, tables, house)
    with transaction.atomic():
        held = Alert.objects.select_for_update().filter(pk=row.pk, ended_at=None).first()
        # Another worker, or who asked, may have been faster.
        if held is not None and (held.seen, held.changed_at) == (row.seen, row.changed_at):
            _note(held, found, colleague, seen, now, house)
    return found.state


def _look(row: Alert, period: Period, tables: Snapshot, house: House) -> Found:
    """What is found; a metric or slice that is gone has no figure."""
    try:
        return checking.look(
            metrics.metric(row.metric),
            kind=row.kind,
            bound=row.bound,
            grain=row.grain,
            where=row.where,
            period=period,
            tables=tables,
            house=house,
        )
    except Said as error:
        return Found(period=period, state="unknown", said=error.words)
    except HuoshuiError as error:
        said = error.says or Text(error.problem, error.problem)
        return Found(period=period, state="unknown", said=said)


def _note(row: Alert, found: Found, colleague: Colleague, seen: str, now: datetime, house: House) -> None:
    """Write down what was found, and tell who asked of what is new."""
    before, language = row.state, _language(colleague)
    row.state, row.said, row.seen = found.state, {"en": found.said.en, "zh": found.said.zh}, seen
    row.period, row.checked_at = found.period.first_day, now
    news = found.state != before and found.state in HEADS
    if found.state == "firing" and news and not _open(row):
        row.fired, row.fired_at = row.fired + 1, now
        row.save()
        Ring.objects.create(alert=row, at=now, period=found.period.first_day, said=row.said)
        title = _head(row, found, language)
        draft = worklist.Draft(
            title=title[: tasks.LONGEST_TITLE],
            note=found.said.in_(language)[: tasks.LONGEST_NOTE],
            owner_id=row.owner_id,
            due=now.astimezone(house.zone).date() + timedelta(days=DAYS),
            subject=f"{queries.KIND}:{row.pk}",
            key=f"{row.pk}:{row.fired}",
        )
        if Right.TASKS_WORK in users.actor_of(row.owner_id).rights:
            worklist.add_many(actor=MAKER, source=queries.SOURCE, drafts=[draft], now=now)
        audit.record(
            actor=MAKER,
            act="alert.fired",
            subject=f"{queries.KIND}:{row.pk}",
            detail={"metric": row.metric, "period": found.period.first_day.isoformat()},
            now=now,
        )
    elif found.state == "firing" and news:
        news = False  # the task of the last time is still open
    row.save()
    if news and row.mail and mail.can_send():
        _tell(row, found, colleague, language, now)


def _open(row: Alert) -> bool:
    """Whether the task of the last time it fired is still to be done, and it waits for the same since then."""
    if row.changed_at is not None and row.fired_at is not None and row.fired_at <= row.changed_at:
        return False
    number = queries.task_of(row)
    return number is not None and tasks.task(actor=MAKER, task_id=number).open


def _head(row: Alert, found: Found, language: Language) -> str:
    rule = queries.seen(row).rule.in_(language)
    cut = words.cut(row.where)
    whole = f"{rule} ({cut.in_(language)})" if cut else rule
    return HEADS[found.state].in_(language).format(rule=whole)


def _tell(row: Alert, found: Found, colleague: Colleague, language: Language, now: datetime) -> None:
    address = f"{settings.HUOSHUI_URL.rstrip('/')}{reverse('metrics:alert', args=[row.pk])}"
    subject = " ".join(_head(row, found, language).split())
    text = {
        "en": f"{found.said.en}.\n\n{address}\n\nYou asked for this alert; end it on this page.\n",
        "zh": f"{found.said.zh}。\n\n{address}\n\n这是你设置的预警，可在上述页面取消。\n",
    }[language]
    mail.send(to=colleague.email, subject=subject[:200], text=text, now=now)


def _language(colleague: Colleague) -> Language:
    return "zh" if colleague.language.startswith("zh") else "en"


def _changed(_key: str, _act: str, _state: str, _now: datetime) -> None:
    """How a task ends changes nothing: the figures do."""


def declare() -> None:
    """The rule that makes the tasks, the kind of job, and its times."""
    label = Text("Alerts of metrics", "指标预警")
    TASK_RULES.declare(TaskRule(slug=queries.SOURCE, label=label, changed=_changed))
    KINDS.declare(JobKind(slug=CHECK, label=label, run=check, retries=0, hidden=True))
    PERIODIC.declare(Periodic(slug=CHECK, label=label, kind=CHECK, every=EVERY))
