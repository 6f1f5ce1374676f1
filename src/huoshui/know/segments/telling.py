"""Moves as facts: `Segment Entered` and `Segment Exited`, with the clauses that moved each customer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huoshui.know.segments.applying import Applicable
from huoshui.know.segments.memberships import TOLD, Cause
from huoshui.know.segments.reasons import Ids, Reason

ENTERED, EXITED = "Segment Entered", "Segment Exited"
UNEXPLAINED: tuple[Cause, ...] = ("first", "definition")
"""Causes of moves that no clause explains: there was no other verdict of the same rule before."""
MOST_CLAUSES = 5
_MOMENT = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class Moved:
    """Customers who entered or left a segment at a moment (``name`` is that of the fact), and why each of them."""

    one: Applicable
    name: str
    ids: Ids
    why: npt.NDArray[np.object_]
    at: datetime

    @property
    def explained(self) -> bool:
        """Whether clauses can explain it: of one segment, either all moves of a computation or none are so."""
        return len(self.ids) > 0 and self.why[0] not in UNEXPLAINED


def people(moved: Iterable[Moved]) -> list[tuple[Applicable, Ids]]:
    """Who entered or left each segment."""
    found: dict[str, tuple[Applicable, Ids]] = {}
    for one in moved:
        ids = found[one.one.slug][1] if one.one.slug in found else one.ids[:0]
        found[one.one.slug] = one.one, np.concatenate([ids, one.ids])
    return list(found.values())


def clauses(found: Mapping[int, Reason]) -> dict[str, int]:
    """How many moves each clause explains, by its path: those that moved most."""
    return dict(
        Counter(one["clause"] for reason in found.values() for one in reason).most_common(MOST_CLAUSES)
    )


def facts(move: Moved, found: Mapping[int, Reason], now: datetime) -> pa.Table | None:
    """What of ``move`` is told, as rows of ``events``; nothing where nothing is."""
    told = np.isin(move.why, sorted(TOLD))
    if not told.any():
        return None
    ids, why, slug = move.ids[told].tolist(), move.why[told].tolist(), move.one.slug
    properties = []
    for who, cause in zip(ids, why, strict=True):
        said: dict[str, Any] = {"segment": slug, "version": move.one.version, "reason": cause}
        if found.get(who):
            said["clauses"] = found[who]
        properties.append(json.dumps(said, ensure_ascii=False))
    sign = f"{move.name}:{slug}:{move.at.astimezone(UTC).isoformat()}:"
    return pa.table(
        {
            "message_id": pa.array([f"{sign}{who}" for who in ids], pa.string()),
            "customer_id": pa.array(ids, pa.int64()),
            "name": pa.repeat(move.name, len(ids)),
            "occurred_at": pa.repeat(pa.scalar(move.at, _MOMENT), len(ids)),
            "received_at": pa.repeat(pa.scalar(now, _MOMENT), len(ids)),
            "properties": pa.array(properties, pa.string()),
        }
    )
