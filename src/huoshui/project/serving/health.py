"""``/healthz``: whether the house can be used, for those who watch over it. Says states and no names."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huoshui.desk.jobs import queries as jobs
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.watching import WATCHES

SLOW = 300
"""Seconds that a job may wait before the worker is called slow."""


@require_safe
@never_cache
def show(_request: HttpRequest) -> JsonResponse:
    """200 when database and lake answer, else 503. A worker that is missing or slow is told only, and so is what stands
    still on the way to customers (`kernel.watching`): pages work."""
    found = states()
    well = is_well(found)
    return JsonResponse({"ok": well, **found}, status=200 if well else 503)


def states() -> dict[str, str]:
    """How database, lake, worker and sending are, each in a word; ``ok`` is well."""
    found = {"database": _database(), "lake": "unknown", "worker": "unknown", "sending": "unknown"}
    if found["database"] == "ok":
        found["lake"], found["worker"], found["sending"] = _lake(), _worker(), _sending()
    return found


def is_well(found: Mapping[str, str]) -> bool:
    """Whether the house can be used."""
    return found["database"] == "ok" and found["lake"] == "ok"


def _database() -> str:
    try:
        organisation.current()
    except organisation.NotFounded:
        return "gone"
    except HuoshuiError:
        return "settings differ"
    except DatabaseError:
        return "gone"
    return "ok"


def _lake() -> str:
    from huoshui.lake import open_lake

    try:
        open_lake().snapshot()
    except (HuoshuiError, OSError):
        return "unreadable"
    return "ok"


def _worker() -> str:
    now = clock.now()
    try:
        if not jobs.workers(now=now):
            return "missing"
        return "slow" if jobs.waiting_since(now=now).total_seconds() > SLOW else "ok"
    except DatabaseError:
        return "unknown"


def _sending() -> str:
    """Whether anything on the way to customers stands still or waits for a person."""
    now = clock.now()
    try:
        return "troubled" if any(watch.look(now) for watch in WATCHES) else "ok"
    except DatabaseError:
        return "unknown"
