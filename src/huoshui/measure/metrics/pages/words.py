"""Words about metrics."""

from __future__ import annotations

from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics.periods import Period

UNITS = {
    "money": Text("money", "金额"),
    "orders": Text("orders", "订单"),
    "customers": Text("customers", "客户"),
    "share": Text("share", "占比"),
    "number": Text("number", "数量"),
    "score": Text("score", "分数"),
    "times": Text("times", "倍数"),
    "months": Text("months", "月数"),
}
OF_ORDERS = Text("one row per order or event", "按订单或事件计")
OF_CUSTOMERS = Text("one row per customer", "按客户计")
OF_ENTRIES = Text("one row per entered value", "按录入值计")
DIRECTIONS = {
    "up": Text("more is better", "越高越好"),
    "down": Text("less is better", "越低越好"),
    "none": Text("neither more nor less is better", "无好坏之分"),
}
GRAINS = {
    "day": Text("Day", "日"),
    "week": Text("Week", "周"),
    "month": Text("Month", "月"),
    "quarter": Text("Quarter", "季度"),
    "year": Text("Year", "年"),
}
BUILT_IN = Text("built in", "内置")
EVERYTHING = Text("All", "全部")


def formula(metric: Metric, language: Language) -> str:
    """What is divided by what, in words."""
    parts = [metric.numerator.in_(language)]
    if metric.denominator is not None:
        parts.append(metric.denominator.in_(language))
    return " ÷ ".join(parts)


def unit(metric: Metric) -> Text:
    """What its figures are in."""
    return metric.unit_word or UNITS[metric.unit]


def grain(metric: Metric) -> Text:
    """What the metric counts by."""
    if metric.entered:
        return OF_ENTRIES
    return OF_CUSTOMERS if metric.grain == "customer" else OF_ORDERS


def period(one: Period, of: str) -> str:
    """A period of a table, as short as it is clear."""
    first = one.first_day
    if of == "day":
        return f"{first:%Y-%m-%d}"
    if of == "week":
        return f"{first:%Y-%m-%d} –"
    if of == "quarter":
        return f"{first.year} Q{(first.month + 2) // 3}"
    return f"{first:%Y-%m}" if of == "month" else str(first.year)
