"""From purchases to frequency, recency, age and mean repeat value."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science.clv import purchase_summary
from huoshui.science.errors import NotASetting

AS_OF = date(2024, 3, 1)
SCHEMA = pa.schema([("customer_id", pa.int64()), ("day", pa.date32()), ("revenue", pa.float64())])
PURCHASES = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 70).map(lambda n: date(2024, 1, 1) + timedelta(days=n)),
        st.one_of(st.none(), st.integers(-5, 100)),
    ),
    max_size=30,
)


def table(rows):
    named = [dict(zip(SCHEMA.names, row, strict=True)) for row in rows]
    return ibis.memtable(pa.Table.from_pylist(named, schema=SCHEMA))


def summary(rows, **options):
    answer = purchase_summary(table(rows), **{"as_of": AS_OF, **options})
    return answer.order_by("customer_id").to_pyarrow().to_pylist()


def by_hand(rows, learnt, last_seen):
    days: Any = defaultdict(lambda: defaultdict(list))
    for customer, day, revenue in rows:
        if day <= last_seen:
            days[customer][day].append(revenue)
    answer = []
    for customer, own in sorted(days.items()):
        first = min(own)
        if first > learnt:
            continue
        sums = {
            day: sum(v for v in values if v is not None)
            for day, values in own.items()
            if any(v is not None for v in values)
        }
        repeat = [day for day in own if first < day <= learnt]
        known = [sums[day] for day in repeat if day in sums]
        answer.append(
            {
                "customer_id": customer,
                "frequency": len(repeat),
                "recency": float((max([first, *repeat]) - first).days),
                "T": float((learnt - first).days),
                "monetary_value": sum(known) / len(known) if known else 0.0,
                "frequency_holdout": sum(day > learnt for day in own),
                "value_holdout": float(sum(v for day, v in sums.items() if day > learnt)),
                "duration_holdout": float((last_seen - learnt).days),
            }
        )
    return answer


def test_days_are_counted_and_the_first_is_no_repeat():
    rows = [
        (1, date(2024, 1, 1), 10.0),
        (1, date(2024, 1, 1), 5.0),
        (1, date(2024, 1, 11), 20.0),
        (1, date(2024, 1, 11), 10.0),
        (1, date(2024, 2, 10), 50.0),
        (2, date(2024, 2, 29), 7.0),
        (2, date(2024, 3, 1), 7.0),
    ]
    assert summary(rows) == [
        {"customer_id": 1, "frequency": 2, "recency": 40.0, "T": 59.0, "monetary_value": 40.0},
        {"customer_id": 2, "frequency": 0, "recency": 0.0, "T": 0.0, "monetary_value": 0.0},
    ]


@settings(max_examples=15, deadline=None)
@given(PURCHASES, st.integers(0, 59))
def test_it_equals_its_definition(rows, day):
    learnt = date(2024, 1, 1) + timedelta(days=day)
    found = summary(rows, calibration_end=learnt)
    expected = by_hand(rows, learnt, date(2024, 2, 29))
    assert [list(row) for row in found] == [list(row) for row in expected]
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other)


def test_a_unit_only_scales():
    rows = [(1, date(2024, 1, 1), 10.0), (1, date(2024, 1, 15), 5.0)]
    assert summary(rows, unit="W")[0]["recency"] == 2.0
    assert summary(rows, unit="W")[0]["T"] == pytest.approx(59 / 7)


def test_a_moment_stands_for_the_day_it_ends_or_lies_in():
    rows = [(1, date(2024, 1, 1), 10.0), (1, date(2024, 3, 1), 5.0)]
    assert summary(rows, as_of=datetime(2024, 3, 1, tzinfo=UTC)) == summary(rows)
    assert summary(rows, as_of=datetime(2024, 3, 1, 12, tzinfo=UTC))[0]["frequency"] == 1


def test_margin_takes_the_place_of_revenue_where_costs_are_known():
    orders = table([(1, date(2024, 1, 1), 10.0), (1, date(2024, 1, 15), 5.0)])
    orders = orders.mutate(margin=orders.revenue / 5)
    found = purchase_summary(orders, as_of=AS_OF, value="margin").to_pyarrow().to_pylist()
    assert found[0]["monetary_value"] == 1.0


def test_an_empty_table_gives_an_empty_table():
    assert summary([]) == []


@pytest.mark.parametrize(
    "options",
    [
        {"unit": "fortnight"},
        {"value": "profit"},
        {"as_of": datetime(2024, 3, 1)},  # noqa: DTZ001
        {"calibration_end": date(2024, 3, 1)},
    ],
)
def test_what_has_no_meaning_is_refused(options):
    with pytest.raises(NotASetting):
        summary([(1, date(2024, 1, 1), 10.0)], **options)
