"""Churn, win-back and net growth by the stage of life, as of the start and the end of the period."""

from __future__ import annotations

from typing import Any

from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import bought_between, each_with, flow, parts_of
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope

LOST = "lost"
AWAY = ("silent", LOST)


def _in_stages(scope: Scope, at: Any, *stages: str) -> Any:
    found = scope.buyers_then("stage", at)
    return found.filter(found.value.isin(stages)).select("customer_id")


def _not_lost(scope: Scope, at: Any) -> Any:
    return _in_stages(scope, at, "new", "active", "silent")


def _churn_rate(scope: Scope) -> IbisTable:
    scope.require_people()

    def of(_: int, period: Period) -> Any:
        there = _not_lost(scope, period.start)
        return each_with(there, _in_stages(scope, period.end, LOST), "gone")

    return parts_of(scope.people(scope.of_each_period(of)), "gone")


def _win_back_rate(scope: Scope) -> IbisTable:
    scope.require_people()

    def of(_: int, period: Period) -> Any:
        away = _in_stages(scope, period.start, *AWAY)
        return each_with(away, bought_between(scope, period.start, period.end), "back")

    return parts_of(scope.people(scope.of_each_period(of)), "back")


def _net_customer_growth(scope: Scope) -> IbisTable:
    return flow(scope, lambda at: _not_lost(scope, at))


CHURN_RATE = Metric(
    slug="churn_rate",
    label=Text("Churn rate", "流失率"),
    meaning=Text(
        "Of the customers who had bought and were not lost when the period began, the share who were lost when it "
        "ended, by the lifecycle stage of each day, which goes by the customer's own rhythm. Figures of a month and of "
        "a year cannot be compared. Returns have no part in it. Anonymous sales do not count.",
        "期初已购买且未流失的客户中，期末已流失者的占比，按当日的生命周期阶段（依客户自身的购买节奏）判断。"
        "月度与年度数字不可直接比较。与退货无关。匿名销售不计入。",
    ),
    numerator=Text("those of them who were lost at its end", "其中期末已流失的客户数"),
    denominator=Text("new, active and silent customers at the start", "期初为新、活跃或沉默的客户数"),
    unit="share",
    grain="customer",
    direction="down",
    rows=_churn_rate,
    alternatives=("churn_12m",),
    slow=True,
)

WIN_BACK_RATE = Metric(
    slug="win_back_rate",
    label=Text("Win-back rate", "挽回率"),
    meaning=Text(
        "Of the customers who were silent or lost when the period began, by lifecycle stage, the share who bought in "
        "it. Later returns do not undo a purchase. Anonymous sales do not count.",
        "期初处于沉默或流失阶段的客户中，期内再次购买者的占比。之后的退货不影响。匿名销售不计入。",
    ),
    numerator=Text("those of them with a purchase in the period", "其中期内有购买的客户数"),
    denominator=Text("silent and lost customers at the start", "期初为沉默或流失的客户数"),
    unit="share",
    grain="customer",
    rows=_win_back_rate,
    slow=True,
)

NET_CUSTOMER_GROWTH = Metric(
    slug="net_customer_growth",
    label=Text("Net customer growth", "客户净增长率"),
    meaning=Text(
        "How many more customers who had bought and were not lost, by lifecycle stage, there were at the end of the "
        "period than at its start. It opens to who came in and who dropped out. Returns have no part in it. Anonymous "
        "sales do not count.",
        "期末已购买且未流失的客户（按生命周期阶段）比期初多多少。可展开为进入与退出的客户。与退货无关。匿名销售不计入。",
    ),
    numerator=Text(
        "customers not lost at the end minus those at the start", "期末未流失客户数减去期初未流失客户数"
    ),
    denominator=Text("customers not lost at the start", "期初未流失的客户数"),
    unit="share",
    grain="customer",
    rows=_net_customer_growth,
    alternatives=("customer_growth", "active_customer_growth"),
    slow=True,
)

CATALOGUE = (CHURN_RATE, WIN_BACK_RATE, NET_CUSTOMER_GROWTH)
