"""Who the customers are, as the overview shows it; each number with the address of its customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.plugs import TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.know.value.populations import moving
from huoshui.measure.dashboards.queries import Overview
from huoshui.measure.dashboards.standing import of_people
from huoshui.science.rfm import SEGMENT_GRID, SEGMENTS
from huoshui.web import charts, figures
from huoshui.web.lists import Part

COLOURS = {
    "stage": {"active": "c1", "silent": "c2", "new": "c3", "potential": "c5", "lost": "c0"},
    "value_class": {"high": "c1", "potential": "c3", "ordinary": "c0", "at_risk": "c2"},
}
"""A thing keeps its colour everywhere; codes without one get theirs by place."""
SPARE = ("c1", "c3", "c5", "c2", "c6", "c4", "c0")
ORDER = ("potential", "new", "active", "silent", "lost")
"""Stages as they follow each other."""
MOST_AGES = 11
NOBODY = Text("without a purchase", "未购买")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Customers who went from one stage to another."""

    number: str
    address: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage: how many are in it, how that changed, who went on to the next one and who came back from it."""

    label: str
    colour: str
    number: str
    change: figures.Difference | None
    address: str
    on: Move | None
    back: Move | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Moves between stages: the strip, and all of them as rows (from) and columns (to)."""

    since: str
    steps: Sequence[Step]
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Move | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a matrix: ``shade`` 0 to 6, ``note`` a second line, ``title`` what it says in full."""

    text: str
    note: str
    shade: int | None
    address: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The R × F grid: columns are R from long ago to just now, rows F from often to once."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Retention by month of the first purchase: rows with the size of the cohort and a cell for each later month."""

    heads: Sequence[str]
    rows: Sequence[tuple[str, Cell, Sequence[Cell | None]]]
    running: bool


def parts(trait: str, view: Overview, language: Language) -> list[Part]:
    """Customers split by a trait."""
    declared = TRAITS[trait]
    return [
        Part(
            label=declared.values[code].in_(language) if code is not None else NOBODY.in_(language),
            number=figures.count(number, language),
            size=number,
            colour=COLOURS.get(trait, {}).get(code or "", SPARE[place % len(SPARE)]),
            address=_listed(view, (trait, code) if code is not None else ("empty", trait)),
        )
        for place, (code, number) in enumerate(view.groups[trait].items())
    ]


def flow(view: Overview, language: Language) -> Flow | None:
    """The moves between stages, where they are known."""
    found = view.flow
    if found is None:
        return None
    labels = {code: TRAITS["stage"].values[code].in_(language) for code in ORDER}

    def move(was: str | None, to: str) -> Move | None:
        number = found.moves.get((was, to), 0)
        if not number:
            return None
        group = moving("stage", was, to, found.before, found.after)
        name = labels[was] if was else _new(language)
        return Move(
            number=figures.count(number, language),
            address=_listed(view, ("in", group)),
            label=f"{name} → {labels[to]}",
        )

    since = f"{found.before.astimezone(view.period.zone):%Y-%m-%d}"
    steps = []
    for code, following in zip(ORDER, (*ORDER[1:], None), strict=True):
        direction = {"active": "up", "new": "up", "lost": "down", "silent": "down"}.get(code, "none")
        steps.append(
            Step(
                label=labels[code],
                colour=COLOURS["stage"][code],
                number=figures.count(found.now(code), language),
                change=figures.difference(
                    found.now(code),
                    found.then(code),
                    language=language,
                    direction=direction,  # type: ignore[arg-type]  # one of its words
                ),
                address=_listed(view, ("stage", code)),
                on=move(code, following) if following else None,
                back=move(following, code) if following else None,
            )
        )
    froms: list[str | None] = [*ORDER, None]
    return Flow(
        since=f"自 {since} 以来" if language == "zh" else f"since {since}",
        steps=steps,
        heads=[labels[code] for code in ORDER],
        rows=[(labels[w] if w else _new(language), [move(w, to) for to in ORDER]) for w in froms],
    )


