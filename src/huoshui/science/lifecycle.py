"""Stages of a customer's life by the customer's own rhythm.

Potential 潜在, new 新, active 活跃, silent 沉默, lost 流失.

The idea
--------
Somebody who buys every week and has not come for two months is lost; somebody who buys once a year is not. So time
since the last purchase is measured in units of the customer's own usual interval:

    overdue ratio = days since the last purchase ÷ rhythm

*Rhythm* is the median of the customer's purchase intervals. With too few of them (fewer than ``enough`` = 3) the
typical interval of the house stands in, in proportion to what is missing:

    rhythm = (n × own median + (enough − n) × typical) ÷ enough,    n = number of own intervals < enough
    typical = median of the own medians of all customers with n ≥ enough, or 90 days where there is none

kept between 14 and 365 days, so that neither a busy week nor one late order decides.

For purchases at a constant rate (exponential intervals with median m) the chance to stay away for k medians is
2^-k, so a customer who is still alive is called *silent* (k = 2) by chance once in four intervals and *lost* (k = 4)
once in sixteen. Constant-rate purchasing: A. S. C. Ehrenberg, *Repeat-Buying*, 1972; the same argument about the
hiatus behind P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting your customers the easy way", Marketing Science
24 (2), 2005.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from huoshui.kernel.texts import Text
from huoshui.science import proportions
from huoshui.science.errors import NotASetting

STAGES: Mapping[str, Text] = {
    "potential": Text("Potential", "潜在"),
    "new": Text("New", "新"),
    "active": Text("Active", "活跃"),
    "silent": Text("Silent", "沉默"),
    "lost": Text("Lost", "流失"),
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the rhythm is estimated; days, except ``enough`` (number of intervals)."""

    enough: int = 3
    unknown: float = 90.0
    shortest: float = 14.0
    longest: float = 365.0

    def __post_init__(self) -> None:
        if self.enough < 1 or not 0 < self.shortest <= self.longest or self.unknown <= 0:
            raise NotASetting(
                "This rhythm has no meaning",
                received=str(self),
                valid="at least 1 interval, and 0 < shortest <= longest days",
            )


@dataclass(frozen=True, slots=True)
class OwnRhythm:
    """Stages by overdue ratio: silent from ``silent`` rhythms without a purchase, lost from ``lost``.

    ``new`` is the number of days after the first purchase in which a customer counts as new.
    """

    new: int = 30
    silent: float = 2.0
    lost: float = 4.0

    def __post_init__(self) -> None:
        if self.new < 0 or not 0 < self.silent <= self.lost:
            raise NotASetting(
                "These stages have no meaning", received=str(self), valid="new >= 0 and 0 < silent <= lost"
            )


@dataclass(frozen=True, slots=True)
class FixedDays:
    """Stages by fixed numbers of days, the same for everybody.

    New for ``new`` days after the first purchase, active for ``active`` days after the last one, silent up to
    ``silent`` days, then lost.
    """

    new: int = 30
    active: int = 90
    silent: int = 180

    def __post_init__(self) -> None:
        if self.new < 0 or not 0 < self.active <= self.silent:
            raise NotASetting(
                "These stages have no meaning", received=str(self), valid="new >= 0 and 0 < active <= silent"
            )


USUAL_RHYTHM = Rhythm()
USUAL_STAGES = OwnRhythm()


def days_since_previous(*, customer: Any, day: Any, then: Sequence[Any] = ()) -> Any:
    """Days from the previous day of purchase of the same customer to this one.

    Several purchases on one calendar day are one occasion: an order that was split, or a forgotten item, says
    nothing of the rhythm.

    Parameters
    ----------
    customer
        Ibis column: who.
    day
        Ibis date column: on which day, one row per purchase.
    then
        Columns that put purchases of one day into order: which of them gets the number is chance without.

    Returns
    -------
    Ibis int64 value (a window expression), ≥ 1; missing for the first purchase and for further ones of a day.
    """
    before = day.lag().over(ibis.window(group_by=customer, order_by=[day, *then]))
    return day.delta(before, unit="day").cast("int64").nullif(0)


def typical_interval(median_interval: Any, intervals: Any, *, rhythm: Rhythm = USUAL_RHYTHM) -> Any:
    """The typical purchase interval of the house, in days: a window value, the same in every row.

    Parameters
    ----------
    median_interval
        Ibis number, days: each customer's own median, missing without an interval.
    intervals
        Ibis integer: of how many intervals.

    Returns
    -------
    Ibis float64 value, never missing.
    """
    known = (intervals >= rhythm.enough).ifelse(median_interval.cast("float64"), ibis.null("float64"))
    return known.median().over(ibis.window()).fill_null(rhythm.unknown)


