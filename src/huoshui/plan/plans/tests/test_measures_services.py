"""Measures, budgets and reviews as they are written: told in the story, refused where they must be, never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps

from huoshui.desk.worklist.errors import NotATask
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.errors import NotAllowed
from huoshui.plan.plans.budget import queries as budgets
from huoshui.plan.plans.budget import services as budget
from huoshui.plan.plans.budget.errors import NotABudget
from huoshui.plan.plans.budget.services import Entry
from huoshui.plan.plans.document import services as documents
from huoshui.plan.plans.errors import NoSuchPlan, PlanArchived, PlanChanged
from huoshui.plan.plans.measures import queries, services
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.measures.effects import Lifted, summed
from huoshui.plan.plans.measures.errors import NoSuchMeasure, NotAMeasure
from huoshui.plan.plans.measures.schedule import schedule
from huoshui.plan.plans.reviews import jobs, moved
from huoshui.plan.plans.reviews import queries as review_queries
from huoshui.plan.plans.reviews import services as reviews
from huoshui.plan.plans.reviews.errors import NotAReview, ReviewClosed

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ZERO = (Decimal(0), Decimal(0))
READER = Actor(name="reader", rights=frozenset({Right.CUSTOMERS_VIEW}), user_id=None)
STRANGER = Actor(name="stranger", rights=frozenset(), user_id=None)
DRAFT = Draft(name="Welcome series", first_day=date(2026, 2, 1), last_day=date(2026, 3, 31))
NUMBERS = {
    "house_version": 7,
    "currency": "CNY",
    "goals": [{"id": 1, "name": "Sales", "pace": "behind"}],
    "measures": [],
    "budget": {"overspent": {}},
    "tasks": [],
}
NOTHING: Any = None
HOUSE: Any = SimpleNamespace(zone=UTC, currency="CNY")


@pytest.fixture
def plan() -> int:
    """A plan of 2026."""
    return documents.create(
        actor=CONSOLE,
        title="Plan 2026",
        template="blank",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        language="en",
        now=NOW,
    )


def added(plan: int, **said: Any) -> int:
    """A new measure."""
    return services.add(actor=CONSOLE, plan_id=plan, draft=replace(DRAFT, **said), now=NOW)


def test_a_measure_is_kept_and_told_in_the_story(plan):
    number = added(plan, cost=Decimal("1200.50"), kind="training")
    (one,) = queries.measures(actor=READER, plan_id=plan)
    assert (one.id, one.cost, one.kind, one.version) == (number, Decimal("1200.50"), "training", 1)
    assert review_queries.story(actor=READER, plan_id=plan)[0].act == "measure.added"


def test_who_began_from_an_older_version_overwrites_nothing(plan):
    number = added(plan)
    change = {"actor": CONSOLE, "plan_id": plan, "measure_id": number, "version": 1, "now": NOW}
    assert services.change(**change, draft=replace(DRAFT, done=40)) == 2
    with pytest.raises(PlanChanged) as refused:
        services.change(**change, draft=replace(DRAFT, done=80))
    assert refused.value.version == 2
    assert refused.value.changes
    assert queries.measure(actor=CONSOLE, plan_id=plan, measure_id=number).done == 40


def test_measures_cannot_wait_for_each_other_in_a_ring(plan):
    first = added(plan)
    second = added(plan, name="Then", after=(first,))
    with pytest.raises(NotAMeasure) as refused:
        services.change(
            actor=CONSOLE,
            plan_id=plan,
            measure_id=first,
            version=1,
            draft=replace(DRAFT, after=(second,)),
            now=NOW,
        )
    assert refused.value.field == "after"


def test_one_that_begins_too_early_is_toned_and_shifted(plan):
    first = added(plan)
    second = added(plan, name="Then", after=(first,))
    found = queries.measures(actor=CONSOLE, plan_id=plan)
    shown = schedule(found, first=date(2026, 1, 1), last=date(2026, 12, 31), today=TODAY, language="en")
    assert shown is not None
    assert [(bar.tone, bar.after) for bar in shown.bars] == [("warning", ()), ("bad", (0,))]
    assert services.shift(actor=CONSOLE, plan_id=plan, now=NOW) == (second,)
    assert queries.measure(actor=CONSOLE, plan_id=plan, measure_id=second).first_day == date(2026, 4, 1)
    assert services.shift(actor=CONSOLE, plan_id=plan, now=NOW) == ()


def test_dropping_needs_a_reason_and_can_be_taken_back(plan):
    number = added(plan)
    which = {"actor": CONSOLE, "plan_id": plan, "measure_id": number, "now": NOW}
    with pytest.raises(NotAMeasure):
        services.drop(**which, version=1, reason=" ")
    services.drop(**which, version=1, reason="No budget")
    assert queries.measure(actor=CONSOLE, plan_id=plan, measure_id=number).state == "dropped"
    assert review_queries.story(actor=CONSOLE, plan_id=plan)[0].reason == "No budget"
    services.take_up(**which)
    assert queries.measure(actor=CONSOLE, plan_id=plan, measure_id=number).state == "planned"


def test_moving_changes_the_order(plan):
    first, second = added(plan), added(plan, name="Then")
    services.move(actor=CONSOLE, plan_id=plan, measure_id=second, up=True, now=NOW)
    assert [one.id for one in queries.measures(actor=CONSOLE, plan_id=plan)] == [second, first]


@pytest.mark.parametrize(
    "said",
    [
        {"name": " "},
        {"name": "x" * 201},
        {"last_day": date(2026, 1, 1)},
        {"cost": Decimal("NaN")},
        {"cost": Decimal("-1")},
        {"cost": Decimal("0.001")},
        {"cost": Decimal("1e20")},
        {"kind": "magic"},
        {"done": 101},
        {"owner_id": 10**9},
        {"team_id": 10**9},
        {"after": (10**9,)},
        {"campaigns": (10**9,)},
        {"segments": ("nobody",)},
    ],
)
def test_what_cannot_be_a_measure_is_refused(plan, said):
    with pytest.raises(NotAMeasure):
        added(plan, **said)
    assert queries.measures(actor=CONSOLE, plan_id=plan) == ()


def test_readers_strangers_and_archived_plans_are_refused(plan):
    with pytest.raises(NotAllowed):
        services.add(actor=READER, plan_id=plan, draft=DRAFT, now=NOW)
    with pytest.raises(NotAllowed):
        queries.measures(actor=STRANGER, plan_id=plan)
    with pytest.raises(NotAllowed):
        budget.keep(actor=READER, plan_id=plan, entries=[], now=NOW)
    with pytest.raises(NoSuchPlan):
        services.add(actor=CONSOLE, plan_id=2**70, draft=DRAFT, now=NOW)
    with pytest.raises(NoSuchMeasure):
        services.move(actor=CONSOLE, plan_id=plan, measure_id=2**70, up=True, now=NOW)
    documents.archive(actor=CONSOLE, plan_id=plan, now=NOW)
    with pytest.raises(PlanArchived):
        added(plan)


def lift(**said: Any) -> Lifted:
    """What a campaign added."""
    usual: dict[str, Any] = {
        "campaign": 1, "unit": "orders", "value": 5.0, "low": 1.0, "high": 9.0, "known_on": None, "why": None
    }  # fmt: skip
    return Lifted(**{**usual, **said})


def test_effects_add_up_and_say_from_when_they_can_be_known():
    both = summed([lift(), lift(campaign=2, value=3.0, low=-1.0, high=7.0)])
    assert (both.known, both.value, both.low, both.high) == (True, 8.0, 0.0, 16.0)
    later = summed([lift(), lift(value=None, known_on=date(2026, 5, 1))])
    assert (later.known, later.value, later.known_on) == (False, None, date(2026, 5, 1))
    assert later.why is not None
    assert "2026-05-01" in later.why.en
    assert not summed([lift(), lift(unit="revenue")]).known
    assert summed([]).value is None


def entry(month: int = 3, planned: str = "100", was: tuple[Decimal, Decimal] = ZERO, **said: Any) -> Entry:
    """A cell."""
    usual: dict[str, Any] = {"channel": "online", "month": date(2026, month, 1), "committed": Decimal(0)}
    return Entry(**{**usual, **said}, planned=Decimal(planned), was=was)


def kept(plan: int, *entries: Entry, **said: Any) -> int:
    """Save cells."""
    return budget.keep(actor=CONSOLE, plan_id=plan, entries=entries, now=NOW, **said)


def test_only_changed_cells_are_saved_and_never_over_somebody_elses(plan):
    assert kept(plan, entry(), entry(4, planned="0")) == 1
    with pytest.raises(PlanChanged):
        kept(plan, entry(planned="150"), entry(5))
    assert [str(one.planned) for one in budgets.entered(actor=READER, plan_id=plan)] == ["100.00"]
    assert kept(plan, entry(planned="0", was=(Decimal(100), Decimal(0)))) == 1
    assert budgets.entered(actor=READER, plan_id=plan) == ()


def test_an_import_is_taken_back_once(plan):
    kept(plan, entry(), act="budget.imported")
    assert budget.undo(actor=CONSOLE, plan_id=plan, now=NOW) == 1
    assert budgets.entered(actor=READER, plan_id=plan) == ()
    with pytest.raises(NotABudget):
        budget.undo(actor=CONSOLE, plan_id=plan, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        entry(planned="NaN"),
        entry(planned="-1"),
        entry(planned="1e20"),
        entry(planned="0.001"),
        entry(channel=" "),
        entry(month=3, measure_id=10**9),
        replace(entry(), month=date(2027, 1, 1)),
        replace(entry(), month=date(2026, 3, 2)),
    ],
)
def test_what_cannot_be_budgeted_is_refused(plan, wrong):
    with pytest.raises(NotABudget):
        kept(plan, wrong)


def test_spending_nobody_planned_for_is_overspent_and_months_to_come_are_not_zero(plan):
    kept(plan, entry())
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    found = budgets.gathered(
        budgets.entered(actor=CONSOLE, plan_id=plan),
        months=(march, april),
        spent={("online", march): Decimal("30.5"), ("fair", march): Decimal(7)},
        returns={},
        end=date(2026, 3, 20),
    )
    assert [one.channel for one in found.overspent] == ["fair"]
    assert found.by_month[april].spent is None
    assert found.sum.spent == Decimal("37.5")
    assert found.sum.remaining == sum(one.remaining for one in found.by_month.values())


@pytest.fixture
def due(plan, monkeypatch) -> int:
    """The next weekly review; the numbers it would freeze stand for themselves."""
    monkeypatch.setattr(moved, "numbers", lambda **_asked: NUMBERS)
    reviews.set_rhythm(
        actor=CONSOLE, plan_id=plan, weekday=1, month_day=15, people=[], version=0, today=TODAY, now=NOW
    )
    return next(one.id for one in review_queries.reviews(actor=READER, plan_id=plan))


def held(plan: int, number: int, *decisions: reviews.Decision) -> None:
    """Hold a review."""
    reviews.hold(
        actor=CONSOLE,
        plan_id=plan,
        review_id=number,
        version=1,
        minutes="All said",
        decisions=decisions,
        tables=NOTHING,
        house=HOUSE,
        now=NOW,
    )


def test_the_numbers_of_a_review_that_was_held_never_change(plan, due, monkeypatch):
    held(plan, due)
    monkeypatch.setattr(moved, "numbers", lambda **_asked: {**NUMBERS, "house_version": 8})
    with pytest.raises(ReviewClosed):
        held(plan, due)
    with pytest.raises(ReviewClosed):
        reviews.prepare(actor=CONSOLE, plan_id=plan, review_id=due, tables=NOTHING, house=HOUSE, now=NOW)
    one = review_queries.review(actor=READER, plan_id=plan, review_id=due)
    assert one.frozen["house_version"] == 7
    assert one.agenda[0].en == "Goal “Sales” is behind."
    assert one.minutes == "All said"


def test_a_decision_and_its_task_come_together_or_not_at_all(plan, due, signed_in):
    owner = signed_in("operator").user.pk
    with pytest.raises(NotATask):
        held(plan, due, reviews.Decision(text="Too early", owner_id=owner, due=date(1900, 1, 1)))
    tasks = apps.get_model("worklist", "Task")
    assert not tasks.objects.filter(subject=f"plan:{plan}").exists()
    assert review_queries.review(actor=READER, plan_id=plan, review_id=due).open
    held(plan, due, reviews.Decision(text="Call them", owner_id=owner, due=date(2026, 3, 9)))
    (task,) = tasks.objects.filter(subject=f"plan:{plan}")
    (decision,) = review_queries.review(actor=READER, plan_id=plan, review_id=due).decisions
    assert (task.title, task.owner_id, decision["task"]) == ("Call them", owner, task.pk)
    assert all(one.review_id == due for one in review_queries.story(actor=READER, plan_id=plan))


def test_a_postponed_review_does_not_come_back_on_its_old_day(plan, due):
    old = review_queries.review(actor=READER, plan_id=plan, review_id=due).due_on
    reviews.postpone(
        actor=CONSOLE, plan_id=plan, review_id=due, version=1, to=date(2026, 3, 5), reason="Trip", now=NOW
    )
    reviews.plan_next(plan_id=plan, today=TODAY)
    days = [one.due_on for one in review_queries.reviews(actor=READER, plan_id=plan) if one.kind == "weekly"]
    assert old not in days
    assert days[0] == date(2026, 3, 5)
    with pytest.raises(PlanChanged):
        reviews.skip(actor=CONSOLE, plan_id=plan, review_id=due, version=1, reason="No", now=NOW)
    with pytest.raises(NotAReview):
        reviews.skip(actor=CONSOLE, plan_id=plan, review_id=due, version=2, reason="", now=NOW)


def test_of_a_plan_that_is_over_one_closing_review_is_put_down_and_no_more(plan):
    after = date(2031, 6, 4)
    reviews.set_rhythm(
        actor=CONSOLE, plan_id=plan, weekday=0, month_day=15, people=[], version=0, today=after, now=NOW
    )
    reviews.plan_next(plan_id=plan, today=after + timedelta(days=20))
    found = review_queries.reviews(actor=READER, plan_id=plan)
    assert [(one.kind, one.due_on) for one in found] == [("weekly", date(2031, 6, 9))]


def test_who_takes_part_is_reminded_once_the_day_before(plan, due, signed_in):
    someone = signed_in("operator").user
    reviews.set_rhythm(
        actor=CONSOLE,
        plan_id=plan,
        weekday=1,
        month_day=None,
        people=[someone.pk],
        version=1,
        today=TODAY,
        now=NOW,
    )
    assert jobs.remind(today=TODAY, now=NOW) == 1
    assert jobs.remind(today=TODAY, now=NOW) == 0
    (letter,) = apps.get_model("mail", "Letter").objects.filter(to=someone.email)
    assert "2026-03-03" in letter.text


def test_the_agenda_says_what_moved(plan):
    before = {**NUMBERS, "goals": [{"id": 1, "name": "Sales", "pace": "on_track"}]}
    now = {**NUMBERS, "budget": {"overspent": {"fair": "7"}}, "tasks": [[1, "Call", "2026-03-01"]]}
    said = [en for en, _zh in moved.agenda(now, before, today=TODAY)]
    assert said == [
        "Goal “Sales” went from on track to behind.",
        "“fair” is over its budget by ¥7.",
        "1 tasks are open, 1 of them overdue.",
    ]


@pytest.mark.parametrize(
    ("unit", "said"), [("orders", "12.0 orders (3.5 to 20.5)"), ("", "12.0 (3.5 to 20.5)")]
)
def test_the_agenda_says_once_what_a_measure_added(unit, said):
    measure = {"id": 4, "name": "Win back", "late": False, "known": True, "unit": unit}
    now = {**NUMBERS, "goals": [], "measures": [{**measure, "effect": 12.0, "low": 3.5, "high": 20.5}]}
    assert moved.agenda(now, None, today=TODAY)[0][0] == f"The effect of “Win back” is known: {said}."
    assert all("Win back" not in en for en, _zh in moved.agenda(now, now, today=TODAY))
