"""The person's own day: which it is, and when its quiet hours end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from huoshui.kernel.clock import NotADate, zone_named


def zone_of(name: str, house: ZoneInfo) -> ZoneInfo:
    """The zone of that name; that of the house where there is none, or none of that name."""
    if not name:
        return house
    try:
        return zone_named(name)
    except NotADate:
        return house


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The calendar day that it is there."""
    return now.astimezone(zone).date()


def quiet_until(now: datetime, zone: ZoneInfo, begin: int, end: int) -> datetime | None:
    """When the quiet hours end in which ``now`` lies there, in UTC; nothing outside of them.

    ``begin`` and ``end`` are minutes of the day; quiet hours may go over midnight, and equal ones are none. An end that
    a day leaves out comes as much later as its clocks jump.
    """
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    over_midnight = begin > end
    quiet = (minute >= begin or minute < end) if over_midnight else begin <= minute < end
    if not quiet:
        return None
    day = local.date() + timedelta(days=over_midnight and minute >= begin)
    ends = datetime.combine(day, time(end // 60, end % 60), tzinfo=zone).astimezone(UTC)
    # Of an hour that comes twice, the second time is quiet as well: it ends with the second one.
    return ends if ends > now else ends.astimezone(zone).replace(fold=1).astimezone(UTC)
