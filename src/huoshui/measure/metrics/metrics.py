"""The first metrics. Each says in words what it counts, and what it does with returns and anonymous sales."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.plugs import METRICS, IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope

MONEY = "decimal(18, 4)"


def _amounts(rows: Any, scope: Scope, *, turned: bool = False) -> Any:
    # The column itself where it can be: engines look for the amounts that are not zero while they read it.
    amount = -rows.revenue if turned else rows.revenue
    return rows.select("customer_id", *scope.by, numerator=amount.cast(MONEY))


def _once(rows: Any, scope: Scope) -> Any:
    """One row per customer and cell, numerator 1; anonymous rows left out."""
    known = rows.filter(rows.customer_id.notnull()).select("customer_id", *scope.by).distinct()
    return known.mutate(numerator=ibis.literal(1, "int64"))


def _revenue(scope: Scope) -> IbisTable:
    return _amounts(scope.sales(), scope).union(_amounts(scope.changes(), scope))


def _gross_revenue(scope: Scope) -> IbisTable:
    return _amounts(scope.sales(), scope)


def _returns(scope: Scope) -> IbisTable:
    return _amounts(scope.changes(), scope, turned=True)


def _orders(scope: Scope) -> IbisTable:
    return scope.sales().select("customer_id", *scope.by, numerator=ibis.literal(1, "int64"))


def _average_order_value(scope: Scope) -> IbisTable:
    return _gross_revenue(scope).mutate(denominator=ibis.literal(1, "int64"))


def _buyers(scope: Scope) -> Any:
    """Known customers with the number of their ``purchases``, once for each cell."""

    def counted() -> Any:
        sales = scope.sales()
        known = sales.filter(sales.customer_id.notnull())
        return known.group_by("customer_id", *scope.by).aggregate(purchases=known.count())

    return scope.once("buyers", counted)


def _active_customers(scope: Scope) -> IbisTable:
    return _buyers(scope).select("customer_id", *scope.by, numerator=ibis.literal(1, "int64"))


def _new_customers(scope: Scope) -> IbisTable:
    return _once(scope.first_sales(), scope)


def _repeat_rate(scope: Scope) -> IbisTable:
    buyers = _buyers(scope)
    return buyers.select(
        "customer_id",
        *scope.by,
        numerator=(buyers.purchases >= 2).cast("int64"),
        denominator=ibis.literal(1, "int64"),
    )


def _retention_12m(scope: Scope) -> IbisTable:
    bought = scope.once("years of purchases", lambda: _bought_in_years(scope))

    def base(number: int, _: Period) -> IbisTable:
        before, after = bought[f"before_{number}"], bought[f"after_{number}"]
        return bought.filter(before > 0).select("customer_id", after=after)

    people = scope.people(scope.of_each_period(base))
    return people.select(
        "customer_id",
        *scope.by,
        numerator=(people.after > 0).cast("int64"),
        denominator=ibis.literal(1, "int64"),
    )


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


def _customers_by_stage(scope: Scope) -> IbisTable:
    people = scope.people(scope.customers())
    return people.select("customer_id", *scope.by, numerator=ibis.literal(1, "int64"))


CATALOGUE = (
    Metric(
        slug="revenue",
        label=Text("Revenue", "净收入"),
        meaning=Text(
            "What was earned in the period after returns: orders by the time of the order, returns and corrections "
            "by the time they occurred. Anonymous sales are in.",
            "期内扣除退货后的收入：订单按下单时间、退货与更正按发生时间计。含匿名销售。",
        ),
        numerator=Text(
            "revenue of orders placed in the period plus signed order changes that occurred in it",
            "期内下单的订单金额，加上期内发生的订单变更（带正负号）",
        ),
        unit="money",
        grain="order",
        rows=_revenue,
    ),
    Metric(
        slug="gross_revenue",
        label=Text("Gross revenue", "总收入"),
        meaning=Text(
            "Revenue of orders placed in the period, before any return. Anonymous sales are in.",
            "期内下单的订单金额，未扣除任何退货。含匿名销售。",
        ),
        numerator=Text("revenue of orders placed in the period", "期内下单的订单金额"),
        unit="money",
        grain="order",
        rows=_gross_revenue,
    ),
    Metric(
        slug="returns",
        label=Text("Returns", "退货"),
        meaning=Text(
            "What returns, refunds, cancellations and corrections that occurred in the period took away from revenue, "
            "as a positive amount, whenever the order was placed. Anonymous ones are in.",
            "期内发生的退货、退款、取消与更正所减少的收入，以正数表示，不论订单何时下单。含匿名部分。",
        ),
        numerator=Text(
            "signed order changes that occurred in the period, with the sign turned",
            "期内订单变更金额取相反数",
        ),
        unit="money",
        grain="order",
        direction="down",
        rows=_returns,
    ),
    Metric(
        slug="orders",
        label=Text("Orders", "订单数"),
        meaning=Text(
            "Orders with revenue above zero placed in the period, whatever was returned later. Anonymous sales are in.",
            "期内下单且金额大于零的订单数，不论之后是否退货。含匿名销售。",
        ),
        numerator=Text("orders with revenue above zero placed in the period", "期内下单且金额大于零的订单数"),
        unit="orders",
        grain="order",
        rows=_orders,
    ),
    Metric(
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
    ),
    Metric(
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
        rows=_new_customers,
    ),
    Metric(
        slug="average_order_value",
        label=Text("Average order value", "客单价"),
        meaning=Text(
            "What an order placed in the period was worth on average, before returns. Anonymous sales are in.",
            "期内订单的平均金额，未扣除退货。含匿名销售。",
        ),
        numerator=Text("revenue of orders placed in the period", "期内下单的订单金额"),
        denominator=Text(
            "orders with revenue above zero placed in the period", "期内下单且金额大于零的订单数"
        ),
        unit="money",
        grain="order",
        rows=_average_order_value,
    ),
    Metric(
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
    ),
    Metric(
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
    ),
    Metric(
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
    ),
)


def declare() -> None:
    """Called once, when the app starts."""
    METRICS.declare(*CATALOGUE)
