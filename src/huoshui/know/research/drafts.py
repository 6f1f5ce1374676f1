"""What an entry is to be: as people say it, and as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from huoshui.kernel.texts import Text
from huoshui.know.research.errors import NotResearch
from huoshui.know.research.limits import LONGEST_NAME, LONGEST_SOURCE, LONGEST_TEXT

CONFIDENCE: Mapping[str, Text] = {
    "high": Text("high", "高"),
    "medium": Text("medium", "中"),
    "low": Text("low", "低"),
}
KINDS: Mapping[str, Text] = {
    "interview": Text("interview", "访谈"),
    "focus_group": Text("focus group", "焦点小组"),
    "observation": Text("observation", "观察"),
    "review": Text("review", "评论"),
}
SCORES = range(1, 6)
MOST_YEARS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where something comes from: ``source`` in words, a ``link`` or nothing, of which ``day``, how sure one may be."""

    source: str
    day: date
    link: str = ""
    confidence: str = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Competitor:
    """A competitor; ``scores`` says criterion → (1 … 5 or nothing, remark)."""

    name: str
    origin: Origin
    about: str = ""
    ours: bool = False
    scores: Mapping[str, tuple[int | None, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the market, by year."""

    name: str
    unit: str
    origin: Origin
    values: Mapping[int, Decimal]
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was heard of ``who``, and what it means."""

    who: str
    words: str
    origin: Origin
    kind: str = "interview"
    segment: str = ""
    means: str = ""


Draft = Competitor | Figure | Note


def values_of(draft: Draft) -> dict[str, Any]:
    """The columns of a draft. Raises `NotResearch`."""
    return {**_origin(draft.origin), **_own(draft)}


def years(text: str) -> dict[int, Decimal]:
    """Values by year out of lines such as ``2024: 1,250``. Raises `NotResearch`, naming the line."""
    found: dict[int, Decimal] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        year, _sign, amount = line.replace("：", ":").replace("\t", ":").partition(":")
        try:
            number, value = int(year.strip()), Decimal(amount.strip().replace(",", "").replace("，", ""))
        except (ValueError, InvalidOperation):
            raise NotResearch(
                Text("A line says a year and a value, such as 2024: 1250", "每行写年份和数值，如 2024: 1250"),
                received=repr(line[:40]),
            ) from None
        if not 1900 <= number <= 2200 or not value.is_finite() or abs(value) >= Decimal(10) ** 15:
            raise NotResearch(
                Text("A year or a value is out of bounds", "年份或数值超出范围"), received=repr(line[:40])
            )
        if number in found:
            raise NotResearch(Text("A year stands there twice", "同一年份出现了两次"), received=str(number))
        found[number] = value
    return dict(sorted(found.items()))


def _own(draft: Draft) -> dict[str, Any]:
    if isinstance(draft, Competitor):
        scores = {}
        for criterion, (score, remark) in draft.scores.items():
            if score is not None and score not in SCORES:
                raise NotResearch(Text("A score is from 1 to 5", "评分须为 1 到 5"), received=str(score)[:20])
            said = _line(remark, 120, "remark")
            if score is not None or said:
                scores[_line(criterion, 60, "criterion")] = [score, said]
        name, about = _line(draft.name, LONGEST_NAME, "name", needed=True), _line(draft.about, 500, "about")
        return {"name": name, "about": about, "ours": draft.ours, "scores": scores}
    if isinstance(draft, Figure):
        if not draft.values or len(draft.values) > MOST_YEARS:
            raise NotResearch(
                Text("A figure has a value for at least one year", "市场数据至少要有一年的数值"),
                received=f"{len(draft.values)} years",
            )
        return {
            "name": _line(draft.name, LONGEST_NAME, "name", needed=True),
            "unit": _line(draft.unit, 40, "unit", needed=True),
            "about": _line(draft.about, 500, "about"),
            "values": [[year, str(value)] for year, value in sorted(draft.values.items())],
        }
    words = draft.words.replace("\r\n", "\n").strip()
    if not words or len(words) > LONGEST_TEXT or "\0" in words:
        raise NotResearch(
            Text("Write down what was said: at most 4,000 characters", "请写下原话，最多 4000 字"),
            received=f"{len(words)} characters",
        )
    if draft.kind not in KINDS:
        raise NotResearch(
            Text("It was not heard so", "没有这种记录方式"), received=draft.kind[:20], valid=", ".join(KINDS)
        )
    return {
        "kind": draft.kind,
        "who": _line(draft.who, LONGEST_NAME, "who", needed=True),
        "segment": draft.segment,
        "words": words,
        "means": _line(draft.means, 500, "means"),
    }


def _origin(origin: Origin) -> dict[str, Any]:
    link = origin.link.strip()
    if link and (not link.startswith(("https://", "http://")) or len(link) > 500 or len(link.split()) != 1):
        raise NotResearch(
            Text("A link begins with https://", "链接须以 https:// 开头"), received=repr(link[:60])
        )
    if origin.confidence not in CONFIDENCE:
        raise NotResearch(
            Text("Confidence is high, medium or low", "可信度须为高、中或低"), received=origin.confidence[:20]
        )
    if not 1900 <= origin.day.year <= 2200:
        raise NotResearch(Text("This day is out of bounds", "日期超出范围"), received=str(origin.day))
    return {
        "source": _line(origin.source, LONGEST_SOURCE, "source", needed=True),
        "link": link,
        "day": origin.day,
        "confidence": origin.confidence,
    }


LABELS: Mapping[str, Text] = {
    "name": Text("The name", "名称"),
    "unit": Text("The unit", "单位"),
    "about": Text("The description", "说明"),
    "who": Text("Who said it", "受访者"),
    "means": Text("What it means", "启示"),
    "source": Text("The source", "出处"),
    "remark": Text("A remark", "备注"),
    "criterion": Text("A criterion", "比较项"),
}


def _line(text: str, longest: int, name: str, *, needed: bool = False) -> str:
    said = " ".join(text.split())
    if (needed and not said) or len(said) > longest or "\0" in said:
        label = LABELS[name]
        raise NotResearch(
            Text(
                f"{label.en} needs {'1 to ' if needed else 'at most '}{longest} characters",
                f"{label.zh}须为{'1 到 ' if needed else '最多 '}{longest} 字",
            ),
            received=repr(said[:40]),
        )
    return said
