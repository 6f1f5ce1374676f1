"""Rows that several metrics are made of: who bought, when first, and what for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import ibis

from huoshui.kernel.plugs import IbisTable
from huoshui.measure.metrics.facts import first_purchases
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope

MONEY = "decimal(18, 4)"
ONE = ibis.literal(1, "int64")


def amounts(rows: Any, scope: Scope, *, turned: bool = False) -> Any:
    """Each row with its money as numerator."""
    # The column itself where it can be: engines look for the amounts that are not zero while they read it.
    amount = -rows.revenue if turned else rows.revenue
    return rows.select("customer_id", *scope.by, numerator=amount.cast(MONEY))


def revenue(scope: Scope) -> IbisTable:
    """Sales and, with their sign, what changed them later."""
    return amounts(scope.sales(), scope).union(amounts(scope.changes(), scope))


def gross_revenue(scope: Scope) -> IbisTable:
    """Sales before any return."""
    return amounts(scope.sales(), scope)


def newcomers(scope: Scope) -> IbisTable:
    """One row per customer and cell whose first purchase lies in the period, numerator 1."""
    first = scope.first_sales()
    known = first.filter(first.customer_id.notnull()).select("customer_id", *scope.by).distinct()
    return known.mutate(numerator=ONE)


def buyers(scope: Scope) -> Any:
    """Known customers with the number of their ``purchases`` in the period, once for each cell."""

    def counted() -> Any:
        sales = scope.sales()
        known = sales.filter(sales.customer_id.notnull())
        return known.group_by("customer_id", *scope.by).aggregate(purchases=known.count())

    return scope.once("buyers", counted)


def first_bought(scope: Scope) -> Any:
    """``customer_id`` and ``at``, the first purchase ever of everybody who bought; also after the periods."""

    def asked() -> Any:
        purchases = scope.purchases()
        return purchases.group_by("customer_id").aggregate(at=purchases.ordered_at.min())

    held = first_purchases(scope.facts)
    return scope.once("first purchases", asked) if held is None else held


def bought_between(scope: Scope, start: datetime, end: datetime) -> Any:
    """``customer_id`` of those who bought from ``start`` up to, not including, ``end``, each once."""
    purchases = scope.purchases()
    inside = purchases.filter(
        purchases.ordered_at >= ibis.literal(start), purchases.ordered_at < ibis.literal(end)
    )
    return inside.select("customer_id").distinct()


def against(now: Any, before: Any, scope: Scope) -> IbisTable:
    """What ``now`` has more than ``before``, as a part of that: rows of both have a numerator."""
    keys = ("customer_id", *scope.by)
    type_ = now.numerator.type()
    return now.select(*keys, "numerator", denominator=ibis.null(type_)).union(
        before.select(
            *keys, numerator=(before.numerator * -1).cast(type_), denominator=before.numerator.cast(type_)
        )
    )


def each_with(there: Any, found: Any, name: str) -> Any:
    """``there`` (``customer_id``) with ``name``: 1 where the customer is among ``found``, else 0."""
    marked = found.select(_found="customer_id")
    joined = there.left_join(marked, there.customer_id == marked["_found"])
    return joined.mutate(**{name: joined["_found"].notnull().cast("int64")}).drop("_found")


def flow(scope: Scope, there: Callable[[datetime], Any]) -> IbisTable:
    """How many more people are ``there(moment)`` at the end of the period than at its start, as a part of these.

    ``there`` gives a table of ``customer_id``. Who is there at both has a numerator of zero. Raises
    `UnknownDimension`.
    """
    scope.require_people()
    none = ibis.literal(0, "int64")

    def of(_: int, period: Period) -> Any:
        both = (
            there(period.end)
            .mutate(now=ONE, before=none)
            .union(there(period.start).mutate(now=none, before=ONE))
        )
        return both.group_by("customer_id").aggregate(now=both.now.sum(), before=both.before.sum())

    rows = scope.people(scope.of_each_period(of))
    return rows.select("customer_id", *scope.by, numerator=rows.now - rows.before, denominator=rows.before)


def parts_of(rows: Any, of: str) -> IbisTable:
    """People with ``of`` (1 or 0) as numerator, each once in the denominator."""
    return rows.rename(numerator=of).mutate(denominator=ONE)


def per_cell(scope: Scope, *parts: tuple[Any, dict[str, Any]]) -> Any:
    """One row per cell with sums of several tables, for ratios of ratios.

    Each part is a table with the dimensions and what to sum of it: name → column, floating point.
    """
    every = tuple(dict.fromkeys(name for _, sums in parts for name in sums))
    missing = ibis.null("float64")
    found = [_summed(scope, table, sums) for table, sums in parts]
    rows = ibis.union(
        *(
            one.select(*scope.by, **{name: one[name] if name in one.columns else missing for name in every})
            for one in found
        )
    )
    wanted = {name: rows[name].sum() for name in every}
    return rows.group_by(*scope.by).aggregate(**wanted) if scope.by else rows.aggregate(**wanted)


def _summed(scope: Scope, table: Any, sums: dict[str, Any]) -> Any:
    # Exact sums first: floating point is added up in another order by each engine.
    wanted = {name: column.sum() for name, column in sums.items()}
    found = table.group_by(*scope.by).aggregate(**wanted) if scope.by else table.aggregate(**wanted)
    return found.mutate(**{name: found[name].cast("float64") for name in sums})


def ratio(cells: Any, scope: Scope, *, numerator: Any, denominator: Any) -> IbisTable:
    """The rows of `per_cell` as contributions of nobody."""
    return cells.select(
        *scope.by, customer_id=ibis.null("int64"), numerator=numerator, denominator=denominator
    )
