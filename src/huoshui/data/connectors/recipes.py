"""What ``--map FIELD=…`` may say after the sign: a column, the first filled of several, or several joined.

``Phone | Billing Phone`` is the first that is filled, ``First Name + Last Name`` both with a space between. A column
whose own name looks like that is that column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huoshui.data.connectors.fields import folded

_UNIT = re.compile(
    r"[（(\[]\s*(?:单位\s*[:：]?\s*)?(?P<word>元|人民币|分|cents?|fen|yuan)\s*[)）\]]\s*$", re.I
)
_CENTS = ("分", "cent", "cents", "fen")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Columns of the file; ``joined`` with a space between, else the first that is filled."""

    columns: tuple[str, ...]
    joined: bool = False

    def __str__(self) -> str:
        return (" + " if self.joined else " | ").join(self.columns)


class Columns:
    """The columns of a file, found by names as people write them."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.names = tuple(columns)
        self._known: Mapping[str, str] = {
            **{folded(_UNIT.sub("", name)): name for name in reversed(self.names)},
            **{folded(name): name for name in reversed(self.names)},
        }

    def find(self, name: str) -> str | None:
        """The column called ``name``, without regard to case, width, spaces, punctuation and a unit in brackets."""
        return self._known.get(folded(name))

    def read(self, text: str) -> Recipe | None:
        """The recipe ``text``, of the columns that are there; nothing where none is."""
        if (alone := self.find(text)) is not None:
            return Recipe((alone,))
        for sign, joined in ((" | ", False), (" + ", True)):
            if sign in text:
                found = [self.find(part) for part in text.split(sign)]
                here = tuple(dict.fromkeys(column for column in found if column is not None))
                return Recipe(here, joined and len(here) > 1) if here else None
        return None

    def missing(self, text: str) -> list[str]:
        """The parts of the recipe ``text`` that are no columns of the file."""
        if self.find(text) is not None:
            return []
        parts = re.split(r" [|+] ", text)
        return [part for part in parts if self.find(part) is None]


def in_cents(recipe: Recipe) -> bool:
    """Whether the names of the columns say that amounts are in hundredths: 金额(分), amount_cents."""
    return any(
        ((unit := _UNIT.search(name)) is not None and unit["word"].lower() in _CENTS)
        or name.lower().endswith(("_cents", "_fen", " cents"))
        for name in recipe.columns
    )
