"""What buttons and drops do to the draft of a rule: parts are added, copied, negated, moved and taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from huoshui.know.segments.drafts import ROOT, Branch, Draft, Leaf, parts
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.reading import DEEPEST, MOST_CLAUSES

ACTS = ("add", "nest", "copy", "remove", "up", "down", "in", "out", "move")
Steps = tuple[int, ...]


def changed(draft: Draft, act: str, key: str) -> tuple[Draft, str]:
    """``draft`` after one of `ACTS`, and the key of the part to go on with.

    ``add`` and ``nest`` put a clause or a group into the group ``key``; the others speak of the part ``key``: ``up``
    and ``down`` move it among its neighbours, ``in`` into the group beside it (a new one, where none is), ``out``
    behind the group that it is in. ``move`` takes ``PART>GROUP:PLACE``, the place counted without the part. What
    cannot be done leaves the draft as it is. Raises `BadRule` where the rule would become too large.
    """
    if act == "move":
        part, _, target = key.partition(">")
        group, _, place = target.partition(":")
        to, at = _steps(group), _steps(f"{ROOT}.{place}")
        found = (
            (draft, ()) if to is None or at is None else _moved(draft, _steps(part), to, at[-1] if at else 0)
        )
    else:
        steps = _steps(key)
        found = (draft, ()) if steps is None else _acted(draft, act, steps)
    _require_small(found[0])
    return found[0], ".".join((ROOT, *map(str, found[1])))


def _acted(draft: Draft, act: str, steps: Steps) -> tuple[Draft, Steps]:
    here = _part(draft, steps)
    if here is None:
        return draft, ()
    if act in ("add", "nest"):
        fresh: Draft = Leaf() if act == "add" else Branch(join="any", parts=(Leaf(),))
        size = len(here.parts) if isinstance(here, Branch) else 0
        return (
            (_put(draft, steps, size, fresh), (*steps, size)) if isinstance(here, Branch) else (draft, steps)
        )
    if not steps:
        return draft, ()
    *above, place = steps
    group = _part(draft, tuple(above))
    neighbours = group.parts if isinstance(group, Branch) else ()
    match act:
        case "copy":
            return _put(draft, tuple(above), place + 1, here), (*above, place + 1)
        case "remove":
            return _taken(draft, steps), (*above, max(0, place - 1)) if len(neighbours) > 1 else tuple(above)
        case "up" | "down":
            to = place - 1 if act == "up" else place + 1
            return _moved(draft, steps, tuple(above), to) if 0 <= to < len(neighbours) else (draft, steps)
        case "out":
            return _moved(draft, steps, tuple(above[:-1]), above[-1] + 1) if above else (draft, steps)
        case "in":
            return _inwards(draft, steps, neighbours)
        case _:
            return draft, steps


def _inwards(draft: Draft, steps: Steps, neighbours: Sequence[Draft]) -> tuple[Draft, Steps]:
    *above, place = steps
    if place and isinstance(before := neighbours[place - 1], Branch):
        return _moved(draft, steps, (*above, place - 1), len(before.parts))
    if place + 1 < len(neighbours) and isinstance(neighbours[place + 1], Branch):
        return _moved(draft, steps, (*above, place + 1), 0)
    return _at(draft, steps, lambda part: Branch(join="any", parts=(part,))), (*steps, 0)


def _moved(draft: Draft, steps: Steps | None, to: Steps, place: int) -> tuple[Draft, Steps]:
    """The part put to ``place`` of the group ``to``, never into itself."""
    part = None if not steps else _part(draft, steps)
    if part is None or not steps or to[: len(steps)] == steps or not isinstance(_part(draft, to), Branch):
        return draft, steps or ()
    level = len(steps) - 1
    if len(to) > level and to[:level] == steps[:level] and to[level] > steps[level]:
        # The group stands behind what is taken out, and moves up by one.
        to = (*to[:level], to[level] - 1, *to[level + 1 :])
    left = _taken(draft, steps)
    group = _part(left, to)
    place = min(place, len(group.parts)) if isinstance(group, Branch) else 0
    return _put(left, to, place, part), (*to, place)


def _steps(key: str) -> Steps | None:
    root, *steps = key.split(".")
    return (
        tuple(map(int, steps)) if root == ROOT and all(s.isascii() and s.isdecimal() for s in steps) else None
    )


def _part(draft: Draft, steps: Steps) -> Draft | None:
    for step in steps:
        if not isinstance(draft, Branch) or step >= len(draft.parts):
            return None
        draft = draft.parts[step]
    return draft


def _at(draft: Draft, steps: Steps, change: Callable[[Draft], Draft]) -> Draft:
    if not steps or not isinstance(draft, Branch):
        return change(draft)
    held = list(draft.parts)
    held[steps[0]] = _at(held[steps[0]], steps[1:], change)
    return replace(draft, parts=tuple(held))


def _put(draft: Draft, group: Steps, place: int, part: Draft) -> Draft:
    return _with(draft, group, lambda held: (*held[:place], part, *held[place:]))


def _taken(draft: Draft, steps: Steps) -> Draft:
    *group, place = steps
    return _with(draft, tuple(group), lambda held: (*held[:place], *held[place + 1 :]))


def _with(draft: Draft, group: Steps, change: Callable[[tuple[Draft, ...]], tuple[Draft, ...]]) -> Draft:
    return _at(draft, group, lambda at: replace(at, parts=change(at.parts)) if isinstance(at, Branch) else at)


def _require_small(draft: Draft) -> None:
    keys = [key for key, _part in parts(draft)]
    if len(keys) > MOST_CLAUSES:
        raise BadRule("The rule has too many clauses", valid=f"at most {MOST_CLAUSES}")
    if max(key.count(".") for key in keys) >= DEEPEST:
        raise BadRule("The clauses are nested too deep", valid=f"at most {DEEPEST} levels")
