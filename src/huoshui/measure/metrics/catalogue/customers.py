"""How many customers there are, and how their number grows."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import ONE, buyers, first_bought, newcomers
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope


def _active_customers(scope: Scope) -> IbisTable:
    return buyers(scope).select("customer_id", *scope.by, numerator=ONE)


def _customers_by_stage(scope: Scope) -> IbisTable:
    return scope.people(scope.customers()).select("customer_id", *scope.by, numerator=ONE)


def _bought_by_the_end(scope: Scope) -> Any:
    """Everybody who had bought when the period ended; ``new`` is 1 for those who did so in it first."""
    first = first_bought(scope)

    def of(_: int, period: Period) -> Any:
        there = first.filter(first["at"] < ibis.literal(period.end))
        new = (there["at"] >= ibis.literal(period.start)).cast("int64")
        return there.select("customer_id", new=new)

    return scope.people(scope.of_each_period(of))


def _total_customers(scope: Scope) -> IbisTable:
    return _bought_by_the_end(scope).select("customer_id", *scope.by, numerator=ONE)


def _customer_growth(scope: Scope) -> IbisTable:
    rows = _bought_by_the_end(scope)
    return rows.select("customer_id", *scope.by, numerator=rows.new, denominator=1 - rows.new)


def _active_customer_growth(scope: Scope) -> IbisTable:
    now, before = buyers(scope), buyers(scope.shifted("preceding", Period.preceding))
    keys, nobody = ("customer_id", *scope.by), ibis.literal(0, "int64")
    # Who bought in both has one row with a numerator of zero: the figure opens to who came and who left.
    both = now.select(*keys, now=ONE, before=nobody).union(before.select(*keys, now=nobody, before=ONE))
    rows = both.group_by(*keys).aggregate(now=both.now.sum(), before=both.before.sum())
    return rows.select(*keys, numerator=rows.now - rows.before, denominator=rows.before)


ACTIVE_CUSTOMERS = Metric(
    slug="active_customers",
    label=Text("Active customers", "活跃客户数"),
    meaning=Text(
        "Different customers with at least one purchase in the period; later returns do not undo it. Anonymous "
        "sales have no customer and do not count.",
        "期内至少购买一次的客户数（去重）；之后的退货不影响。匿名销售没有客户，不计入。",
    ),
    numerator=Text("customers with a purchase in the period", "期内有购买的客户数"),
    unit="customers",
    grain="customer",
    rows=_active_customers,
)

NEW_CUSTOMERS = Metric(
    slug="new_customers",
    label=Text("New customers", "新客户数"),
    meaning=Text(
        "Customers whose first purchase ever lies in the period; later returns do not undo it. Anonymous sales do "
        "not count.",
        "首次购买发生在期内的客户数；之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("customers whose first purchase lies in the period", "首次购买在期内的客户数"),
    unit="customers",
    grain="customer",
    rows=newcomers,
)

CUSTOMERS_BY_STAGE = Metric(
    slug="customers_by_stage",
    label=Text("Customers", "客户数"),
    meaning=Text(
        "Customers known at the end of the period, with or without a purchase; split by stage, value class or any "
        "attribute, all as of the end of the period. Returns have no part in it. Anonymous sales do not count.",
        "期末已知的客户数，不论是否购买；可按期末的生命周期阶段、价值等级或任意属性拆分。与退货无关。匿名销售不计入。",
    ),
    numerator=Text("customers known at the end of the period", "期末已知的客户数"),
    unit="customers",
    grain="customer",
    direction="none",
    rows=_customers_by_stage,
)

TOTAL_CUSTOMERS = Metric(
    slug="total_customers",
    label=Text("Total customers", "累计客户数"),
    meaning=Text(
        "Different customers who had bought at least once when the period ended; later returns do not undo it. Depends "
        "on the end of the period only. Anonymous sales do not count.",
        "截至期末至少购买过一次的客户数（去重）；之后的退货不影响。只取决于期末。匿名销售不计入。",
    ),
    numerator=Text("customers with a purchase before the end of the period", "期末之前有过购买的客户数"),
    unit="customers",
    grain="customer",
    rows=_total_customers,
)

CUSTOMER_GROWTH = Metric(
    slug="customer_growth",
    label=Text("Customer growth", "客户增长率"),
    meaning=Text(
        "New customers of the period for each of those who had bought before it. Nobody is taken off for being lost: "
        "net growth does that. Later returns do not undo a purchase. Anonymous sales do not count.",
        "期内新客户相对于期初累计客户的比例。不扣除流失的客户（净增长率才扣除）。之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("customers whose first purchase lies in the period", "首次购买在期内的客户数"),
    denominator=Text("customers with a purchase before its start", "期初之前有过购买的客户数"),
    unit="share",
    grain="customer",
    rows=_customer_growth,
    alternatives=("net_customer_growth", "active_customer_growth"),
)

ACTIVE_CUSTOMER_GROWTH = Metric(
    slug="active_customer_growth",
    label=Text("Growth of active customers", "活跃客户增长率"),
    meaning=Text(
        "How many more customers bought in the period than in the one of the same length just before. It opens to who "
        "came and who stayed away. Later returns do not undo a purchase. Anonymous sales do not count.",
        "期内有购买的客户数比紧邻的上一个等长周期多多少。可展开为新出现与未再出现的客户。之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text(
        "customers with a purchase in the period minus those with one in the period before",
        "本期有购买的客户数减去上期有购买的客户数",
    ),
    denominator=Text("customers with a purchase in the period before", "上期有购买的客户数"),
    unit="share",
    grain="customer",
    rows=_active_customer_growth,
    alternatives=("customer_growth", "net_customer_growth"),
)

CATALOGUE = (
    ACTIVE_CUSTOMERS,
    NEW_CUSTOMERS,
    CUSTOMERS_BY_STAGE,
    TOTAL_CUSTOMERS,
    CUSTOMER_GROWTH,
    ACTIVE_CUSTOMER_GROWTH,
)
