"""Lists as they leave the house: columns with kinds, and rows in pages. Plain values; `documents.sheets` writes them.

Rooms declare in `EXPORTS` what of theirs can be taken away as a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Language, Text

Kind = Literal["text", "integer", "number", "amount", "flag", "day", "moment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a sheet. ``key`` names it for programs, ``label`` for people.

    Values of an ``amount`` are decimals of at most four places, those of a ``moment`` have a zone.
    """

    key: str
    label: Text
    kind: Kind = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A list: its fields, how many rows it has, and these in pages.

    A page is a sequence of rows, each with a value or ``None`` for every field; or a table of Arrow with a column for
    every field, for lists of millions.
    """

    fields: Sequence[Field]
    total: int
    pages: Iterable[Any]


@dataclass(frozen=True, kw_only=True)
class Export:
    """A list that people take away as a file.

    ``sheet(actor, said, language)`` gives what the list shows to the actor for ``said``, the query of its address by
    name; refusals are those of the list. People need ``right``.
    """

    slug: str
    label: Text
    sheet: Callable[[Actor, Mapping[str, Sequence[str]], Language], Sheet]
    right: Right | None = None


EXPORTS: Registry[Export] = Registry("export")


def one(said: Mapping[str, Sequence[str]], name: str, otherwise: str = "") -> str:
    """What an address says of ``name``: the last of several, as Django reads it."""
    return said[name][-1].strip() if said.get(name) else otherwise
