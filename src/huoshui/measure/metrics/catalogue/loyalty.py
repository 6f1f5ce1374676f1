"""Whether customers come back: repeat purchases, retention, churn within fixed spans of time."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import ONE, buyers, first_bought
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope

DAYS_TO_COME_BACK = 90
"""A new customer who buys again within so many days has come to stay."""


def _repeat_rate(scope: Scope) -> IbisTable:
    found = buyers(scope)
    return found.select(
        "customer_id", *scope.by, numerator=(found.purchases >= 2).cast("int64"), denominator=ONE
    )


def _purchase_frequency(scope: Scope) -> IbisTable:
    found = buyers(scope)
    return found.select("customer_id", *scope.by, numerator=found.purchases, denominator=ONE)


def _retention_12m(scope: Scope) -> IbisTable:
    people = _years_of_people(scope)
    return people.select(
        "customer_id", *scope.by, numerator=(people.after > 0).cast("int64"), denominator=ONE
    )


def _churn_12m(scope: Scope) -> IbisTable:
    people = _years_of_people(scope)
    return people.select(
        "customer_id", *scope.by, numerator=(people.after == 0).cast("int64"), denominator=ONE
    )


def _years_of_people(scope: Scope) -> Any:
    """Who bought in the year before the last, with the purchases ``after`` it."""
    bought = scope.once("years of purchases", lambda: _bought_in_years(scope))

    def base(number: int, _: Period) -> IbisTable:
        before, after = bought[f"before_{number}"], bought[f"after_{number}"]
        return bought.filter(before > 0).select("customer_id", after=after)

    return scope.people(scope.of_each_period(base))


def _bought_in_years(scope: Scope) -> IbisTable:
    """Purchases of each customer in the last twelve months before the end of each period, and in the twelve before."""
    purchases = scope.purchases()
    counts = {}
    for number, period in enumerate(scope.periods):
        two_years_ago, year_ago = period.months_earlier(24), period.months_earlier(12)
        for name, start, end in (("before", two_years_ago, year_ago), ("after", year_ago, period.end)):
            inside = (purchases.ordered_at >= ibis.literal(start)) & (
                purchases.ordered_at < ibis.literal(end)
            )
            counts[f"{name}_{number}"] = purchases.count(where=inside)
    return purchases.group_by("customer_id").aggregate(**counts)


def _activation_rate(scope: Scope) -> IbisTable:
    # Looking back, so that everybody has had the days to come back when the period ended.
    begun = scope.shifted("to come back", lambda period: period.days_earlier(DAYS_TO_COME_BACK))
    first = begun.first_sales().select("customer_id", *scope.by).distinct()
    again = scope.once("came back", lambda: _came_back(scope)).select(_again="customer_id")
    rows = first.left_join(again, first.customer_id == again["_again"])
    return rows.select(
        "customer_id", *scope.by, numerator=rows["_again"].notnull().cast("int64"), denominator=ONE
    )


def _came_back(scope: Scope) -> Any:
    """``customer_id`` of those with a second purchase within `DAYS_TO_COME_BACK` house days, the first day counting."""
    purchases = scope.purchases().select("customer_id", "ordered_at")
    first = first_bought(scope).select(_who="customer_id", _first="at")
    joined = purchases.inner_join(first, purchases.customer_id == first["_who"])
    days = joined.ordered_at.date().delta(joined["_first"].date(), unit="day").cast("int64")
    soon = joined.filter(days < DAYS_TO_COME_BACK)
    times = soon.group_by("customer_id").aggregate(times=soon.count())
    return times.filter(times.times >= 2).select("customer_id")


REPEAT_RATE = Metric(
    slug="repeat_rate",
    label=Text("Repeat rate", "复购率"),
    meaning=Text(
        "Of the customers who bought in the period, the share who bought at least twice in it; later returns do "
        "not undo a purchase. Anonymous sales do not count.",
        "期内有购买的客户中，期内购买两次及以上者的占比；之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("customers with two or more purchases in the period", "期内购买两次及以上的客户数"),
    denominator=Text("customers with a purchase in the period", "期内有购买的客户数"),
    unit="share",
    grain="customer",
    rows=_repeat_rate,
)

RETENTION_12M = Metric(
    slug="retention_12m",
    label=Text("12-month retention", "12 个月留存率"),
    meaning=Text(
        "Of the customers who bought in the 12 months that ended a year before the end of the period, the share "
        "who bought again in the 12 months up to its end. Depends on the end of the period only. Later returns do "
        "not undo a purchase. Anonymous sales do not count.",
        "以期末为准：在期末前第 13 至 24 个月内有购买的客户中，期末前 12 个月内再次购买者的占比。只取决于期末。"
        "之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("those of them with a purchase in the last 12 months", "其中近 12 个月有购买的客户数"),
    denominator=Text(
        "customers with a purchase 13 to 24 months before the end", "期末前第 13 至 24 个月有购买的客户数"
    ),
    unit="share",
    grain="customer",
    rows=_retention_12m,
)

PURCHASE_FREQUENCY = Metric(
    slug="purchase_frequency",
    label=Text("Purchase frequency", "购买频次"),
    meaning=Text(
        "How often a customer who bought in the period did so in it, on average; later returns do not undo a purchase. "
        "Anonymous sales do not count.",
        "期内有购买的客户平均购买多少次；之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("purchases of known customers in the period", "期内已知客户的购买次数"),
    denominator=Text("customers with a purchase in the period", "期内有购买的客户数"),
    unit="times",
    unit_word=Text("times", "次"),
    grain="customer",
    rows=_purchase_frequency,
)

CHURN_12M = Metric(
    slug="churn_12m",
    label=Text("12-month churn", "12 个月流失率"),
    meaning=Text(
        "Of the customers who bought in the 12 months that ended a year before the end of the period, the share who "
        "did not buy in the 12 months up to its end: what 12-month retention leaves. Depends on the end of the period "
        "only. Later returns do not undo a purchase. Anonymous sales do not count.",
        "在期末前第 13 至 24 个月内有购买的客户中，期末前 12 个月内没有再购买者的占比，"
        "与 12 个月留存率互补。只取决于期末。之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text(
        "those of them without a purchase in the last 12 months", "其中近 12 个月没有购买的客户数"
    ),
    denominator=Text(
        "customers with a purchase 13 to 24 months before the end", "期末前第 13 至 24 个月有购买的客户数"
    ),
    unit="share",
    grain="customer",
    direction="down",
    rows=_churn_12m,
    alternatives=("churn_rate",),
)

ACTIVATION_RATE = Metric(
    slug="activation_rate",
    label=Text("Activation rate", "新客激活率"),
    meaning=Text(
        f"Of the customers whose first {DAYS_TO_COME_BACK} days ended in the period, the share who bought a second "
        f"time within them. Who came first less than {DAYS_TO_COME_BACK} days ago has not had the time and is not in. "
        "Split by channel, it is that of the first purchase. Later returns do not undo a purchase. Anonymous sales do "
        "not count.",
        f"首购后满 {DAYS_TO_COME_BACK} 天之日在期内的客户中，在这 {DAYS_TO_COME_BACK} 天内第二次购买者的占比。首购不足 "
        f"{DAYS_TO_COME_BACK} 天者时间未到，不计入。按渠道拆分时取首购渠道。之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text(
        f"those of them with a second purchase within {DAYS_TO_COME_BACK} days",
        f"其中 {DAYS_TO_COME_BACK} 天内第二次购买的客户数",
    ),
    denominator=Text(
        f"customers with their first purchase {DAYS_TO_COME_BACK} days before the period",
        f"首购在本期之前 {DAYS_TO_COME_BACK} 天的客户数",
    ),
    unit="share",
    grain="customer",
    rows=_activation_rate,
)

CATALOGUE = (
    REPEAT_RATE,
    PURCHASE_FREQUENCY,
    ACTIVATION_RATE,
    RETENTION_12M,
    CHURN_12M,
)
