"""Views of the facts that the traits of value and rhythm are computed over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis

from huoshui.data.facts import relations
from huoshui.data.facts.tables import OF_THE_HOUSE
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, IbisTable, Relation, Tables
from huoshui.science import lifecycle

RECENT_DAYS = 365

MOST_CATEGORIES = 10**9
"""More than any house has; with the largest sum of money it still makes a number of 38 digits."""

SERVICE_MARK = "="
"""Categories that start with it are service lines: postage, fees, adjustments."""


def purchases_in_order(tables: Tables, as_of: AsOf) -> IbisTable:
    """Purchases with ``day`` and ``days_since_previous``, the days since the customer's last day of purchase before.

    One relation for sums and intervals alike, so that orders are read once for all traits.
    """
    purchases = relations.purchases(tables, as_of)
    rows = purchases.select("customer_id", "ordered_at", "revenue", day=purchases.ordered_at.date())
    return rows.mutate(
        days_since_previous=lifecycle.days_since_previous(
            customer=rows.customer_id, day=rows.day, then=(rows.ordered_at, rows.revenue)
        )
    )


def favourite_categories(tables: Tables, as_of: AsOf) -> IbisTable:
    """The category of goods each customer spent most in, of equal ones the first in the alphabet: ``customer_id``,
    ``category``. Nobody who bought no goods with a category.
    """
    lines = relations.purchase_lines(tables, as_of)
    goods = lines.filter(lines.category.notnull(), ~lines.category.startswith(SERVICE_MARK))
    names = goods.select("category").distinct()
    # Millions of groups by two numbers take half the time of groups by a number and a text.
    coded = names.mutate(code=ibis.row_number().over(order_by=ibis.desc(names.category)))
    sums = goods.inner_join(coded, "category").group_by("customer_id", "code")
    spent = sums.aggregate(spent=ibis._.revenue.sum())
    # Amount and code as one number: its largest is found in half the time of the largest of pairs, ties and all.
    amount = spent.spent.cast("decimal(22, 4)") * _whole(MOST_CATEGORIES * 10**4)
    best = spent.group_by("customer_id").aggregate(key=(amount + spent.code.cast("decimal(9, 0)")).max())
    best = best.select("customer_id", code=(best.key % _whole(MOST_CATEGORIES)).cast("int64"))
    return best.inner_join(coded, "code").select("customer_id", "category")


def _whole(number: int) -> Any:
    return ibis.literal(Decimal(number), type=f"decimal({len(str(number))}, 0)")


def costed_lines(tables: Tables, as_of: AsOf) -> IbisTable:
    """Order lines of known customers whose cost is known: ``customer_id``, ``revenue`` and ``cost``, floating point.

    Files without a cost are not read at all.
    """
    lines = relations.purchase_lines(tables, as_of)
    known = lines.filter(lines.unit_cost.notnull())
    return known.select(
        "customer_id",
        revenue=known.revenue.cast("float64"),
        cost=known.unit_cost.cast("float64") * known.quantity.cast("float64"),
    )


def satisfaction(tables: Tables, as_of: AsOf) -> IbisTable:
    """Answers of known customers on satisfaction (CSAT), with a score."""
    answers = relations.happened_before(tables.table("answers"), "answered_at", as_of)
    return answers.filter(answers.customer_id.notnull(), answers.metric == "csat", answers.score.notnull())


def recent_behaviour(tables: Tables, as_of: AsOf) -> IbisTable:
    """Events of known customers within 365 days; older ones say nothing of today and are most of the table.

    What the house itself writes, such as who entered a segment, is nothing that customers did.
    """
    events = relations.behaviour(tables, as_of)
    theirs = (events.source != OF_THE_HOUSE).fill_null(True)
    return events.filter(theirs, events.occurred_at >= ibis.literal(as_of.days_before(RECENT_DAYS)))


def forecasts(tables: Tables, as_of: AsOf) -> IbisTable:
    """What is still to come of each customer with a purchase, by the newest model that knew nothing later: chance to be
    a customer still, orders of 90 days, value of 12 months with its ends. Nobody where no model was trained before.
    """
    from huoshui.know.value import forecasting  # arrays and models are not needed to start a program

    return forecasting.forecasts(tables, as_of)


def declare() -> None:
    """Called once, when the app starts."""
    made_of = {favourite_categories: ("order_lines", "ordered_at")}
    for build in (
        purchases_in_order,
        favourite_categories,
        costed_lines,
        recent_behaviour,
        satisfaction,
        forecasts,
    ):
        slug, doc = build.__name__, str(build.__doc__)
        RELATIONS.declare(Relation(slug=slug, doc=doc, build=build, made_of=made_of.get(build)))
