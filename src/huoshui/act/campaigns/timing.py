"""When messages are due: moments of the house and of each recipient, and the days of waves.

An hour that a day does not have, when clocks go forward, is the first valid moment after it; one that a day has twice
is the first of the two. So every local day has exactly one such moment.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_ZONE = timedelta(hours=14)
"""How far the earliest zone of the world is ahead of UTC."""


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the clocks of ``zone`` show ``at`` on ``day``, or the next that they show.

    A day that a zone left out (Apia, 30 December 2011) is its first moment after.
    """
    wall = datetime.combine(day, at.replace(fold=0))
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # The clocks never show it: with fold=1 the offset after the gap is taken, which lies before the gap. The moment at
    # which they jump lies between the two.
    early, late = sorted((found, wall.replace(tzinfo=zone, fold=1).astimezone(UTC)))
    after = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        early, late = (early, middle) if middle.astimezone(zone).utcoffset() == after else (middle, late)
    return late.replace(microsecond=0)


def due(
    plan: str,
    *,
    day: date | None,
    at: time | None,
    wave: int,
    zone: ZoneInfo,
    began: datetime,
    house: ZoneInfo,
) -> datetime:
    """When the message of somebody in ``wave`` (0 is the first day) is due, in UTC.

    ``zone`` is theirs, ``house`` that of the house; ``began`` when the campaign began, for one that goes out at once.
    """
    if plan == "recipient" and day is not None and at is not None:
        return moment_of(day + timedelta(days=wave), at, zone)
    if plan == "house" and day is not None and at is not None:
        return moment_of(day + timedelta(days=wave), at, house)
    if not wave:
        return began
    local = began.astimezone(house)
    return moment_of(local.date() + timedelta(days=wave), local.time(), house)


def beginning(plan: str, *, day: date | None, at: time | None, house: ZoneInfo, now: datetime) -> datetime:
    """When the audience is to be computed: when the first message can be due."""
    if day is None or at is None or plan == "now":
        return now
    if plan == "house":
        return moment_of(day, at, house)
    return datetime.combine(day, at, tzinfo=UTC) - FIRST_ZONE
