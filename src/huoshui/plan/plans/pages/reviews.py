"""The story of a plan in sentences, by month, and the decisions of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from huoshui.kernel.clock import parse_day
from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.pages.measures import whole
from huoshui.plan.plans.reviews.queries import Told
from huoshui.plan.plans.reviews.services import Decision
from huoshui.web import figures

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
OTHER = Text("changed the plan {subject}", "修改了计划{subject}")
ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence of the story."""

    sentence: str
    reason: str
    review_id: int | None
    at: datetime


def chapters(told: Iterable[Told], *, zone: ZoneInfo, language: Language) -> list[tuple[str, list[Line]]]:
    """The story by month, the newest first, as it comes."""
    found = []
    for month, lines in groupby(told, key=lambda one: one.at.astimezone(zone).date().replace(day=1)):
        found.append((figures.month(month, language), [_line(one, language) for one in lines]))
    return found


def _line(one: Told, language: Language) -> Line:
    quoted = (f"“{one.subject}”") if one.subject else ""
    does = ACTS.get(one.act, OTHER).in_(language).replace("{subject}", quoted).strip()
    by = one.by or Text("The clock", "系统").in_(language)
    sentence = f"{by}{does}。" if language == "zh" else f"{by} {does}."
    return Line(sentence=sentence, reason=one.reason, review_id=one.review_id, at=one.at)


def decisions(texts: Sequence[str], owners: Sequence[str], dues: Sequence[str]) -> list[Decision]:
    """The decisions of a form; lines without words are left out. Raises `NotADate`."""
    return [
        Decision(text=text, owner_id=whole(owner), due=parse_day(due) if due else None)
        for text, owner, due in zip(texts, owners, dues, strict=False)
        if text.strip()
    ]
