"""Who of some people can be reached on a channel: no child without a guardian, consent, an address, then caps."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.messages import queries as messages
from huoshui.data.privacy import queries as privacy
from huoshui.kernel.outreach import CHANNELS, Channel

AT_ONCE = 2_500
MARKETING = "marketing"
UNDER_14, NO_CONSENT, NO_ADDRESS = "under_14", "no_consent", "no_address"

Ids = npt.NDArray[np.int64]


def ruled_out(ids: Ids, channel: Channel, *, now: datetime) -> list[str | None]:
    """Why each of ``ids`` cannot be reached; nothing for who can."""
    why: list[str | None] = []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE].tolist()
        young = privacy.under_14(some, now=now)
        allowed = privacy.allowed(some, purpose=MARKETING, channel=channel.consent, now=now)
        addresses = channel.addresses([one for one in some if one in allowed])
        why += [
            None
            if one in addresses
            else UNDER_14
            if one in young
            else NO_ADDRESS
            if one in allowed
            else NO_CONSENT
            for one in some
        ]
    return why


def neutral(ids: Ids, *, now: datetime) -> npt.NDArray[np.bool_]:
    """Who of ``ids`` wants nothing that is based on what they are like."""
    found: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        found |= privacy.neutral(ids[start : start + AT_ONCE].tolist(), now=now)
    return np.fromiter((one in found for one in ids.tolist()), np.bool_, len(ids))


def counted(ids: Ids, channel_slug: str, *, now: datetime) -> dict[str, int | str]:
    """How many of ``ids`` can be reached, as a `queries.Reach` is kept."""
    why = ruled_out(ids, CHANNELS[channel_slug], now=now)
    can = np.fromiter((one is None for one in why), np.bool_, len(ids))
    reachable, capped = ids[can], 0
    control = holdouts.global_control(reachable)
    for start in range(0, len(reachable), AT_ONCE):
        some = reachable[start : start + AT_ONCE][~control[start : start + AT_ONCE]]
        capped += len(messages.capped(some.tolist(), channel=channel_slug, now=now))
    return {
        "audience": len(ids),
        "under_14": why.count(UNDER_14),
        "no_consent": why.count(NO_CONSENT),
        "no_address": why.count(NO_ADDRESS),
        "capped": capped,
        "control": int(control.sum()),
        "reachable": len(reachable) - int(control.sum()) - capped,
        "at": now.isoformat(),
    }
