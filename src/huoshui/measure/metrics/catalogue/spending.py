"""What customers cost: spending on marketing beside those whom it brought and what they paid."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import (
    MONEY,
    gross_revenue,
    newcomers,
    per_cell,
    ratio,
)
from huoshui.measure.metrics.catalogue.value import expected_value
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import PERIOD, Scope

SILENT = Text(
    "No spending is known for these days: import what was spent (huoshui import FILE --as spend)",
    "这些日子没有营销花费数据：请先导入花费（huoshui import 文件 --as spend）",
)
NOBODY_NEW = Text(
    "No spending is known for these days, or nobody bought for the first time",
    "这些日子没有营销花费数据，或没有新客户",
)
BY_CHANNEL = Text(
    "Split by first channel, spending of a channel meets the customers who came by it. Spending has no customers, so "
    "there are no groups of them.",
    "按首次渠道拆分时，渠道花费对应经该渠道而来的客户。花费不落到单个客户，因此不能按客户群筛选。",
)
SPENT = Text("marketing spending in the period", "期内营销花费")
NEW = Text("customers whose first purchase lies in the period", "首次购买在期内的客户数")


def _spend(scope: Scope) -> IbisTable:
    spent = scope.spending()
    return spent.select("customer_id", *scope.by, numerator=spent.amount.cast(MONEY))


def _cac(scope: Scope) -> IbisTable:
    spent, new = _spend(scope), newcomers(scope)
    keys = ("customer_id", *scope.by)
    return spent.select(*keys, "numerator", denominator=ibis.null("int64")).union(
        new.select(*keys, numerator=ibis.null(MONEY), denominator=new.numerator)
    )


def _parts(scope: Scope) -> tuple[tuple[Any, dict[str, Any]], tuple[Any, dict[str, Any]]]:
    spent, new = _spend(scope), newcomers(scope)
    return (spent, {"spent": spent.numerator}), (new, {"new": new.numerator})


def _cac_of(cells: Any) -> Any:
    return cells.spent / cells.new.nullif(0)


def _cac_to_order_value(scope: Scope) -> IbisTable:
    parts = _parts(scope)
    sales = scope.sales()
    orders = sales.select(*scope.by, revenue=sales.revenue.cast(MONEY), one=ibis.literal(1, "int64"))
    cells = per_cell(scope, *parts, (orders, {"gross": orders.revenue, "orders": orders.one}))
    value = cells.gross / cells.orders.nullif(0)
    return ratio(cells, scope, numerator=_cac_of(cells), denominator=value)


def _cac_to_new_revenue(scope: Scope) -> IbisTable:
    parts = _parts(scope)
    keys = [name for name in ("customer_id", *scope.by) if name in ("customer_id", PERIOD)]
    brought = gross_revenue(scope).semi_join(newcomers(scope).select(*keys).distinct(), keys)
    cells = per_cell(scope, *parts, (brought, {"brought": brought.numerator}))
    value = cells.brought / cells.new.nullif(0)
    return ratio(cells, scope, numerator=_cac_of(cells), denominator=value)


def _cac_to_clv(scope: Scope) -> IbisTable:
    parts = _parts(scope)
    clv = expected_value(scope)
    told = clv.select(*scope.by, clv=clv.numerator, one=ibis.literal(1, "int64"))
    cells = per_cell(scope, *parts, (told, {"clv": told.clv, "told": told.one}))
    value = cells.clv / cells.told.nullif(0)
    return ratio(cells, scope, numerator=_cac_of(cells), denominator=value)


def _payback_months(scope: Scope) -> IbisTable:
    parts = _parts(scope)
    year = scope.shifted("year to the end", Period.year_to_its_end)
    gross = gross_revenue(year)
    known = gross.filter(gross.customer_id.notnull())
    people = known.select("customer_id", *scope.by).distinct().mutate(one=ibis.literal(1, "int64"))
    cells = per_cell(scope, *parts, (known, {"gross": known.numerator}), (people, {"active": people.one}))
    monthly = cells.gross / cells.active.nullif(0) / 12
    return ratio(cells, scope, numerator=_cac_of(cells), denominator=monthly)


def _roas(scope: Scope) -> IbisTable:
    spent, gross = _spend(scope), gross_revenue(scope)
    keys = ("customer_id", *scope.by)
    return gross.select(*keys, "numerator", denominator=ibis.null(MONEY)).union(
        spent.select(*keys, numerator=ibis.null(MONEY), denominator=spent.numerator)
    )


SPEND = Metric(
    slug="spend",
    label=Text("Marketing spend", "营销花费"),
    meaning=Text(
        f"Money spent on advertising and campaigns on the days of the period. {BY_CHANNEL.en} Without reports of "
        "spending there is no figure. Returns and anonymous sales have no part in it.",
        f"期内各日的广告与活动花费。{BY_CHANNEL.zh}没有花费数据时没有数字。与退货、匿名销售无关。",
    ),
    numerator=SPENT,
    unit="money",
    grain="order",
    direction="none",
    rows=_spend,
    unknown=SILENT,
    of_people=False,
)

CAC = Metric(
    slug="cac",
    label=Text("Customer acquisition cost", "获客成本"),
    meaning=Text(
        f"Marketing spending of the period for each new customer of the period, all spending counted. {BY_CHANNEL.en} "
        "Later returns do not undo a purchase. Anonymous sales do not count.",
        f"期内全部营销花费除以期内新客户数。{BY_CHANNEL.zh}之后的退货不影响。匿名销售不计入。",
    ),
    numerator=SPENT,
    denominator=NEW,
    unit="money",
    grain="customer",
    direction="down",
    rows=_cac,
    people=newcomers,
    unknown=SILENT,
    of_people=False,
)

CAC_TO_ORDER_VALUE = Metric(
    slug="cac_to_order_value",
    label=Text("CAC to value of an interaction", "获客成本占单次交互价值"),
    meaning=Text(
        "Customer acquisition cost as a part of the value of a single interaction, which is taken as the average order "
        f"of the period before returns, anonymous ones in. {BY_CHANNEL.en}",
        f"获客成本占单次交互价值的比例，单次交互价值取期内平均订单金额（未扣除退货，含匿名销售）。{BY_CHANNEL.zh}",
    ),
    numerator=Text("customer acquisition cost", "获客成本"),
    denominator=Text("average order value of the period", "期内平均订单金额"),
    unit="share",
    grain="customer",
    direction="down",
    rows=_cac_to_order_value,
    people=newcomers,
    unknown=NOBODY_NEW,
    of_people=False,
    alternatives=("cac_to_new_revenue", "cac_to_clv"),
)

CAC_TO_NEW_REVENUE = Metric(
    slug="cac_to_new_revenue",
    label=Text("CAC to revenue of a new customer", "获客成本占新客户收入"),
    meaning=Text(
        "Customer acquisition cost as a part of what a new customer of the period spent in it on average, before "
        f"returns. {BY_CHANNEL.en} Anonymous sales do not count.",
        f"获客成本占期内新客户平均消费（未扣除退货）的比例。{BY_CHANNEL.zh}匿名销售不计入。",
    ),
    numerator=Text("customer acquisition cost", "获客成本"),
    denominator=Text("revenue of a new customer in the period", "期内每位新客户的订单金额"),
    unit="share",
    grain="customer",
    direction="down",
    rows=_cac_to_new_revenue,
    people=newcomers,
    unknown=NOBODY_NEW,
    of_people=False,
    alternatives=("cac_to_order_value", "cac_to_clv"),
)

CAC_TO_CLV = Metric(
    slug="cac_to_clv",
    label=Text("CAC to customer lifetime value", "获客成本占终身价值"),
    meaning=Text(
        "Customer acquisition cost as a part of what a customer is expected to spend in the 12 months after the "
        f"period, before returns; no figure before a model was trained. {BY_CHANNEL.en} Anonymous sales do not count.",
        "获客成本占客户此后 12 个月预计消费（未扣除退货）的比例；尚未训练模型时没有数字。"
        f"{BY_CHANNEL.zh}匿名销售不计入。",
    ),
    numerator=Text("customer acquisition cost", "获客成本"),
    denominator=Text("customer lifetime value at the end of the period", "期末的客户终身价值"),
    unit="share",
    grain="customer",
    direction="down",
    rows=_cac_to_clv,
    people=newcomers,
    unknown=NOBODY_NEW,
    of_people=False,
    alternatives=("cac_to_order_value", "cac_to_new_revenue"),
    slow=True,
)

PAYBACK_MONTHS = Metric(
    slug="payback_months",
    label=Text("Payback", "获客回本期"),
    meaning=Text(
        "Months until a customer has spent what it cost to win them: customer acquisition cost of the period ÷ what a "
        "customer who bought in the 12 months up to its end spent in a month of them on average. By revenue before "
        f"returns, not by margin. {BY_CHANNEL.en} Anonymous sales do not count.",
        "客户消费达到获客成本所需的月数：本期获客成本 ÷ 期末前 12 个月内有购买的客户平均每月消费。"
        f"按未扣除退货的收入计，不按毛利。{BY_CHANNEL.zh}匿名销售不计入。",
    ),
    numerator=Text("customer acquisition cost", "获客成本"),
    denominator=Text(
        "revenue of a customer in a month, over the 12 months up to the end",
        "期末前 12 个月每位客户平均每月订单金额",
    ),
    unit="months",
    grain="customer",
    direction="down",
    rows=_payback_months,
    people=newcomers,
    unknown=NOBODY_NEW,
    of_people=False,
)

ROAS = Metric(
    slug="roas",
    label=Text("Return on ad spend", "营销投入产出比"),
    meaning=Text(
        "Gross revenue of the period for each unit of marketing spending in it: all revenue by all spending, whatever "
        f"brought it about. {BY_CHANNEL.en} Before returns. Anonymous sales are in.",
        f"期内总收入除以期内营销花费：全部收入比全部花费，不论由什么带来。{BY_CHANNEL.zh}未扣除退货。含匿名销售。",
    ),
    numerator=Text("revenue of orders placed in the period", "期内下单的订单金额"),
    denominator=SPENT,
    unit="times",
    grain="order",
    rows=_roas,
    people=gross_revenue,
    of_people=False,
)

CATALOGUE = (SPEND, CAC, CAC_TO_ORDER_VALUE, CAC_TO_NEW_REVENUE, CAC_TO_CLV, PAYBACK_MONTHS, ROAS)
