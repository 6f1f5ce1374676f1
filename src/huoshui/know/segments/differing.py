"""What differs between two versions of a rule, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from huoshui.kernel.texts import Text
from huoshui.know.segments import sentences
from huoshui.know.segments.rules import Every, Not, Rule, Some
from huoshui.know.segments.sentences import Words

Mark = Literal["same", "changed", "removed", "added"]
GROUPS = {
    ("all", False): Text("all of these hold:", "以下全部满足："),
    ("any", False): Text("any of these holds:", "以下任一满足："),
    ("all", True): Text("not all of these hold:", "不满足以下全部："),
    ("any", True): Text("none of these holds:", "以下均不满足："),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A group or clause of a rule in words, so many levels deep."""

    depth: int
    said: Text


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of the older and of the newer rule beside each other; one is missing where it was added or removed."""

    mark: Mark
    old: Line | None
    new: Line | None


def differences(old: Rule, new: Rule, words: Words) -> list[Difference]:
    """The lines of both rules in order, each with what became of it."""
    before, after = list(_lines(old, words)), list(_lines(new, words))
    found: list[Difference] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        pairs: Sequence[tuple[Line | None, Line | None]] = list(zip_longest(before[a:b], after[c:d]))
        for one, other in pairs:
            mark: Mark = (
                "same" if what == "equal" else "changed" if one and other else "removed" if one else "added"
            )
            found.append(Difference(mark, one, other))
    return found


def _lines(rule: Rule, words: Words, depth: int = 0, *, negated: bool = False) -> Iterator[Line]:
    match rule:
        case Not(part) if isinstance(part, Not):
            yield from _lines(part.part, words, depth, negated=negated)
        case Not(part):
            yield from _lines(part, words, depth, negated=not negated)
        case Every(parts) | Some(parts):
            yield Line(depth, GROUPS["all" if isinstance(rule, Every) else "any", negated])
            for part in parts:
                yield from _lines(part, words, depth + 1)
        case _:
            yield Line(depth, sentences.sentence(Not(rule) if negated else rule, words))
