"""Blocks of figures: a row of metrics, a chart, a table by a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from huoshui.kernel.charts import Chart, Series, Unit
from huoshui.kernel.papers import Drawing, Element, Fact, Facts, Grid, Notice, Tone
from huoshui.kernel.plugs import TRAITS, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.cells import of_period
from huoshui.measure.metrics.dimensions import Value, named, valued
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.periods import Period, in_grains
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.document.figures import Ask
from huoshui.plan.plans.document.kinds import TIMES
from huoshui.plan.plans.document.reader import CannotSay, Reader
from huoshui.web import figures

MOST_METRICS = 12
MOST_PLACES = 60
MOST_BARS = 12
MOST_ROWS = 30

NOT_SET = Text("This block is not filled in yet.", "这个区块还没有设置。")
GONE = Text("There is no metric “{}” any more.", "指标“{}”已不存在。")
NOTHING = Text(
    "{}: nothing that this counts has been recorded. Where there was something, its data are gone.",
    "{}：没有任何可供统计的记录。如果以前有，说明数据已被移除。",
)
TOO_MANY = Text(
    "Too many places for one chart: choose months or quarters.", "图表上的点太多：请改用月或季度。"
)


# -- a row of figures --------------------------------------------------------------------------------------------


def asks_of_metrics(block: Block, reader: Reader) -> list[Ask]:
    """What a row of figures asks for."""
    period = reader.period(block)
    periods = [period, *([other] if (other := reader.before(block, period)) else [])]
    return [
        Ask(metric=slug, period=one, cut=reader.cut(block))
        for slug in block.several("metrics")[:MOST_METRICS]
        for one in periods
    ]


def metrics_row(block: Block, reader: Reader) -> tuple[Element, ...]:
    """The row; what has nothing to show is said below it."""
    slugs = block.several("metrics")[:MOST_METRICS]
    if not slugs:
        raise CannotSay(NOT_SET)
    period = reader.period(block)
    other = reader.before(block, period)
    facts, problems = [], []
    for slug in slugs:
        try:
            declared = _declared(slug, reader)
            ask = Ask(metric=slug, period=period, cut=reader.cut(block))
            _require_something(ask, declared, reader)
            facts.append(_fact(declared, ask, other, block, reader))
        except CannotSay as error:
            problems.append(Notice(text=reader.say(error.words)))
    said: list[Element] = [Facts(facts=tuple(facts))] if facts else []
    return (*said, *problems)


def _fact(declared: Metric, ask: Ask, other: Period | None, block: Block, reader: Reader) -> Fact:
    language, currency = reader.language, reader.house.currency
    now = reader.figures.value(ask)
    note, tone = "", ""
    if other is not None:
        earlier = Ask(metric=ask.metric, period=other, cut=ask.cut)
        before = reader.figures.value(earlier)
        if before or not reader.figures.silent(earlier.ever):
            changed = figures.difference_of(declared, now, before, language=language)
            was = str(figures.headline(declared, before, currency, language))
            label = {
                "previous": Text("before", "前期"),
                "year": Text("a year ago", "去年同期"),
            }[block["compare"]]
            note = f"{changed.text} · {reader.say(label)} {was}" if changed else f"{reader.say(label)} {was}"
            tone = changed.tone if changed else ""
    return Fact(
        label=reader.say(declared.label),
        value=str(figures.headline(declared, now, currency, language)),
        note=note,
        tone=cast("Tone", tone),
        opens=_opened(declared, ask.period, dict(ask.cut)) if now else "",
    )


# -- a chart -----------------------------------------------------------------------------------------------------


def asks_of_chart(block: Block, reader: Reader) -> list[Ask]:
    """What a chart asks for: by time each day, week or month by itself, so that every metric can be drawn."""
    slug, by = block["metric"], block["by"]
    if not slug:
        return []
    period, cut = reader.period(block), reader.cut(block)
    if by not in TIMES:
        return [Ask(metric=slug, period=period, by=(by,), cut=cut)]
    return [Ask(metric=slug, period=one, cut=cut) for one in _places(by, period)]


def chart(block: Block, reader: Reader) -> tuple[Element, ...]:
    """The chart, with a sentence that says what is seen."""
    if not block["metric"]:
        raise CannotSay(NOT_SET)
    declared, period = _declared(block["metric"], reader), reader.period(block)
    cut, by = reader.cut(block), block["by"]
    _require_something(Ask(metric=declared.slug, period=period, cut=cut), declared, reader)
    if by in TIMES:
        drawn = _by_time(declared, by, period, cut, reader)
        axis = TIMES[by]
        title = Text(f"{declared.label.en} by {axis.en}", f"{declared.label.zh}（按{axis.zh}）")
    else:
        axis = named(by)
        drawn = _by_dimension(declared, by, period, cut, reader)
        title = Text(f"{declared.label.en} by {axis.en.lower()}", f"各{axis.zh}的{declared.label.zh}")
    places, values, addresses = drawn
    if not places:
        raise CannotSay(Text(NOTHING.en.format(declared.label.en), NOTHING.zh.format(declared.label.zh)))
    made = Chart(
        kind="bar" if block["look"] == "bar" or by not in TIMES else "line",
        title=Text(block["title"], block["title"]) if block["title"] else title,
        axis=axis,
        unit=_unit(declared),
        currency=reader.house.currency if declared.unit == "money" else "",
        monthly=by == "month",
        places=places,
        series=(Series(name=declared.label, values=values, addresses=addresses),),
    )
    note = reader.days(period)
    if cut:
        note += f" · {reader.say(valued(*cut[0]))}"
    return (Drawing(chart=made, alternative=_seen(made, declared, reader), note=note),)


Drawn = tuple[tuple[date | Text, ...], tuple[metrics.Number | None, ...], tuple[str, ...]]


def _by_time(
    declared: Metric, by: str, period: Period, cut: tuple[tuple[str, str], ...], reader: Reader
) -> Drawn:
    parts = _places(by, period)
    places: list[date | Text] = []
    values: list[metrics.Number | None] = []
    for one in parts:
        values.append(reader.figures.value(Ask(metric=declared.slug, period=one, cut=cut)))
        first = one.first_day
        quarter = (first.month - 1) // 3 + 1
        places.append(
            Text(f"Q{quarter} {first.year}", f"{first.year} 年 {quarter} 季度")
            if by == "quarter"
            else first.replace(day=1)
            if by == "month"
            else first
        )
    opened = [
        _opened(declared, one, dict(cut)) if value else "" for one, value in zip(parts, values, strict=True)
    ]
    return tuple(places), tuple(values), tuple(opened)


def _by_dimension(
    declared: Metric, by: str, period: Period, cut: tuple[tuple[str, str], ...], reader: Reader
) -> Drawn:
    cells = reader.figures.cells(Ask(metric=declared.slug, period=period, by=(by,), cut=cut))
    if by not in TRAITS:
        cells = sorted(cells, key=lambda cell: -Decimal(str(cell.value or 0)))
    shown = cells[:MOST_BARS]
    return (
        tuple(valued(by, cell.dimensions[by]) for cell in shown),
        tuple(cell.value for cell in shown),
        tuple(
            _opened(declared, period, {**dict(cut), **cell.dimensions}) if cell.numerator else ""
            for cell in shown
        ),
    )


def _seen(made: Chart, declared: Metric, reader: Reader) -> str:
    """What the chart shows, in a sentence."""
    known = [
        (place, value)
        for place, value in zip(made.places, made.series[0].values, strict=True)
        if value is not None
    ]
    title = reader.say(made.title)
    if not known:
        return title

    def said(value: metrics.Number | None) -> str:
        return str(figures.headline(declared, value, reader.house.currency, reader.language))

    def place(one: date | Text) -> str:
        return reader.say(one) if isinstance(one, Text) else f"{one:%Y-%m}" if made.monthly else str(one)

    highest = max(known, key=lambda pair: Decimal(str(pair[1])))
    lowest = min(known, key=lambda pair: Decimal(str(pair[1])))
    return reader.say(
        Text(
            f"{title}: highest {said(highest[1])} ({place(highest[0])}), lowest {said(lowest[1])} "
            f"({place(lowest[0])}), last {said(known[-1][1])} ({place(known[-1][0])}).",
            f"{title}：最高 {said(highest[1])}（{place(highest[0])}），最低 {said(lowest[1])}（{place(lowest[0])}），"
            f"最后 {said(known[-1][1])}（{place(known[-1][0])}）。",
        )
    )


# -- a table -----------------------------------------------------------------------------------------------------


def asks_of_table(block: Block, reader: Reader) -> list[Ask]:
    """What a table asks for."""
    period, by = reader.period(block), _dimension(block)
    return [
        Ask(metric=slug, period=period, by=(by,), cut=reader.cut(block))
        for slug in block.several("metrics")[:MOST_METRICS]
    ]


def table(block: Block, reader: Reader) -> tuple[Element, ...]:
    """Metrics in columns, the values of a dimension in rows; metrics that it cannot split are named below."""
    asked = asks_of_table(block, reader)
    if not asked:
        raise CannotSay(NOT_SET)
    by, period, cut = _dimension(block), asked[0].period, reader.cut(block)
    columns, problems = [], []
    for ask in asked:
        try:
            declared = _declared(ask.metric, reader)
            _require_something(Ask(metric=ask.metric, period=period, cut=cut), declared, reader)
            columns.append((declared, {cell.dimensions[by]: cell for cell in reader.figures.cells(ask)}))
        except CannotSay as error:
            problems.append(Notice(text=reader.say(error.words)))
    if not columns:
        return tuple(problems)
    values = list(dict.fromkeys(value for _one, cells in columns for value in cells))
    if by not in TRAITS:
        first = columns[0][1]
        values.sort(key=lambda value: -Decimal(str((first[value].value if value in first else 0) or 0)))
    rows: list[tuple[str, ...]] = []
    opens: list[tuple[int, int, str]] = []
    for value in values[:MOST_ROWS]:
        row = [reader.say(valued(by, value))]
        for declared, cells in columns:
            cell = cells.get(value)
            row.append(
                str(figures.headline(declared, cell.value, reader.house.currency, reader.language))
                if cell
                else "–"
            )
            if cell and cell.numerator and (address := _opened(declared, period, {**dict(cut), by: value})):
                opens.append((len(rows), len(row) - 1, address))
        rows.append(tuple(row))
    note = reader.days(period)
    if cut:
        note += f" · {reader.say(valued(*cut[0]))}"
    if len(values) > MOST_ROWS:
        left = len(values) - MOST_ROWS
        note += " · " + reader.say(Text(f"{left} more are not shown", f"另有 {left} 行未显示"))
    labels = [reader.say(one.label) for one, _cells in columns]
    joined = "、".join(labels) if reader.language == "zh" else ", ".join(labels)
    axis = named(by)
    usual = reader.say(Text(f"{joined} by {axis.en.lower()}", f"各{axis.zh}的{joined}"))
    grid = Grid(
        title=block["title"] or usual,
        head=(reader.say(axis), *labels),
        rows=tuple(rows),
        numeric=tuple(range(1, len(labels) + 1)),
        note=note,
        opens=tuple(opens),
    )
    return (grid, *problems)


def _dimension(block: Block) -> str:
    return block["by"] or "stage"


def _declared(slug: str, reader: Reader) -> Metric:
    try:
        return reader.figures.metric(slug)
    except UnknownMetric as error:
        raise CannotSay(Text(GONE.en.format(slug), GONE.zh.format(slug))) from error


def _require_something(ask: Ask, declared: Metric, reader: Reader) -> None:
    """Raise `CannotSay` where nothing at all was counted up to the end of the period: then 0 would be a lie."""
    if not reader.figures.silent(ask):
        return
    why = metrics.why_unknown(declared, reader.figures.cells(ask)[0])
    if why is not None:
        raise CannotSay(Text(f"{declared.label.en}: {why.en}.", f"{declared.label.zh}：{why.zh}。"))
    if reader.figures.silent(ask.ever):
        raise CannotSay(Text(NOTHING.en.format(declared.label.en), NOTHING.zh.format(declared.label.zh)))


def _opened(declared: Metric, period: Period, where: Mapping[str, Value]) -> str:
    """The customers behind a figure, where it has any."""
    return of_period(declared.slug, period, where).customers if metrics.opens(declared) else ""


def _places(by: str, period: Period) -> list[Period]:
    found = in_grains(period.first_day, period.end_day, by, period.zone)
    if len(found) > MOST_PLACES:
        raise CannotSay(TOO_MANY)
    return found


def _unit(declared: Metric) -> Unit:
    return "money" if declared.unit == "money" else "share" if declared.unit == "share" else "count"


def totals_of(block: Block, reader: Reader) -> list[Ask]:
    """What a block asks for without its split: of a figure of nothing, it is told whether there ever was anything."""
    if block.kind == "metrics":
        return asks_of_metrics(block, reader)
    if block.kind not in ("chart", "table"):
        return []
    slugs = [block["metric"]] if block.kind == "chart" else block.several("metrics")[:MOST_METRICS]
    period, cut = reader.period(block), reader.cut(block)
    return [Ask(metric=slug, period=period, cut=cut) for slug in slugs if slug]
