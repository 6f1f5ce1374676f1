"""What a reader has chosen once and keeps from page to page: the period and the slice, in the address.

``?period=90d&slice=channel:tmall&compare=year``. A page asks `chosen`; links keep both through the tag ``{% link %}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from huoshui.kernel.clock import NotADate, parse_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

PERIODS: dict[str, Text] = {
    "7d": Text("7 days", "7 天"),
    "30d": Text("30 days", "30 天"),
    "90d": Text("90 days", "90 天"),
    "year": Text("This year", "今年"),
}
USUAL = "30d"
KEPT = ("period", "slice", "compare")
COMPARISONS: dict[str, Text] = {
    "previous": Text("the days before", "前期"),
    "year": Text("the same days last year", "去年同期"),
    "festival": Text("the same festival last year", "去年同节日"),
}
"""What the days are compared with."""


class NotAPeriod(HuoshuiError):
    """A period was asked for that there is not."""

    code = "not_a_period"
    says = Text("There is no such period", "没有这个周期")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """``period`` is a key of `PERIODS` or ``FIRST..LAST`` (days, both in); ``slice`` says dimension → value;
    ``compare`` is a key of `COMPARISONS`."""

    period: str
    slice: Mapping[str, str]
    compare: str = "previous"

    def days(self, end: date) -> tuple[date, date]:
        """The first day and the day after the last, for a page that knows everything before ``end``."""
        if ".." in self.period:
            first, last = (parse_day(part) for part in self.period.split(".."))
            return first, last + timedelta(days=1)
        if self.period == "year":
            return (end - timedelta(days=1)).replace(month=1, day=1), end
        return end - timedelta(days=int(self.period.removesuffix("d"))), end

    def before(self, end: date) -> tuple[date, date]:
        """As many days just before `days`."""
        first, after = self.days(end)
        return first - (after - first), first

    def with_(self, **changes: str | None) -> str:
        """The query string with something else chosen (``period="7d"``, ``channel="tmall"``, ``channel=None``)."""
        period = changes.pop("period", self.period) or USUAL
        compare = changes.pop("compare", self.compare) or "previous"
        cut = {k: v for k, v in {**self.slice, **changes}.items() if v}
        return _query(period, cut, compare)

    @property
    def query(self) -> str:
        """What links append: empty when nothing but the usual is chosen."""
        return _query(self.period, self.slice, self.compare)


def chosen(request: HttpRequest) -> Chosen:
    """What the address says. Raises `NotAPeriod`, `NotADate`."""
    return chosen_in(request.GET)


def chosen_in(query: QueryDict) -> Chosen:
    """What the query of an address says. Raises as `chosen`."""
    period = query.get("period") or USUAL
    if ".." in period:
        first, _, last = period.partition("..")
        if parse_day(first) > parse_day(last) or parse_day(first).year < 1900:
            raise NotADate(
                "This period has no days", received=repr(period), valid="a first day and a later last day"
            )
        if parse_day(last).year > 2200:
            raise NotADate("This period has no days", received=repr(period), valid="days up to the year 2200")
    elif period not in PERIODS:
        raise NotAPeriod(
            "There is no such period",
            received=repr(period[:40]),
            valid=", ".join((*PERIODS, "YYYY-MM-DD..YYYY-MM-DD")),
        )
    compare = query.get("compare") or "previous"
    if compare not in COMPARISONS:
        raise NotAPeriod(
            "Days are not compared so", received=repr(compare[:40]), valid=", ".join(COMPARISONS)
        )
    pairs = (part.partition(":") for part in query.getlist("slice"))
    return Chosen(
        period=period,
        compare=compare,
        slice={name: value for name, sign, value in pairs if sign and name and value},
    )


def back(request: HttpRequest, otherwise: str = "/") -> str:
    """Where a form says the reader came from (``next``), as long as that is a page of this house."""
    return own_path(request, request.POST.get("next", "")) or otherwise


def own_path(request: HttpRequest, target: str) -> str:
    """``target`` if it is a path of this house, else nothing; what browsers might bend is refused."""
    safe = (
        target.startswith("/")
        and "\\" not in target
        and not any(c.isspace() or not c.isprintable() for c in target)
        and url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
    )
    return target if safe else ""


def _query(period: str, cut: Mapping[str, str], compare: str) -> str:
    pairs = [("period", period)] if period != USUAL else []
    pairs += [("compare", compare)] if compare != "previous" else []
    pairs += [("slice", f"{name}:{value}") for name, value in cut.items()]
    return "?" + urlencode(pairs) if pairs else ""
