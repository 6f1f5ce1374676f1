"""Goals on a real house: verbs with their refusals, pages in both languages, and new orders that move everything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.traits import services as traits
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.papers import Grid, Notice, Points
from huoshui.kernel.plugs import HOUSE, METRICS
from huoshui.lake import open_lake
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot
from huoshui.plan.plans.document import services as plans
from huoshui.plan.plans.errors import NoSuchPlan, PlanArchived, PlanChanged
from huoshui.plan.plans.goals import papers, queries, reading, services, splitting
from huoshui.plan.plans.goals.errors import CannotSplit, NoSuchGoal, NotAGoal
from huoshui.plan.plans.goals.setting import Draft
from huoshui.plan.plans.goals.usual import KPIS, MISSION

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Asia/Shanghai")
NOW = datetime(2024, 7, 1, 1, 30, tzinfo=UTC)
FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
HOSTILE = "<script>alert(1)</script>\"'><b>{{ 7*7 }} ‮ 长"
LATER = "o{0},m{0},2024-06-{1:02d} 10:00,lamp,Lamp,1,{2},app\n"


def sales() -> str:
    """Two and a half years; web and shop sell alike, more in winter."""
    draw = random.Random(7)
    rows, day = ["invoice,customer,date,sku,description,quantity,price,channel"], date(2022, 1, 3)
    while day < date(2024, 7, 1):
        price = 20 + (10 if day.month > 10 else 0) + draw.randint(0, 5)
        rows.append(
            f"{day}-{len(rows)},m{len(rows) % 23},{day} 10:00,lamp,Lamp,1,{price},{('web', 'shop')[len(rows) % 2]}"
        )
        day += timedelta(days=4)
    return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class House:
    """The house with its sales, and as it was before there were any."""

    lake: Lake
    tables: Snapshot
    before: Snapshot
    home: Path


def load(home: Path, lake: Lake, name: str, text: str) -> Snapshot:
    """Import sales and compute the traits of the day."""
    (home / name).write_text(text)
    import_file(
        actor=CONSOLE,
        lake=lake,
        path=home / name,
        kind="transactions",
        options=ImportOptions(strict=True),
        now=NOW,
    )
    traits.refresh(actor=CONSOLE, lake=lake, as_of=AsOf.day(date(2024, 7, 1), ZONE), now=NOW)
    return lake.snapshot()


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """Made once."""
    home: Path = tmp_path_factory.mktemp("goals")
    put = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset())
    with django_db_blocker.unblock(), transaction.atomic(), put:
        organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水商城")
        lake = open_lake()
        before = lake.snapshot()
        yield House(lake, load(home, lake, "sales.csv", sales()), before, home)
        lake.close()
        transaction.set_rollback(True)


@pytest.fixture
def plan(house) -> int:
    return made()


def made(title: str = "Plan 2024") -> int:
    return plans.create(
        actor=CONSOLE, title=title, template="blank", first_day=FIRST, last_day=LAST, language="en", now=NOW
    )


def draft(**said) -> Draft:
    return Draft(
        **{
            "metric": "revenue",
            "target": "+20 %",
            "first_day": FIRST,
            "last_day": LAST,
            "name": "Sales",
            **said,
        }
    )


def add(plan: int, **said) -> int:
    return services.add(actor=CONSOLE, plan_id=plan, draft=draft(**said), now=NOW)


def one(plan: int, goal: int) -> queries.GoalSeen:
    return queries.goal(actor=CONSOLE, plan_id=plan, goal_id=goal)


def look(plan: int, tables: Snapshot) -> reading.Overview:
    return reading.overview(actor=CONSOLE, plan_id=plan, tables=tables, house=HOUSE(), now=NOW)


def reader() -> Actor:
    return Actor(name="reader", rights=frozenset({Right.CUSTOMERS_VIEW}))


# -- verbs -------------------------------------------------------------------------------------------------------


def test_a_goal_keeps_its_baseline_and_how_its_target_was_said(plan):
    kept = one(plan, add(plan, path="seasonal"))
    assert kept.baseline_of == (date(2023, 1, 1), date(2023, 12, 31))
    assert kept.baseline is not None
    assert kept.baseline > 0
    assert kept.target == kept.baseline * Decimal("1.2")
    assert (kept.said.how, kept.said.amount) == ("percent", Decimal(20))
    assert len(kept.shares) == 12
    assert sum(kept.shares) == pytest.approx(1)
    assert kept.shares[11] > kept.shares[5]
    told = queries.history(actor=CONSOLE, plan_id=plan, goal_id=kept.id)
    assert [line.act for line in told] == ["goal.added"]


def test_a_goal_set_before_there_are_data_waits_and_is_then_computed(plan, house):
    goal = services.add(actor=CONSOLE, plan_id=plan, draft=draft(), tables=house.before, now=NOW)
    kept = one(plan, goal)
    assert (kept.baseline, kept.target) == (None, None)
    standing = look(plan, house.tables).standings[0]
    assert standing.pace == "unknown"
    assert standing.problem is not None
    assert standing.actual is not None
    assert standing.actual > 0
    services.rebase(actor=CONSOLE, plan_id=plan, goal_id=goal, tables=house.tables, now=NOW)
    kept = one(plan, goal)
    assert kept.baseline is not None
    assert kept.target == kept.baseline * Decimal("1.2")
    assert look(plan, house.tables).standings[0].pace != "unknown"


def test_a_changed_goal_says_from_what_to_what_and_why(plan):
    goal = add(plan)
    before = one(plan, goal)
    version = services.change(
        actor=CONSOLE,
        plan_id=plan,
        goal_id=goal,
        version=1,
        draft=draft(target="+10 %"),
        reason="The market shrank",
        now=NOW,
    )
    assert version == 2
    after = one(plan, goal)
    assert after.baseline == before.baseline
    assert after.target is not None
    assert before.target is not None
    assert after.target < before.target
    line = queries.history(actor=CONSOLE, plan_id=plan, goal_id=goal)[0]
    assert (line.act, line.reason) == ("goal.changed", "The market shrank")
    assert Decimal(line.detail["from"]["target"]) == before.target
    assert Decimal(line.detail["to"]["target"]) == after.target


def test_of_two_who_change_a_goal_the_second_is_told_and_nothing_is_stored(plan):
    goal = add(plan)
    asked = {"actor": CONSOLE, "plan_id": plan, "goal_id": goal, "version": 1, "now": NOW}
    services.change(**asked, draft=draft(target="+10 %"))
    with pytest.raises(PlanChanged) as refused:
        services.change(**asked, draft=draft(target="+30 %"))
    assert refused.value.version == 2
    assert refused.value.changes
    assert one(plan, goal).said.amount == 10
    with pytest.raises(PlanChanged):
        services.remove(**asked)


def test_a_goal_goes_with_its_parts_and_comes_back_with_them(plan, house):
    goal = add(plan)
    split(plan, goal, "quarter", house)
    assert len(queries.goals(actor=CONSOLE, plan_id=plan)) == 5
    services.remove(actor=CONSOLE, plan_id=plan, goal_id=goal, version=1, now=NOW)
    assert queries.goals(actor=CONSOLE, plan_id=plan) == ()
    with pytest.raises(NoSuchGoal):
        one(plan, goal)
    services.restore(actor=CONSOLE, plan_id=plan, goal_id=goal, now=NOW)
    assert len(queries.goals(actor=CONSOLE, plan_id=plan)) == 5


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"metric": "no_such"}, "metric"),
        ({"target": "a lot"}, "target"),
        ({"last_day": date(2023, 1, 1)}, "last_day"),
        ({"last_day": date(2040, 1, 1)}, "last_day"),
        ({"name": "x" * 201}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"note": "x" * 501}, "note"),
        ({"path": "own"}, "points"),
        ({"path": "own", "points": "soon 5"}, "points"),
        ({"path": "own", "points": "2023-01-01 5"}, "points"),
        ({"path": "own", "points": "2024-03-01 +5 %"}, "points"),
        ({"path": "crooked"}, "path"),
        ({"baseline_kind": "never"}, "baseline_kind"),
        ({"cut": {"no_such": "x"}}, "cut"),
        ({"cut": {"stage": "no_such"}}, "cut"),
        ({"owner_id": 999999}, "owner_id"),
        ({"part": "quarter"}, "part"),
    ],
)
def test_what_cannot_be_a_goal_is_refused_with_a_sentence(plan, said, field):
    with pytest.raises(NotAGoal) as refused:
        add(plan, **said)
    assert refused.value.field == field
    assert refused.value.words.en
    assert refused.value.words.zh
    assert queries.goals(actor=CONSOLE, plan_id=plan) == ()


def test_a_part_fits_its_goal(plan):
    goal = add(plan)
    for said in (
        {"parent_id": goal, "part": "half"},
        {"parent_id": goal, "part": "channel", "metric": "orders"},
        {"parent_id": goal, "part": "quarter", "last_day": date(2025, 3, 31)},
    ):
        with pytest.raises(NotAGoal):
            add(plan, **said)
    with pytest.raises(NoSuchGoal):
        add(plan, parent_id=goal + 999, part="channel")
    part = add(plan, parent_id=goal, part="channel", cut={"channel": "web"}, target="500")
    with pytest.raises(NotAGoal):
        services.change(
            actor=CONSOLE,
            plan_id=plan,
            goal_id=goal,
            version=1,
            draft=draft(parent_id=part, part="channel"),
            now=NOW,
        )
    other = made()
    with pytest.raises(NoSuchGoal):
        add(other, parent_id=goal, part="channel")
    with pytest.raises(NoSuchGoal):
        queries.goal(actor=CONSOLE, plan_id=other, goal_id=goal)


def test_who_only_reads_changes_nothing_and_an_archived_plan_stays(plan):
    goal = add(plan)
    asked = {"actor": reader(), "plan_id": plan, "now": NOW}
    for verb in (
        lambda: services.add(**asked, draft=draft()),
        lambda: services.change(**asked, goal_id=goal, version=1, draft=draft()),
        lambda: services.remove(**asked, goal_id=goal, version=1),
        lambda: services.restore(**asked, goal_id=goal),
        lambda: services.rebase(**asked, goal_id=goal),
        lambda: services.add_usual(reader(), plan, MISSION, NOW),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert len(queries.goals(actor=reader(), plan_id=plan)) == 1
    with pytest.raises(NoSuchPlan):
        queries.goals(actor=CONSOLE, plan_id=plan + 999)
    with pytest.raises(NoSuchPlan):
        add(plan + 999)
    plans.archive(actor=CONSOLE, plan_id=plan, now=NOW)
    with pytest.raises(PlanArchived):
        add(plan)


def test_the_goals_of_the_mission_are_set_by_themselves_once(plan, house):
    there = [*MISSION, *KPIS]
    made_ = services.add_usual(CONSOLE, plan, there, NOW, tables=house.tables)
    goals = queries.goals(actor=CONSOLE, plan_id=plan)
    assert len(made_) == len(goals) >= 3
    assert {goal.usual for goal in goals} <= set(there)
    assert services.add_usual(CONSOLE, plan, there, NOW, tables=house.tables) == ()
    with pytest.raises(NotAGoal):
        services.add_usual(CONSOLE, plan, ["everything"], NOW, tables=house.tables)
    standings = look(plan, house.tables).standings
    assert all(standing.actual is not None or standing.problem is not None for standing in standings)
    sales = next(standing for standing in standings if standing.goal.usual == "monthly_sales")
    assert sales.actual is not None
    assert sales.actual > 0
    assert sales.goal.path == "seasonal"
    if "market_share" in METRICS:
        share = next(standing for standing in standings if standing.goal.usual == "market_share")
        assert share.actual is None
        assert share.pace == "unknown"


# -- trees -------------------------------------------------------------------------------------------------------


def split(plan: int, goal: int, by: str, house: House) -> tuple[int, ...]:
    return splitting.split(
        actor=CONSOLE, goal=one(plan, goal), by=by, tables=house.tables, zone=ZONE, language="zh", now=NOW
    )


def test_a_goal_is_split_exactly_and_a_change_of_a_part_is_noticed(plan, house):
    goal = add(plan, target="100000.01")
    quarters = split(plan, goal, "quarter", house)
    channels = split(plan, goal, "channel", house)
    split(plan, quarters[0], "channel", house)
    found = look(plan, house.tables)
    assert [check.fine for check in found.checks] == [True, True, True]
    assert [check.sum.missing if check.sum else None for check in found.checks] == [0, 0, 0]
    assert [standing.goal.depth for standing in found.standings] == [0, 1, 2, 2, 1, 1, 1, 1, 1]
    by_channel = [s.actual for s in found.standings if s.goal.id in channels and s.actual is not None]
    assert len(by_channel) == len(channels)
    assert sum(by_channel) == found.standings[0].actual
    with pytest.raises(CannotSplit):
        split(plan, goal, "quarter", house)
    with pytest.raises(CannotSplit):
        split(plan, goal, "weather", house)
    first = one(plan, channels[0])
    services.change(
        actor=CONSOLE,
        plan_id=plan,
        goal_id=first.id,
        version=1,
        draft=replace(services.draft_of(first), target="1"),
        now=NOW,
    )
    wrong = next(check for check in look(plan, house.tables).checks if not check.fine)
    assert wrong.part == "channel"
    assert wrong.sum is not None
    assert first.target is not None
    assert wrong.sum.missing == first.target - 1


# -- new orders --------------------------------------------------------------------------------------------------


def test_new_orders_move_actual_pace_chance_and_cause(plan, house):
    goal = add(plan, target="4000")
    before = look(plan, house.tables).standings[0]
    with transaction.atomic():
        text = sales().splitlines()[0] + "\n" + "".join(LATER.format(n, n + 1, 150) for n in range(20))
        after_load = load(house.home, house.lake, "later.csv", text)
        found = reading.single(
            actor=CONSOLE, plan_id=plan, goal_id=goal, tables=after_load, house=HOUSE(), now=NOW
        )
        again = look(plan, house.tables).standings[0]
    after = found.standing
    assert before.actual is not None
    assert after.actual == before.actual + 20 * 150
    assert before.pace in ("behind", "far_behind")
    assert after.pace in ("ahead", "reached")
    assert after.probability is not None
    assert before.probability is not None
    assert after.probability > before.probability
    cause = next(row for row in found.diagnosis.splits if row.by == "channel")
    assert cause.rows[0].name.en == "app"
    assert cause.rows[0].change == 3000
    assert sum(row.change for row in cause.rows) == cause.total
    assert again.actual == before.actual  # the older version of the house says what it said


# -- pages -------------------------------------------------------------------------------------------------------


def test_the_pages_of_goals_say_where_they_stand_in_both_languages(plan, house, signed_in):
    goal = add(plan, name=HOSTILE, target="4000")
    split(plan, goal, "quarter", house)
    for language, words in (("en", ("Chance", "probability")), ("zh-hans", ("概率", "路径"))):
        pages = signed_in("operator")
        pages.cookies["huoshui_language"] = language
        listed = pages.get(f"/plans/{plan}/goals/")
        assert listed.status_code == 200
        shown = pages.get(f"/plans/{plan}/goals/{goal}/")
        text = shown.content.decode()
        assert shown.status_code == 200
        assert "<script>alert(1)" not in text + listed.content.decode()
        assert "49" not in HOSTILE
        assert "/customers/?in=metric" in text
        assert any(word in text for word in words)
        for address in (f"/plans/{plan}/goals/new/", f"/plans/{plan}/goals/{goal}/edit/"):
            assert pages.get(address).status_code in (200, 403)


def test_the_form_sets_changes_and_refuses_in_sentences(plan, house, pages):
    address = f"/plans/{plan}/goals/new/"
    sent = {
        "metric": "revenue",
        "target": "+20 %",
        "first_day": "2024-01-01",
        "last_day": "2024-12-31",
        "cut": "channel:web",
        "path": "linear",
        "baseline_kind": "year",
    }
    wrong = pages.post(address, {**sent, "target": "more"})
    assert wrong.status_code == 400
    assert "The target is not clear" in wrong.content.decode()
    assert 'value="more"' in wrong.content.decode()
    assert pages.post(address, {**sent, "first_day": "soon"}).status_code == 400
    made_ = pages.post(address, sent)
    assert made_.status_code == 302
    kept = queries.goals(actor=CONSOLE, plan_id=plan)[0]
    assert (kept.cut, kept.name) == ((("channel", "web"),), "Revenue")
    edit = f"/plans/{plan}/goals/{kept.id}/edit/"
    assert 'value="+20 %"' in pages.get(edit).content.decode()
    changed = pages.post(edit, {**sent, "target": "+5 %", "version": "1", "reason": "Less"})
    assert changed.status_code == 302
    late = pages.post(edit, {**sent, "target": "+7 %", "version": "1"})
    assert late.status_code == 409
    assert 'value="+7 %"' in late.content.decode()
    shown = pages.get(f"/plans/{plan}/goals/{kept.id}/").content.decode()
    assert "Less" in shown
    assert pages.post(f"/plans/{plan}/goals/{kept.id}/split/", {"by": "quarter"}).status_code == 302
    assert len(queries.goals(actor=CONSOLE, plan_id=plan)) == 5
    assert pages.post(f"/plans/{plan}/goals/{kept.id}/split/", {"by": "weather"}).status_code == 302
    assert pages.post(f"/plans/{plan}/goals/{kept.id}/rebase/").status_code == 302
    version = one(plan, kept.id).version
    assert pages.post(f"/plans/{plan}/goals/{kept.id}/remove/", {"version": version}).status_code == 302
    assert queries.goals(actor=CONSOLE, plan_id=plan) == ()
    assert pages.post(f"/plans/{plan}/goals/{kept.id}/restore/").status_code == 302
    assert pages.post(f"/plans/{plan}/goals/usual/", {"usual": ["monthly_sales"]}).status_code == 302
    assert pages.post(f"/plans/{plan}/goals/usual/", {"usual": ["all"]}).status_code == 302
    assert len(queries.goals(actor=CONSOLE, plan_id=plan)) == 6


def test_who_may_not_is_refused_on_every_page(plan, house, stranger, signed_in):
    goal = add(plan)
    base = f"/plans/{plan}/goals/"
    assert stranger.get(base).status_code in (302, 403)
    viewer = signed_in("viewer")
    assert viewer.get(base).status_code == 200
    assert "Set a goal" not in viewer.get(base).content.decode()
    for address in (f"{base}new/", f"{base}{goal}/edit/"):
        assert viewer.get(address).status_code == 403
    for act in ("split", "rebase", "remove", "restore"):
        assert viewer.post(f"{base}{goal}/{act}/").status_code == 403
        assert viewer.get(f"{base}{goal}/{act}/").status_code in (403, 405)
    assert viewer.post(f"{base}usual/").status_code == 403
    assert viewer.get(f"{base}{goal + 999}/").status_code == 404
    assert viewer.get(f"/plans/{plan + 999}/goals/").status_code == 404
    assert viewer.get(f"{base}99999999999999999999999/").status_code == 404
    assert len(queries.goals(actor=CONSOLE, plan_id=plan)) == 1


def test_a_tree_of_many_goals_asks_the_database_as_often_as_one_of_few(plan, house, pages):
    add(plan)
    pages.get(f"/plans/{plan}/goals/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        pages.get(f"/plans/{plan}/goals/")
    for target in range(1000, 1020):
        add(plan, target=str(target))
    with CaptureQueriesContext(connection) as many:
        pages.get(f"/plans/{plan}/goals/")
    assert len(many) <= len(few) + 3


# -- papers ------------------------------------------------------------------------------------------------------


def test_a_paper_of_goals_says_what_the_pages_say(plan, house):
    add(plan, name="Sales", target="4000")
    add(plan, name="Vanished", metric="orders", target="10")
    apps.get_model("plans", "Goal").objects.filter(name="Vanished").update(metric="was_there")
    found = look(plan, house.tables)
    for language in ("en", "zh"):
        table, notes = papers.elements(found.standings, found.checks, currency="CNY", language=language)
        assert isinstance(table, Grid)
        assert isinstance(notes, Points)
        assert [row[0] for row in table.rows] == ["Sales", "Vanished"]
        assert table.rows[0][2].startswith("¥")
        assert "0" not in table.rows[1][2]
        assert "was_there" in notes.items[0][0].text
    (empty,) = papers.elements([], [], currency="CNY", language="en")
    assert isinstance(empty, Notice)
    assert empty.text
