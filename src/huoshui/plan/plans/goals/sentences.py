"""What goals say in sentences: how they stand, what will come of them, and why. Numbers as everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.goals.pace import FEASIBLE
from huoshui.plan.plans.goals.standing import Standing
from huoshui.plan.plans.goals.variance import Diagnosis, Row
from huoshui.web import figures

FINE_MONEY, FINE_POINTS = Decimal(100), Decimal("0.1")
"""Below these, differences have more digits: cents, and thousandths of a point."""

SURE = 0.9
"""From this weight on a change of level is said without "probably"."""
NAMED = 3
"""So many goals are named in one line."""


def written(metric: Metric | None, value: Decimal | None, currency: str, language: Language) -> str:
    """A value of a metric; “not yet known” where there is none."""
    if value is None or metric is None:
        return figures.UNKNOWN.in_(language)
    if metric.unit in ("orders", "customers"):
        value = value.quantize(Decimal(1))
    return figures.of_metric(metric, value, currency, language)


def apart(metric: Metric, value: Decimal, currency: str, language: Language) -> str:
    """A difference with its sign, and with as many digits that it is not said to be nothing: shares in points."""
    sign = "+" if value > 0 else "−" if value else ""
    if metric.unit == "share":
        points = abs(value) * 100
        digits = 1 if not value or points >= FINE_POINTS else 3
        return f"{sign}{points:.{digits}f}{' 个百分点' if language == 'zh' else ' pts'}"
    if metric.unit == "money" and 0 < abs(value) < FINE_MONEY:
        return f"{sign}{figures.money(abs(value), currency, language, exact=True)}"
    if metric.unit in ("orders", "customers", "number") and 0 < abs(value) < 1:
        return f"{sign}{abs(value):.2g}"
    return f"{sign}{written(metric, abs(value), currency, language)}"


def percent(probability: float) -> str:
    """A chance in whole percent; the ends are never said to be certain."""
    if probability < 0.01:
        return "< 1%"
    return "> 99%" if probability > 0.99 else f"{probability:.0%}"


def outlook(one: Standing, currency: str, language: Language) -> str:
    """The forecast in a sentence; why there is none, where there is none."""
    metric = one.metric
    if one.problem is not None and (one.metric is None or (one.actual is None and one.pace != "not_begun")):
        return one.problem.in_(language)
    if one.pace in ("reached", "missed") and one.forecast is None:
        actual = written(metric, one.actual, currency, language)
        target = written(metric, one.target, currency, language)
        ended = (
            Text(f"It came to {actual}; the target was {target}.", f"结果为 {actual}，目标为 {target}。")
            if one.end > one.goal.last_day
            else Text(
                f"It stands at {actual}; the target is {target}.", f"目前为 {actual}，目标为 {target}。"
            )
        )
        return ended.in_(language)
    if one.forecast is None:
        return one.foretold.in_(language) if one.foretold else ""
    end, low, high = (
        written(metric, value, currency, language) for value in (one.forecast, one.low, one.high)
    )
    target = written(metric, one.target, currency, language)
    if one.probability is None or one.target is None:
        return Text(
            f"If things go on as they did it will be {end} by {one.goal.last_day}, between {low} and {high} "
            "in 8 of 10 cases.",
            f"照目前趋势，到 {one.goal.last_day} 将为 {end}，八成可能在 {low} 至 {high} 之间。",
        ).in_(language)
    chance = percent(one.probability)
    return Text(
        f"With a probability of {chance} it reaches {target} by {one.goal.last_day}: the forecast is {end}, "
        f"between {low} and {high} in 8 of 10 cases.",
        f"到 {one.goal.last_day} 达到 {target} 的概率为 {chance}：预测为 {end}，八成可能在 {low} 至 {high} 之间。",
    ).in_(language)


def level(one: Standing, currency: str, language: Language) -> str:
    """The change of level that the forecast goes by, in a sentence; empty where there is none."""
    metric, changed = one.metric, one.changed
    if metric is None or changed is None or one.forecast is None:
        return ""
    if changed.share is None or metric.unit in ("share", "score"):
        size = apart(metric, changed.by, currency, language)
    else:
        size = f"{'+' if changed.share > 0 else '−'}{abs(changed.share):.0%}"
    month_en, month_zh = f"{changed.month:%B %Y}", f"{changed.month.year}年{changed.month.month}月"
    sure = changed.sure >= SURE
    follows = Text(
        f"the forecast {'follows' if sure else 'mostly follows'} the new level.",
        f"预测{'' if sure else '主要'}以新水平为准。",
    )
    if changed.spans:
        now = "is" if sure else "is probably"
        said = Text(
            f"In figures that end in {month_en} or later the level {now} another one (about {size}): {follows.en}",
            f"截至{month_zh}及以后的数值{'' if sure else '可能'}处于新的水平（约 {size}）：{follows.zh}",
        )
    else:
        did = "changed" if sure else "probably changed"
        said = Text(
            f"The level {did} in {month_en} (about {size}): {follows.en}",
            f"{month_zh}起，水平{'' if sure else '可能'}发生了变化（约 {size}）：{follows.zh}",
        )
    return said.in_(language)


def levels(standings: Sequence[Standing], currency: str, language: Language) -> list[str]:
    """The changes of level that the forecasts of several goals go by, each said once with the names of its goals."""
    found: dict[str, list[str]] = {}
    for one in standings:
        if said := level(one, currency, language):
            found.setdefault(said, []).append(one.goal.name)
    zh = language == "zh"
    lines = []
    for said, names in found.items():
        goals = ("、" if zh else ", ").join(names[:NAMED])
        if len(names) > NAMED:
            goals += f" 等 {len(names)} 个目标" if zh else f" and {len(names) - NAMED} more"
        lines.append(f"{goals}{'：' if zh else ': '}{said}")
    return lines


def feasibility(one: Standing, language: Language) -> str:
    """What the target is, measured by the forecast."""
    return Text(
        f"Measured by the forecast, the target is {FEASIBLE[one.feasible].en}.",
        f"按预测衡量，该目标{FEASIBLE[one.feasible].zh}。",
    ).in_(language)


def by_now(one: Standing, currency: str, language: Language) -> str:
    """Actual against path, in a sentence; empty where either is not known."""
    metric = one.metric
    if metric is None or one.actual is None or one.expected is None:
        return ""
    actual, path = (written(metric, value, currency, language) for value in (one.actual, one.expected))
    off = apart(metric, one.actual - one.expected, currency, language)
    return Text(
        f"So far {actual}; the path asks for {path} by now ({off}).",
        f"目前 {actual}，按路径此时应为 {path}（{off}）。",
    ).in_(language)


def cause(one: Standing, found: Diagnosis, currency: str, language: Language) -> list[str]:
    """The diagnosis in at most three sentences: the distance, what explains most of it, mix against rate."""
    metric = one.metric
    if found.problem is not None or metric is None or not found.splits or found.total is None:
        return [found.problem.in_(language)] if found.problem else []
    said = []
    total = apart(metric, found.total, currency, language)
    if found.against == "path":
        said.append(Text(f"It is {total} from its path.", f"与路径相差 {total}。"))
    else:
        said.append(Text(f"It is {total} from the same days a year before.", f"与去年同期相差 {total}。"))
    first = found.splits[0]
    row = first.rows[0]
    change = apart(metric, row.change, currency, language)
    said.append(
        Text(
            f"Most of it by {first.label.en.lower()} is “{row.name.en}”: {change}"
            f"{_share(row, found.total, 'en')}.",
            f"按{first.label.zh}看，影响最大的是“{row.name.zh}”：{change}{_share(row, found.total, 'zh')}。",
        )
    )
    if found.ratio:
        mix, rate = (
            sum((getattr(one, name) or Decimal(0) for one in first.rows), Decimal(0))
            for name in ("mix", "rate")
        )
        of_mix, of_rate = (apart(metric, value, currency, language) for value in (mix, rate))
        said.append(
            Text(
                f"Of the whole, {of_mix} come from a different mix and {of_rate} from the parts themselves.",
                f"其中结构变化 {of_mix}，各部分自身变化 {of_rate}。",
            )
        )
    return [text.in_(language) for text in said]


def _share(row: Row, total: Decimal, language: Language) -> str:
    """How much of the distance a part is, where that can be said: it goes the same way."""
    if not total or row.change / total <= 0:
        return ""
    share = row.change / total
    if share > 1:
        return "，超过全部差异" if language == "zh" else ", more than all of it"
    return f"，占差异的 {share:.0%}" if language == "zh" else f", {share:.0%} of it"
