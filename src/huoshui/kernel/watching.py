"""What stands still or waits for a person: rooms say it here, the home page and ``/healthz`` tell it.

A room *declares* a `Watch` when its app starts; who tells does not know which rooms there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.kernel.actors import Right
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that stands still, or waits for a person, and the name of the url where something is done about it."""

    text: Text
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How one room is: ``look(now)`` finds its troubles, in a few questions. ``right`` is that of who reads them."""

    slug: str
    right: Right
    look: Callable[[datetime], Sequence[Trouble]]


WATCHES: Registry[Watch] = Registry("watch")
