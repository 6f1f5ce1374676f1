"""The cards of the pages of life cycles and cohorts: what is counted from, whether it suffices, how well it held."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.kernel.charts import Chart
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language, Text
from huoshui.know.lifecycle.judging import FEW, Judged
from huoshui.know.lifecycle.queries import FORETOLD_PERIODS, Cohorts, Life
from huoshui.know.lifecycle.rules import rule_in_use
from huoshui.know.models.cards import Card, came_and_foretold, counted
from huoshui.know.models.kinds import Line
from huoshui.science.cohorts import Grain
from huoshui.science.foretelling import Foretold
from huoshui.science.lifecycle import STAGES, FixedDays

MOST_AGES = 12
PERIODS: Mapping[Grain, Text] = {
    "day": Text("days", "天"),
    "week": Text("weeks", "周"),
    "month": Text("months", "个月"),
    "quarter": Text("quarters", "个季度"),
}


def reasons_of_life(found: Life) -> list[Text]:
    """Why the stages are to be read with care; empty where the data suffice."""
    judged, reasons = found.judged, []
    if found.rhythms < FEW and not isinstance(rule_in_use(), FixedDays):
        reasons.append(
            Text(
                f"Fewer than {FEW} customers have a rhythm of their own: the typical interval stands in for the others",
                f"有自身购买节奏的客户不足 {FEW} 位，其余客户以典型间隔代替",
            )
        )
    if not judged.tested:
        reasons.append(
            Text(
                f"Fewer than {FEW} of the customers of {found.since} bought since, or stayed away: too few for a test",
                f"{found.since} 的客户中此后购买（或未购买）的不足 {FEW} 位，尚不足以检验",
            )
        )
    elif not judged.wins and not isinstance(rule_in_use(), FixedDays):
        reasons.append(Text("Fixed days tell as well who buys again", "固定天数同样能判断谁会再次购买"))
    if judged.customers and judged.off is None:
        reasons.append(
            Text(
                "Nobody was there long enough before that day for its stages to foretell a share",
                "更早时尚无客户，无法据此预测各阶段的购买占比",
            )
        )
    return reasons


def reasons_of_cohorts(test: Foretold | None) -> list[Text]:
    """Why a forecast by earlier cohorts is to be read with care; empty where the data suffice."""
    if test is None:
        return [
            Text(
                "No cohort has reached an age that an older one has reached: nothing can be foretold yet",
                "还没有同期群达到更早同期群已有的龄期，尚无法预测",
            )
        ]
    if test.came < FEW:
        return [
            Text(
                f"Fewer than {FEW} customers came back in these periods: too few for a test",
                f"这些期内回购的客户不足 {FEW} 位，尚不足以检验",
            )
        ]
    if not test.wins:
        return [
            Text(
                "A simple rule was as near: read what earlier cohorts say of later ones with care",
                "简单规则同样接近实际：以更早的同期群推断后来者时请谨慎",
            )
        ]
    return []


def card_of_life(found: Life, *, days: int, language: Language) -> Card:
    """The card of the stages."""
    judged = found.judged
    rule, data = _rule(found)
    pairs = (
        (Text("stages of that day", "当日阶段"), judged.own),
        (Text("fixed days (90, 180)", "固定天数（90、180 天）"), judged.fixed),
        (Text("chance", "随机"), 0.5),
    )
    return counted(
        title=Text("Lifecycle stage", "生命周期阶段"),
        meaning=Text(
            "A rule, not a trained model: a stage follows from the time since the last purchase. It is judged by who "
            "bought after the earlier day.",
            "由规则得出，并非训练的模型：阶段取决于距最近一次购买的时间，并以较早一日之后谁购买来检验。",
        ),
        name=rule,
        at=found.as_of,
        reasons=reasons_of_life(found),
        data=data,
        verdict=_judged(found, days),
        measure=Text("Of 100 pairs, in the right order", "每 100 对中排序正确"),
        errors=[(name, f"{share * 100:.0f}") for name, share in pairs if share is not None]
        if judged.own is not None
        else (),
        wins=judged.wins,
        chart=_by_stage(judged, days),
        language=language,
    )


def card_of_cohorts(found: Cohorts, *, language: Language) -> Card:
    """The card of the cohorts."""
    test = found.test
    return counted(
        title=Text("Cohorts", "同期群"),
        meaning=Text(
            "Counted, not modelled. What earlier cohorts say of later ones is a forecast; it is judged by periods that "
            "were foretold from what was known before each of them.",
            "逐一计数，并非模型。以更早的同期群推断后来者是一种预测；此处用各期之前已知的数据预测该期，以此检验。",
        ),
        name=Text("counted", "逐一计数"),
        at=AsOf.day(found.as_of, HOUSE().zone).at,
        reasons=reasons_of_cohorts(test),
        data=[
            Line(
                name=Text("Customers with a purchase", "有购买的客户"), value=_plain(f"{found.customers:,}")
            ),
            Line(name=Text("Nothing later than", "数据截至"), value=_plain(found.as_of.isoformat())),
            Line(name=Text("Intervals", "区间"), value=Text("Wilson, 95%", "Wilson，95%")),
            Line(
                name=Text("Comparison", "比较"),
                value=Text(
                    "with all others, Newcombe, 95% for all cohorts together",
                    "与其余全部相比，Newcombe，全部同期群合计 95%",
                ),
            ),
        ],
        verdict=_foretold(test, found.grain) if test else None,
        measure=Text("Mean error of a share, in points", "占比的平均误差（百分点）"),
        errors=[
            (Text("all cohorts before it", "此前全部同期群"), _points(test.error)),
            (Text("the cohort just before it", "紧邻的上一同期群"), _points(test.cohort_before)),
            (Text("itself, one period before", "自身上一期"), _points(test.period_before)),
        ]
        if test
        else (),
        wins=test is not None and test.wins,
        chart=_by_age(test, found.grain) if test else None,
        language=language,
    )


def _points(share: float) -> str:
    return f"{share * 100:.1f}"


def _rule(found: Life) -> tuple[Text, list[Line]]:
    """What the rule is called, and the lines of the card that say how it cuts and what it is made from."""
    rule = rule_in_use()
    if isinstance(rule, FixedDays):
        name = Text("fixed days", "固定天数")
        silent, lost = (Text(f"from {days} days", f"满 {days} 天") for days in (rule.active, rule.silent))
    else:
        name = Text("each customer's own rhythm", "客户自身购买节奏")
        silent, lost = (
            Text(f"from {times:g} × rhythm", f"达节奏的 {times:g} 倍") for times in (rule.silent, rule.lost)
        )
    typical = f"{found.typical:.0f}"
    return name, [
        Line(name=Text("Silent", "沉默"), value=silent),
        Line(name=Text("Lost", "流失"), value=lost),
        Line(
            name=Text("Customers with a rhythm of their own", "有自身节奏的客户"),
            value=_plain(f"{found.rhythms:,}"),
        ),
        Line(
            name=Text("Typical interval, for the others", "其余客户所用的典型间隔"),
            value=Text(f"{typical} days", f"{typical} 天"),
        ),
        Line(name=Text("Nothing later than", "数据截至"), value=_plain(str(found.until))),
    ]


def _plain(text: str) -> Text:
    return Text(text, text)


def _judged(found: Life, days: int) -> Text:
    judged = found.judged
    if judged.own is None or judged.fixed is None:
        return Text(
            "It cannot be judged yet: nobody, or everybody, bought since.",
            "尚无法检验：其后无人购买，或人人都购买。",
        )
    pairs = Text(
        f"Of {judged.customers:,} customers on {found.since}, {judged.bought:,} bought since. Of pairs of one who did "
        "and one who did not, the stages of that day should put the first higher (a tie counts half).",
        f"{found.since} 的 {judged.customers:,} 位客户中，此后有 {judged.bought:,} 位购买。"
        "任取购买与未购买的客户各一位配对，当日阶段应将前者排得更高（平局计半）。",
    )
    if judged.off is None:
        return pairs
    off = _points(judged.off)
    return Text(
        f"{pairs.en} Shares of the {days} days before foretold those since, {off} points off on average.",
        f"{pairs.zh}以此前 {days} 天各阶段的购买占比预测其后，平均相差 {off} 个百分点。",
    )


def _foretold(test: Foretold, grain: Grain) -> Text:
    off = f"{(test.foretold / test.came - 1) * 100:+.1f}%".replace("-", "−") if test.came else ""
    off_en, off_zh = (f" ({off})", f"（{off}）") if off else ("", "")
    periods, unit = FORETOLD_PERIODS[grain], PERIODS[grain]
    return Text(
        f"In the last {periods} {unit.en} that are over, {test.foretold:,.0f} returns were foretold by the cohorts "
        f"before; {test.came:,} came{off_en}.",
        f"在最近已结束的 {periods} {unit.zh}中，按更早的同期群预计回购 {test.foretold:,.0f} 人次，"
        f"实际 {test.came:,} 人次{off_zh}。",
    )


def _by_stage(judged: Judged, days: int) -> Chart | None:
    shown = [one for one in judged.stages if one.customers]
    if not judged.bought:
        return None
    return came_and_foretold(
        title=Text(f"Bought within {days} days, by stage", f"{days} 天内购买的占比，按阶段"),
        axis=Text("Stage on the earlier day", "较早一日的阶段"),
        unit="share",
        rows=[
            (
                STAGES[one.stage],
                round(one.bought / one.customers, 4),
                None if one.foretold is None else round(one.foretold, 4),
            )
            for one in shown
        ],
    )


def _by_age(test: Foretold, grain: Grain) -> Chart:
    return came_and_foretold(
        title=Text("Share that came back, by age", "回购占比，按龄期"),
        axis=Text(
            f"{PERIODS[grain].en.capitalize()} since the first purchase", f"首次购买后的{PERIODS[grain].zh}数"
        ),
        unit="share",
        rows=[
            (_plain(str(one.age)), round(one.came, 4), round(one.foretold, 4))
            for one in test.ages[:MOST_AGES]
        ],
    )
