"""What campaigns added: those who were to be reached beside those who were left out by lot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.trials import Terms
from huoshui.data.facts import relations
from huoshui.kernel.plugs import TRAITS, IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import ONE
from huoshui.measure.metrics.dimensions import IN
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope
from huoshui.science.elapsed import DAY, microseconds

CAMPAIGNS = "campaign:"
"""How what is called that draws lots for a campaign."""

NONE_ENDED = Text(
    "No campaign with a control group came to the end of its horizon in these days, with orders loaded beyond it",
    "这些日子没有留出对照组的活动结束观察期，或观察期之后的订单尚未导入",
)


def _terms() -> dict[str, Terms]:
    """The terms of campaigns that can be known, by what drew their lots."""
    return {
        one.what: one.terms
        for one in holdouts.trials()
        if one.what.startswith(CAMPAIGNS) and one.terms.choice != "unknown"
    }


def _drawn(scope: Scope, terms: Mapping[str, Terms]) -> Any:
    """Everybody drawn for campaigns: ``what``, ``customer_id`` of today, ``decided_at``, ``held`` (1 or 0).

    Whom only the global control group kept out is apart, unless it is what a campaign compares with. Who was merged of
    profiles on both sides is on neither.
    """
    rows = scope.tables.table("decisions")
    by_all = [what for what, one in terms.items() if one.choice == "global_only"]
    apart = (rows.reason == "global_control").fill_null(False)
    rows = rows.filter(rows.what.isin(list(terms)))
    rows = rows.filter(~apart | rows.what.isin(by_all)) if by_all else rows.filter(~apart)
    links = scope.tables.table("identity_links")
    links = links.filter(links.valid_to.isnull()).select("from_id", now_id="customer_id")
    rows = rows.left_join(links, rows.customer_id == links.from_id)
    held = rows.holdout.cast("int64")
    rows = rows.select(
        "what", "decided_at", held=held, customer_id=ibis.coalesce(rows.now_id, rows.customer_id)
    )
    each = rows.group_by("what", "customer_id").aggregate(
        decided_at=rows.decided_at.min(), held=rows.held.max(), least=rows.held.min()
    )
    return each.filter(each.held == each.least).drop("least")


def _done(scope: Scope, terms: Mapping[str, Terms]) -> IbisTable:
    """`_drawn` of campaigns whose orders are known to their end, with ``days`` of the horizon, ``last``, when the last
    were drawn, and ``bought`` (1 or 0): a purchase within the horizon of their own draw."""
    drawn = _drawn(scope, terms)
    days = drawn.what.cases(*((what, one.horizon_days) for what, one in terms.items()), else_=0)
    drawn = drawn.mutate(days=days.cast("int64"))
    orders = scope.tables.table("orders")
    newest = orders.aggregate(newest=orders.ordered_at.max())
    ends = drawn.group_by("what", "days").aggregate(last=drawn.decided_at.max()).cross_join(newest)
    over = microseconds(since=ends["last"], until=ends.newest) >= ends.days * DAY
    ends = ends.filter(over).select("last", whole="what")
    drawn = drawn.inner_join(ends, drawn.what == ends.whole).drop("whole")
    sales = relations.purchases(scope.tables, scope.latest).select("ordered_at", buyer="customer_id")
    pairs = drawn.inner_join(sales, drawn.customer_id == sales.buyer)
    passed = microseconds(since=pairs.decided_at, until=pairs.ordered_at)
    bought = pairs.filter(passed >= 0, passed < pairs.days * DAY)
    bought = bought.select(of="what", by="customer_id").distinct().mutate(one=ONE)
    rows = drawn.left_join(bought, [drawn.what == bought.of, drawn.customer_id == bought.by])
    return rows.select(
        "what",
        "customer_id",
        "held",
        "days",
        "last",
        bought=ibis.coalesce(rows.one, ibis.literal(0, "int64")),
    )


def _require_from_before(scope: Scope) -> None:
    """See that people are told apart by nothing that a campaign may have changed. Raises `UnknownDimension`."""
    for name in (*scope.used, *scope.where, *scope.by):
        if name in TRAITS or name == IN:
            raise UnknownDimension(
                "What people became afterwards cannot divide a comparison: the campaign may have made them so",
                received=name,
                valid="an attribute of customers, such as city",
            )


def _compared(scope: Scope) -> IbisTable:
    """People of the campaigns that ended in each period, with the dimensions of people: ``what, held, bought``."""
    _require_from_before(scope)
    terms = _terms()
    if not terms:
        nobody = scope.customers().filter(ibis.literal(False))
        zero = ibis.literal(0, "int64")
        return scope.people(nobody.mutate(what=ibis.literal(""), held=zero, bought=zero))
    rows: Any = scope.once("campaigns", lambda: _done(scope, terms))
    horizons = sorted({one.horizon_days for one in terms.values()})

    def ended(_: int, period: Period) -> Any:
        # Bounds are moved instead of moments: engines disagree on moments plus days.
        inside = [
            (rows.days == days)
            & (rows["last"] >= ibis.literal(period.start - timedelta(days=days)))
            & (rows["last"] < ibis.literal(period.end - timedelta(days=days)))
            for days in horizons
        ]
        return rows.filter(ibis.or_(*inside)).select("customer_id", "what", "held", "bought")

    return scope.people(scope.of_each_period(ended))


def _lift(scope: Scope) -> IbisTable:
    rows: Any = _compared(scope)
    treated = rows.held == 0
    arms = rows.group_by("what", *scope.by).aggregate(
        treated=treated.cast("int64").sum().cast("float64"),
        control=rows.held.sum().cast("float64"),
        buying=treated.ifelse(rows.bought, 0).sum().cast("float64"),
        anyway=treated.ifelse(0, rows.bought).sum().cast("float64"),
    )
    known = arms.filter(arms.treated > 0, arms.control > 0)
    return known.select(
        *scope.by,
        customer_id=ibis.null("int64"),
        numerator=known.buying - known.treated * known.anyway / known.control,
        denominator=known.treated,
    )


def _treated(scope: Scope) -> IbisTable:
    rows: Any = _compared(scope)
    reached = rows.filter(rows.held == 0)
    return reached.select("customer_id", *scope.by).distinct().mutate(numerator=ONE)


CAMPAIGN_LIFT = Metric(
    slug="campaign_lift",
    label=Text("Campaign lift", "活动增量"),
    meaning=Text(
        "By how much larger the share of buyers is among those whom campaigns were to reach than among those left out "
        "by lot: the difference of each campaign whose horizon ended in the period, weighted by the people to be "
        "reached. A mean and no total, for campaigns overlap. Everybody drawn counts, reached or not; merged of both "
        "sides, nobody. Not adjusted by what people did before: the page of a campaign is more exact and has the "
        "interval. Split by attributes of people only, not by what they became afterwards. No figure where no campaign "
        "with a control group ended, or orders beyond its end are not loaded. Before returns. Anonymous sales do not "
        "count.",
        "计划触达者的下单比例比随机留出者高出多少：取期内结束观察期的每个活动的差值，按计划触达人数加权。"
        "这是平均值而非合计，因为活动之间会重叠。凡参与抽样者都计入，无论是否收到；由两侧档案合并的人不计。"
        "未按此前行为校正：活动自己的页面更精确，并给出区间。只能按客户属性拆分，不能按事后的状态拆分。"
        "没有留出对照组的活动结束，或结束之后的订单尚未导入时，没有数字。未扣除退货。匿名销售不计入。",
    ),
    numerator=Text("buyers more than the control groups lead to expect", "比对照组推算多出的下单人数"),
    denominator=Text(
        "people to be reached by campaigns whose horizon ended in the period",
        "期内结束观察期的活动计划触达的人次",
    ),
    unit="share",
    grain="customer",
    rows=_lift,
    people=_treated,
    unknown=NONE_ENDED,
    of_people=False,
)

CATALOGUE = (CAMPAIGN_LIFT,)
