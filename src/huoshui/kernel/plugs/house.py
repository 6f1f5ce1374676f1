"""What every room knows of the house itself, and who its colleagues are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from huoshui.kernel.actors import Actor
from huoshui.kernel.registries import Slot

HOUSE_ZONE: Slot[ZoneInfo] = Slot("house zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every page says of the house: ``demo`` marks an invented one; ``currency`` is an ISO 4217 code."""

    name: str
    currency: str
    zone: ZoneInfo
    demo: bool


HOUSE: Slot[House] = Slot("house")

ACTOR_OF: Slot[Callable[[int], Actor]] = Slot("colleague of a number")
"""The colleague as an actor, with the rights they have now; raises a refusal for people who are deactivated."""
