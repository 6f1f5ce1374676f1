"""What the blocks of a board show, for one reader, one period and one slice.

A block that cannot be shown says why in a sentence: a metric that is gone, a slice that a figure cannot be cut to, data
that are no longer there. None of these is ever a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from huoshui.data.customers import asking, keeping, listing
from huoshui.data.customers.subjects import called
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.charts import Chart
from huoshui.kernel.clock import AsOf, start_of_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS, House, Metric
from huoshui.kernel.texts import Language, Text
from huoshui.lake.kept import kept
from huoshui.measure.dashboards.boards import drawing, words
from huoshui.measure.dashboards.boards.blocks import KINDS, Block, Content
from huoshui.measure.dashboards.queries import end_of_figures
from huoshui.measure.metrics import cells
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import state_of, valued
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.web import address, figures

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

GONE = Text("There is no metric “{}” any more.", "指标“{}”已不存在。")
NOTHING = Text(
    "Nothing that this counts has been recorded up to then. Where there was something, its data are gone.",
    "截至该时段，没有任何可供统计的记录。如果以前有，说明数据已被移除。",
)
LATER = Text("This period lies after the figures: they reach to {}.", "该时段在现有数据之后：数据截至 {}。")
NO_VIEW = Text(
    "The saved view of this list is gone, or is not shared with you.",
    "这个列表所用的视图已不存在，或没有共享给你。",
)
NO_HTML = SafeString("")
NOT_SET = Text("This block is not filled in yet: edit the board.", "这个区块还没有设置，请编辑看板。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A customer of a list: number, name, and values as texts."""

    customer_id: int
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A block as it is shown. ``problem`` is a sentence, and then there is nothing else but the title.

    ``note`` says period and slice where they are the block's own. ``value`` is the figure of a headline, ``exact`` has
    all its digits, ``was`` is what it is compared with. A list has ``heads``, ``lines`` and how many there are in
    ``total``. ``address`` is the list of the customers behind it.
    """

    kind: str
    title: str
    note: str = ""
    problem: str = ""
    meaning: str = ""
    value: figures.Figure | str = ""
    exact: str = ""
    was: str = ""
    difference: figures.Difference | None = None
    chart: Chart | None = None
    heads: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    total: int = 0
    address: str = ""
    text: str = ""
    html: SafeString = NO_HTML

    @property
    def small(self) -> bool:
        """Whether it stands in a row of figures."""
        return self.kind == "metric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Blocks under a heading; the first section may have none."""

    title: str
    blocks: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A board as it is shown: the ``first`` and the ``last`` day of its period, and its sections."""

    first: date
    last: date
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, in which language, with which period (empty: that of each block) and slice."""

    actor: Actor
    house: House
    language: Language
    now: datetime
    period: str = ""
    cut: Mapping[str, str]


def page(content: Content, *, tables: Snapshot, reader: Reader) -> Page:
    """The board for a reader. Raises `NotAllowed` without the right to see customers."""
    reader.actor.require(Right.CUSTOMERS_VIEW)
    now = reader.now.replace(second=0, microsecond=0)
    end = end_of_figures(tables=tables, zone=reader.house.zone, now=now)
    found: list[tuple[str, list[Shown]]] = [("", [])]
    for block in content.blocks:
        if block.kind == "section":
            found.append((block.title, []))
        else:
            found[-1][1].append(_shown(block, tables, reader, end))
    first, after = address.Chosen(period=reader.period or address.USUAL, slice={}).days(end)
    return Page(
        first=first,
        last=after - timedelta(days=1),
        sections=tuple(
            Section(title=title, blocks=tuple(blocks)) for title, blocks in found if title or blocks
        ),
    )


def _shown(block: Block, tables: Snapshot, reader: Reader, end: date) -> Shown:
    read = {"metric": _metric, "chart": _chart, "list": _list, "text": _text}[block.kind]
    try:
        return read(block, tables, reader, end)
    except _CannotSay as error:
        problem = error.words.in_(reader.language)
    except HuoshuiError as error:
        # A refusal of the evaluator or of the list, such as a slice that this figure has not.
        said = error.says.in_(reader.language) if error.says else error.problem
        problem = (
            f"{said}{'：' if reader.language == 'zh' else ': '}{error.received}" if error.received else said
        )
    return Shown(kind=block.kind, title=_title(block, reader.language), problem=problem)


class _CannotSay(Exception):
    """A block has nothing to show; ``words`` say why."""

    def __init__(self, words: Text) -> None:
        self.words = words
        super().__init__(words.en)


def _metric(block: Block, tables: Snapshot, reader: Reader, end: date) -> Shown:
    declared, period, cut = _asked(block, reader, end)
    periods = [period, *([_compared(block, period)] if block.compare else [])]
    asked = _answers(declared, tables, periods, cut)
    now, before = asked[0], asked[1] if block.compare else None
    if not now:
        _require_something(declared, tables, period, cut)
    if before is not None and not before and not _something(declared, tables, periods[1], cut):
        before = None
    language, currency = reader.language, reader.house.currency
    was = ""
    if before is not None:
        written = figures.headline(declared, before, currency, language)
        was = f"{'去年同期' if block.compare == 'year' else '前期'} {written}"
        if language == "en":
            was = f"a year ago {written}" if block.compare == "year" else f"was {written}"
    return Shown(
        kind="metric",
        title=_title(block, language),
        note=_note(block, period, reader),
        address=cells.of_period(block.metric, period, cut).customers
        if metrics.opens(declared)
        else reverse("metrics:metric", args=[block.metric]),
        meaning=declared.meaning.in_(language),
        value=figures.headline(declared, now, currency, language),
        exact=figures.of_metric(declared, now, currency, language),
        was=was,
        difference=figures.difference_of(declared, now, before, language=language),
    )


