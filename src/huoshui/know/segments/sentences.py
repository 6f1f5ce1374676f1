"""Rules as sentences, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from huoshui.data.privacy.traits import CHANNELS
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments.rules import (
    MOMENTS,
    Answer,
    Clause,
    Consent,
    Did,
    Every,
    Kind,
    Listed,
    Member,
    Not,
    Op,
    Part,
    Rule,
    Some,
    Tag,
    Test,
    Then,
    Value,
    Where,
)

OPS: Mapping[Op, Text] = {
    "=": Text("is {}", "等于{}"),
    "!=": Text("is not {}", "不等于{}"),
    "<": Text("is below {}", "小于{}"),
    "<=": Text("is at most {}", "不超过{}"),
    ">": Text("is above {}", "大于{}"),
    ">=": Text("is at least {}", "不少于{}"),
    "in": Text("is one of {}", "是{}之一"),
    "not_in": Text("is none of {}", "不是{}中的任何一个"),
    "contains": Text("contains {}", "包含{}"),
    "between": Text("is from {} to {}", "在{}到{}之间"),
    "before": Text("is before {}", "早于{}"),
    "after": Text("is after {}", "晚于{}"),
    "empty": Text("has no value", "没有值"),
}
TIMES: Mapping[Op, Text] = {
    "=": Text("exactly {} times", "正好 {} 次"),
    "!=": Text("any number of times but {}", "次数不是 {} 次"),
    "<": Text("fewer than {} times", "少于 {} 次"),
    "<=": Text("at most {} times", "至多 {} 次"),
    ">": Text("more than {} times", "多于 {} 次"),
    ">=": Text("at least {} times", "至少 {} 次"),
    "between": Text("{} to {} times", "{} 到 {} 次"),
    "in": Text("{} times", "{} 次"),
    "not_in": Text("not {} times", "不是 {} 次"),
}
PARTS: Mapping[Part, Text] = {
    "month": Text("month of {}", "{}的月份"),
    "months_until": Text("months until {}", "距下次{}的月数"),
    "days_until": Text("days until {}", "距下次{}的天数"),
}
SOON = {Decimal(0): Text("{} is this month", "{}在本月"), Decimal(1): Text("{} is next month", "{}在下月")}
PROPERTIES: Mapping[str, Text] = {
    "product_id": Text("product", "商品"),
    "category": Text("category", "品类"),
    "quantity": Text("quantity", "数量"),
    "unit_price": Text("unit price", "单价"),
    "revenue": Text("amount", "金额"),
    "channel": Text("channel", "渠道"),
    "store": Text("store", "门店"),
    "source": Text("source", "来源"),
    "coupon": Text("coupon", "优惠券"),
    "campaign": Text("campaign", "营销活动"),
    "survey": Text("survey", "问卷"),
    "question": Text("question", "题目"),
    "sentiment": Text("sentiment", "情感"),
    "value": Text("value", "数值"),
    "session_id": Text("session", "会话"),
}
"""What facts are narrowed down by. Properties that events brought have the names that they brought."""

BY = {
    **dict(CHANNELS),
    "post": Text("post", "邮寄"),
    "push": Text("push messages", "推送"),
    "any": Text("any way", "任何方式"),
}
PURPOSES = {
    "marketing": Text("marketing", "营销"),
    "service": Text("service", "服务"),
    "profiling": Text("profiling", "画像分析"),
    "research": Text("research", "调研"),
    "third_party": Text("passing on to others", "提供给第三方"),
    "abroad": Text("sending abroad", "出境"),
}
ONCE = Text("at least once", "至少 1 次")
STATES = {"granted": Text("agreed to", "同意"), "withdrawn": Text("withdrew consent to", "撤回了同意")}
ALL_CUSTOMERS = Text("customers", "客户")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What things are called: slug → name of traits and attributes, slug → code → name of codes, segments, lists.

    ``units`` (slug → unit) are said behind numbers; in English they are plurals.
    """

    labels: Mapping[str, Text]
    codes: Mapping[str, Mapping[str, Text]]
    segments: Mapping[str, str]
    lists: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[str, Text] = field(default_factory=dict)


def sentence(rule: Rule, words: Words) -> Text:
    """Who the customers of ``rule`` are, such as "frequency is at least 2 and (city is 上海 or tagged VIP)"."""
    return Text(_said(rule, words, "en", outer=True), _said(rule, words, "zh", outer=True))


def _said(rule: Rule, words: Words, language: Language, *, outer: bool = False) -> str:
    zh = language == "zh"
    match rule:
        case Every(parts) | Some(parts):
            both = isinstance(rule, Every)
            joiner = ("，并且" if both else "，或者") if zh else (" and " if both else " or ")
            whole = joiner.join(_said(part, words, language) for part in parts)
            if outer or len(parts) == 1:
                return whole
            return f"（{whole}）" if zh else f"({whole})"
        case Not(part):
            inner = _said(part, words, language)
            inner = inner if inner.startswith(("(", "（")) else f"（{inner}）" if zh else f"({inner})"
            return f"不满足{inner}" if zh else f"not {inner}"
        case _:
            return _clause(rule, words, language)


