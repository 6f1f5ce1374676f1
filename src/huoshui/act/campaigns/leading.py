"""Leading a campaign on by the name of the act: what pages, the command line and programs share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.act.campaigns import reaching, services
from huoshui.kernel.actors import Actor
from huoshui.lake import open_lake

_ACTS: Mapping[str, Callable[..., Any]] = {
    "reopen": services.reopen,
    "pause": services.pause,
    "resume": services.resume,
    "stop": services.stop,
}
_IN_ZONE: Mapping[str, Callable[..., Any]] = {"approve": services.approve, "start": services.start}
ACTS = ("submit", "approve", "return", "reopen", "start", "pause", "resume", "stop")


def lead(act: str, *, actor: Actor, number: int, zone: ZoneInfo, now: datetime, remark: str = "") -> None:
    """Do one of `ACTS` to a campaign. Raises what its verb raises; ``remark`` is for one that is sent back."""
    if act == "submit":
        tables = open_lake().snapshot()
        reaching.submit(actor=actor, number=number, tables=tables, zone=zone, now=now)
    elif act == "return":
        services.send_back(actor=actor, number=number, remark=remark, now=now)
    elif act in _IN_ZONE:
        _IN_ZONE[act](actor=actor, number=number, zone=zone, now=now)
    else:
        _ACTS[act](actor=actor, number=number, now=now)