def _chart(block: Block, tables: Snapshot, reader: Reader, end: date) -> Shown:
    declared, period, cut = _asked(block, reader, end)
    other = _compared(block, period) if block.compare and block.by in drawing.TIMES else None
    where = (str(tables.lake.root), tables.version, reader.house.currency)
    chart = kept(
        ("chart", _says(declared), *where, block, period, other, state_of(cut)),
        lambda: drawing.chart(
            block, declared, tables=tables, period=period, other=other, cut=cut, house=reader.house
        ),
    )
    if chart.empty:
        _require_something(declared, tables, period, cut)
    title = block.title or chart.title.in_(reader.language)
    return Shown(kind="chart", title=title, note=_note(block, period, reader), chart=chart)


def _list(block: Block, tables: Snapshot, reader: Reader, end: date) -> Shown:
    query = QueryDict(mutable=True)
    if block.view:
        view = next((one for one in keeping.views(reader.actor) if str(one.id) == block.view), None)
        if view is None:
            raise _CannotSay(NO_VIEW)
        query = QueryDict(view.query, mutable=True)
    if block.group:
        query.appendlist("in", block.group)
    asked = asking.read(query)
    columns = asked.columns[:3]
    found = listing.find(
        actor=reader.actor,
        tables=tables,
        conditions=asked.conditions,
        columns=columns,
        sort=asked.sort,
        size=block.first,
    )
    offered = listing.known()
    return Shown(
        kind="list",
        title=_title(block, reader.language),
        heads=tuple(offered[slug].label.in_(reader.language) for slug in columns),
        lines=tuple(
            Line(
                customer_id=row.customer_id,
                name=called(row.customer_id, row.name, reader.language),
                values=tuple(_written(slug, row.values.get(slug), reader) for slug in columns),
            )
            for row in found.rows
        ),
        total=found.total,
        address=f"{reverse('customers:list')}?{query.urlencode()}" if query else reverse("customers:list"),
    )


def _text(block: Block, tables: Snapshot, reader: Reader, end: date) -> Shown:
    return Shown(kind="text", title=block.title, text=block.text, html=words.html(block.text))


def _asked(block: Block, reader: Reader, end: date) -> tuple[Metric, Period, dict[str, str]]:
    """The declaration of the metric, the period and the slice that a block is shown for."""
    if not block.metric:
        raise _CannotSay(NOT_SET)
    try:
        declared = metrics.metric(block.metric)
    except UnknownMetric as error:
        raise _CannotSay(Text(GONE.en.format(block.metric), GONE.zh.format(block.metric))) from error
    chosen = address.Chosen(period=reader.period or block.period or address.USUAL, slice={})
    first, after = chosen.days(end)
    if first >= end:
        last = end - timedelta(days=1)
        raise _CannotSay(Text(LATER.en.format(last), LATER.zh.format(last)))
    name, _sign, value = block.slice.partition(":")
    cut = {**({name: value} if value else {}), **reader.cut}
    return declared, Period.days(first, after, reader.house.zone), cut


def _compared(block: Block, period: Period) -> Period:
    first, after = period.first_day, period.end_day
    if block.compare == "year":
        return Period.days(months_after(first, -12), months_after(after, -12), period.zone)
    return Period.days(first - (after - first), first, period.zone)


def _answers(
    declared: Metric, tables: Snapshot, periods: Sequence[Period], cut: Mapping[str, str]
) -> list[metrics.Number | None]:
    """The metric for each of the periods."""

    def ask() -> list[metrics.Number | None]:
        found = metrics.evaluate_many([declared.slug], tables=tables, periods=periods, where=cut)[
            declared.slug
        ]
        return [cells[0].value for _period, cells in found]

    key = (
        "board",
        _says(declared),
        str(tables.lake.root),
        tables.version,
        tuple(periods),
        state_of(cut),
    )
    return kept(key, ask)


def _says(declared: Metric) -> tuple[object, ...]:
    """What a metric counts: one that colleagues defined may mean something else tomorrow."""
    return (declared,)


def _require_something(declared: Metric, tables: Snapshot, period: Period, cut: Mapping[str, str]) -> None:
    """Raise `_CannotSay` where nothing at all was counted up to the end of the period: then 0 would be a lie."""
    if not _something(declared, tables, period, cut):
        raise _CannotSay(NOTHING)


def _something(declared: Metric, tables: Snapshot, period: Period, cut: Mapping[str, str]) -> bool:
    until = Period.all_until(AsOf(at=start_of_day(period.end_day, period.zone), zone=period.zone))
    return bool(_answers(declared, tables, [until], cut)[0])


def _title(block: Block, language: Language) -> str:
    if block.title:
        return block.title
    try:
        declared = metrics.metric(block.metric) if block.metric else None
    except UnknownMetric:
        return block.metric
    return (declared.label if declared else KINDS[block.kind]).in_(language)


def _note(block: Block, period: Period, reader: Reader) -> str:
    """Period and slice as far as they are the block's own: those of the page stand in its head."""
    parts = []
    if block.period and not reader.period:
        parts.append(f"{period.first_day} – {period.end_day - timedelta(days=1)}")
    name, _sign, value = block.slice.partition(":")
    if value and name not in reader.cut:
        parts.append(valued(name, value).in_(reader.language))
    return " · ".join(parts)


def _written(slug: str, value: Any, reader: Reader) -> str:
    if value is None:
        return "–"
    if slug in TRAITS:
        return figures.of_trait(
            TRAITS[slug], value, reader.house.currency, reader.house.zone, reader.language
        )
    return str(value)
