"""The tables of the page about the demo company (docs/demo.md), from what its processes are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from huoshui.demo import lives
from huoshui.demo.cast import CAST, COLLEAGUES
from huoshui.demo.catalogue import CAMPAIGNS, CHANNELS, FOLLOW_UPS, PRODUCTS, SEGMENTS
from huoshui.demo.parameters import meanings
from huoshui.kernel.texts import Language
from huoshui.science.lifecycle import STAGES
from huoshui.science.rfm import VALUE_CLASSES

Table = tuple[Sequence[str], Iterable[Sequence[str]]]

_NAMES = {product.number: product.name for product in PRODUCTS}


def table(subject: str, language: Language) -> Table:
    """Head and rows of the table about ``subject``. Raises ``KeyError`` for a subject there is none of."""
    return _TABLES[subject](language)


def _parameters(language: Language) -> Table:
    head = ("参数", "值", "含义") if language == "zh" else ("parameter", "value", "meaning")
    return head, [(f"`{name}`", f"{value:g}", meaning.in_(language)) for name, value, meaning in meanings()]


def _cast(language: Language) -> Table:
    zh = language == "zh"
    head = (
        ("编号", "姓名", "角色", "故事", "阶段", "价值等级")
        if zh
        else (("number", "name", "role", "story", "stage", "value class"))
    )
    rows = []
    for place, member in enumerate(CAST):
        stage = STAGES[member.becomes["stage"]].in_(language)
        told = member.becomes.get("value_class")
        worth = VALUE_CLASSES[told].in_(language) if told else ""
        person = (
            lives.number(place),
            member.name.in_(language),
            f"`{member.role}`",
            member.story.in_(language),
        )
        rows.append((*person, stage, worth))
    return head, rows


def _colleagues(language: Language) -> Table:
    zh = language == "zh"
    head = ("身份", "姓名", "角色", "团队", "负责") if zh else ("part", "name", "role", "team", "looks after")
    return head, [
        (f"`{c.part}`", c.name.in_(language), f"`{c.role}`", c.team.in_(language), ", ".join(c.looks_after))
        for c in COLLEAGUES
    ]


def _sequences(language: Language) -> Table:
    zh = language == "zh"
    head = ("先买", "后买", "概率", "天内") if zh else ("first", "then", "probability", "within days")
    return head, [
        (_NAMES[r.first].in_(language), _NAMES[r.then].in_(language), f"{r.probability:g}", str(r.days))
        for r in FOLLOW_UPS
    ]


def _campaigns(language: Language) -> Table:
    zh = language == "zh"
    head = (
        ("代码", "活动", "渠道", "对象", "截止日前天数", "效果", "窗口（天）")
        if zh
        else (("code", "campaign", "channel", "audience", "days before the last", "effect", "window, days"))
    )
    return head, [
        (
            f"`{c.slug}`",
            c.name.in_(language),
            c.channel,
            c.audience,
            str(c.days_before),
            f"{c.effect:g}",
            str(c.window),
        )
        for c in CAMPAIGNS
    ]


def _channels(language: Language) -> Table:
    head = ("渠道", "占比", "获客成本 CAC") if language == "zh" else ("channel", "share", "CAC")
    return head, [(c.name.in_(language), f"{c.share:g}", f"{c.cac:g}") for c in CHANNELS]


def _segments(language: Language) -> Table:
    zh = language == "zh"
    head = (
        ("代码", "名称", "占比", "对活动的响应", "偏好（品类 × 倍数）")
        if zh
        else (("code", "name", "share", "response to campaigns", "tastes (category × factor)"))
    )
    return head, [
        (
            f"`{s.slug}`",
            s.label.in_(language),
            f"{s.share:g}",
            f"{s.response:g}",
            ", ".join(f"{category.in_(language)} × {factor:g}" for category, factor in s.tastes.items()),
        )
        for s in SEGMENTS
    ]


_TABLES: dict[str, Callable[[Language], Table]] = {
    "parameters": _parameters,
    "cast": _cast,
    "colleagues": _colleagues,
    "sequences": _sequences,
    "campaigns": _campaigns,
    "channels": _channels,
    "segments": _segments,
}
