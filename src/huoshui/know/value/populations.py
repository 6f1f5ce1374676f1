"""Customers behind numbers of the pages: a cell of R × F, and those who went from one value of a trait to another."""

from __future__ import annotations

from datetime import UTC, date, datetime

from huoshui.data.traits.standing import standing
from huoshui.kernel.clock import AsOf, NotADate, parse_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, POPULATIONS, TRAITS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text

NOBODY = "-"
"""Stands for no value: somebody who was no customer yet, or has not bought."""


class NotAGroup(HuoshuiError):
    """The words behind the colon of a group of customers mean nothing."""

    code = "not_a_group"
    says = Text("There is no such group of customers", "没有这样的客户群")


def in_cell_of(r: int, f: int) -> str:
    """The group of those in a cell of R × F: what `cell` reads."""
    return f"rfm_cell:{r}.{f}"


def cell(argument: str) -> tuple[int, int]:
    """R and F of ``5.4``. Raises `NotAGroup`."""
    r, _, f = argument.partition(".")
    if not (r in tuple("12345") and f in tuple("12345")):
        raise NotAGroup(
            "This is no cell of R × F", received=repr(argument[:40]), valid="such as 5.4, each 1 to 5"
        )
    return int(r), int(f)


def moving(
    slug: str, before: str | None, after: str | None, since: date | datetime, until: date | datetime
) -> str:
    """The group of those who had one value of a trait and later another: what `move` reads. None is no value."""
    parts = (slug, before or NOBODY, after or NOBODY, _written(since), _written(until))
    return f"moved:{'/'.join(parts)}"


def move(argument: str) -> tuple[str, str | None, str | None, AsOf, AsOf]:
    """Trait, value before, value after and both moments of ``stage/active/silent/2024-01-01/2024-02-01``.

    A moment is 00:00 of a day of the house, or written such as 2024-01-01T08:30:00Z. Raises `NotAGroup`.
    """
    parts = argument.split("/")
    try:
        slug, before, after, since, until = parts
        then, now = _moment(since), _moment(until)
    except (ValueError, NotADate) as error:
        raise _no_move(argument) from error
    known = {*TRAITS[slug].values, NOBODY} if slug in TRAITS and TRAITS[slug].values else set()
    if before not in known or after not in known or then.at >= now.at:
        raise _no_move(argument)
    return slug, None if before == NOBODY else before, None if after == NOBODY else after, then, now


def _no_move(argument: str) -> NotAGroup:
    return NotAGroup(
        "This is no change of customers",
        received=repr(argument[:60]),
        valid="such as stage/active/silent/2024-01-01/2024-02-01: a trait with values, before, after, two moments",
    )


def _written(moment: date | datetime) -> str:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return moment.isoformat()


def _moment(text: str) -> AsOf:
    zone = HOUSE().zone
    if "T" not in text:
        return AsOf.day(parse_day(text), zone)
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not 1900 <= at.year <= 2200:
        raise ValueError(text)
    return AsOf(at=at.astimezone(UTC), zone=zone)


def moved(tables: Tables, argument: str) -> IbisTable:
    """Who had one value of a trait at one moment and another (or the same) at a later one."""
    slug, before, after, then, now = move(argument)
    was, is_ = standing(tables, then, (slug,)), standing(tables, now, (slug,))
    found = is_.filter(is_[slug].isnull() if after is None else is_[slug] == after)
    if before is None:
        known = was.filter(was[slug].notnull())
        return found.anti_join(known, "customer_id").select("customer_id")
    return found.semi_join(was.filter(was[slug] == before), "customer_id").select("customer_id")


def _moved_sentence(argument: str) -> Text:
    slug, before, after, then, now = move(argument)
    trait, since, until = TRAITS[slug], *(one.at.astimezone(one.zone).date() for one in (then, now))
    none = Text("none", "无")
    old = none if before is None else trait.values[before]
    new = none if after is None else trait.values[after]
    return Text(
        f"{trait.label.en}: {old.en} on {since}, {new.en} on {until}",
        f"{trait.label.zh}：{since} 为{old.zh}，{until} 为{new.zh}",
    )


def in_cell(tables: Tables, argument: str) -> IbisTable:
    """Who stands in a cell of R × F as of the last refresh."""
    r, f = cell(argument)
    rows = tables.table("traits")
    return rows.filter(rows.r_score == r, rows.f_score == f).select("customer_id")


def worth_of(r: int, worth: int) -> str:
    """The group of those in a cell of the value matrix: what `worth_cell` reads."""
    return f"worth_cell:{r}.{worth}"


def worth_cell(argument: str) -> tuple[int, int]:
    """R and F + M of ``5.8``. Raises `NotAGroup`."""
    r, _, worth = argument.partition(".")
    if r not in tuple("12345") or worth not in {str(one) for one in range(2, 11)}:
        raise NotAGroup(
            "This is no cell of the value matrix",
            received=repr(argument[:40]),
            valid="such as 5.8: R 1 to 5, F + M 2 to 10",
        )
    return int(r), int(worth)


def in_worth_cell(tables: Tables, argument: str) -> IbisTable:
    """Who stands in a cell of the value matrix as of the last refresh."""
    r, worth = worth_cell(argument)
    rows = tables.table("traits")
    return rows.filter(rows.r_score == r, rows.f_score + rows.m_score == worth).select("customer_id")


def _worth_sentence(argument: str) -> Text:
    r, worth = worth_cell(argument)
    return Text(
        f"R score {r}, F and M scores together {worth} as of the last refresh",
        f"最近一次计算时 R 得分 {r}、F 与 M 得分合计 {worth}",
    )


def _cell_sentence(argument: str) -> Text:
    r, f = cell(argument)
    return Text(f"R score {r}, F score {f} as of the last refresh", f"最近一次计算时 R 得分 {r}、F 得分 {f}")


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(
            slug="rfm_cell", label=Text("cell of R × F", "RFM 格"), members=in_cell, sentence=_cell_sentence
        ),
        Population(
            slug="worth_cell",
            label=Text("cell of the value matrix", "价值矩阵格"),
            members=in_worth_cell,
            sentence=_worth_sentence,
        ),
        Population(slug="moved", label=Text("who changed", "变化"), members=moved, sentence=_moved_sentence),
    )
