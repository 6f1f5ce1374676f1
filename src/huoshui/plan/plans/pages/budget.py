"""The budget for its page: the grid of channels and months, what its form says, and what a file would change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from huoshui.kernel.money import NotAnAmount
from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.budget.errors import NotABudget
from huoshui.plan.plans.budget.files import amount_of
from huoshui.plan.plans.budget.queries import Budget, Entered
from huoshui.plan.plans.budget.services import Entry, checked_channel
from huoshui.plan.plans.budget.sums import Amounts
from huoshui.web import figures

WINDOW = 12
MOST_CHANNELS = 300
MOST_SHOWN = 200
NEW = "new"
Pair = tuple[Decimal, Decimal]
Typed = Mapping[tuple[str, date], tuple[str, str]]
NOTHING: Pair = (Decimal(0), Decimal(0))

DAMAGED = Text("The form came in parts; open the page again", "表单不完整，请重新打开页面")
NO_CHANNEL = Text("Name the new channel", "请填写新渠道的名称")
THERE = Text("This channel is in the table already", "该渠道已在表中")
NOT_MONEY = Text(
    "Some amounts are no amounts from 0 with at most two decimals; they are marked",
    "有金额填写有误：须不小于 0，最多两位小数。有误之处已标出",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A channel in a month: what stands in its fields, and the words of the rest."""

    at: str
    month: str
    planned: str
    committed: str
    wrong_planned: bool
    wrong_committed: bool
    others: str
    spent: str
    remaining: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A channel with its cells, its totals over all months, and what came back; ``index`` names its fields."""

    index: str
    name: str
    cells: Sequence[Cell]
    planned: str
    committed: str
    others: str
    spent: str
    remaining: str
    over: bool
    returned: str
    has_others: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The amounts of all channels in a month, in words."""

    planned: str
    committed: str
    spent: str
    remaining: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The grid: heads of months, channels, a new one, totals by month and of all, and ``was`` for the form."""

    months: Sequence[str]
    rows: Sequence[Row]
    new: Row
    new_name: str
    totals: Sequence[Total]
    total: Total
    was: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a form says: cells that differ from what they were, what was typed in them, and what is wrong."""

    entries: tuple[Entry, ...]
    typed: Typed
    new_name: str
    new_typed: Mapping[date, tuple[str, str]]
    wrong: Text | None


def own(entered: Sequence[Entered], measure_id: int | None) -> dict[tuple[str, date], Pair]:
    """What was entered for a measure, or in general, by channel and month."""
    return {
        (one.channel, one.month): (one.planned, one.committed)
        for one in entered
        if one.measure_id == measure_id
    }


def grid(
    found: Budget,
    *,
    measure_id: int | None,
    months: Sequence[date],
    currency: str,
    language: Language,
    sent: Sent | None = None,
) -> Grid:
    """The grid of the months shown. Of a measure only what is planned and committed is known."""
    mine = own(found.entered, measure_id)
    typed: Typed = sent.typed if sent else {}
    names = [one.channel for one in found.channels]
    if measure_id is not None:
        names = [channel for channel, _ in mine]
    names = sorted({*names, *(channel for channel, _ in typed)})[:MOST_CHANNELS]
    channels = {one.channel: one for one in found.channels}

    def money(value: Decimal | None) -> str:
        return "–" if value is None else figures.money(value, currency, language)

    rows = []
    for index, name in enumerate(names):
        channel = channels.get(name)
        cells, has_others = [], False
        for place, month in enumerate(months):
            kept = mine.get((name, month), NOTHING)
            whole = channel.months.get(month, Amounts()) if channel else Amounts()
            others = whole.planned - kept[0]
            has_others = has_others or (measure_id is None and others != 0)
            texts = typed.get((name, month), (written(kept[0]), written(kept[1])))
            cells.append(
                Cell(
                    at=f"{index}-{place}",
                    month=figures.month(month, language),
                    planned=texts[0],
                    committed=texts[1],
                    wrong_planned=not _is_amount(texts[0]),
                    wrong_committed=not _is_amount(texts[1]),
                    others=money(others) if others else "",
                    spent=money(whole.spent),
                    remaining=money(whole.remaining),
                    over=whole.overspent,
                )
            )
        whole = channel.sum if channel else Amounts()
        all_mine = [pair for (one, _), pair in mine.items() if one == name]
        planned = sum((pair[0] for pair in all_mine), Decimal(0))
        rows.append(
            Row(
                index=str(index),
                name=name,
                cells=cells,
                planned=money(planned),
                committed=money(sum((pair[1] for pair in all_mine), Decimal(0))),
                others=money(whole.planned - planned),
                spent=money(whole.spent),
                remaining=money(whole.remaining),
                over=whole.overspent,
                returned=f"{channel.returned:.1f} ×" if channel and channel.returned is not None else "",
                has_others=has_others or (measure_id is None and whole.planned != planned),
            )
        )
    return Grid(
        months=[figures.month(month, language) for month in months],
        rows=rows,
        new=_new(months, sent, language),
        new_name=sent.new_name if sent else "",
        totals=[_total(found.by_month.get(month, Amounts()), money) for month in months],
        total=_total(found.sum, money),
        was=_was(names, months, mine),
    )


