"""Words of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from huoshui.kernel.plugs import House, Metric
from huoshui.kernel.texts import LANGUAGES, Language, Text
from huoshui.measure.metrics.dimensions import IN, Value, named, valued
from huoshui.measure.metrics.pages import words
from huoshui.web import figures

GRAINS = {
    "day": Text("a day", "一天"),
    "week": Text("a week", "一周"),
    "month": Text("a month", "一个月"),
    "quarter": Text("a quarter", "一个季度"),
}
KINDS = {
    "below": Text("falls below", "低于"),
    "above": Text("rises above", "高于"),
    "unusual": Text("is unusual for its past", "异常（偏离以往规律）"),
}
SHORT = {"below": "below", "above": "above", "unusual": "unusual for its past"}
"""The kinds in English where the name of a metric may be of one or of many: “Revenue of a week: below 1,000”."""
STATES = {
    "new": Text("not looked at yet", "尚未检查"),
    "quiet": Text("as it should be", "正常"),
    "firing": Text("beyond the line", "已触发"),
    "unknown": Text("no figure", "无数据"),
    "learning": Text("too little is known", "历史不足"),
}
TONES = {"new": "", "quiet": "good", "firing": "bad", "unknown": "warn", "learning": ""}


def number(metric: Metric, value: object, house: House) -> Text:
    """A value of a metric in both languages."""
    plain = value if isinstance(value, Decimal | int | float) else None
    said: dict[Language, str] = {
        one: figures.of_metric(metric, plain, house.currency, one) for one in LANGUAGES
    }
    return Text(said["en"], said["zh"])


def rule(metric: Metric, *, kind: str, grain: str, bound: Decimal | None, house: House) -> Text:
    """What is waited for: “Revenue of a week: below 1,000”."""
    span, verb = GRAINS[grain], KINDS[kind].zh
    line = number(metric, bound, house) if bound is not None else None
    return Text(
        f"{metric.label.en} of {span.en}: {SHORT[kind]}{f' {line.en}' if line else ''}",
        f"{span.zh}的{metric.label.zh}{verb}{f' {line.zh}' if line else ''}",
    )


def cut(where: Mapping[str, Value], labels: Mapping[str, Text] | None = None) -> Text | None:
    """The slice in words; ``labels`` is what `attribute_labels` answered."""
    if not where:
        return None
    parts = [(named(name, labels), valued(name, value)) for name, value in where.items()]
    return Text(
        ", ".join(
            value.en if name == IN else f"{label.en}: {value.en}"
            for (label, value), name in zip(parts, where, strict=True)
        ),
        "，".join(
            value.zh if name == IN else f"{label.zh}：{value.zh}"
            for (label, value), name in zip(parts, where, strict=True)
        ),
    )


def unit(metric: Metric, house: House) -> Text:
    """In what a bound is typed."""
    if metric.unit == "money":
        return Text(house.currency, house.currency)
    return Text("percent", "百分比") if metric.unit == "share" else words.unit(metric)
