"""From purchases to the three numbers that a model of repeat buying reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import ibis

from huoshui.science import exact
from huoshui.science.errors import NotASetting

DAYS_IN: Mapping[str, float] = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}
"""Days in each unit of time: day, week, mean month, mean year."""


def days_in(unit: str) -> float:
    """Days in a unit of `DAYS_IN`. Raises `NotASetting` for another."""
    if unit not in DAYS_IN:
        raise NotASetting("This is not a unit of time", received=repr(unit), valid=", ".join(DAYS_IN))
    return DAYS_IN[unit]


def purchase_summary(
    orders: Any,
    *,
    as_of: date | datetime,
    calibration_end: date | None = None,
    unit: str = "D",
    value: str = "revenue",
) -> Any:
    """Frequency, recency, age and mean repeat value of every customer with a purchase.

    Days on which somebody buys are counted, not orders: several orders of one day are one purchase, and their values
    are added. The first purchase is not a repeat purchase: whoever bought on one day has frequency 0. The definitions
    are those of Fader, Hardie and Lee (2005) and of the program ``lifetimes``.

    Parameters
    ----------
    orders
        Ibis table, one row per purchase: ``customer_id``, ``day`` (date, in the zone of the house) and the column of
        ``value``. Rows without a customer or a day are left out.
    as_of
        Only what happened before 00:00 of this day counts, so the last day seen is the one before. An aware moment
        instead of a day counts the day it lies in as the last one, unless it starts that day; give the zone of the
        house with it.
    calibration_end
        The last day from which the model may learn. What follows, up to ``as_of``, is the hold-out: two more columns.
    unit
        Unit of ``recency`` and ``T``: ``D``, ``W``, ``M`` or ``Y``. It only scales; days remain what is counted.
    value
        Column of money: ``revenue``, or ``margin`` where costs are known.

    Returns
    -------
    Ibis table with one row per customer: ``customer_id``, ``frequency`` (int64, repeat days of purchase),
    ``recency`` (float64, from the first to the last), ``T`` (float64, from the first to the last day seen) and
    ``monetary_value`` (float64, mean value of the repeat days; missing amounts do not count; 0 without any). With
    ``calibration_end`` also ``frequency_holdout``, ``value_holdout`` (sum) and ``duration_holdout``. Read all columns
    with **one** query: without an order, rows come in another order each time.

    Example: CDNOW, first 39 weeks to learn from: ``as_of=date(1998, 7, 1), calibration_end=date(1997, 9, 30)``.

    Raises
    ------
    NotASetting
        For an unknown unit, a moment without zone, a missing column, or a calibration that ends after ``as_of``.
    """
    scale = days_in(unit)
    last_seen = _last_day(as_of)
    needed = {"customer_id", "day", value}
    if missing := needed - set(orders.columns):
        raise NotASetting(
            "The table of purchases lacks columns",
            received=", ".join(orders.columns),
            valid=", ".join(sorted(needed)),
            next_step=f"Add {', '.join(sorted(missing))}",
        )
    learnt = last_seen if calibration_end is None else calibration_end
    if learnt > last_seen or isinstance(learnt, datetime):
        raise NotASetting(
            "The calibration must end on a day before as_of",
            received=str(calibration_end),
            valid=f"a day up to {last_seen}",
        )
    rows = orders.select(
        "customer_id", day=orders.day.cast("date"), value=exact.known(orders[value]).cast("float64")
    )
    rows = rows.filter(rows.customer_id.notnull(), rows.day <= ibis.literal(last_seen))
    days = rows.group_by("customer_id", "day").aggregate(value=rows.value.sum())
    # A join with one row per customer, not a window, and counted among few groups: a third of the work.
    born = rows.group_by("customer_id").aggregate(first=rows.day.min())
    days = days.inner_join(born, "customer_id")
    days = days.mutate(
        repeat=(days.day > days["first"]) & (days.day <= ibis.literal(learnt)),
        later=days.day > ibis.literal(learnt),
    )
    days = days.filter(days["first"] <= ibis.literal(learnt))
    answer = days.group_by("customer_id", "first").aggregate(
        frequency=days.count(where=days.repeat),
        last=days.day.max(where=~days.later),
        monetary_value=days.value.mean(where=days.repeat).fill_null(0.0),
        frequency_holdout=days.count(where=days.later),
        value_holdout=days.value.sum(where=days.later).fill_null(0.0),
    )
    columns: dict[str, Any] = {
        "frequency": answer.frequency,
        "recency": answer["last"].delta(answer["first"], unit="day").cast("float64") / scale,
        "T": ibis.literal(learnt).delta(answer["first"], unit="day").cast("float64") / scale,
        "monetary_value": answer.monetary_value,
    }
    if calibration_end is not None:
        columns["frequency_holdout"] = answer.frequency_holdout
        columns["value_holdout"] = answer.value_holdout
        columns["duration_holdout"] = ibis.literal((last_seen - learnt).days).cast("float64") / scale
    return answer.select("customer_id", **columns)


def _last_day(as_of: date | datetime) -> date:
    if not isinstance(as_of, datetime):
        return as_of - timedelta(days=1)
    if as_of.tzinfo is None:
        raise NotASetting(
            "A moment needs a time zone", received=str(as_of), valid="an aware datetime or a day"
        )
    return (as_of - timedelta(microseconds=1)).date()
