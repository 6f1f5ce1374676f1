"""The rules of goals in plain numbers: targets, paths, parts, pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.plugs import METRICS
from huoshui.plan.plans.goals import accumulating, targets
from huoshui.plan.plans.goals.days import baseline_days
from huoshui.plan.plans.goals.errors import NotAGoal
from huoshui.plan.plans.goals.pace import feasible, pace
from huoshui.plan.plans.goals.parting import Sum, distribute, overlapping, quantum_of, quarters, uncovered
from huoshui.plan.plans.goals.paths import EVEN, Path
from huoshui.plan.plans.goals.sentences import apart
from huoshui.plan.plans.goals.usual import KPIS, MISSION, USUAL

D = Decimal
REVENUE, REPEAT, ORDERS = METRICS["revenue"], METRICS["repeat_rate"], METRICS["orders"]
SCORE = replace(REVENUE, slug="a_score", unit="score")
days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
money = st.decimals(min_value=0, max_value=10**12, places=2)


# -- targets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "metric", "how", "amount"),
    [
        ("1200000", REVENUE, "absolute", "1200000"),
        ("¥1,200,000.50", REVENUE, "absolute", "1200000.5"),
        ("120万", REVENUE, "absolute", "1200000"),
        ("1.2M", REVENUE, "absolute", "1200000"),
        ("+20 %", REVENUE, "percent", "20"),
        ("−10%", REVENUE, "percent", "-10"),
        ("+20%", REPEAT, "percent", "20"),
        ("90 %", REPEAT, "absolute", "0.9"),
        ("0.9", REPEAT, "absolute", "0.9"),
        ("+10 points", REPEAT, "points", "10"),
        ("+10 个百分点", REPEAT, "points", "10"),
        ("-5 points", SCORE, "points", "-5"),
        ("50", SCORE, "absolute", "50"),
    ],
)
def test_a_target_is_read_as_people_write_it(text, metric, how, amount):
    said = targets.read(text, metric)
    assert (said.how, said.amount) == (how, D(amount))
    assert targets.read(targets.said(said, metric), metric) == said


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("", REVENUE),
        ("much more", REVENUE),
        ("90", REPEAT),
        ("20 %", REVENUE),
        ("+10 points", REVENUE),
        ("+500", REVENUE),
        ("9" * 30, REVENUE),
        ("1e999", REVENUE),
        ("<script>", REVENUE),
        ("NaN", REVENUE),
    ],
)
def test_an_unclear_target_is_refused_in_both_languages(text, metric):
    with pytest.raises(NotAGoal) as refused:
        targets.read(text, metric)
    assert refused.value.field == "target"
    assert refused.value.words.en
    assert refused.value.words.zh


def test_relative_targets_are_of_the_baseline_and_wait_for_it():
    assert targets.read("+20 %", REVENUE).of(D("1000"), REVENUE) == D("1200")
    assert targets.read("+10 points", REPEAT).of(D("0.31"), REPEAT) == D("0.41")
    assert targets.read("+15 %", ORDERS).of(D("33"), ORDERS) == D("38")
    assert targets.read("+20 %", REVENUE).of(None, REVENUE) is None
    assert targets.read("70 %", REPEAT).of(None, REPEAT) == D("0.7")
    with pytest.raises(NotAGoal):
        targets.read("+20 %", REVENUE).of(D(0), REVENUE)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3), st.sampled_from([REVENUE, REPEAT, SCORE]))
def test_what_was_said_can_be_said_again(amount, metric):
    for how in ("percent", "absolute"):
        if how == "absolute" and (metric.unit == "share" or amount < 0):
            continue
        said = targets.Said(how=how, amount=targets.plain(amount))
        assert targets.read(targets.said(said, metric), metric) == said


def test_usual_goals_can_be_read_in_both_languages():
    assert set(USUAL) == {*MISSION, *KPIS}
    for one in USUAL.values():
        assert one.label.zh
        assert one.says.zh
        assert one.variants
        for slug, target in one.variants:
            if slug in METRICS:
                assert targets.read(target, METRICS[slug]).amount != 0


# -- paths -------------------------------------------------------------------------------------------------------


@given(days, st.integers(0, 1200), money, money, st.sampled_from(["linear", "seasonal"]), st.data())
def test_a_path_begins_at_its_start_and_ends_at_its_target_without_turning_back(
    first, length, start, target, kind, data
):
    shares = data.draw(st.lists(st.floats(0, 1), min_size=12, max_size=12))
    last = first + timedelta(days=length)
    path = Path(kind=kind, first=first, last=last, start=start, target=target, shares=shares)
    assert path.at(first - timedelta(days=1)) == start
    assert path.at(last) == path.at(last + timedelta(days=9)) == target
    marks = [path.done(first + timedelta(days=n)) for n in range(-1, length + 1, max(1, length // 40))]
    assert marks[0] == 0
    assert all(before <= after for before, after in pairwise(marks))
    assert path.done(last) == 1


def test_a_seasonal_path_asks_for_more_where_the_year_brings_more():
    shares = [*[0.0] * 11, 1.0]
    path = Path(
        kind="seasonal",
        first=date(2025, 1, 1),
        last=date(2025, 12, 31),
        start=D(0),
        target=D(310),
        shares=shares,
    )
    assert path.at(date(2025, 11, 30)) == 0
    assert round(path.at(date(2025, 12, 10)), 6) == 100
    even = replace(path, shares=EVEN, kind="linear")
    assert round(even.at(date(2025, 1, 1)), 6) == round(D(310) / 365, 6)


def test_ones_own_path_goes_straight_between_its_points():
    path = Path(
        kind="own",
        first=date(2025, 1, 1),
        last=date(2025, 12, 31),
        start=D(0),
        target=D(100),
        points=[(date(2025, 1, 10), D(50)), (date(2025, 6, 30), D(50))],
    )
    assert [path.at(date(2025, 1, 5)), path.at(date(2025, 3, 1)), path.at(date(2025, 12, 31))] == [
        25,
        50,
        100,
    ]
    flat = replace(path, flat=True)
    assert flat.at(date(2025, 1, 1)) == 50


def test_a_ratio_is_held_against_its_target_all_the_time():
    path = Path(
        kind="linear", first=date(2025, 1, 1), last=date(2025, 12, 31), start=D(0), target=D("0.9"), flat=True
    )
    assert path.at(date(2025, 1, 2)) == D("0.9")


# -- parts -------------------------------------------------------------------------------------------------------


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=6),
    st.lists(st.decimals(min_value=0, max_value=10**9, places=4), min_size=1, max_size=40),
    st.sampled_from([D("0.01"), D(1), D("0.0001")]),
)
def test_parts_of_a_target_add_up_to_it_exactly(total, weights, quantum):
    parts = distribute(total, weights, quantum=quantum)
    assert len(parts) == len(weights)
    assert sum(parts) == total
    off = [part for part in parts if part % quantum != 0]
    assert len(off) <= 1  # what is finer than the quantum stands in one of them
    whole = sum(weights)
    if whole:
        largest = weights.index(max(weights))
        for place, (part, weight) in enumerate(zip(parts, weights, strict=True)):
            if place != largest:
                assert abs(part - total * weight / whole) < quantum + D("1e-9")


def test_parts_cannot_be_made_of_nothing_or_of_less():
    with pytest.raises(ValueError, match="weights"):
        distribute(D(1), [], quantum=D(1))
    with pytest.raises(ValueError, match="negative"):
        distribute(D(1), [D(-1), D(3)], quantum=D(1))
    assert distribute(D("10.00"), [D(0)] * 3, quantum=D("0.01")) == (D("3.34"), D("3.33"), D("3.33"))
    assert quantum_of("customers", D(7)) == 1
    assert quantum_of("customers", D("7.5")) == D("0.0001")


@given(days, st.integers(0, 2000))
def test_quarters_cover_the_days_of_a_goal_once(first, length):
    last = first + timedelta(days=length)
    found = quarters(first, last)
    assert found[0][0] == first
    assert found[-1][1] == last
    assert all(after - end == timedelta(days=1) for (_, end), (after, _) in pairwise(found))
    assert uncovered(first, last, found) == []
    assert not overlapping(found)
    for begin, end in found:
        assert (begin.year, (begin.month - 1) // 3) == (end.year, (end.month - 1) // 3)


@given(days, st.integers(0, 400), st.lists(st.tuples(days, st.integers(0, 90)), max_size=6))
def test_days_without_a_part_are_told(first, length, spans):
    last = first + timedelta(days=length)
    parts = [(begin, begin + timedelta(days=n)) for begin, n in spans]
    open_days = {
        begin + timedelta(days=n)
        for begin, end in uncovered(first, last, parts)
        for n in range((end - begin).days + 1)
    }
    every = {first + timedelta(days=n) for n in range(length + 1)}
    covered = {day for day in every if any(begin <= day <= end for begin, end in parts)}
    assert open_days == every - covered


def test_what_is_missing_of_a_whole_is_said_with_its_sign():
    assert Sum(whole=D(100), parts=D(90)).missing == 10
    assert Sum(whole=D(100), parts=D(120)).missing == -20
    assert Sum(whole=D("1.20"), parts=D("1.2")).exact


# -- pace and choice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected", "more", "found"),
    [
        (None, None, {"begun": False}, "not_begun"),
        (None, 50, {}, "unknown"),
        (50, None, {}, "unknown"),
        (53, 50, {}, "ahead"),
        (50, 50, {}, "on_track"),
        ("48.5", 50, {}, "on_track"),
        (45, 50, {}, "behind"),
        (40, 50, {}, "far_behind"),
        (100, 50, {}, "reached"),
        (100, 100, {"ended": True}, "reached"),
        (99, 100, {"ended": True}, "missed"),
        (40, 50, {"down": True}, "ahead"),
        (60, 50, {"down": True}, "far_behind"),
        (101, 50, {"down": True}, "missed"),
        (100, 100, {"down": True, "ended": True}, "reached"),
        (100, 95, {"builds_up": False, "way": 20}, "ahead"),
        (95, 95, {"builds_up": False, "way": 20}, "on_track"),
        (92, 95, {"builds_up": False, "way": 20}, "behind"),
        (80, 95, {"builds_up": False, "way": 20}, "far_behind"),
        (0, 0, {}, "on_track"),
    ],
)
def test_the_pace_follows_from_actual_and_path(actual, expected, more, found):
    said = {"begun": True, "ended": False, **more}
    if "way" in said:
        said["way"] = D(said["way"])
    actual, expected = (None if one is None else D(one) for one in (actual, expected))
    assert pace(actual=actual, expected=expected, target=D(100), **said) == found


@given(
    st.decimals(0, 1000, places=2),
    st.decimals(0, 1000, places=2),
    st.decimals("0.01", 1000, places=2),
    st.booleans(),
)
def test_more_is_never_a_worse_pace_where_more_is_better(one, other, expected, down):
    order = ["far_behind", "behind", "on_track", "ahead", "reached"]
    asked = {"expected": expected, "target": D(2000), "begun": True, "ended": False, "down": down}
    low, high = sorted([one, other], reverse=down)
    found = [order.index(pace(actual=value, **asked)) for value in (low, high)]
    assert found == sorted(found)


def test_a_target_is_challenging_between_too_easy_and_bold():
    said = [feasible(chance) for chance in (0.95, 0.9, 0.3, 0.29, 0.05, 0.01, None)]
    assert said == ["easy", "challenging", "challenging", "bold", "bold", "out_of_reach", "unknown"]


# -- how metrics gather ------------------------------------------------------------------------------------------


def test_every_metric_gathers_in_a_way_that_fits_its_declaration():
    for metric in METRICS:
        kind = accumulating.gathering(metric)
        if kind == "sum":
            assert metric.denominator is None
        if kind in ("mean", "rate"):
            assert metric.denominator is not None
        for part in accumulating.PARTS:
            if accumulating.adds_up(metric, part):
                assert metric.denominator is None
                assert not metric.entered
    assert accumulating.gathering(METRICS["revenue"]) == "sum"
    assert accumulating.gathering(METRICS["active_customers"]) == "count"
    assert accumulating.gathering(METRICS["retention_12m"]) == "level"
    assert accumulating.gathering(METRICS["average_order_value"]) == "mean"
    assert accumulating.gathering(METRICS["repeat_rate"]) == "rate"
    assert accumulating.adds_up(METRICS["active_customers"], "segment")
    assert not accumulating.adds_up(METRICS["active_customers"], "quarter")


# -- baselines ---------------------------------------------------------------------------------------------------


def test_a_baseline_is_of_days_that_are_known():
    year = (date(2026, 1, 1), date(2026, 12, 31))
    known = date(2026, 5, 1)
    assert baseline_days(*year, "year", end=known) == (date(2025, 1, 1), date(2025, 12, 31))
    assert baseline_days(*year, "before", end=known) == (date(2025, 1, 1), date(2025, 12, 31))
    early = date(2025, 11, 22)
    assert baseline_days(*year, "year", end=early) == (date(2024, 11, 22), date(2025, 11, 21))
    quarter = (date(2026, 1, 1), date(2026, 3, 31))
    assert baseline_days(*quarter, "year", end=early) == (date(2025, 1, 1), date(2025, 3, 31))
    assert baseline_days(*quarter, "before", end=known) == (date(2025, 10, 1), date(2025, 12, 31))


@given(days, st.integers(0, 1500), st.sampled_from(["year", "before"]), days)
def test_a_baseline_never_reaches_beyond_what_is_known(first, length, kind, end):
    begin, until = baseline_days(first, first + timedelta(days=length), kind, end=end)
    assert begin <= until < end
    assert abs((until - begin).days - length) <= 5  # months and leap years differ by days


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        (REVENUE, "0", "¥0"),
        (REVENUE, "0.37", "+¥0.37"),
        (REVENUE, "-0.05", "−¥0.05"),
        (REVENUE, "-1234.5", "−¥1,235"),
        (REPEAT, "0.123", "+12.3 pts"),
        (REPEAT, "-0.0004", "−0.040 pts"),
        (ORDERS, "0.25", "+0.25"),
        (ORDERS, "-12", "−12"),
    ],
)
def test_a_difference_that_is_there_is_never_written_as_nothing(metric, value, said):
    assert apart(metric, D(value), "CNY", "en") == said