def grid(view: Overview, house: House, language: Language) -> Grid:
    """The R × F grid with how many customers and what they brought."""
    segments = {one.code: one.label.in_(language) for one in SEGMENTS}
    scores = (1, 2, 3, 4, 5)
    shown = Chart(
        kind="heat",
        title=Text("Customers by recency and frequency", "按最近购买与购买频次划分的客户数"),
        axis=Text("Frequency", "频次"),
        unit="count",
        places=tuple(Text(f"R {r}", f"R {r}") for r in scores),
        series=tuple(
            Series(
                name=Text(f"F {f}", f"F {f}"),
                values=tuple(view.grid[r, f][0] if (r, f) in view.grid else None for r in scores),
            )
            for f in reversed(scores)
        ),
    )
    heads, rows = charts.matrix(shown, language)
    filled = []
    for f, (name, found) in zip(reversed(scores), rows, strict=True):
        line = []
        for r, cell in zip(scores, found, strict=True):
            number, money = view.grid.get((r, f), (0, 0))
            amount = str(figures.short_money(money, house.currency, language))
            segment = segments[SEGMENT_GRID[r][f - 1]]
            line.append(
                Cell(
                    text=cell.text or "0",
                    note=amount if number else "",
                    shade=cell.shade,
                    address=_listed(view, ("in", f"rfm_cell:{r}.{f}")) if number else "",
                    title=f"{segment} · R {r} · F {f}",
                )
            )
        filled.append((name, line))
    return Grid(heads=heads, rows=filled, empty=not view.grid)


def cohorts(view: Overview, language: Language) -> Cohorts | None:
    """Retention of the last cohorts; nothing where fewer than two began."""
    found = [one for one in view.cohorts if one.size]
    if len(found) < 2:
        return None
    ages = min(MOST_AGES, max(len(one.active) for one in found) - 1)
    shares = [one.retention(age) for one in found for age in range(1, min(len(one.active), ages + 1))]
    most = max(shares, default=0.0) or 1.0
    rows = []
    for one in found:
        line: list[Cell | None] = []
        for age in range(1, ages + 1):
            if age >= len(one.active):
                line.append(None)
                continue
            share = one.retention(age)
            running = age >= one.whole
            line.append(
                Cell(
                    text=f"{share * 100:.0f}%",
                    note="",
                    shade=min(charts.STEPS - 1, int(share / most * charts.STEPS)),
                    address=_listed(view, ("in", _began(one.start, age, view))) if one.active[age] else "",
                    title=_cohort_title(one.start, age, one.active[age], one.size, running, language),
                )
            )
        size = Cell(
            text=figures.count(one.size, language),
            note="",
            shade=None,
            address=_listed(view, ("in", _began(one.start, 0, view))),
            title="",
        )
        rows.append((f"{one.start:%Y-%m}", size, line))
    heads = [f"+{age}" for age in range(1, ages + 1)]
    return Cohorts(heads=heads, rows=rows, running=any(one.whole < len(one.active) for one in found))


def _began(start: date, age: int, view: Overview) -> str:
    return f"began:month.{start}.{age}.{view.counted_until}"


def _cohort_title(start: date, age: int, active: int, size: int, running: bool, language: Language) -> str:
    if language == "zh":
        still = "（本月未完）" if running else ""
        return f"{start:%Y-%m} 首购的 {size:,} 位客户中，{active:,} 位在第 {age} 个月购买{still}"
    still = ", a month not over yet" if running else ""
    return f"{active:,} of the {size:,} who first bought in {start:%Y-%m} bought in month {age}{still}"


def _listed(view: Overview, condition: tuple[str, str]) -> str:
    """The list of customers with a condition, and with what of the slice speaks of customers."""
    cut = [(name, str(value)) for name, value in of_people(view.where).items()]
    return f"{reverse('customers:list')}?{urlencode([condition, *cut])}"


def _new(language: Language) -> str:
    return "新来" if language == "zh" else "Newly known"