def read(said: Mapping[str, str], *, measure_id: int | None) -> Sent:
    """What the form of the grid says. Raises `NotABudget` for one that did not come from the page."""
    names, months, was = _read_was(said.get("was", ""))
    entries: list[Entry] = []
    typed: dict[tuple[str, date], tuple[str, str]] = {}
    wrong: Text | None = None
    for index, name in enumerate(names):
        for place, month in enumerate(months):
            before = was.get((name, month), NOTHING)
            texts = _texts(said, f"{index}-{place}", before)
            try:
                new = _pair(texts)
            except NotAnAmount:
                typed[(name, month)], wrong = texts, NOT_MONEY
                continue
            if new != before:
                typed[(name, month)] = texts
                entries.append(_entry(name, month, new, before, measure_id))
    new_name, new_typed = said.get(f"channel-{NEW}", "").strip(), {}
    for place, month in enumerate(months):
        texts = _texts(said, f"{NEW}-{place}", NOTHING)
        if texts == ("", ""):
            continue
        new_typed[month] = texts
        try:
            new = _pair(texts)
            if new != NOTHING and new_name:
                entries.append(_entry(checked_channel(new_name), month, new, NOTHING, measure_id))
        except NotAnAmount:
            wrong = NOT_MONEY
        except NotABudget as error:
            wrong = error.words
    if new_typed and not new_name:
        wrong = wrong or NO_CHANNEL
    if new_name and " ".join(new_name.split()) in names:
        wrong = wrong or THERE
    return Sent(entries=tuple(entries), typed=typed, new_name=new_name, new_typed=new_typed, wrong=wrong)


def written(amount: Decimal) -> str:
    """An amount as it stands in a field; nothing for zero."""
    if not amount:
        return ""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def windows(months: Sequence[date], said: str, language: Language) -> tuple[Sequence[date], list[Any]]:
    """The months to show, a year at a time, and the years to choose from: number, label, whether it is shown."""
    parts = [months[start : start + WINDOW] for start in range(0, len(months), WINDOW)]
    shown = int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else 0
    shown = shown if shown < len(parts) else 0
    choices = [
        (at, f"{figures.month(part[0], language)} – {figures.month(part[-1], language)}", at == shown)
        for at, part in enumerate(parts)
    ]
    return parts[shown], choices if len(parts) > 1 else []


def _new(months: Sequence[date], sent: Sent | None, language: Language) -> Row:
    typed = sent.new_typed if sent else {}
    cells = []
    for place, month in enumerate(months):
        texts = typed.get(month, ("", ""))
        cells.append(
            Cell(
                at=f"{NEW}-{place}",
                month=figures.month(month, language),
                planned=texts[0],
                committed=texts[1],
                wrong_planned=not _is_amount(texts[0]),
                wrong_committed=not _is_amount(texts[1]),
                others="",
                spent="",
                remaining="",
                over=False,
            )
        )
    words = dict.fromkeys(("name", "planned", "committed", "others", "spent", "remaining", "returned"), "")
    return Row(index=NEW, cells=cells, over=False, has_others=False, **words)


def _total(amounts: Amounts, money: Any) -> Total:
    return Total(
        planned=money(amounts.planned),
        committed=money(amounts.committed),
        spent=money(amounts.spent),
        remaining=money(amounts.remaining),
        over=amounts.overspent,
    )


def _was(names: Sequence[str], months: Sequence[date], mine: Mapping[tuple[str, date], Pair]) -> str:
    cells = {
        f"{index}-{place}": [f"{pair[0]:.2f}", f"{pair[1]:.2f}"]
        for index, name in enumerate(names)
        for place, month in enumerate(months)
        if (pair := mine.get((name, month)))
    }
    told = {"channels": list(names), "months": [month.isoformat() for month in months], "cells": cells}
    return json.dumps(told, ensure_ascii=False)


def _read_was(text: str) -> tuple[list[str], list[date], dict[tuple[str, date], Pair]]:
    try:
        told = json.loads(text)
        names = [str(name) for name in told["channels"]]
        months = [date.fromisoformat(month) for month in told["months"]]
        was = {}
        for at, (planned, committed) in told["cells"].items():
            index, place = (int(part) for part in at.split("-"))
            was[(names[index], months[place])] = (Decimal(planned), Decimal(committed))
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        InvalidOperation,
        RecursionError,
    ) as error:
        raise NotABudget(DAMAGED) from error
    if len(names) > MOST_CHANNELS or len(months) > WINDOW:
        raise NotABudget(DAMAGED)
    return names, months, was


def _texts(said: Mapping[str, str], at: str, before: Pair) -> tuple[str, str]:
    """What stands in the two fields of a cell; one that was not sent is as it was."""
    return (
        said.get(f"p-{at}", written(before[0])).strip(),
        said.get(f"c-{at}", written(before[1])).strip(),
    )


def _pair(texts: tuple[str, str]) -> Pair:
    planned, committed = (amount_of(text) or Decimal(0) for text in texts)
    return planned, committed


def _entry(name: str, month: date, new: Pair, was: Pair, measure_id: int | None) -> Entry:
    return Entry(channel=name, month=month, planned=new[0], committed=new[1], was=was, measure_id=measure_id)


def _is_amount(text: str) -> bool:
    try:
        amount_of(text)
    except NotAnAmount:
        return False
    return True
