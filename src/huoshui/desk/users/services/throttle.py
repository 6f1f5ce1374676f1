"""How often something may be tried. Counted in the database, so that all processes count together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from huoshui.desk.users.errors import TooManyTries
from huoshui.desk.users.models import Tries
from huoshui.desk.users.secrets import digest

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many more tries there are in this window, and after how many seconds it ends."""

    left: int
    seconds: int


def count_try(*, what: str, who: str, limit: int = 10, window: timedelta = MINUTE, now: datetime) -> Counted:
    """Count one try of ``what`` by ``who`` (an account, an address). Raises `TooManyTries` beyond ``limit`` a window.

    The count is kept also where the caller's transaction fails: call it outside of one.
    """
    key = _key(what, who)
    this_window = Tries.objects.filter(key=key, until__gt=now)
    with transaction.atomic():
        if not this_window.update(number=F("number") + 1):
            Tries.objects.get_or_create(key=key, defaults={"until": now + window})
            Tries.objects.filter(key=key, until__lte=now).update(until=now + window, number=0)
            this_window.update(number=F("number") + 1)
        row = Tries.objects.get(key=key)
    seconds = max(1, int((row.until - now).total_seconds() + 0.999))
    if row.number > limit:
        raise TooManyTries(seconds)
    return Counted(left=limit - row.number, seconds=seconds)


def forget_tries(*, what: str, who: str) -> None:
    """Count from the beginning, after a success."""
    Tries.objects.filter(key=_key(what, who)).delete()


def _key(what: str, who: str) -> str:
    return digest(f"{what}\n{who}")
