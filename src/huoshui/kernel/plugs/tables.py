"""Tables of the lake, and views of the facts in them.

Tables and expressions are Ibis, typed as ``Any``: the kernel imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from huoshui.kernel.clock import AsOf
from huoshui.kernel.registries import Registry

IbisTable = Any
IbisValue = Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a lake table. ``type`` is an Ibis type name; ``doc`` says meaning and unit."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, kw_only=True)
class LakeTable:
    """A table of the lake.

    ``fact`` tables hold what happened: they get the provenance columns and keep superseded versions of a key
    (see `PROVENANCE`). The others are computed and overwritten or appended whole.

    ``whole`` names the columns by which a load replaces older rows (a prefix of ``key``; the order for lines).
    """

    slug: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    written_by: str
    kept: str
    fact: bool = True
    whole: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
    sorted_by: tuple[str, ...] = ()
    kept_for: timedelta | None = None

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Declared columns and, for facts, provenance."""
        return self.columns + (PROVENANCE if self.fact else ())

    @property
    def replaced_by(self) -> tuple[str, ...]:
        """The columns that say which older rows a new row takes the place of (``source`` goes without saying)."""
        return self.whole or self.key


PROVENANCE = (
    Column("source", "string", "the system the row came from; part of every key"),
    Column("load_id", "int64", "the load that brought the row"),
    Column("ingested_at", "timestamp('UTC', 6)", "when it arrived"),
    Column("superseded_by", "int64", "the load that brought a newer version; empty while the row counts"),
)

LAKE_TABLES: Registry[LakeTable] = Registry("lake table")


class Tables(Protocol):
    """A consistent set of lake tables of one house version."""

    def table(self, slug: str) -> IbisTable:
        """The rows that count, without ``superseded_by``."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A named view of the facts as of a moment, such as *purchases*. Its table has a ``customer_id``.

    ``made_of`` names a table of facts and the column of its moments, if the rows of each customer follow from their own
    rows of that table before ``as_of`` alone, whatever the moment is: then a refresh computes only those that changed.
    """

    slug: str
    doc: str
    build: Callable[[Tables, AsOf], IbisTable]
    made_of: tuple[str, str] | None = None


RELATIONS: Registry[Relation] = Registry("relation")
