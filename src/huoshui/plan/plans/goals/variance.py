"""Why a goal is where it is: what each part of the business added to the distance from its path, or from a year before.

A sum that is held against its path: what each part should have brought by now is its share of the same days a year
before, times what the path asks for. So a part that grew as the whole was meant to adds nothing, and the parts add up
exactly to actual less path. Where no year before is known, and for levels, parts are compared with what they were. A
ratio moves because parts changed (rate) and because their weight did (mix).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.cells import of_period
from huoshui.measure.metrics.dimensions import Value, named, valued
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.plan.plans.figures import Ask, Figures
from huoshui.plan.plans.goals.accumulating import gathering
from huoshui.plan.plans.goals.standing import Standing
from huoshui.science.drivers import contributions, mix_and_rate

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

DAY = timedelta(days=1)
OFFERED = ("channel", "category", "city", "province", "region", "value_class", "stage", "product")
"""What is looked into, as far as the metric has it: the first that is told apart best is said first."""
MOST_CELLS, TOP = 400, 8
QUANTUM = Decimal("0.0001")

Against = Literal["path", "before"]

NOT_BEGUN = Text("The goal has not begun: there is nothing to explain yet.", "目标尚未开始，暂无差异可分析。")
UNKNOWN = Text("The actual value is not known, so there is nothing to explain.", "实际值未知，无法分析差异。")
NO_BEFORE = Text(
    "Nothing is known of the same days a year before: there is nothing to compare with.",
    "没有去年同期的数据，无从比较。",
)
SLOW = Text(
    "This metric takes as long as a refresh for each day of the past: open it to split it.",
    "该指标回算每个时点都相当于一次全量刷新：请打开指标查看拆分。",
)
NOTHING_TO_SPLIT = Text("This metric cannot be told apart by any part.", "该指标无法再作拆分。")
REST = Text("all others", "其余")
ELSEWHERE = Text("counted in several, or in none", "重复计入或未归类")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one part added: ``change`` = ``after`` − ``before``. Of a ratio ``mix`` + ``rate`` = ``change``.

    ``before`` and ``after`` are the part's own values; None for what several parts are summed up in, of ratios.
    """

    name: Text
    before: Decimal | None
    after: Decimal | None
    change: Decimal
    mix: Decimal | None = None
    rate: Decimal | None = None
    opens: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A dimension: its rows add up exactly to ``total``. ``uneven`` is how much one part stands out."""

    by: str
    label: Text
    rows: tuple[Row, ...]
    total: Decimal
    uneven: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The parts of the distance ``total`` between ``before`` and ``after``.

    ``against`` says whether ``before`` is the path or what was a year before; ``days`` are those compared, ``ratio``
    whether mix and rate are told. The ``splits`` stand with the one first that explains most. Where there are none,
    ``problem`` says why.
    """

    against: Against
    before: Decimal | None
    after: Decimal | None
    total: Decimal | None
    days: tuple[Period, Period] | None
    ratio: bool
    splits: tuple[Split, ...]
    problem: Text | None


def diagnosis(standing: Standing, *, tables: Snapshot) -> Diagnosis:
    """Why a goal is where it is. What it says adds up exactly, dimension by dimension."""
    metric, now = standing.metric, standing.actual_of
    if now is None:
        return _nothing(NOT_BEGUN)
    if metric is None or standing.actual is None:
        return _nothing(standing.problem or UNKNOWN)
    if metric.slow:
        return _nothing(SLOW)
    then = Period.days(months_after(now.first_day, -12), months_after(now.end_day, -12), now.zone)
    figures, cut = Figures(tables), standing.goal.cut
    wanted = [one for one in OFFERED if one not in dict(cut)]
    try:
        there = {one.slug for one in metrics.splits(metric.slug, tables=tables)}
        wholes = [figures.cell(Ask(metric=metric, period=one, cut=cut)) for one in (then, now)]
    except HuoshuiError:
        return _nothing(UNKNOWN)
    if wholes[0].value is None or not wholes[0].numerator:
        return _nothing(NO_BEFORE)
    ratio = metric.denominator is not None
    against: Against = "before"
    before, after = Decimal(str(wholes[0].value)), standing.actual
    factor = Decimal(1)
    if not ratio and gathering(metric) == "sum" and standing.expected is not None and before > 0:
        with localcontext(prec=50):
            against, factor, before = "path", standing.expected / before, standing.expected
    splits = []
    for by in wanted:
        if by not in there:
            continue
        sides = []
        try:
            for period in (then, now):
                sides.append(
                    {
                        cell.dimensions[by]: cell
                        for cell in figures.cells(Ask(metric=metric, period=period, by=(by,), cut=cut))
                    }
                )
        except HuoshuiError:
            continue  # not told apart by this: the others are
        if not 1 < len({*sides[0], *sides[1]}) <= MOST_CELLS:
            continue
        rows = _of_ratio(by, sides, wholes, metric) if ratio else _of_sum(by, sides, before, after, factor)
        if rows:
            splits.append(_split(by, rows, standing, now))
    splits.sort(key=lambda one: (-one.uneven, OFFERED.index(one.by)))
    return Diagnosis(
        against=against,
        before=before,
        after=after,
        total=splits[0].total if splits else after - before,
        days=(then, now),
        ratio=ratio,
        splits=tuple(splits),
        problem=None if splits else NOTHING_TO_SPLIT,
    )


