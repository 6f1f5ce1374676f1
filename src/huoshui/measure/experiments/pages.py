"""What the pages of experiments show, in words and written numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
from django.http import QueryDict

from huoshui.kernel.actors import called
from huoshui.kernel.texts import Language, Text
from huoshui.measure.experiments.queries import Described
from huoshui.measure.experiments.reading import Line, Reading
from huoshui.measure.experiments.results import Column
from huoshui.science.experiments import Kind, Lift, NotEnoughPeople, Subgroup, TooFew
from huoshui.web import figures, lists

SHOWN = 3
WIDTH = 120
"""Of the picture of an interval."""
CONTROLS = ("control", "no", "none", "holdout", "对照", "未")
METHODS = {
    "unpooled": Text("shares, unpooled", "比例，非合并方差"),
    "welch": Text("means, Welch", "均值，Welch"),
    "newcombe": Text("few people, Newcombe", "人数少，Newcombe"),
    "few": Text("few people, Newcombe of effective numbers", "人数少，Newcombe（有效人数）"),
    "cuped": Text("adjusted by what was known before (CUPED)", "按事前数据校正（CUPED）"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An interval, its estimate and zero, as places from left to right."""

    low: str
    high: str
    estimate: str
    zero: str
    width: int = WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A difference as it is shown: words and numbers; or ``unknown``, why there is none."""

    label: str
    people: str = ""
    treated: str = ""
    control: str = ""
    difference: str = ""
    interval: str = ""
    relative: str = ""
    p_value: str = ""
    method: str = ""
    word: str = ""
    tone: str = ""
    unknown: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One outcome: what it is, a row for each treated arm, and rows for groups under each arm."""

    name: str
    meaning: str
    rows: Sequence[Row]
    groups: Sequence[tuple[str, Sequence[Row]]] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the page of an experiment shows."""

    one: Described
    facts: Sequence[lists.Fact]
    suspicious: str
    cards: Sequence[Card]
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A column of a table that is being read: what it may be, and what is chosen or guessed of it."""

    column: Column
    cells: str
    controls: Sequence[tuple[str, str, bool]]
    is_outcome: bool
    is_group: bool


def page(one: Described, language: Language) -> Page:
    """The page of an experiment."""
    reading = one.reading
    found = reading.found
    cards = []
    for outcome in found.outcomes:
        lines = reading.lines[outcome.name]
        groups = []
        for arm in found.treated:
            if parts := reading.groups.get((outcome.name, arm)):
                rows = [
                    row_of_group(f"{column}: {value}", part, outcome.kind, language)
                    for (column, value), part in parts.items()
                ]
                groups.append((arm, drawn(rows, [part.lift for part in parts.values()])))
        meaning = (
            Text("share of people", "人数占比")
            if outcome.kind == "proportion"
            else Text("per person", "人均")
        )
        rows = [row_of(line, outcome.kind, language) for line in lines]
        cards.append(
            Card(
                name=outcome.name,
                meaning=meaning.in_(language),
                rows=drawn(rows, [line.lift for line in lines]),
                groups=groups,
            )
        )
    return Page(
        one=one,
        facts=_facts(one, language),
        suspicious=suspicion(one.reading, language),
        cards=cards,
        many=len(found.treated) * len(found.outcomes) > 1,
    )


def summary(one: Described, language: Language) -> dict[str, object]:
    """A line of the list."""
    found = one.reading.found
    first = found.outcomes[0]
    return {
        "one": one,
        "by": called(one.by).in_(language),
        "people": figures.count(sum(found.people.values()), language),
        "arms": len(found.people),
        "outcome": first.name,
        "rows": [row_of(line, first.kind, language) for line in one.reading.lines[first.name]],
        "suspicious": one.reading.ratio.is_suspicious,
    }


def choices(columns: Sequence[Column], table: pa.Table, sent: QueryDict) -> list[Choice]:
    """The columns of a table, with what was sent, or else what they probably are."""
    guessed = _probable_control(columns)
    chosen = sent.get("control", "") if sent else guessed
    arm = chosen.partition("\x1f")[0]
    head = table.slice(0, 50)
    made = []
    for column in columns:
        keys = [(f"{column.name}\x1f{value}", value) for value in column.values if len(column.values) > 1]
        is_outcome = (column.is_share or column.is_number) and column.name != arm
        made.append(
            Choice(
                column=column,
                cells=" · ".join(list(dict.fromkeys(filter(None, head[column.name].to_pylist())))[:SHOWN])[
                    :80
                ],
                controls=[(key, value, key == chosen) for key, value in keys],
                is_outcome=column.name in sent.getlist("outcome") if sent else is_outcome and column.is_share,
                is_group=column.name in sent.getlist("group") if sent else False,
            )
        )
    return made


def _probable_control(columns: Sequence[Column]) -> str:
    """The value that is most probably that of the control group: by its name, in the column of fewest values."""
    arms = [c for c in columns if len(c.values) > 1 and not c.is_number] or [c for c in columns if c.is_share]
    for column in arms:
        for value in column.values:
            if value.lower().startswith(CONTROLS):
                return f"{column.name}\x1f{value}"
    return f"{arms[0].name}\x1f{arms[0].values[0]}" if arms else ""


