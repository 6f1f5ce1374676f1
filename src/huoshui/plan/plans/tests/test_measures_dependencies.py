"""Dependencies of measures: rings are found, what begins too early is told, and shifting heals it; budgets add up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.plan.plans.budget.sums import cell, total
from huoshui.plan.plans.measures.dependencies import Span, conflicts, ring, shifted
from huoshui.plan.plans.reviews.due import due

BEGIN = date(2026, 1, 1)
AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2)


@st.composite
def waiting(draw: st.DrawFn) -> list[Span]:
    """Measures that wait for earlier ones only."""
    found = []
    for id_ in range(1, draw(st.integers(1, 9)) + 1):
        first = BEGIN + timedelta(days=draw(st.integers(0, 60)))
        before = draw(st.sets(st.integers(1, id_ - 1))) if id_ > 1 else set()
        last = first + timedelta(days=draw(st.integers(0, 30)))
        found.append(Span(id=id_, first=first, last=last, after=tuple(sorted(before))))
    return found


@given(waiting())
def test_shifting_leaves_no_conflict_keeps_durations_and_moves_only_later(spans):
    new = shifted(spans)
    after = [
        Span(id=one.id, first=days[0], last=days[1], after=one.after)
        for one in spans
        for days in [new.get(one.id, (one.first, one.last))]
    ]
    assert not conflicts(after)
    for old, one in zip(spans, after, strict=True):
        assert one.last - one.first == old.last - old.first
        assert one.first >= old.first
    assert bool(new) == bool(conflicts(spans))


@given(waiting(), st.data())
def test_a_ring_is_found_as_soon_as_one_is_closed(spans, data):
    after = {one.id: set(one.after) for one in spans}
    assert ring(after) == ()
    chosen = data.draw(st.sampled_from(spans))
    if chosen.after:
        after[chosen.after[0]].add(chosen.id)
        found = ring(after)
        assert found
        assert all(
            follower in after[one] for one, follower in zip(found, (*found[1:], found[0]), strict=True)
        )


def test_a_measure_that_waits_for_itself_is_a_ring():
    assert ring({1: [1]}) == (1,)
    with pytest.raises(ValueError, match="ring"):
        shifted([Span(id=1, first=BEGIN, last=BEGIN, after=(1,))])


def test_one_that_begins_on_the_last_day_of_what_it_waits_for_is_early():
    spans = [
        Span(id=1, first=BEGIN, last=BEGIN + timedelta(days=4)),
        Span(id=2, first=BEGIN + timedelta(days=4), last=BEGIN + timedelta(days=6), after=(1,)),
    ]
    assert conflicts(spans) == {2: (1,)}
    assert shifted(spans) == {2: (BEGIN + timedelta(days=5), BEGIN + timedelta(days=7))}


@given(st.lists(st.lists(st.tuples(AMOUNTS, AMOUNTS, st.none() | AMOUNTS), min_size=3, max_size=3)))
def test_a_budget_adds_up_exactly_by_rows_and_by_columns(table):
    cells = [[cell(planned=p, committed=c, spent=s) for p, c, s in row] for row in table]
    rows = total(total(row) for row in cells)
    columns = total(total(row[at] for row in cells) for at in range(3))
    assert rows == columns
    assert rows.planned == sum((one.planned for row in cells for one in row), Decimal(0))


def test_what_is_committed_and_spent_is_taken_off_once():
    assert cell(planned=Decimal(100), committed=Decimal(60), spent=Decimal(20)).remaining == 40
    assert cell(planned=Decimal(100), committed=Decimal(60), spent=Decimal(130)).overspent
    assert total([cell(planned=Decimal(5)), cell()]).spent is None


def test_reviews_fall_on_their_weekday_and_their_day_of_the_month():
    found = due(weekday=0, month_day=1, first=date(2026, 6, 1), last=date(2026, 7, 1))
    assert [day for kind, day in found if kind == "weekly"] == [
        date(2026, 6, day) for day in (1, 8, 15, 22, 29)
    ]
    assert [day for kind, day in found if kind == "monthly"] == [date(2026, 6, 1), date(2026, 7, 1)]
    assert due(weekday=None, month_day=None, first=BEGIN, last=date(2026, 12, 31)) == ()
