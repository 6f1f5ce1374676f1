"""What customers are worth: those of high value, what is still to come, and how much hangs on few."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.plugs import RELATIONS, IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import groups
from huoshui.measure.metrics.catalogue.contributions import (
    MONEY,
    ONE,
    bought_between,
    each_with,
    flow,
    parts_of,
)
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope

TOP = 5
"""One in so many customers is of the top: 20 %."""


def _of_high_value(scope: Scope, at: Any) -> Any:
    found = scope.buyers_then("value_class", at)
    return found.filter(found.value == "high").select("customer_id")


def _high_value_customers(scope: Scope) -> IbisTable:
    scope.require_people()
    there = scope.people(scope.of_each_period(lambda _, period: _of_high_value(scope, period.end)))
    return there.select("customer_id", *scope.by, numerator=ONE)


def _high_value_growth(scope: Scope) -> IbisTable:
    return flow(scope, lambda at: _of_high_value(scope, at))


def _high_value_retention_12m(scope: Scope) -> IbisTable:
    scope.require_people()

    def of(_: int, period: Period) -> Any:
        year_ago = period.months_earlier(12)
        there = _of_high_value(scope, year_ago)
        return each_with(there, bought_between(scope, year_ago, period.end), "stayed")

    return parts_of(scope.people(scope.of_each_period(of)), "stayed")


def expected_value(scope: Scope) -> IbisTable:
    """What each customer with a purchase is expected to spend in the 12 months after the period: numerator."""
    scope.require_people()
    # Models look at whole histories, and their answers are held by the session of the whole house version.
    tables = groups.whole(scope.tables)

    def of(_: int, period: Period) -> Any:
        told = RELATIONS["forecasts"].build(tables, period.end_as_of)
        return told.filter(told.clv_12m.notnull()).select("customer_id", clv=told.clv_12m)

    rows = scope.people(scope.once("value to come", lambda: scope.of_each_period(of)))
    return rows.select("customer_id", *scope.by, numerator=rows.clv.cast(MONEY))


def _clv(scope: Scope) -> IbisTable:
    return expected_value(scope).mutate(denominator=ONE)


def _revenue_concentration(scope: Scope) -> IbisTable:
    sales = scope.sales()
    known = sales.filter(sales.customer_id.notnull())
    spent = known.group_by("customer_id", *scope.by).aggregate(spent=known.revenue.sum().cast(MONEY))
    everybody = ibis.window(group_by=list(scope.by))
    # Of two with equal money the lower number comes first, so that the figure is the same each time.
    order = ibis.window(group_by=list(scope.by), order_by=[spent.spent.desc(), spent.customer_id])
    ranked = spent.mutate(place=ibis.row_number().over(order) + 1, of=spent.count().over(everybody))
    top = ranked.place.cast("int64") * TOP < ranked["of"].cast("int64") + TOP  # place ≤ a fifth, rounded up
    nothing = ibis.literal(0).cast(MONEY)
    return ranked.select(
        "customer_id", *scope.by, numerator=top.ifelse(ranked.spent, nothing), denominator=ranked.spent
    )


HIGH_VALUE_CUSTOMERS = Metric(
    slug="high_value_customers",
    label=Text("High-value customers", "高价值客户数"),
    meaning=Text(
        "Customers whose value class was high when the period ended: R ≥ 3 and F + M ≥ 8 of their RFM scores, which "
        "rank them among all who had bought by then. Depends on the end of the period only. Revenue is before returns. "
        "Anonymous sales do not count.",
        "期末价值等级为高价值的客户数：RFM 得分 R ≥ 3 且 F + M ≥ 8，得分在当时所有购买过的客户中排名得出。"
        "只取决于期末。"
        "金额未扣除退货。匿名销售不计入。",
    ),
    numerator=Text("customers of high value at the end of the period", "期末价值等级为高价值的客户数"),
    unit="customers",
    grain="customer",
    rows=_high_value_customers,
    slow=True,
)

HIGH_VALUE_GROWTH = Metric(
    slug="high_value_growth",
    label=Text("Growth of high-value customers", "高价值客户增长率"),
    meaning=Text(
        "How many more customers of high value there were at the end of the period than at its start. It opens to who "
        "came in and who dropped out. Revenue is before returns. Anonymous sales do not count.",
        "期末高价值客户比期初多多少。可展开为进入与退出的客户。金额未扣除退货。匿名销售不计入。",
    ),
    numerator=Text(
        "customers of high value at the end minus those at the start", "期末高价值客户数减去期初高价值客户数"
    ),
    denominator=Text("customers of high value at the start", "期初高价值客户数"),
    unit="share",
    grain="customer",
    rows=_high_value_growth,
    slow=True,
)

HIGH_VALUE_RETENTION_12M = Metric(
    slug="high_value_retention_12m",
    label=Text("12-month retention of high value", "高价值客户 12 个月留存率"),
    meaning=Text(
        "Of the customers whose value class was high a year before the end of the period, the share who bought again "
        "in the 12 months up to its end. Depends on the end of the period only. Later returns do not undo a purchase. "
        "Anonymous sales do not count.",
        "期末前一年时价值等级为高价值的客户中，期末前 12 个月内再次购买者的占比。只取决于期末。"
        "之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("those of them with a purchase in the last 12 months", "其中近 12 个月有购买的客户数"),
    denominator=Text("customers of high value a year before the end", "期末前一年的高价值客户数"),
    unit="share",
    grain="customer",
    rows=_high_value_retention_12m,
    slow=True,
)

CLV = Metric(
    slug="clv",
    label=Text("Customer lifetime value", "客户终身价值"),
    meaning=Text(
        "What a customer who had bought by the end of the period is expected to spend in the 12 months after it, on "
        "average, before returns, by the newest model that knew nothing later. No figure before a model was trained. "
        "Anonymous sales do not count.",
        "期末之前购买过的客户在此后 12 个月内预计的平均消费（未扣除退货），由当时最新的模型推算。"
        "尚未训练模型时没有数字。匿名销售不计入。",
    ),
    numerator=Text("value of the next 12 months (clv_12m)", "未来 12 个月价值（clv_12m）之和"),
    denominator=Text("customers with a forecast", "有预测的客户数"),
    unit="money",
    grain="customer",
    rows=_clv,
    slow=True,
)

REVENUE_CONCENTRATION = Metric(
    slug="revenue_concentration",
    label=Text("Revenue of the top 20 %", "前 20% 客户收入占比"),
    meaning=Text(
        "The part of the gross revenue of known customers that came from the fifth of them who spent most in the "
        "period, rounded up to whole customers. Split, each cell has its own fifth. Before returns. Anonymous sales do "
        "not count.",
        "期内消费最多的五分之一客户（向上取整）占已知客户总收入的比例。拆分时每一格各取其五分之一。未扣除退货。匿名销售不计入。",
    ),
    numerator=Text("revenue of the top 20 % of customers in the period", "期内前 20% 客户的订单金额"),
    denominator=Text("revenue of all known customers in the period", "期内全部已知客户的订单金额"),
    unit="share",
    grain="customer",
    direction="none",
    rows=_revenue_concentration,
)

CATALOGUE = (
    HIGH_VALUE_CUSTOMERS,
    HIGH_VALUE_GROWTH,
    HIGH_VALUE_RETENTION_12M,
    CLV,
    REVENUE_CONCENTRATION,
)
