"""What the address of the log asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from huoshui.desk.audit.queries import Asked
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, called

NAMES = ("who", "act", "subject", "from", "to")
LONGEST = 254


def read(said: Mapping[str, str], zone: ZoneInfo) -> Asked:
    """The conditions, one text for each of `NAMES`; days are those of the zone. Raises `NotADate`."""
    said = {name: said.get(name, "").strip()[:LONGEST] for name in NAMES}
    first, last = _day(said["from"]), _day(said["to"])
    return Asked(
        actor=_kept(said["who"]),
        act=said["act"],
        subject=said["subject"],
        since=clock.start_of_day(first, zone) if first else None,
        until=clock.start_of_day(last + timedelta(days=1), zone) if last else None,
    )


def _kept(who: str) -> str:
    """The name that entries keep: the command line has words of its own on pages."""
    words = called(CONSOLE.name)
    return CONSOLE.name if who.casefold() in (words.en.casefold(), words.zh) else who


def _day(text: str) -> date | None:
    day = clock.parse_day(text) if text else None
    if day is not None and not 1900 <= day.year <= 2200:
        raise clock.NotADate(
            "This is not a day of the log", received=repr(text), valid="a day such as 2026-01-31"
        )
    return day
