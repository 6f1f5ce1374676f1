"""Formulas give equal answers on both engines, on tables made by chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest

from huoshui.data.connectors.tests.house import House
from huoshui.science import elapsed, exact, lifecycle, rfm
from tests.spark.answers import unlike

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

AS_OF = datetime(2024, 3, 31, 12, tzinfo=UTC)
MOST = 10**18 - 1


def table(seed: int, rows: int = 400) -> pa.Table:
    """Customers with measures that tie, are missing, and lie at the limits of their types."""
    chance = random.Random(seed)

    def maybe(value: Any) -> Any:
        return None if chance.random() < 0.15 else value

    def money() -> Decimal:
        units = chance.choice((0, 1, -1, 5, 12345, MOST, -MOST, chance.randrange(MOST)))
        return Decimal(units).scaleb(-4)

    moments = [
        AS_OF - timedelta(days=chance.randrange(900), microseconds=chance.choice((0, 1, -1)))
        for _ in range(rows)
    ]
    return pa.table(
        {
            "customer_id": pa.array([maybe(chance.randrange(40)) for _ in range(rows)], pa.int64()),
            "ordered_at": pa.array([maybe(m) for m in moments], pa.timestamp("us", "UTC")),
            "revenue": pa.array(
                [maybe(Decimal(chance.randrange(-9, 99)) / 100) for _ in range(rows)], pa.decimal128(18, 4)
            ),
            "amount": pa.array([maybe(money()) for _ in range(rows)], pa.decimal128(18, 4)),
            "parts": pa.array([maybe(chance.randrange(9)) for _ in range(rows)], pa.int64()),
            "days": pa.array([maybe(chance.randrange(400)) for _ in range(rows)], pa.int64()),
            "median": pa.array([maybe(chance.randrange(800) / 2) for _ in range(rows)], pa.float64()),
            "group": pa.array([maybe(chance.choice("abß中")) for _ in range(rows)], pa.string()),
        }
    )


def by_definition(t: Any) -> Any:
    """Everything that is computed row by row or over all rows."""
    typical = lifecycle.typical_interval(t["median"], t.parts)
    rhythm = lifecycle.purchase_rhythm(t["median"], t.parts, typical)
    ratio = lifecycle.overdue_ratio(t.days, rhythm)
    first = elapsed.whole_days(since=t.ordered_at, until=AS_OF)
    stages = {
        f"stage_{name}": lifecycle.stage(days_since_first=first, days_since_last=t.days, ratio=ratio, by=rule)
        for name, rule in (("own", lifecycle.USUAL_STAGES), ("fixed", lifecycle.FixedDays()))
    }
    scored = t.mutate(
        typical=typical,
        rhythm=rhythm,
        ratio=ratio,
        first=first,
        **stages,
        share=exact.share(t.amount, t.parts),
        microseconds=elapsed.microseconds(since=t.ordered_at, until=AS_OF),
        r=rfm.quintile(t.days, larger_is_better=False),
        f=rfm.quintile(t.amount),
        m=rfm.quantile_score(t["median"], quantiles=7, within=t.group),
    )
    return scored.mutate(
        segment=rfm.segment(scored.r, scored.f), value_class=rfm.value_class(scored.r, scored.f, scored.m)
    )


def in_order(t: Any) -> Any:
    """The days between the purchases of each customer: what ties is left out, as any order of it would do."""
    days = t.filter(t.customer_id.notnull(), t.ordered_at.notnull()).select(
        "customer_id", day=t.ordered_at.date()
    )
    days = days.distinct()
    return days.mutate(since=lifecycle.days_since_previous(customer=days.customer_id, day=days.day))


@pytest.mark.parametrize(
    "formula",
    [by_definition, in_order, lambda t: rfm.rfm_table(t, as_of=AS_OF)],
    ids=["rows", "order", "rfm"],
)
def test_every_formula_is_the_same(house: House, formula: Callable[[Any], Any]):
    picture = house.lake.snapshot()
    embedded = picture.embedded()
    for seed in (1, 2):
        rows = table(seed)
        expected, given = (tables.arrow(formula(tables.session.hold(rows))) for tables in (embedded, picture))
        assert unlike(expected, given) == []


def test_a_formula_over_no_rows_is_the_same(house: House):
    picture = house.lake.snapshot()
    embedded = picture.embedded()
    rows = table(1, rows=0)
    expected, given = (
        tables.arrow(by_definition(tables.session.hold(rows))) for tables in (embedded, picture)
    )
    assert unlike(expected, given) == []
    assert isinstance(picture.session.hold(rows), ibis.Table)
