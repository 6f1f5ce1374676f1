"""The page of value as its template shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.data.customers.listing import Row
from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.plugs import TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.know.value.populations import in_cell_of, moving, worth_of
from huoshui.know.value.queries import STEPS, Cell, Value
from huoshui.science import rfm
from huoshui.web import figures
from huoshui.web.figures import Figure
from huoshui.web.lists import Tab

DAYS = (30, 90, 365)
COLOURS = {"high": "c1", "potential": "c3", "ordinary": "c0", "at_risk": "c2"}
DESERVES: Mapping[str, Text] = {
    "high": Text(
        "Somebody who knows them: own manager, early access, thanks. No discount they did not ask for.",
        "专人维护：专属客户经理、优先体验、感谢；不主动打折。",
    ),
    "potential": Text(
        "A reason for the next purchase: recommendations that fit, an incentive with an end.",
        "促成下一次购买：合适的推荐、有期限的激励。",
    ),
    "ordinary": Text(
        "Automatic and cheap: newsletters, seasonal campaigns. No calls.",
        "自动化、低成本触达：资讯、节日活动；不打电话。",
    ),
    "at_risk": Text(
        "Wake them up now, the most valuable first: ask what went wrong, then an offer.",
        "立即唤醒，价值高者优先：先问原因，再给优惠。",
    ),
}
"""What each class should get, as the trade of customer resources does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """A cell of R × F: customers, their change, the segment, the shade 0 to 6, and who they are."""

    number: str
    change: str
    segment: str
    shade: int | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """A cell of the value matrix: customers, the class and its colour, and who they are."""

    number: str
    label: str
    colour: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLine:
    """A value class with its numbers and what it should get."""

    label: str
    colour: str
    customers: str
    share: float
    part: str
    spent: str
    expected: str
    alive: str
    deserves: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopLine:
    """One of the most valuable customers."""

    name: str
    address: str
    expected: str
    low: str
    high: str
    alive: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page; ``before`` and ``until`` are the days that movement is told between."""

    as_of: datetime
    before: date
    until: date
    periods: Sequence[Tab]
    verdict: str
    stats: Sequence[tuple[str, Figure | str, str]]
    grid: Sequence[tuple[int, Sequence[GridCell]]]
    classes: Sequence[ClassLine]
    worths: Sequence[int]
    matrix: Sequence[tuple[int, Sequence[MatrixCell]]]
    move_heads: Sequence[str]
    moves: Sequence[tuple[str, Sequence[tuple[str, str, bool]]]]
    bins: Chart | None
    curve: Chart | None
    top: Sequence[TopLine]
    all_top: str


def listed(population: str) -> str:
    """The address of the list of a population's customers."""
    return f"{reverse('customers:list')}?{urlencode({'in': population})}"


def page(found: Value, top: Sequence[Row], *, days: int, house: House, language: Language) -> Page:
    """The page."""
    here = reverse("value:value")
    columns = "clv_12m,clv_12m_low,clv_12m_high,p_alive,stage"
    return Page(
        as_of=found.as_of,
        before=found.since,
        until=found.until,
        periods=[
            Tab(
                label=f"{n} 天" if language == "zh" else f"{n} days",
                address=f"{here}?days={n}",
                current=n == days,
            )
            for n in DAYS
        ],
        verdict=_verdict(found, house, language),
        stats=_stats(found, house, language),
        grid=_grid(found.cells, language),
        classes=[_class(code, found, house, language) for code in found.classes],
        worths=sorted({one.worth for one in found.matrix}, reverse=True),
        matrix=_matrix(found, language),
        move_heads=[_class_name(code, language) for code in found.classes],
        moves=_moves(found, language),
        bins=_bins(found, house),
        curve=_curve(found),
        top=[_top(row, house, language) for row in top],
        all_top=f"{reverse('customers:list')}?{urlencode({'sort': '-clv_12m', 'columns': columns})}",
    )


def _verdict(found: Value, house: House, language: Language) -> str:
    if not found.expected_share or found.expected is None:
        return ""
    fifth = figures.share(found.expected_share[1], language)
    total = figures.money(found.expected, house.currency, language)
    return (
        f"未来 12 个月预计消费 {total}，其中 {fifth} 来自最有价值的 20% 客户。"
        if language == "zh"
        else f"{total} can be expected in the next 12 months, {fifth} of it from the most valuable 20% of customers."
    )


def _stats(found: Value, house: House, language: Language) -> list[tuple[str, Figure | str, str]]:
    def say(en: str, zh: str) -> str:
        return zh if language == "zh" else en

    alive = sum(one.alive or 0.0 for one in found.classes.values())
    expected = found.expected
    money = figures.short_money
    unknown = figures.UNKNOWN.in_(language)
    return [
        (say("Customers who bought", "有购买的客户"), figures.count(found.customers, language), ""),
        (
            say("Still customers, expected", "预计仍为客户"),
            figures.count(round(alive), language) if alive else unknown,
            figures.share(alive / found.customers, language) if alive and found.customers else "",
        ),
        (say("Spent so far", "累计消费"), money(found.spent, house.currency, language), ""),
        (
            say("Expected in 12 months", "未来 12 个月预计"),
            unknown if expected is None else money(expected, house.currency, language),
            say("before returns, discounted", "未扣退货，已折现"),
        ),
    ]


