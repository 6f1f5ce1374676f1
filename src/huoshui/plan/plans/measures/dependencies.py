"""What waits for what: rings, measures that begin too early, and how far they must be shifted. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A measure of the days ``first`` to ``last``, both inside; those in ``after`` must end before it begins."""

    id: int
    first: date
    last: date
    after: tuple[int, ...] = ()


def ring(after: Mapping[int, Iterable[int]]) -> tuple[int, ...]:
    """Measures that wait for each other in a ring, in the order of waiting; empty where there is none.

    ``after`` says of each which ones it waits for; ids without an entry wait for nothing.
    """
    done: set[int] = set()
    for begin in sorted(after):
        way: list[int] = []
        waiting = [(begin, iter(sorted(after[begin])))] if begin not in done else []
        if waiting:
            way.append(begin)
        while waiting:
            at, rest = waiting[-1]
            following = next(rest, None)
            if following is None:
                waiting.pop()
                way.pop()
                done.add(at)
            elif following in way:
                return tuple(way[way.index(following) :])
            elif following not in done:
                way.append(following)
                waiting.append((following, iter(sorted(after.get(following, ())))))
    return ()


def conflicts(spans: Sequence[Span]) -> dict[int, tuple[int, ...]]:
    """Measures that begin before what they wait for has ended, each with those that end too late."""
    by_id = {one.id: one for one in spans}
    found = {
        one.id: tuple(before for before in one.after if before in by_id and by_id[before].last >= one.first)
        for one in spans
    }
    return {id_: late for id_, late in found.items() if late}


def shifted(spans: Sequence[Span]) -> dict[int, tuple[date, date]]:
    """New first and last days of those that must move so that nothing begins too early; durations stay.

    Each moves as little as it can, and only later. Raises `ValueError` for a ring.
    """
    by_id = {one.id: one for one in spans}
    if ring({one.id: one.after for one in spans}):
        raise ValueError("measures wait for each other in a ring")
    placed: dict[int, tuple[date, date]] = {}
    for one in _in_order(by_id):
        ends = [placed[before][1] + DAY for before in one.after if before in placed]
        first = max([one.first, *ends])
        placed[one.id] = (first, first + (one.last - one.first))
    return {id_: days for id_, days in placed.items() if days != (by_id[id_].first, by_id[id_].last)}


def _in_order(by_id: Mapping[int, Span]) -> list[Span]:
    """Each behind all that it waits for."""
    found: dict[int, Span] = {}
    waiting = dict(by_id)
    while waiting:
        ready = [
            one for one in waiting.values() if all(id_ in found or id_ not in by_id for id_ in one.after)
        ]
        for one in ready:
            found[one.id] = waiting.pop(one.id)
    return list(found.values())