def _facts(one: Described, language: Language) -> list[lists.Fact]:
    found = one.reading.found
    words = [
        (Text("People", "人数"), figures.count(sum(found.people.values()), language)),
        (Text("Control group", "对照组"), f"{found.arm} = {found.control}"),
        *((Text(arm, arm), figures.count(people, language)) for arm, people in found.people.items()),
        (Text("Known before", "事前数据"), found.before or "–"),
        (Text("File", "文件"), one.file_name),
        (Text("Read by", "读取者"), called(one.by).in_(language)),
    ]
    return [lists.Fact(name=name.in_(language), value=value) for name, value in words]


def suspicion(reading: Reading, language: Language) -> str:
    """What is to be said of arms whose sizes are not those that were drawn."""
    ratio, people = reading.ratio, reading.found.people
    if not ratio.is_suspicious:
        return ""
    seen = ", ".join(
        f"{arm} {figures.count(people[arm], language)} ({figures.count(round(wanted), language)})"
        for arm, wanted in ratio.expected.items()
    )
    return Text(
        f"The arms do not have the sizes they were drawn with (expected in brackets): {seen}. A fair draw looks like "
        "this less than once in a thousand times. People were lost or added on one side: the differences say nothing.",
        f"各组人数与抽样设定不符（括号内为预期）：{seen}。公平抽样出现这种情况的概率不到千分之一，"
        "说明有一侧的人丢失或混入，下面的差异不可信。",
    ).in_(language)


def row_of(line: Line, kind: Kind, language: Language) -> Row:
    """One treated arm against the control group, as it is shown."""
    people = f"{figures.count(line.treated.n, language)} / {figures.count(line.control.n, language)}"
    if line.lift is None:
        return Row(label=line.arm, people=people, unknown=_why_not(line.unknown, language))
    return _known(line.arm, people, line.lift, kind, language, is_found=line.lift.is_clear)


def row_of_group(label: str, part: Subgroup, kind: Kind, language: Language) -> Row:
    """The same in a group."""
    if part.lift is None:
        return Row(label=label, unknown=_why_not(part.unknown, language))
    people = (
        f"{figures.count(part.lift.treated.n, language)} / {figures.count(part.lift.control.n, language)}"
    )
    return _known(label, people, part.lift, kind, language, is_found=part.is_found, p_value=part.adjusted)


def _known(
    label: str,
    people: str,
    lift: Lift,
    kind: Kind,
    language: Language,
    *,
    is_found: bool,
    p_value: float | None = None,
) -> Row:
    if not is_found and lift.is_of_few:
        word, tone = Text("too few to tell", "人数太少"), ""
    elif not is_found:
        word, tone = Text("no clear difference", "无明显差异"), ""
    elif lift.estimate > 0:
        word, tone = Text("more", "更高"), "good"
    else:
        word, tone = Text("less", "更低"), "bad"
    return Row(
        label=label,
        people=people,
        treated=_level(lift.treated.mean, kind),
        control=_level(lift.control.mean, kind),
        difference=_difference(lift.estimate, kind, language),
        interval=f"{_bare(lift.low, kind)} … {_bare(lift.high, kind)}",
        relative="–" if lift.relative is None else _signed(f"{100 * lift.relative:.1f} %"),
        p_value=_chance(lift.p_value if p_value is None else p_value),
        method=METHODS[lift.method].in_(language) if lift.method in METHODS else lift.method,
        word=word.in_(language),
        tone=tone,
    )


def _why_not(why: NotEnoughPeople | None, language: Language) -> str:
    if isinstance(why, TooFew):
        treated, control = (figures.count(some, language) for some in (why.treated, why.control))
        return Text(
            f"Too few: {treated} treated and {control} of the control group have anything; an interval that holds "
            f"takes {why.needed} on each side.",
            f"人数太少：触达组 {treated} 人、对照组 {control} 人有数值，两侧各至少 {why.needed} 人才能给出可信区间。",
        ).in_(language)
    return Text(f"It cannot be known yet: {why}", NotEnoughPeople.says.zh).in_(language)


def _level(value: float, kind: Kind) -> str:
    return f"{100 * value:.2f} %" if kind == "proportion" else f"{value:,.{_decimals(value)}f}"


def _difference(value: float, kind: Kind, language: Language) -> str:
    return _bare(value, kind) + (Text(" points", " 个百分点").in_(language) if kind == "proportion" else "")


def _bare(value: float, kind: Kind) -> str:
    return _signed(f"{100 * value:.2f}" if kind == "proportion" else f"{value:,.{_decimals(value)}f}")


def _decimals(value: float) -> int:
    """As many decimals as show three digits, two at least and six at most."""
    return 2 if not value or abs(value) >= 1 else min(6, 2 - math.floor(math.log10(abs(value))))


def _signed(digits: str) -> str:
    return f"−{digits[1:]}" if digits.startswith("-") else f"+{digits}"


def _chance(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def drawn(rows: Sequence[Row], lifts: Sequence[Lift | None]) -> list[Row]:
    """The rows with their pictures, all on one scale that shows zero."""
    ends = [end for lift in lifts if lift for end in (lift.low, lift.high)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    wide = (high - low) or 1.0

    def place(value: float) -> str:
        return f"{4 + (WIDTH - 8) * (value - low) / wide:.1f}"

    return [
        row
        if lift is None
        else replace(
            row,
            picture=Picture(
                low=place(lift.low), high=place(lift.high), estimate=place(lift.estimate), zero=place(0)
            ),
        )
        for row, lift in zip(rows, lifts, strict=True)
    ]
