"""Trees of goals in plain numbers: what was split adds up level by level, and what does not is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.kernel.plugs import METRICS
from huoshui.measure.metrics.dimensions import IN
from huoshui.plan.plans.goals import targets
from huoshui.plan.plans.goals.checking import PART_NAMED, PARTS_NAMED, checks
from huoshui.plan.plans.goals.parting import distribute, quantum_of
from huoshui.plan.plans.goals.paths import EVEN
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.splitting import into_quarters

D = Decimal
REVENUE, ORDERS, REPEAT = METRICS["revenue"], METRICS["orders"], METRICS["repeat_rate"]
CENTS = st.decimals(min_value=1, max_value=10**11, places=2)


def goal(number, target, *, metric=REVENUE, first=date(2026, 1, 1), last=date(2026, 12, 31), **said):
    """A goal as it is kept, without a parent."""
    plain = {
        "parent_id": None,
        "part": "",
        "depth": 0,
        "cut": (),
        "path": "linear",
        "shares": EVEN,
    } | said
    return GoalSeen(
        id=number,
        plan_id=1,
        name=f"goal {number}",
        metric=metric.slug,
        first_day=first,
        last_day=last,
        baseline=D(1),
        baseline_kind="year",
        baseline_of=None,
        target=target,
        said=targets.Said(how="absolute", amount=target),
        points=(),
        owner_id=None,
        owner="",
        note="",
        usual="",
        version=1,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        **plain,
    )


def quarters_of(whole, metric, begin):
    """The parts that splitting a goal into quarters makes."""
    return [
        goal(
            begin + place,
            targets.read(draft.target, metric).amount,
            metric=metric,
            first=draft.first_day,
            last=draft.last_day,
            parent_id=whole.id,
            part="quarter",
            depth=1,
        )
        for place, draft in enumerate(into_quarters(whole, metric))
    ]


@settings(max_examples=60, deadline=None)
@given(
    CENTS,
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(100, 900),
    st.sampled_from(["linear", "seasonal"]),
    st.lists(st.integers(0, 1000), min_size=12, max_size=12),
    st.lists(st.decimals(min_value=0, max_value=10**6, places=2), min_size=1, max_size=8),
)
def test_a_tree_that_was_split_adds_up_at_every_level(target, first, length, path, months, channels):
    shares = tuple(one / sum(months) for one in months) if sum(months) else EVEN
    last = first + timedelta(days=length)
    year = goal(1, target, first=first, last=last, path=path, shares=shares)
    quarters = quarters_of(year, REVENUE, 10)
    tree = [year]
    for quarter in quarters:
        tree.append(quarter)
        if quarter.target is None:
            continue
        amounts = distribute(quarter.target, channels, quantum=quantum_of("money", quarter.target))
        tree += [
            goal(
                quarter.id * 100 + place,
                amount,
                first=quarter.first_day,
                last=quarter.last_day,
                parent_id=quarter.id,
                part="channel",
                cut=(("channel", f"channel {place}"),),
            )
            for place, amount in enumerate(amounts)
        ]
    found = checks(tree)
    assert len(found) == 1 + len(quarters)
    assert all(one.fine and one.sum is not None and one.sum.exact for one in found)
    leaves = [one for one in tree if one.part == "channel"]
    assert sum(one.target for one in leaves) == target


@settings(max_examples=50, deadline=None)
@given(CENTS, st.decimals(min_value=D("-1e6"), max_value=D("1e6"), places=2).filter(bool))
def test_what_is_missing_or_over_is_said_to_the_cent(target, off):
    year = goal(1, target)
    first, *others = quarters_of(year, REVENUE, 10)
    [found] = checks([year, replace(first, target=first.target + off), *others])
    assert not found.fine
    assert found.sum is not None
    assert found.sum.missing == -off


@settings(max_examples=50, deadline=None)
@given(st.integers(4, 10**9))
def test_what_is_counted_is_split_into_whole_ones(target):
    year = goal(1, D(target), metric=ORDERS)
    parts = quarters_of(year, ORDERS, 10)
    assert sum(one.target for one in parts) == target
    assert all(one.target == one.target.to_integral_value() for one in parts)


def test_groups_that_may_share_customers_are_not_added_and_it_is_said():
    year = goal(1, D(100))
    parts = [
        goal(2 + place, D(80), parent_id=1, part="segment", cut=((IN, f"segment:{name}"),))
        for place, name in enumerate(("vip", "new"))
    ]
    [found] = checks([year, *parts])
    assert found.sum is None
    assert found.why_not is not None
    assert "share customers" in found.why_not.en
    assert "重叠" in found.why_not.zh


def test_a_part_that_is_left_out_shows_as_days_and_as_money():
    year = goal(1, D(400))
    [found] = checks([year, *quarters_of(year, REVENUE, 10)[:3]])
    assert found.sum is not None
    assert found.sum.missing > 0
    assert "2026-10-01" in found.notes[0].en


def test_ratios_are_not_added():
    year = goal(1, D("0.3"), metric=REPEAT)
    [found] = checks([year, *quarters_of(year, REPEAT, 10)])
    assert found.sum is None
    assert found.why_not is not None


@pytest.mark.parametrize("words", [PART_NAMED, PARTS_NAMED])
def test_kinds_of_parts_have_their_words(words):
    assert all(one.en and one.zh for one in words.values())
