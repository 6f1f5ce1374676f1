"""The story of a plan in sentences, by month, and the decisions of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import parse_day
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import queries as metrics
from huoshui.plan.plans.goals import sentences
from huoshui.plan.plans.goals.pace import PACES
from huoshui.plan.plans.measures.queries import STATES
from huoshui.plan.plans.pages.measures import whole
from huoshui.plan.plans.reviews.queries import Told
from huoshui.plan.plans.reviews.services import Decision
from huoshui.web import figures
from huoshui.web.lists import Tone

ACTS: Mapping[str, Text] = {
    "plan.created": Text("began the plan {subject}", "创建了计划{subject}"),
    "goal.added": Text("set the goal {subject}", "设定了目标{subject}"),
    "goal.changed": Text("changed the goal {subject}", "修改了目标{subject}"),
    "goal.removed": Text("took out the goal {subject}", "移除了目标{subject}"),
    "goal.restored": Text("brought back the goal {subject}", "恢复了目标{subject}"),
    "goal.rebased": Text("computed the baseline of {subject} anew", "重算了目标{subject}的基线"),
    "measure.added": Text("added the measure {subject}", "新增了措施{subject}"),
    "measure.changed": Text("changed the measure {subject}", "修改了措施{subject}"),
    "measure.dropped": Text("dropped the measure {subject}", "取消了措施{subject}"),
    "measure.resumed": Text("took up again the measure {subject}", "重新启动了措施{subject}"),
    "measure.moved": Text("moved the measure {subject}", "调整了措施{subject}的顺序"),
    "measure.shifted": Text("shifted the measures {subject}", "顺延了措施{subject}"),
    "budget.changed": Text("changed the budget of {subject}", "调整了{subject}的预算"),
    "budget.imported": Text("imported the budget of {subject}", "导入了{subject}的预算"),
    "budget.taken_back": Text("took back the import of {subject}", "撤销了{subject}的预算导入"),
    "rhythm.changed": Text("said when the plan is reviewed", "设定了复盘周期"),
    "review.held": Text("held the review of {subject}", "举行了复盘{subject}"),
    "review.postponed": Text("postponed a review to {subject}", "将复盘改期至{subject}"),
    "review.skipped": Text("left out the review of {subject}", "跳过了复盘{subject}"),
}
TONES: Mapping[str, Tone] = {"planned": "", "prepared": "info", "held": "good", "skipped": ""}
PACE_TONES: Mapping[str, Tone] = {
    "reached": "good",
    "ahead": "good",
    "on_track": "good",
    "behind": "warn",
    "far_behind": "bad",
    "missed": "bad",
}
FIELDS: Mapping[str, Text] = {
    "name": Text("name", "名称"),
    "state": Text("state", "状态"),
    "done": Text("done in percent", "完成进度（%）"),
    "first_day": Text("first day", "开始日期"),
    "last_day": Text("last day", "结束日期"),
    "cost": Text("cost", "费用"),
    "target": Text("target", "目标值"),
}
MOST_CELLS = 3
CLOCK = Text("The clock", "系统")
COMMANDS = Text("The command line", "命令行")
OTHER = Text("changed the plan {subject}", "修改了计划{subject}")
ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence of the story."""

    sentence: str
    moved: Sequence[str]
    reason: str
    review_id: int | None
    at: datetime


def chapters(
    told: Iterable[Told], *, zone: ZoneInfo, currency: str, language: Language
) -> list[tuple[str, list[Line]]]:
    """The story by month, the newest first, as it comes."""
    found = []
    for month, lines in groupby(told, key=lambda one: one.at.astimezone(zone).date().replace(day=1)):
        name = f"{month.year}年{month.month}月" if language == "zh" else f"{month:%B %Y}"
        found.append((name, [_line(one, currency, language) for one in lines]))
    return found


def _line(one: Told, currency: str, language: Language) -> Line:
    # A name that holds quotes itself keeps those.
    quoted = one.subject if "“" in one.subject else f"“{one.subject}”" if one.subject else ""
    does = ACTS.get(one.act, OTHER).in_(language).replace("{subject}", quoted).strip()
    known = {"": CLOCK, CONSOLE.name: COMMANDS}.get(one.by)
    by = known.in_(language) if known else one.by
    sentence = f"{by}{does}。" if language == "zh" else f"{by} {does}."
    return Line(
        sentence=sentence,
        moved=_moved(one, currency, language),
        reason=one.reason,
        review_id=one.review_id,
        at=one.at,
    )


def _moved(one: Told, currency: str, language: Language) -> list[str]:
    """From what to what, of the fields that have words; of a budget the first cells."""
    said, end = one.detail, ": " if language == "en" else "："

    def money(amount: Any) -> str:
        return str(figures.money(Decimal(str(amount)), currency, language))

    if one.act.startswith("budget.") and isinstance(said.get("cells"), list):
        cells = [
            f"{cell[1]} {cell[2][:7]}{end}{money(cell[3])} → {money(cell[5])}"
            for cell in said["cells"][:MOST_CELLS]
            if len(cell) == 7 and cell[3] != cell[5]
        ]
        return [*cells, *(["…"] if len(said["cells"]) > MOST_CELLS else [])]
    old, new = said.get("from"), said.get("to")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []

    def word(name: str, value: Any) -> str:
        known = STATES.get(str(value)) if name == "state" else None
        return known.in_(language) if known else str(value)

    return [
        f"{label.in_(language)}{end}{word(name, old[name])} → {word(name, new[name])}"
        for name, label in FIELDS.items()
        if name in old and name in new and old[name] != new[name]
    ]


def numbers(frozen: Mapping[str, Any], *, language: Language) -> dict[str, Any]:
    """The numbers that a review kept, in words: goals, measures, and the budget."""
    known, currency = {one.slug: one for one in metrics.catalogue()}, frozen.get("currency", "")
    money = frozen.get("budget", {})

    def value(slug: str, text: str | None) -> str:
        if text is None:
            return figures.UNKNOWN.in_(language)
        return sentences.written(known[slug], Decimal(text), currency, language) if slug in known else text

    return {
        "goals": [
            (
                one["name"],
                value(one.get("metric", ""), one.get("actual")),
                value(one.get("metric", ""), one.get("target")),
                PACES[one["pace"]].in_(language) if one["pace"] in PACES else one["pace"],
                PACE_TONES.get(one["pace"], ""),
            )
            for one in frozen.get("goals", ())
        ],
        "measures": [
            (one["name"], STATES[one["state"]].in_(language), one.get("done", 0), one.get("late", False))
            for one in frozen.get("measures", ())
            if one.get("state") in STATES
        ],
        "budget": [
            "–" if (text := money.get(name)) is None else figures.money(Decimal(text), currency, language)
            for name in ("planned", "committed", "spent", "remaining")
        ]
        if money.get("planned")
        else [],
    }


def rows(
    texts: Sequence[str], owners: Sequence[str], dues: Sequence[str]
) -> list[tuple[str, int | None, str]]:
    """The lines of the form for decisions: what was typed, and empty ones."""
    typed = [(text, whole(owner), due) for text, owner, due in zip(texts, owners, dues, strict=False)]
    return (typed + [("", None, "")] * ROWS)[: max(ROWS, len(typed))]


def decisions(texts: Sequence[str], owners: Sequence[str], dues: Sequence[str]) -> list[Decision]:
    """The decisions of a form; lines without words are left out. Raises `NotADate`."""
    return [
        Decision(text=text, owner_id=whole(owner), due=parse_day(due) if due else None)
        for text, owner, due in zip(texts, owners, dues, strict=False)
        if text.strip()
    ]