def _class_name(code: str | None, language: Language) -> str:
    if code is None:
        return "此前无" if language == "zh" else "none before"
    return TRAITS["value_class"].values[code].in_(language)


def _class(code: str, found: Value, house: House, language: Language) -> ClassLine:
    group = found.classes[code]
    part = group.customers / found.customers if found.customers else 0.0
    unknown = figures.UNKNOWN.in_(language)
    return ClassLine(
        label=_class_name(code, language),
        colour=COLOURS[code],
        customers=figures.count(group.customers, language),
        share=part,
        part=figures.share(part, language),
        spent=figures.money(group.spent, house.currency, language),
        expected=unknown
        if group.expected is None
        else figures.money(group.expected, house.currency, language),
        alive=unknown
        if group.alive is None or not group.customers
        else figures.share(group.alive / group.customers, language),
        deserves=DESERVES[code].in_(language),
        address=f"{reverse('customers:list')}?{urlencode({'value_class': code})}",
    )


def _matrix(found: Value, language: Language) -> list[tuple[int, list[MatrixCell]]]:
    rows: dict[int, list[MatrixCell]] = {}
    for one in found.matrix:
        rows.setdefault(one.r, []).append(
            MatrixCell(
                number=figures.count(one.customers, language),
                label=_class_name(one.value_class, language),
                colour=COLOURS[one.value_class],
                address=listed(worth_of(one.r, one.worth)) if one.customers else "",
            )
        )
    return list(rows.items())


def _moves(found: Value, language: Language) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """A row for each class before, with customers and address by class now; the last says who stayed."""
    lines = []
    for before in (*found.classes, None):
        cells = []
        for after in found.classes:
            number = found.moves.get((before, after), 0)
            group = moving("value_class", before, after, found.since, found.until)
            cells.append((figures.count(number, language), listed(group) if number else "", before == after))
        lines.append((_class_name(before, language), cells))
    return lines


def _grid(cells: Sequence[Cell], language: Language) -> list[tuple[int, list[GridCell]]]:
    most = max((cell.customers for cell in cells), default=0)
    names = {one.code: one.label.in_(language) for one in rfm.SEGMENTS}
    rows: dict[int, list[GridCell]] = {}
    for cell in cells:
        change = cell.customers - cell.before
        rows.setdefault(cell.r, []).append(
            GridCell(
                number=figures.count(cell.customers, language),
                change=f"{change:+,}".replace("-", "−") if change else "",
                segment=names[rfm.SEGMENT_GRID[cell.r][cell.f - 1]],
                shade=min(6, int(6.999 * cell.customers / most)) if cell.customers else None,
                address=listed(in_cell_of(cell.r, cell.f)) if cell.customers else "",
            )
        )
    return list(rows.items())


def _bins(found: Value, house: House) -> Chart | None:
    if not found.bins:
        return None

    def edge(number: float, language: Language) -> str:
        figure = figures.short(int(number), language)
        return f"{figure.before}{figure.digits}{figure.after}".replace("\N{NO-BREAK SPACE}", "")

    return Chart(
        kind="bar",
        title=Text("Customers by value of the next 12 months", "按未来 12 个月价值的客户数"),
        axis=Text(
            f"Value of 12 months from … ({house.currency})", f"未来 12 个月价值，自（{house.currency}）"
        ),
        unit="count",
        places=tuple(Text(f"{edge(low, 'en')}–", f"{edge(low, 'zh')} 起") for low, _, _ in found.bins),
        series=(
            Series(name=Text("customers", "客户数"), values=tuple(number for _, _, number in found.bins)),
        ),
    )


def _curve(found: Value) -> Chart | None:
    if not found.spent_share:
        return None
    series = [
        Series(name=Text("spent so far", "累计消费"), values=(0.0, *found.spent_share), colour="c0"),
    ]
    if found.expected_share:
        expected = Text("expected in 12 months", "未来 12 个月预计")
        series.insert(0, Series(name=expected, values=(0.0, *found.expected_share), colour="c1"))
    shares = [f"{round(100 * n / STEPS)}%" for n in range(STEPS + 1)]
    return Chart(
        kind="line",
        title=Text("How concentrated value is", "价值集中度"),
        axis=Text("The best … of customers", "最有价值的客户占比"),
        unit="share",
        places=tuple(Text(one, one) for one in shares),
        series=tuple(series),
    )


def _top(row: Row, house: House, language: Language) -> TopLine:
    def shown(slug: str) -> str:
        return figures.of_trait(TRAITS[slug], row.values.get(slug), house.currency, house.zone, language)

    alive = row.values.get("p_alive")
    return TopLine(
        name=row.name or str(row.customer_id),
        address=reverse("dashboards:customer", args=[row.customer_id]),
        expected=shown("clv_12m"),
        low=shown("clv_12m_low"),
        high=shown("clv_12m_high"),
        alive=figures.share(alive, language),
        stage=shown("stage"),
    )
