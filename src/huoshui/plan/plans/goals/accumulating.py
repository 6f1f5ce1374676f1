"""How a metric gathers over the days of a goal: the one place that knows it.

==========  ==========================================  ==============================  ==============================
kind        examples                                    actual                          by its end
==========  ==========================================  ==============================  ==============================
``sum``     revenue, orders, new customers, spend       sum of the days so far          done + forecast of what is left
``count``   active customers, customer growth           count of the days so far        forecast of the whole span
``level``   customers, high-value customers,            as of the end of the days       forecast of the last value
            market share, retention of 12 months
``mean``    average order value, CAC, NPS               over the days so far            so far and forecast, weighted
``rate``    repeat rate, churn rate, frequency          over the days so far            forecast of the whole span
==========  ==========================================  ==============================  ==============================

A ``count`` counts each customer once, however long the days: its months do not add up to the year. A ``mean`` has a
numerator and a denominator whose months do; a ``rate`` has not.
"""

from __future__ import annotations

from typing import Literal

from huoshui.kernel.plugs import Metric

Gathering = Literal["sum", "count", "level", "mean", "rate"]

LEVELS = frozenset(
    {
        "total_customers",
        "high_value_customers",
        "customers_by_stage",
        "retention_12m",
        "high_value_retention_12m",
        "churn_12m",
        "clv",
        "consent_reach",
        "consent_reach_email",
        "consent_reach_sms",
        "consent_reach_phone",
        "consent_reach_wecom",
        "market_share",
    }
)
SUMS_OF_PEOPLE = frozenset({"new_customers"})
"""Each customer is in them on one day only."""
COUNTS = frozenset({"customer_growth", "net_customer_growth", "high_value_growth"})
"""Shares that grow with the days, as what they count does: from nothing on the first day."""
MEANS_OF_PEOPLE = frozenset({"cac", "cac_to_order_value", "nps", "csat", "ces"})

PARTS = ("quarter", "segment", "channel", "owner")


def gathering(metric: Metric) -> Gathering:
    """How the metric gathers. One that people defined is told by its grain and by whether it has a denominator."""
    if metric.slug in LEVELS or metric.entered:
        return "level"
    if metric.slug in COUNTS:
        return "count"
    if metric.denominator is None:
        return "sum" if metric.grain == "order" or metric.slug in SUMS_OF_PEOPLE else "count"
    return "mean" if metric.grain == "order" or metric.slug in MEANS_OF_PEOPLE else "rate"


def builds_up(metric: Metric) -> bool:
    """Whether it begins at nothing on the first day and grows to its target; others are held against a level."""
    return gathering(metric) in ("sum", "count")


def adds_up(metric: Metric, part: str) -> bool:
    """Whether the targets of the parts of a kind must add up to the goal's.

    Sums add up over anything. Counts of customers add up over groups that share nobody, but not over quarters or
    channels, where a customer is counted in each. Ratios do not: they would have to be weighted, which is not checked.
    """
    kind = gathering(metric)
    if kind == "sum":
        return True
    counts_people = metric.denominator is None and metric.unit == "customers" and not metric.entered
    return counts_people and part in ("segment", "owner")


def better_down(metric: Metric) -> bool:
    """Whether less is better, as for costs and churn."""
    return metric.direction == "down"
