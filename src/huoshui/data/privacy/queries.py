"""Questions about consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.data.privacy.models import Consent

STATES: tuple[str, ...] = tuple(Consent.State.values)
PURPOSES: tuple[str, ...] = tuple(Consent.Purpose.values)
CHANNELS: tuple[str, ...] = tuple(Consent.Channel.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person said, with its proof."""

    purpose: str
    channel: str
    state: str
    wording: str
    source: str
    given_at: datetime
    evidence: str


def statements(customer_id: int) -> tuple[Statement, ...]:
    """Everything a customer said, the newest first."""
    rows = Consent.objects.filter(customer_id=customer_id).order_by("-given_at", "-pk")
    return tuple(
        Statement(**row)
        for row in rows.values("purpose", "channel", "state", "wording", "source", "given_at", "evidence")
    )