def purchase_rhythm(
    median_interval: Any, intervals: Any, typical: Any, *, rhythm: Rhythm = USUAL_RHYTHM
) -> Any:
    """The interval at which a customer can be expected to buy, in days (formula: see the module).

    Parameters
    ----------
    median_interval
        Ibis number, days: the customer's own median, missing without an interval.
    intervals
        Ibis integer: of how many intervals; missing counts as 0.
    typical
        Ibis number, days: what stands in, see `typical_interval`.

    Returns
    -------
    Ibis float64 value between ``rhythm.shortest`` and ``rhythm.longest``.
    """
    # Nothing is missing here: what bounds values that may be would write each of them several times.
    own = ibis.least(intervals.fill_null(0), rhythm.enough)
    median = median_interval.cast("float64").fill_null(0.0)
    blended = (own * median + (rhythm.enough - own) * typical) / float(rhythm.enough)
    return ibis.greatest(ibis.least(blended, rhythm.longest), rhythm.shortest)


def overdue_ratio(days_since_last: Any, rhythm_days: Any) -> Any:
    """Days since the last purchase ÷ rhythm, without a unit; missing without a purchase.

    Parameters
    ----------
    days_since_last
        Ibis number, days.
    rhythm_days
        Ibis number, days, above zero.
    """
    return days_since_last.cast("float64") / rhythm_days


def stage(
    *, days_since_first: Any, days_since_last: Any, ratio: Any, by: OwnRhythm | FixedDays = USUAL_STAGES
) -> Any:
    """The stage of life, the first rule that holds:

    =========  ==============================================  ===================================================
    stage      by own rhythm                                   by fixed days
    =========  ==============================================  ===================================================
    potential  no purchase                                     no purchase
    lost       overdue ratio ≥ ``lost``                        days since last ≥ ``silent``
    silent     overdue ratio ≥ ``silent``                      days since last ≥ ``active``
    new        days since first < ``new``                      days since first < ``new``
    active     all others                                      all others
    =========  ==============================================  ===================================================

    Parameters
    ----------
    days_since_first, days_since_last
        Ibis numbers, days; missing without a purchase.
    ratio
        Ibis number: `overdue_ratio`; not read with fixed days.
    by
        The rule and its cuts.

    Returns
    -------
    Ibis string value: a code of `STAGES`, never missing.
    """
    if isinstance(by, FixedDays):
        lost, silent = days_since_last >= by.silent, days_since_last >= by.active
    else:
        lost, silent = ratio >= by.lost, ratio >= by.silent
    return ibis.cases(
        (days_since_last.isnull(), "potential"),
        (lost, "lost"),
        (silent, "silent"),
        (days_since_first < by.new, "new"),
        else_="active",
    )


def days_in_stage(
    *,
    stage: Any,
    days_since_first: Any,
    days_since_last: Any,
    rhythm_days: Any,
    days_since_return: Any,
    days_known: Any,
    by: OwnRhythm | FixedDays = USUAL_STAGES,
) -> Any:
    """For how many days a customer has been in their stage, by today's rhythm.

    Potential since they were first known, new since the first purchase, silent and lost since the day on which they
    became overdue. Active since the end of being new or, if later, since the purchase that ended their last silence.

    Parameters
    ----------
    stage
        Ibis string: `stage` by the same rule.
    days_since_first, days_since_last, rhythm_days
        Ibis numbers, days; missing without a purchase.
    days_since_return
        Days since the last purchase after a pause as long as a silence (see `silence_days`); missing without one.
    days_known
        Days since the customer was known; missing counts as 0.
    by
        The rule and its cuts.

    Returns
    -------
    Ibis int64 value, whole days, 0 or more; never missing.
    """
    silent, lost = _cuts(rhythm_days, by)
    as_active = ibis.least(days_since_first - by.new, days_since_return.fill_null(days_since_first))
    found = ibis.cases(
        (stage == "potential", days_known.cast("float64")),
        (stage == "new", days_since_first.cast("float64")),
        (stage == "silent", days_since_last.cast("float64") - silent),
        (stage == "lost", days_since_last.cast("float64") - lost),
        else_=as_active.cast("float64"),
    )
    return ibis.greatest(found.fill_null(0.0), 0.0).floor().cast("int64")


