"""A stretch of one list of several tables that is ordered by time, read from the groups of files that can hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huoshui.lake.groups import Hits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Moments = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table of several that are read as one list.

    ``at`` is the column of time and ``key`` the one that tells rows of ``source`` apart; ``columns`` are shown and
    ``searched`` those that words are looked for in.
    """

    slug: str
    at: str
    key: str
    columns: Sequence[str]
    searched: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a list that is ordered by time: later rows of the table do not move it."""

    at: datetime
    slug: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Which rows are wanted: those with ``words``, from ``since`` up to and without ``until``, beyond a place."""

    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    older_than: Place | None = None
    newer_than: Place | None = None


EVERYTHING = Between()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of the tables: where it stands, and the columns asked for."""

    place: Place
    values: Mapping[str, Any] = field(default_factory=dict)


def is_told(hits: Hits, part: Part) -> bool:
    """Whether the file says from when to when the rows of the group are, which `newest` must know."""
    said = hits.bounds(part.at)
    return isinstance(said.low, datetime) and isinstance(said.high, datetime) and said.nulls == 0


def newest(groups: Sequence[tuple[Part, Hits]], *, most: int, between: Between) -> list[Row]:
    """The ``most`` newest of the rows, newest first; with ``between.newer_than`` the ones next to that place, oldest
    first. Words are not looked for. Of each group `is_told` says yes.

    Moments are read from the near end, until no other group can hold a nearer row; what the rows show is read of
    those groups alone that have a row to show. Raises `LakeDamaged`.
    """
    rising = between.newer_than is not None
    low, high = _limits(between)
    waiting = [(*_span(part, hits), part, hits) for part, hits in groups]
    waiting = [one for one in waiting if one[1] >= low and one[0] <= high]
    waiting.sort(key=lambda one: one[0] if rising else -one[1])
    read: list[tuple[Part, Hits, Moments]] = []
    # Distances from the near end: the smaller, the nearer.
    nearest: Moments = np.empty(0, dtype=np.int64)
    for first, last, part, hits in waiting:
        if len(nearest) == most and (first if rising else -last) > nearest.max():
            break
        moments = _moments(part, hits)
        read.append((part, hits, moments))
        nearest = _smallest(np.concatenate([nearest, _certain(moments, between)]), most)
    if len(nearest) == most:
        furthest = int(nearest.max())
        low, high = (low, min(high, furthest)) if rising else (max(low, -furthest), high)
    found = [
        row
        for part, hits, moments in read
        if len(inside := np.flatnonzero((moments >= low) & (moments <= high)))
        for row in _rows(part, hits, moments, inside, between)
    ]
    found.sort(key=lambda one: one[0], reverse=not rising)
    return [
        Row(Place(at=EPOCH + at * MICROSECOND, slug=slug, key=key), values)
        for (at, slug, key), values in found[:most]
    ]


def _moments(part: Part, hits: Hits) -> Moments:
    """When the rows are, in microseconds."""
    rows = hits.read((part.at,))
    moments: Moments = rows[part.at].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
    return moments


def _certain(moments: Moments, between: Between) -> Moments:
    """How far from the near end the rows are that are wanted for certain: of those at the very moment of a place, some
    are on its other side."""
    low, high = _limits(between)
    wanted = moments[(moments >= low) & (moments <= high)]
    if edge := between.older_than or between.newer_than:
        wanted = wanted[wanted != _micros(edge.at)]
    return wanted if between.newer_than else -wanted


def _smallest(distances: Moments, most: int) -> Moments:
    return distances if len(distances) <= most else np.partition(distances, most - 1)[:most]


def _rows(
    part: Part, hits: Hits, moments: Moments, inside: npt.NDArray[np.intp], between: Between
) -> Iterator[tuple[tuple[int, str, str], Mapping[str, Any]]]:
    """Where the rows ``inside`` stand that are beyond the place, and what they show."""
    rows = hits.read(("source", part.key, *part.columns))
    if edge := between.older_than or between.newer_than:
        here = inside[moments[inside] == _micros(edge.at)]
        places = [(part.slug, key) for key in _keys(rows, part, here)]
        mark = (edge.slug, edge.key)
        beyond = [place > mark if between.newer_than else place < mark for place in places]
        inside = np.setdiff1d(inside, here[~np.array(beyond, dtype=np.bool_)])
    chosen = rows.take(inside)
    keys = _keys(rows, part, inside)
    there = set(chosen.column_names)
    shown = [
        [_text(one) for one in chosen[name].to_pylist()] if name in there else [None] * len(inside)
        for name in part.columns
    ]
    for at, key, *values in zip(moments[inside].tolist(), keys, *shown, strict=True):
        yield (at, part.slug, key), dict(zip(part.columns, values, strict=True))


def _keys(rows: pa.Table, part: Part, at: npt.NDArray[np.int64]) -> list[str]:
    chosen = rows.select(["source", part.key]).take(at)
    pairs = zip(chosen["source"].to_pylist(), chosen[part.key].to_pylist(), strict=True)
    return [f"{source}:{key}" for source, key in pairs]


def _limits(between: Between) -> tuple[int, int]:
    """The first and the last moment that are wanted, in microseconds, both included."""
    low, high = [-(2**62)], [2**62]
    if between.since is not None:
        low.append(_micros(between.since))
    if between.newer_than is not None:
        low.append(_micros(between.newer_than.at))
    if between.until is not None:
        high.append(_micros(between.until) - 1)
    if between.older_than is not None:
        high.append(_micros(between.older_than.at))
    return max(low), min(high)


def _span(part: Part, hits: Hits) -> tuple[int, int]:
    said = hits.bounds(part.at)
    return _micros(said.low), _micros(said.high)


def _micros(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // MICROSECOND


def _text(value: Any) -> str | None:
    """``value`` as the engine writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
