"""Sales: money and orders of a period, and their growth."""

from __future__ import annotations

from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import ONE, against, amounts, gross_revenue, revenue
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope


def _returns(scope: Scope) -> IbisTable:
    return amounts(scope.changes(), scope, turned=True)


def _orders(scope: Scope) -> IbisTable:
    return scope.sales().select("customer_id", *scope.by, numerator=ONE)


def _average_order_value(scope: Scope) -> IbisTable:
    return gross_revenue(scope).mutate(denominator=ONE)


def _sales_growth(scope: Scope) -> IbisTable:
    return against(revenue(scope), revenue(scope.shifted("preceding", Period.preceding)), scope)


def _sales_growth_yoy(scope: Scope) -> IbisTable:
    return against(revenue(scope), revenue(scope.shifted("year before", Period.year_before)), scope)


REVENUE = Metric(
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
    rows=revenue,
)

GROSS_REVENUE = Metric(
    slug="gross_revenue",
    label=Text("Gross revenue", "总收入"),
    meaning=Text(
        "Revenue of orders placed in the period, before any return. Anonymous sales are in.",
        "期内下单的订单金额，未扣除任何退货。含匿名销售。",
    ),
    numerator=Text("revenue of orders placed in the period", "期内下单的订单金额"),
    unit="money",
    grain="order",
    rows=gross_revenue,
)

RETURNS = Metric(
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
)

ORDERS = Metric(
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
)

AVERAGE_ORDER_VALUE = Metric(
    slug="average_order_value",
    label=Text("Average order value", "客单价"),
    meaning=Text(
        "What an order placed in the period was worth on average, before returns. Anonymous sales are in.",
        "期内订单的平均金额，未扣除退货。含匿名销售。",
    ),
    numerator=Text("revenue of orders placed in the period", "期内下单的订单金额"),
    denominator=Text("orders with revenue above zero placed in the period", "期内下单且金额大于零的订单数"),
    unit="money",
    grain="order",
    rows=_average_order_value,
)

SALES_GROWTH = Metric(
    slug="sales_growth",
    label=Text("Sales growth", "销售增长率"),
    meaning=Text(
        "How much more was earned after returns than in the period of the same length just before: for whole calendar "
        "months as many months before, else as many days. Anonymous sales are in.",
        "扣除退货后的收入比紧邻的上一个等长周期多多少：整月与之前同样多的月份相比，其余与之前同样多的天数相比。含匿名销售。",
    ),
    numerator=Text("revenue of the period minus that of the period before", "本期净收入减去上期净收入"),
    denominator=Text("revenue of the period before", "上期净收入"),
    unit="share",
    grain="order",
    rows=_sales_growth,
    people=revenue,
    alternatives=("sales_growth_yoy",),
)

SALES_GROWTH_YOY = Metric(
    slug="sales_growth_yoy",
    label=Text("Sales growth over a year", "销售同比增长率"),
    meaning=Text(
        "How much more was earned after returns than in the same days a year before. Anonymous sales are in.",
        "扣除退货后的收入比去年同期多多少。含匿名销售。",
    ),
    numerator=Text(
        "revenue of the period minus that of the same days a year before", "本期净收入减去去年同期净收入"
    ),
    denominator=Text("revenue of the same days a year before", "去年同期净收入"),
    unit="share",
    grain="order",
    rows=_sales_growth_yoy,
    people=revenue,
    alternatives=("sales_growth",),
)

CATALOGUE = (
    REVENUE,
    GROSS_REVENUE,
    RETURNS,
    ORDERS,
    AVERAGE_ORDER_VALUE,
    SALES_GROWTH,
    SALES_GROWTH_YOY,
)