def days_until_next_stage(
    *, stage: Any, days_since_last: Any, rhythm_days: Any, by: OwnRhythm | FixedDays = USUAL_STAGES
) -> Any:
    """In how many days a customer will be silent (if new or active) or lost (if silent), unless they buy.

    Parameters as for `days_in_stage`.

    Returns
    -------
    Ibis int64 value, 0 or more (0: today); missing for potential and lost customers.
    """
    silent, lost = _cuts(rhythm_days, by)
    left = ibis.cases(
        (stage.isin(("new", "active")), silent - days_since_last.cast("float64")),
        (stage == "silent", lost - days_since_last.cast("float64")),
    )
    return left.clip(lower=0.0).ceil().cast("int64")


def silence_days(rhythm_days: Any, by: OwnRhythm | FixedDays = USUAL_STAGES) -> Any:
    """Days without a purchase from which a customer is silent; Ibis float64 value."""
    return _cuts(rhythm_days, by)[0]


def _cuts(rhythm_days: Any, by: OwnRhythm | FixedDays) -> tuple[Any, Any]:
    """After how many days without a purchase a customer is silent, and lost."""
    if isinstance(by, FixedDays):
        return ibis.literal(float(by.active)), ibis.literal(float(by.silent))
    return rhythm_days * by.silent, rhythm_days * by.lost


def time_until_lost(
    purchases: Any, rhythms: Any, *, as_of: date, by: OwnRhythm | FixedDays = USUAL_STAGES
) -> Any:
    """How long customers stay until they are lost for the first time: what `survival.survival_curve` reads.

    From the first day of purchase to the first day on which the pause since a purchase reaches the customer's cut of
    ``lost``; whoever was never lost so far is still there.

    Parameters
    ----------
    purchases
        Ibis table, one row per purchase: ``customer_id``, ``day`` (date).
    rhythms
        Ibis table, one row per customer: ``customer_id``, ``rhythm_days``. Others are left out.
    as_of
        Only what happened before 00:00 of this day counts.
    by
        The rule and its cuts.

    Returns
    -------
    Ibis table: ``days`` (int64, at least 0), ``lost`` (boolean: lost then, else seen for so long) and ``customers``.
    """
    days = purchases.filter(purchases.customer_id.notnull(), purchases.day.notnull())
    days = days.select("customer_id", day=days.day.cast("date")).filter(lambda t: t.day < ibis.literal(as_of))
    days = days.distinct()
    order = ibis.window(group_by=days.customer_id, order_by=days.day)
    days = days.mutate(
        until=days.day.lead().over(order).fill_null(ibis.literal(as_of)),
        first=days.day.min().over(ibis.window(group_by=days.customer_id)),
    )
    days = days.inner_join(rhythms.select("customer_id", "rhythm_days"), "customer_id")
    _, lost = _cuts(days.rhythm_days, by)
    cut = lost.ceil().cast("int64")
    days = days.mutate(
        ended=days["until"].delta(days.day, unit="day").cast("int64") >= cut,
        at=days.day.delta(days["first"], unit="day").cast("int64") + cut,
        seen=ibis.literal(as_of).delta(days["first"], unit="day").cast("int64"),
    )
    each = days.group_by("customer_id").aggregate(at=days["at"].min(where=days.ended), seen=days.seen.max())
    each = each.select(days=each["at"].fill_null(each.seen), lost=each["at"].notnull())
    return each.group_by("days", "lost").aggregate(customers=each.count())


@dataclass(frozen=True, slots=True)
class Passage:
    """Of the customers in one stage, how many were in another (or the same) some time later, with the interval."""

    before: str
    after: str
    customers: int
    share: float
    low: float
    high: float


def transition_matrix(
    counts: Mapping[tuple[str, str], int], *, stages: Sequence[str] = tuple(STAGES), level: float = 0.95
) -> tuple[Passage, ...]:
    """The shares with which customers pass from each stage to each other.

    Parameters
    ----------
    counts
        Customers by (stage before, stage after), such as `rfm.movement` of two dates gives. Others count as none.
    stages
        The stages, in order.
    level
        Of the intervals (Wilson), between 0 and 1.

    Returns
    -------
    One `Passage` for each pair, stage by stage. Where nobody was, the share is 0 and the interval 0 to 1.
    """
    found = []
    for before in stages:
        everybody = sum(counts.get((before, after), 0) for after in stages)
        for after in stages:
            number = counts.get((before, after), 0)
            low, high = proportions.wilson(number, everybody, level=level)
            found.append(Passage(before, after, number, number / everybody if everybody else 0.0, low, high))
    return tuple(found)
