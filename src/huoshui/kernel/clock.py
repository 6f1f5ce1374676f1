"""Time as an argument: moments, days of the house, and the one place that reads the clock.

All moments are aware datetimes in UTC. A *day* is a calendar day in the house's time zone: "within N days of
``as_of``" means the N house-zone calendar days before it; hours are rolling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotADate(HuoshuiError):
    """A day was asked for and something else was given."""

    code = "not_a_date"
    says = Text("This is not a day, or not a period with days", "这不是日期，或者这段时间里没有一天")


def now() -> datetime:
    """The present moment. Only the edges (command line, pages, jobs) call this; the rest takes time as argument."""
    return datetime.now(UTC)


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone ``name``.

    Raises `NotADate` when there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise NotADate(
            "This is not a time zone",
            received=repr(name),
            valid="an IANA name such as Asia/Shanghai or Europe/London",
        ) from error


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of ``day`` in ``zone``, in UTC (also on days whose midnight does not exist)."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def parse_day(text: str) -> date:
    """The day written as ``YYYY-MM-DD``. Raises `NotADate`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotADate(
            "This is not a day", received=repr(text), valid="a day such as 2026-01-31 (YYYY-MM-DD)"
        ) from error


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point in time from which the house is looked at.

    Only what happened before ``at`` counts. ``known_at`` is a second, optional cut on *arrival*: only rows
    that had been loaded before it count (used to train models without leakage).
    """

    at: datetime
    zone: ZoneInfo
    known_at: datetime | None = None

    @classmethod
    def day(cls, day: date, zone: ZoneInfo) -> AsOf:
        """Before 00:00 of ``day`` in the house zone."""
        return cls(at=start_of_day(day, zone), zone=zone)

    def days_before(self, days: int) -> datetime:
        """The start of the window "within ``days`` days": midnight of the calendar day ``days`` before, in UTC.

        Example: as of 2024-03-10 00:00, 30 days before is 2024-02-09 00:00 (house zone). When ``at`` lies inside
        a day, that day counts as the first of the ``days``.
        """
        last = self._local.date() if self._starts_a_day else self._local.date() + timedelta(days=1)
        return start_of_day(last - timedelta(days=days), self.zone)

    def __str__(self) -> str:
        return (
            self._local.date().isoformat()
            if self._starts_a_day
            else self._local.isoformat(timespec="seconds")
        )

    @property
    def _local(self) -> datetime:
        return self.at.astimezone(self.zone)

    @property
    def _starts_a_day(self) -> bool:
        """Also where the clock goes forward at midnight, and the day begins at one."""
        return self.at == start_of_day(self._local.date(), self.zone)
