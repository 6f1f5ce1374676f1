"""RFM: recency, frequency and monetary value, their quintiles, and the segments read from them.

Sources
-------
* The three measures and five equal groups: A. M. Hughes, *Strategic Database Marketing*, 1994; J. R. Bult and
  T. Wansbeek, "Optimal selection for direct mail", Marketing Science 14 (4), 1995.
* The table of recency × frequency with ten segments: CleverTap, "RFM Analysis for Customer Segmentation"
  (https://clevertap.com/blog/automate-user-segmentation-with-rfm-analysis and the slides of the same name, whose
  recency and frequency grid is `SEGMENT_GRID`, cell by cell). Lists with an eleventh
  segment "Lost" (Putler, "RFM Analysis") state overlapping ranges of R and of (F + M) ÷ 2 and so are no table of
  R × F; their "Lost" lies within *hibernating* here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from huoshui.kernel.texts import Text
from huoshui.science import exact
from huoshui.science.elapsed import whole_days
from huoshui.science.errors import NotASetting

QUANTILES = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """A named group of the R × F table: a stable code, its name, and what marks its customers."""

    code: str
    label: Text
    meaning: Text


SEGMENTS: tuple[Segment, ...] = (
    Segment(
        "champions",
        Text("Champions", "冠军客户"),
        Text("bought just now and buy most often", "刚刚购买过，且购买最频繁"),
    ),
    Segment(
        "loyal_customers",
        Text("Loyal customers", "忠诚客户"),
        Text("buy often and came back not long ago", "经常购买，且不久前回购过"),
    ),
    Segment(
        "potential_loyalists",
        Text("Potential loyalists", "潜在忠诚客户"),
        Text("bought recently, and more than the least", "近期购买，且不止偶尔购买"),
    ),
    Segment(
        "new_customers",
        Text("New customers", "新客户"),
        Text("bought just now, hardly ever before", "刚刚购买，此前几乎没有购买"),
    ),
    Segment(
        "promising",
        Text("Promising", "有希望的客户"),
        Text("bought recently, hardly ever before", "近期购买，此前几乎没有购买"),
    ),
    Segment(
        "need_attention",
        Text("Need attention", "需要关注"),
        Text("in the middle in both", "最近购买与购买频次均居中"),
    ),
    Segment(
        "about_to_sleep",
        Text("About to sleep", "即将沉睡"),
        Text("buy seldom, and the last time is a while ago", "购买较少，且有一段时间没有购买"),
    ),
    Segment(
        "at_risk",
        Text("At risk", "有流失风险"),
        Text("used to buy often, not for long", "曾经常购买，但很久没有购买"),
    ),
    Segment(
        "cannot_lose_them",
        Text("Cannot lose them", "不能失去的客户"),
        Text("used to buy most often, not for long", "曾购买最频繁，但很久没有购买"),
    ),
    Segment(
        "hibernating",
        Text("Hibernating", "休眠客户"),
        Text("bought seldom, and long ago", "购买很少，且很久以前"),
    ),
)

SEGMENT_GRID: Mapping[int, tuple[str, str, str, str, str]] = {
    # R:  F = 1             F = 2                  F = 3                  F = 4              F = 5
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose_them"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose_them"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal_customers", "loyal_customers"),
    4: ("promising", "potential_loyalists", "potential_loyalists", "loyal_customers", "loyal_customers"),
    5: ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
}
"""Segment by R (key) and F (position): each of the 25 cells belongs to exactly one segment."""

VALUE_CLASSES: Mapping[str, Text] = {
    "high": Text("High value", "高价值"),
    "potential": Text("Potential", "潜力"),
    "ordinary": Text("Ordinary", "普通"),
    "at_risk": Text("At risk", "流失风险"),
}


def quantile_score(
    value: Any, *, quantiles: int = QUANTILES, larger_is_better: bool = True, within: Any = None
) -> Any:
    """The group a value falls into, 1 (worst) to ``quantiles`` (best); equal values always share one.

        score = 1 + floor(quantiles × (how many have a strictly worse value) ÷ (how many have a value))

    Without ties this gives equal groups, like ``ntile``. With ties the whole tie takes the score of its worst
    place, where ``ntile`` would split it by chance: of customers who all bought once, none is ranked above another.

    Parameters
    ----------
    value
        Ibis column of numbers or times. Missing values get no score and do not count.
    quantiles
        Number of groups, at least 2.
    larger_is_better
        ``False`` for recency, where few days are good.
    within
        Column (or list of columns) whose groups are scored apart from each other; all rows together if left out.

    Returns
    -------
    Ibis int64 value (a window expression over the whole table).

    Raises
    ------
    NotASetting
        For fewer than two groups.
    """
    if quantiles < 2:
        raise NotASetting("This is not a number of groups", received=str(quantiles), valid="2 or more")
    order = ibis.asc(value, nulls_first=False) if larger_is_better else ibis.desc(value, nulls_first=False)
    worse = ibis.rank().over(ibis.window(group_by=within, order_by=order))
    number = value.count().over(ibis.window(group_by=within))
    return value.notnull().ifelse((worse * quantiles) // number + 1, ibis.null("int64")).cast("int64")


def quintile(value: Any, *, larger_is_better: bool = True, within: Any = None) -> Any:
    """`quantile_score` with five groups."""
    return quantile_score(value, larger_is_better=larger_is_better, within=within)


def cells_of(code: str) -> list[tuple[int, int]]:
    """The (R, F) cells of a segment of `SEGMENT_GRID`."""
    return [
        (r, f) for r, row in SEGMENT_GRID.items() for f, found in enumerate(row, start=1) if found == code
    ]


def segment(r: Any, f: Any) -> Any:
    """The segment of the published R × F table.

    Parameters
    ----------
    r, f
        Ibis integer values from 1 to 5.

    Returns
    -------
    Ibis string value: a code of `SEGMENTS`; missing where a score is missing.
    """
    cell = r * 10 + f
    return ibis.cases(
        *((cell.isin([10 * x + y for x, y in cells_of(one.code)]), one.code) for one in SEGMENTS)
    )


def value_class(r: Any, f: Any, m: Any) -> Any:
    """One of four classes of customers who deserve different resources 高价值/潜力/普通/流失风险.

    With *value* = F + M (2 to 10), the first rule that holds:

    ===========  =============================  ==========================================================
    class        rule                           in words
    ===========  =============================  ==========================================================
    high         R ≥ 3 and F + M ≥ 8            worth much, and still coming
    at_risk      R ≤ 2 and F + M ≥ 6            worth at least the middle, and not seen for long
    potential    R ≥ 4                          bought recently, worth less so far: room to grow
    ordinary     all others                     neither recent nor valuable
    ===========  =============================  ==========================================================

    The four classes and what each deserves come from the trade's practice of customer resources (own manager;
    recommendations and incentives; automatic marketing; wake-up); the cuts are ours: the middle score is 3, and a
    value of 8 asks for the upper two fifths in both on average.

    Parameters
    ----------
    r, f, m
        Ibis integer values from 1 to 5.

    Returns
    -------
    Ibis string value: a code of `VALUE_CLASSES`; missing where a score is missing.
    """
    cell = r * 100 + f + m
    return ibis.cases(
        *(
            (cell.isin([100 * x + y for x, y in CELLS if class_of(x, y) == code]), code)
            for code in VALUE_CLASSES
        )
    )


def class_of(r: int, worth: int) -> str:
    """The class of one cell of the value matrix: the rules of `value_class`.

    Raises `NotASetting` for what is no cell: ``r`` is 1 to 5, ``worth`` (F + M) 2 to 10.
    """
    if not (1 <= r <= QUANTILES and 2 <= worth <= 2 * QUANTILES):
        raise NotASetting(
            "There is no such cell", received=f"R {r}, F + M {worth}", valid="R 1 to 5, F + M 2 to 10"
        )
    if r >= 3 and worth >= 8:
        return "high"
    if r <= 2 and worth >= 6:
        return "at_risk"
    return "potential" if r >= 4 else "ordinary"


CELLS = tuple((r, worth) for r in range(1, QUANTILES + 1) for worth in range(2, 2 * QUANTILES + 1))
"""The value matrix: recency, and worth (F + M)."""


def rfm_table(orders: Any, *, as_of: datetime, quantiles: int = QUANTILES) -> Any:
    """Recency, frequency, monetary value, scores and segment of every customer with a purchase.

    Parameters
    ----------
    orders
        Ibis table, one row per purchase: ``customer_id``, ``ordered_at`` (timestamp with zone), ``revenue``.
        Rows at or after ``as_of`` and rows without a customer are left out.
    as_of
        The moment to look from, an aware datetime.
    quantiles
        Number of groups of each score. ``segment`` is defined for five only and is missing otherwise.

    Returns
    -------
    Ibis table with one row per customer: ``customer_id``, ``recency`` (whole elapsed days since the last purchase),
    ``frequency`` (purchases), ``monetary`` (their sum, in the unit of ``revenue``), ``r``, ``f``, ``m`` (1 to
    ``quantiles``) and ``segment``.

    Raises
    ------
    NotASetting
        For fewer than two groups, or a moment without a time zone.
    """
    if as_of.tzinfo is None:
        raise NotASetting("A moment needs a time zone", received=str(as_of), valid="an aware datetime")
    rows = orders.filter(orders.customer_id.notnull(), orders.ordered_at < ibis.literal(as_of))
    measured = rows.group_by("customer_id").aggregate(
        recency=whole_days(since=rows.ordered_at.max(), until=as_of),
        frequency=rows.count(),
        monetary=exact.known(rows.revenue).sum(),
    )
    scored = measured.mutate(
        r=quantile_score(measured.recency, quantiles=quantiles, larger_is_better=False),
        f=quantile_score(measured.frequency, quantiles=quantiles),
        m=quantile_score(measured.monetary, quantiles=quantiles),
    )
    named = segment(scored.r, scored.f) if quantiles == QUANTILES else ibis.null("string")
    return scored.mutate(segment=named)


def movement(before: Any, after: Any, *, by: Sequence[str] = ("r", "f")) -> Any:
    """How many customers went from which cell of one date to which cell of another.

    Parameters
    ----------
    before, after
        Ibis tables with ``customer_id`` and the columns ``by``, one row per customer, such as two `rfm_table`.
    by
        The columns that name a cell: scores, the segment, the value class, or a stage of life.

    Returns
    -------
    Ibis table: the columns ``by`` with ``_before`` and ``_after`` behind their names, and ``customers`` (int64). They
    are missing for customers who stand in one of the tables alone: new ones before, deleted ones after.

    Raises
    ------
    NotASetting
        Without a column, or where a table lacks one.
    """
    missing = [
        name for name in ("customer_id", *by) if name not in before.columns or name not in after.columns
    ]
    if missing or not by:
        raise NotASetting(
            "These tables have no such cells",
            received=", ".join(missing) or "no columns",
            valid="columns of both tables",
        )
    was = before.select(_who=before.customer_id, **{f"{name}_before": before[name] for name in by})
    is_ = after.select("customer_id", **{f"{name}_after": after[name] for name in by})
    both = is_.outer_join(was, is_.customer_id == was["_who"])
    cells = [f"{name}_{when}" for when in ("before", "after") for name in by]
    return both.group_by(cells).aggregate(customers=both.count())


def value_matrix(scored: Any) -> Any:
    """How many customers, and what they spent, by recency and worth: the two sides of `value_class`.

    Parameters
    ----------
    scored
        Ibis table with ``r``, ``f``, ``m`` (1 to 5) and ``monetary``, such as an `rfm_table`.

    Returns
    -------
    Ibis table, one row per cell that is not empty: ``r``, ``worth`` (F + M, 2 to 10), ``value_class``, ``customers``
    (int64) and ``monetary`` (sum).
    """
    rows = scored.filter(scored.r.notnull() & scored.f.notnull() & scored.m.notnull())
    rows = rows.mutate(worth=rows.f + rows.m, value_class=value_class(rows.r, rows.f, rows.m))
    return rows.group_by("r", "worth", "value_class").aggregate(
        customers=rows.count(), monetary=rows.monetary.sum()
    )
