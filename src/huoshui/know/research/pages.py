"""Values for the templates of research."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.texts import Language, Text
from huoshui.know.research import drafts
from huoshui.know.research.drafts import CONFIDENCE, KINDS
from huoshui.know.research.queries import Entry

TABS: dict[str, Text] = {
    "competitor": Text("Competitors", "竞品"),
    "figure": Text("Market", "市场"),
    "note": Text("Interviews", "访谈"),
}
TONES = {"high": "good", "medium": "", "low": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one competitor has of one criterion; ``best`` where nobody has more."""

    score: int | None
    remark: str
    best: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A criterion with a cell for each competitor."""

    criterion: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry of a list."""

    entry: Entry
    confidence: str
    tone: str
    kind: str
    segment: str
    newest: str
    grown: str
    chart: Chart | None


def matrix(entries: Sequence[Entry], criteria: Sequence[str]) -> list[Row]:
    """The competitors side by side; those with the highest score of a row are marked."""
    rows = []
    for name in criteria:
        said = [
            one.draft.scores.get(name, (None, "")) if isinstance(one.draft, drafts.Competitor) else (None, "")
            for one in entries
        ]
        top = max((score for score, _remark in said if score is not None), default=None)
        cells = tuple(
            Cell(score=score, remark=remark, best=score is not None and score == top)
            for score, remark in said
        )
        rows.append(Row(criterion=name, cells=cells))
    return rows


def shown(one: Entry, segments: dict[str, str], language: Language) -> Shown:
    """An entry with its words."""
    draft = one.draft
    newest = grown = kind = segment = ""
    if isinstance(draft, drafts.Figure):
        years = sorted(draft.values)
        newest = f"{draft.values[years[-1]].normalize():,f} {draft.unit} · {years[-1]}"
        first, last, span = draft.values[years[0]], draft.values[years[-1]], years[-1] - years[0]
        if span and first > 0 and last > 0:
            rate = (float(last) / float(first)) ** (1 / span) - 1
            grown = Text(f"{rate:+.1%} a year since {years[0]}", f"{years[0]} 年以来年均 {rate:+.1%}").in_(
                language
            )
    if isinstance(draft, drafts.Note):
        kind, segment = KINDS[draft.kind].in_(language), segments.get(draft.segment, draft.segment)
    return Shown(
        entry=one,
        confidence=CONFIDENCE[draft.origin.confidence].in_(language),
        tone=TONES[draft.origin.confidence],
        kind=kind,
        segment=segment,
        newest=newest,
        grown=grown,
        chart=trend(draft) if isinstance(draft, drafts.Figure) and len(draft.values) > 1 else None,
    )


def trend(draft: drafts.Figure) -> Chart:
    """A figure of the market over the years; years without a value are gaps."""
    first, last = min(draft.values), max(draft.values)
    years = range(first, last + 1)
    name = Text(draft.name, draft.name)
    return Chart(
        kind="line" if len(draft.values) > 2 else "bar",
        title=Text(f"{draft.name} ({draft.unit})", f"{draft.name}（{draft.unit}）"),
        axis=Text("Year", "年份"),
        unit="count",
        places=tuple(Text(str(year), str(year)) for year in years),
        series=(Series(name=name, values=tuple(draft.values.get(year) for year in years)),),
    )
