"""Formulas give equal answers on both engines, on tables made by chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import ibis
import pyarrow as pa
import pytest

from huoshui.data.connectors.tests.house import House
from huoshui.science import cohorts, elapsed, exact, lifecycle, rfm
from huoshui.science.clv import purchase_summary
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
        money=exact.money(t.amount.cast("float64") / 100),
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


def lived(t: Any) -> Any:
    """How long customers have been in their stage, until the next one, and until they are lost."""
    known = t.mutate(stage=t.group.cases(("a", "new"), ("b", "silent"), ("ß", "lost"), else_="active"))
    rhythm = known["median"].fill_null(30.0).clip(lower=14.0)
    return known.select(
        **{
            f"{name}_{of}": value
            for of, rule in (("own", lifecycle.USUAL_STAGES), ("fixed", lifecycle.FixedDays()))
            for name, value in (
                (
                    "been",
                    lifecycle.days_in_stage(
                        stage=known.stage,
                        days_since_first=known.days + 40,
                        days_since_last=known.days,
                        rhythm_days=rhythm,
                        days_since_return=known.parts,
                        days_known=known.days + 50,
                        by=rule,
                    ),
                ),
                (
                    "left",
                    lifecycle.days_until_next_stage(
                        stage=known.stage, days_since_last=known.days, rhythm_days=rhythm, by=rule
                    ),
                ),
            )
        }
    )


def until_lost(t: Any) -> Any:
    """Time until customers are lost, by rhythms of their own."""
    purchases = t.select("customer_id", day=t.ordered_at.date())
    known = t.filter(t.customer_id.notnull())
    rhythms = known.group_by("customer_id").aggregate(rhythm_days=known["median"].mean().fill_null(30.0) / 9)
    return lifecycle.time_until_lost(purchases, rhythms, as_of=AS_OF.date())


def moved(t: Any) -> Any:
    """Who went from which cell to which within a hundred days."""
    before, after = (
        rfm.rfm_table(t, as_of=at).select("customer_id", "r", "segment")
        for at in (AS_OF - timedelta(days=100), AS_OF)
    )
    return rfm.movement(before, after, by=("r", "segment"))


def began(t: Any, grain: cohorts.Grain) -> Any:
    """Cohorts with what they brought."""
    days = t.mutate(day=t.ordered_at.date())
    return cohorts.cohort_table(days, as_of=AS_OF.date(), grain=grain)


def summed_up(t: Any) -> Any:
    """What models of repeat buying read, with a hold-out."""
    days = t.mutate(day=t.ordered_at.date())
    end = AS_OF.date() - timedelta(days=200)
    return purchase_summary(days, as_of=AS_OF.date(), calibration_end=end, unit="W")


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "rows": by_definition,
    "order": in_order,
    "rfm": lambda t: rfm.rfm_table(t, as_of=AS_OF),
    "matrix": lambda t: rfm.value_matrix(rfm.rfm_table(t, as_of=AS_OF)),
    "moved": moved,
    "lived": lived,
    "until lost": until_lost,
    **{f"cohorts by {grain}": partial(began, grain=grain) for grain in cohorts.GRAINS},
    "waiting": lambda t: cohorts.waiting_table(t.mutate(day=t.ordered_at.date()), as_of=AS_OF.date()),
    "summary": summed_up,
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=list(FORMULAS))
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
    assert isinstance(picture.session.hold(rows), ibis.Table)
    for name, formula in FORMULAS.items():
        expected, given = (tables.arrow(formula(tables.session.hold(rows))) for tables in (embedded, picture))
        assert unlike(expected, given) == [], name
