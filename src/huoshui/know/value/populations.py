"""Customers behind numbers of the pages: a cell of R × F, and those who went from one value of a trait to another."""

from __future__ import annotations

from datetime import date

from huoshui.data.traits import queries as traits
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


def cell(argument: str) -> tuple[int, int]:
    """R and F of ``5.4``. Raises `NotAGroup`."""
    r, _, f = argument.partition(".")
    if not (r in tuple("12345") and f in tuple("12345")):
        raise NotAGroup(
            "This is no cell of R × F", received=repr(argument[:40]), valid="such as 5.4, each 1 to 5"
        )
    return int(r), int(f)


def move(argument: str) -> tuple[str, str | None, str | None, date, date]:
    """Trait, value before, value after and both days of ``stage.active.silent.2026-01-01.2026-02-01``.

    Raises `NotAGroup`.
    """
    parts = argument.split(".")
    try:
        slug, before, after, since, until = parts
        days = parse_day(since), parse_day(until)
    except (ValueError, NotADate) as error:
        raise _no_move(argument) from error
    known = {*TRAITS[slug].values, NOBODY} if slug in TRAITS and TRAITS[slug].values else set()
    if before not in known or after not in known or days[0] >= days[1]:
        raise _no_move(argument)
    return slug, None if before == NOBODY else before, None if after == NOBODY else after, *days


def _no_move(argument: str) -> NotAGroup:
    return NotAGroup(
        "This is no change of customers",
        received=repr(argument[:60]),
        valid="such as stage.active.silent.2026-01-01.2026-02-01: a trait with values, before, after, two days",
    )


def values_at(tables: Tables, slug: str, day: date) -> IbisTable:
    """``customer_id`` and the trait ``slug`` as of 00:00 of a day of the house."""
    return traits.trait_table(tables, AsOf.day(day, HOUSE().zone), only=(slug,))


def moved(tables: Tables, argument: str) -> IbisTable:
    """Who had one value of a trait on one day and another (or the same) on a later one."""
    slug, before, after, since, until = move(argument)
    was, is_ = values_at(tables, slug, since), values_at(tables, slug, until)
    now = is_.filter(is_[slug].isnull() if after is None else is_[slug] == after)
    if before is None:
        known = was.filter(was[slug].notnull())
        return now.anti_join(known, "customer_id").select("customer_id")
    return now.semi_join(was.filter(was[slug] == before), "customer_id").select("customer_id")


def _moved_sentence(argument: str) -> Text:
    slug, before, after, since, until = move(argument)
    trait = TRAITS[slug]
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


def _cell_sentence(argument: str) -> Text:
    r, f = cell(argument)
    return Text(f"R score {r}, F score {f}", f"R 得分 {r}，F 得分 {f}")


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(
            slug="rfm_cell", label=Text("cell of R × F", "RFM 格"), members=in_cell, sentence=_cell_sentence
        ),
        Population(slug="moved", label=Text("who changed", "变化"), members=moved, sentence=_moved_sentence),
    )
