"""Reviews by the clock: the next ones are put down, and who takes part is told the day before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction

from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.desk.mail import services as mail
from huoshui.desk.users import queries as users
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.plan.plans.models import Plan, Review, Rhythm
from huoshui.plan.plans.reviews.queries import KINDS as REVIEW_KINDS
from huoshui.plan.plans.reviews.services import plan_next

SLUG = "plans.reviews"
LABEL = Text("Putting reviews of plans down", "安排计划复盘")
DAY = timedelta(days=1)
SUBJECT = Text("Tomorrow: {kind} of {title}", "明天：{title} {kind}")
TEXT = Text(
    "{kind} of the plan “{title}” is on {day}. Open the reviews of the plan in Huoshui to see its agenda.",
    "计划“{title}”的{kind}定于 {day}。请在活水的计划“复盘”页查看议程。",
)


def run(job: JobContext) -> None:
    """Put down the reviews of the next weeks of every plan, and remind of those of tomorrow."""
    today = job.now.astimezone(HOUSE().zone).date()
    for plan_id in list(Rhythm.objects.order_by("plan_id").values_list("plan_id", flat=True)):
        plan_next(plan_id=plan_id, today=today)
    remind(today=today, now=job.now)


def remind(*, today: date, now: datetime) -> int:
    """Write to the owner and who takes part in reviews of tomorrow, once; returns how many letters were written."""
    sent = 0
    waiting = Review.objects.filter(
        due_on=today + DAY, state__in=("planned", "prepared"), reminded_at=None, plan__deleted_at=None
    ).exclude(plan__state=Plan.State.ARCHIVED)
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            row = Review.objects.select_for_update().select_related("plan").get(pk=pk)
            if row.reminded_at is not None:
                continue
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            rhythm = Rhythm.objects.filter(plan=row.plan).first()
            people = {*(rhythm.people if rhythm else ()), row.plan.owner_id} - {None}
            sent += sum(_write(user_id, row, now) for user_id in sorted(people & set(users.names())))
    return sent


def _write(user_id: int, row: Review, now: datetime) -> int:
    kind = REVIEW_KINDS[row.kind]
    title = " ".join(row.plan.title.split())[:100]
    # Both languages: one letter for whoever takes part.
    mail.send(
        to=users.email_of(user_id),
        subject=SUBJECT.zh.format(kind=kind.zh, title=title),
        text="\n\n".join(
            text.format(kind=word, title=title, day=row.due_on)
            for text, word in ((TEXT.zh, kind.zh), (TEXT.en, kind.en))
        ),
        now=now,
    )
    return 1


def declare() -> None:
    """The job and its time."""
    KINDS.declare(JobKind(slug=SLUG, label=LABEL, run=run, quick=True, hidden=True))
    PERIODIC.declare(Periodic(slug=SLUG, label=LABEL, kind=SLUG, at=time(7, 0)))