class Part(NamedTuple):
    """A part before it has a name."""

    value: Value | Text
    before: Decimal | None
    after: Decimal | None
    change: Decimal
    mix: Decimal | None = None
    rate: Decimal | None = None


Found = list[Part]


def _of_sum(
    by: str, sides: Sequence[Mapping[Value, Any]], before: Decimal, after: Decimal, factor: Decimal
) -> Found:
    """Value, before, after and change of each part, and of what no part has, or several have."""
    with localcontext(prec=50):
        raw = {value: Decimal(str(cell.value or 0)) for value, cell in sides[0].items()}
        new = {value: Decimal(str(cell.value or 0)) for value, cell in sides[1].items()}
        old = {value: (amount * factor).quantize(QUANTUM) for value, amount in raw.items()}
        if old and abs(sum(raw.values()) * factor - before) < QUANTUM:
            # The parts make the whole: what rounding left goes to the largest.
            largest = max(old, key=lambda value: (old[value], str(value)))
            old[largest] += before - sum(old.values())
        moved = contributions(old, new)
        found = [Part(one.cell, one.before, one.after, one.change) for one in moved]  # type: ignore[arg-type]  # decimals came in
        rest_old, rest_new = before - sum(old.values()), after - sum(new.values())
        if found and (rest_old or rest_new):
            found.append(Part(ELSEWHERE, rest_old, rest_new, rest_new - rest_old))
        return found


def _of_ratio(by: str, sides: Sequence[Mapping[Value, Any]], wholes: Sequence[Any], metric: Metric) -> Found:
    """The same of a ratio, with mix and rate; nothing where the parts do not make the whole."""
    tops = [{value: Decimal(str(cell.numerator)) for value, cell in side.items()} for side in sides]
    bottoms = [{value: Decimal(str(cell.denominator or 0)) for value, cell in side.items()} for side in sides]
    for place, whole in enumerate(wholes):
        if sum(bottoms[place].values()) != Decimal(str(whole.denominator)):
            return []
        if sum(tops[place].values()) != Decimal(str(whole.numerator)):
            return []
    quantum = Decimal("0.01") if metric.unit == "money" else Decimal("0.000001")
    try:
        moved = mix_and_rate(tops[0], bottoms[0], tops[1], bottoms[1], quantum=quantum)
    except HuoshuiError:
        return []

    def own(place: int, value: Any) -> Decimal | None:
        cell = sides[place].get(value)
        return None if cell is None or cell.value is None else Decimal(str(cell.value))

    return [
        Part(one.cell, own(0, one.cell), own(1, one.cell), one.change, one.mix, one.rate)  # type: ignore[arg-type]  # decimals came in
        for one in moved
    ]


def _split(by: str, found: Found, standing: Standing, now: Period) -> Split:
    """The rows of a dimension, those that added most first, the small ones summed up."""
    metric = standing.metric
    total = sum((one.change for one in found), Decimal(0))
    weights = [abs(one.before or Decimal(0)) for one in found]
    whole = sum(weights, Decimal(0)) or Decimal(1)
    # What a part added beyond what its size would explain: a cause stands out, a large part alone does not.
    uneven = max(abs(one.change - total * weight / whole) for one, weight in zip(found, weights, strict=True))
    ordered = sorted(found, key=lambda one: (-abs(one.change), str(one.value)))
    shown = ordered if len(ordered) <= TOP + 1 else ordered[:TOP]
    rows = []
    for one in shown:
        opens = ""
        if metric is not None and not isinstance(one.value, Text) and one.after and metric.of_people:
            opens = of_period(metric.slug, now, {**dict(standing.goal.cut), by: one.value}).customers
        name = one.value if isinstance(one.value, Text) else valued(by, one.value)
        rows.append(
            Row(
                name=name,
                before=one.before,
                after=one.after,
                change=one.change,
                mix=one.mix,
                rate=one.rate,
                opens=opens,
            )
        )
    if rest := ordered[len(shown) :]:
        of_ratio = rest[0].mix is not None
        rows.append(
            Row(
                name=Text(f"{REST.en} ({len(rest)})", f"{REST.zh}（{len(rest)} 项）"),
                before=None if of_ratio else _sum(one.before for one in rest),
                after=None if of_ratio else _sum(one.after for one in rest),
                change=_sum(one.change for one in rest),
                mix=_sum(one.mix for one in rest) if of_ratio else None,
                rate=_sum(one.rate for one in rest) if of_ratio else None,
            )
        )
    return Split(by=by, label=named(by), rows=tuple(rows), total=total, uneven=uneven)


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value or Decimal(0) for value in values), Decimal(0))


def _nothing(problem: Text) -> Diagnosis:
    return Diagnosis(
        against="before",
        before=None,
        after=None,
        total=None,
        days=None,
        ratio=False,
        splits=(),
        problem=problem,
    )