def _clause(clause: Clause, words: Words, language: Language) -> str:
    zh = language == "zh"
    match clause:
        case Value(_, slug, kind, test, part):
            label = words.labels.get(slug, Text(slug, slug)).in_(language)
            soon = SOON.get(test.value) if isinstance(test.value, Decimal) and test.op == "=" else None
            if part == "months_until" and soon:
                return soon.in_(language).format(label)
            if part:
                label = PARTS[part].in_(language).format(label)
            unit = None if part else words.units.get(slug)
            return _joined(label, _tested(test, kind, language, words.codes.get(slug, {}), unit), zh)
        case Did():
            return _did(clause, language)
        case Then(first, then):
            length = _length(clause, zh)
            return (
                f"做过“{first}”后 {length}内又做了“{then}”"
                if zh
                else f"did “{first}” and within {length} “{then}”"
            )
        case Answer(metric, test, _, where):
            about = _where(where, language)
            latest = f"最近一次 {metric.upper()} 评分" if zh else f"latest {metric.upper()} score"
            return _within(_joined(latest + about, _tested(test, "number", language, {}), zh), clause, zh)
        case Consent(channel, purpose, state):
            said = STATES[state].in_(language)
            by = BY.get(channel, Text(channel, channel)).in_(language)
            what = PURPOSES.get(purpose, Text(purpose, purpose)).in_(language)
            return f"{said}通过{by}用于{what}" if zh else f"{said} {what} by {by}"
        case Tag(name):
            return f"带有标签“{name}”" if zh else f"tagged “{name}”"
        case Listed(number):
            name = words.lists.get(number, str(number))
            return f"在名单“{name}”中" if zh else f"on the list “{name}”"
        case Member(slug):
            name = words.segments.get(slug, slug)
            return f"属于分群“{name}”" if zh else f"in segment “{name}”"


def _did(clause: Did, language: Language) -> str:
    zh = language == "zh"
    where = _where(clause.where, language)
    what = {
        "did": f"“{clause.name}”",
        "orders": "订单" if zh else "orders",
        "products": "购买商品" if zh else "products bought",
    }[clause.facts]
    if clause.measure in MOMENTS:
        first = clause.measure == "first"
        when = ("首次" if first else "最近一次") if zh else ("first" if first else "last")
        said = f"{when}{what}{where}的时间" if zh else f"{when} {what}{where}"
        return _within(_joined(said, _tested(clause.test, "moment", language, {}), zh), clause, zh)
    if clause.measure == "times":
        if clause.test == Test("=", Decimal(0)):
            said = f"没有{what}{where}" if zh else f"no {what}{where}"
        else:
            form = ONCE if clause.test == Test(">=", Decimal(1)) else TIMES[clause.test.op]
            count = _filled(form, clause.test, "number", language, {})
            said = f"{what}{where}{count}" if zh else f"{what}{where} {count}"
        return _within(said, clause, zh)
    measured = {"amount": ("amount", "金额"), "quantity": ("quantity", "数量")}[clause.measure]
    said = f"{what}{where}{measured[1]}" if zh else f"{measured[0]} of {what}{where}"
    return _within(_joined(said, _tested(clause.test, "number", language, {}), zh), clause, zh)


def narrowed(where: Where, language: Language) -> str:
    """A condition on a property, such as " (where channel is “web”)"; it goes behind what it narrows down."""
    return _where((where,), language)


def _where(conditions: tuple[Where, ...], language: Language) -> str:
    zh = language == "zh"
    said = []
    for one in conditions:
        name = PROPERTIES[one.name].in_(language) if one.name in PROPERTIES else f"{one.name}{' ' * zh}"
        said.append(_joined(name, _tested(one.test, one.kind, language, {}), zh))
    if not said:
        return ""
    return f"（{'，且'.join(said)}）" if zh else f" (where {' and '.join(said)})"


def _within(said: str, clause: Did | Answer, zh: bool) -> str:
    length = _length(clause, zh)
    if not length:
        return said
    return f"最近 {length}{said}" if zh else f"{said} in the last {length}"


def _length(clause: Did | Answer | Then, zh: bool) -> str:
    if clause.within_hours is not None:
        return f"{clause.within_hours} {'小时' if zh else 'hours'}"
    return "" if clause.within_days is None else f"{clause.within_days} {'天' if zh else 'days'}"


def _joined(label: str, tested: str, zh: bool) -> str:
    return f"{label}{tested}" if zh else f"{label} {tested}"


def _tested(
    test: Test, kind: Kind, language: Language, codes: Mapping[str, Text], unit: Text | None = None
) -> str:
    return _filled(OPS[test.op], test, kind, language, codes, unit)


def _filled(
    form: Text,
    test: Test,
    kind: Kind,
    language: Language,
    codes: Mapping[str, Text],
    unit: Text | None = None,
) -> str:
    if test.op == "empty":
        return form.in_(language)
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    shown = [_shown(value, kind, language, codes) for value in values]
    if unit:
        one = language == "en" and values[-1] == 1
        shown[-1] += " " + (unit.en.removesuffix("s") if one else unit.in_(language))
    if test.op != "between":
        shown = [("、" if language == "zh" else ", ").join(shown)]
    return form.in_(language).format(*shown)


def _shown(value: Any, kind: Kind, language: Language, codes: Mapping[str, Text]) -> str:
    match value:
        case bool():
            return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
        case _:
            named = codes[value].in_(language) if value in codes else str(value)
            return named if kind == "code" else f"“{named}”"
