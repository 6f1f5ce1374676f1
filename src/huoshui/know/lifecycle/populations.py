"""Customers behind numbers of the pages: those about to change, and those of a cohort who bought at an age."""

from __future__ import annotations

from datetime import date

from huoshui.kernel.clock import AsOf, NotADate, parse_day
from huoshui.kernel.plugs import HOUSE, POPULATIONS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text
from huoshui.know.lifecycle.rules import rule_in_use
from huoshui.know.value.clv import purchases_by_day
from huoshui.know.value.populations import NotAGroup
from huoshui.science import cohorts, lifecycle
from huoshui.science.lifecycle import STAGES

NEXT = {"silent": ("new", "active"), "lost": ("silent",)}
"""Stages that come by not buying, and from which."""
MOST_AGE = 2000


def changing(stage: str, days: int) -> str:
    """The group of those who will be in a stage within so many days unless they buy: what `soon` reads."""
    return f"soon:{stage}.{days}"


def soon(argument: str) -> tuple[str, int]:
    """Stage and days of ``silent.14``. Raises `NotAGroup`."""
    stage, _, days = argument.partition(".")
    if stage not in NEXT or not (days.isascii() and days.isdigit()) or not 1 <= int(days) <= 366:
        raise NotAGroup(
            "Nobody is about to change like this",
            received=repr(argument[:40]),
            valid="such as silent.14, lost.30",
        )
    return stage, int(days)


def about_to_change(tables: Tables, argument: str) -> IbisTable:
    """Who will be in a stage within so many days of the last refresh, unless they buy."""
    stage, days = soon(argument)
    rows = tables.table("traits")
    rows = rows.filter(rows.stage.isin(NEXT[stage]))
    left = lifecycle.days_until_next_stage(
        stage=rows.stage, days_since_last=rows.recency, rhythm_days=rows.purchase_rhythm, by=rule_in_use()
    )
    return rows.filter(left <= days).select("customer_id")


def beginning(grain: cohorts.Grain, start: date, age: int | None, as_of: date) -> str:
    """The group of a cohort, or of those of it who bought at an age, before ``as_of``: what `cohort` reads."""
    return f"began:{grain}.{start}.{'all' if age is None else age}.{as_of}"


def cohort(argument: str) -> tuple[cohorts.Grain, date, int | None, date]:
    """Grain, first day, age (None for the whole cohort) and the day before which all counts, of
    ``month.2024-03-01.2.2024-06-01`` or ``month.2024-03-01.all.2024-06-01``. Raises `NotAGroup`."""
    try:
        grain, start, age, as_of = argument.split(".")
        days = parse_day(start), parse_day(as_of)
        number = None if age == "all" else int(age)
        known = cohorts.known_grain(grain) if grain in cohorts.GRAINS else None
    except (ValueError, NotADate):
        known, days, number = None, (date.min, date.min), None
    if (
        known is None
        or (number is not None and not 0 <= number <= MOST_AGE)
        or not 1900 <= days[0].year <= 2200
    ):
        raise NotAGroup(
            "There is no such cohort",
            received=repr(argument[:60]),
            valid="grain, first day, age and day, such as month.2024-03-01.2.2024-06-01",
        )
    return known, days[0], number, days[1]


def of_cohort(tables: Tables, argument: str) -> IbisTable:
    """Who began in a period and, where an age is named, bought at that age."""
    grain, start, age, as_of = cohort(argument)
    zone = HOUSE().zone
    active = cohorts.periods_of_customers(
        purchases_by_day(tables, AsOf.day(as_of, zone)), as_of=as_of, grain=grain
    )
    born = cohorts.number_of(start, grain)
    return active.filter(active.born == born, active.period == born + (age or 0)).select("customer_id")


def _cohort_sentence(argument: str) -> Text:
    grain, start, age, as_of = cohort(argument)
    names = {
        "day": Text("on", "当日"),
        "week": Text("in the week of", "起的一周"),
        "month": Text("in the month of", "起的一月"),
        "quarter": Text("in the quarter of", "起的一季"),
    }
    first = Text(f"first bought {names[grain].en} {start}", f"{start} {names[grain].zh}首次购买")
    if not age:
        return first
    period = cohorts.first_day(cohorts.number_of(start, grain) + age, grain)
    return Text(
        f"{first.en}, again {names[grain].en} {period} (before {as_of})",
        f"{first.zh}，{period} {names[grain].zh}又购买（{as_of} 前）",
    )


def _soon_sentence(argument: str) -> Text:
    stage, days = soon(argument)
    name = STAGES[stage]
    return Text(
        f"will be {name.en.lower()} within {days} days unless they buy",
        f"若不购买，{days} 天内将转为{name.zh}",
    )


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(
            slug="soon",
            label=Text("about to change", "即将变化"),
            members=about_to_change,
            sentence=_soon_sentence,
        ),
        Population(
            slug="began", label=Text("cohort", "同期群"), members=of_cohort, sentence=_cohort_sentence
        ),
    )
