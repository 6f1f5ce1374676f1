"""Which clause moved somebody: the verdicts before and now, of those alone who entered or left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huoshui.kernel.clock import AsOf
from huoshui.know.segments import compiling
from huoshui.know.segments.applying import Applicable
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.rules import Every
from huoshui.lake.errors import LakeDamaged
from huoshui.lake.snapshot import Snapshot

SEGMENTS_OF_A_QUERY = 20
MOST_MOVED = 50_000
"""So many moves of a computation are explained; of more, such as after a large import, only the cause is known."""

Ids = npt.NDArray[np.int64]
Reason = list[dict[str, Any]]
"""The clauses whose verdict changed: ``clause`` is the path, ``was`` and ``is`` are the values; without ``was`` where
what was known then cannot be read any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The clauses of a rule of some customers at a moment: for a path whether it holds, and by which value."""

    places: dict[int, int]
    columns: dict[str, tuple[npt.NDArray[np.bool_], pa.ChunkedArray]]


def of_moves(
    now: tuple[Snapshot, AsOf], then: tuple[Snapshot, AsOf] | None, moved: Sequence[tuple[Applicable, Ids]]
) -> dict[str, dict[int, Reason]]:
    """Why customers entered or left, by segment and customer. ``then`` is the picture before, where it can be read.

    A customer who was not there then has no values of then. Nothing for moves without number (`MOST_MOVED`).
    """
    if sum(len(ids) for _one, ids in moved) > MOST_MOVED:
        return {}
    found: dict[str, dict[int, Reason]] = {}
    for start in range(0, len(moved), SEGMENTS_OF_A_QUERY):
        part = moved[start : start + SEGMENTS_OF_A_QUERY]
        after = _seen(*now, part)
        try:
            before = _seen(*then, part) if then else None
        except LakeDamaged:  # an erasure has removed what the lake held then
            before = None
        for number, (one, ids) in enumerate(part):
            prefix = f"all[{number}]"
            paths = [path for path in after.columns if path == prefix or path.startswith(f"{prefix}.")]
            found[one.slug] = {
                who: list(_changed(who, paths, len(prefix) + 1, before, after)) for who in ids.tolist()
            }
    return found


def _seen(tables: Snapshot, as_of: AsOf, part: Sequence[tuple[Applicable, Ids]]) -> Seen:
    people = np.unique(np.concatenate([ids for _one, ids in part]))
    chosen = Chosen(tables, as_of, tables.session.hold(pa.table({"customer_id": people})))
    others = {slug: rule for one, _ids in part for slug, rule in one.others.items()}
    rule = Every(tuple(one.rule for one, _ids in part))
    found, names = compiling.values(chosen, as_of, rule, segments=others)
    rows = tables.arrow(found).combine_chunks()
    places = {who: place for place, who in enumerate(rows["customer_id"].to_pylist())}
    columns = {
        path: (rows[holds].to_numpy().astype(bool), rows[value]) for path, (holds, value) in names.items()
    }
    return Seen(places, columns)


def _changed(
    who: int, paths: Sequence[str], skip: int, before: Seen | None, after: Seen
) -> Iterator[dict[str, Any]]:
    here = after.places.get(who)
    there = before.places.get(who) if before else None
    for path in paths:
        if _holds(after, path, here) == _holds(before, path, there):
            continue
        was = {} if there is None else {"was": _value(before, path, there)}
        yield {"clause": path[skip:], **was, "is": _value(after, path, here)}


def _holds(seen: Seen | None, path: str, place: int | None) -> bool:
    return seen is not None and place is not None and bool(seen.columns[path][0][place])


def _value(seen: Seen | None, path: str, place: int | None) -> Any:
    return None if seen is None or place is None else _plain(seen.columns[path][1][place].as_py())


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
