"""Which days a baseline is computed of."""

from __future__ import annotations

from datetime import date, timedelta

from huoshui.kernel.texts import Text
from huoshui.measure.metrics.periods import months_after

DAY = timedelta(days=1)
KINDS = {
    "year": Text("the same days a year before", "去年同期"),
    "before": Text("as many days just before", "此前同样长的时段"),
}
A_YEAR = 365


def baseline_days(first: date, last: date, kind: str, *, end: date) -> tuple[date, date]:
    """The first and the last day of a baseline, for a goal of ``first`` to ``last``; days before ``end`` are known.

    Days that are not known yet would make it too small: then it is of the last days known, as many as the goal has; of
    a goal shorter than a year the same days of the last year that is whole, as the season matters.
    """
    after = last + DAY
    months = next((m for m in range(1, 121) if months_after(first, m) == after), 0)
    if kind == "year" and (after - first).days <= A_YEAR + 1:
        begin, until = months_after(first, -12), months_after(after, -12)
    else:
        begin, until = (months_after(first, -months) if months else first - (after - first)), first
    if until <= end:
        return begin, until - DAY
    if kind == "year" and (after - first).days < A_YEAR:
        years = -(-(until.year * 12 + until.month - end.year * 12 - end.month + (until.day > end.day)) // 12)
        return months_after(begin, -12 * max(years, 1)), months_after(until, -12 * max(years, 1)) - DAY
    begin = months_after(end, -months) if months else end - (after - first)
    return begin, end - DAY
