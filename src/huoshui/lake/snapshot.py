"""Reading the lake: one consistent picture, pinned."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from huoshui.kernel.plugs import LAKE_TABLES, Column
from huoshui.lake import duck, engines

if TYPE_CHECKING:
    from huoshui.lake.house import Lake


class Snapshot:
    """One consistent picture of the lake, with a session of its own. Implements `kernel.plugs.Tables`."""

    def __init__(
        self, *, lake: Lake, session: engines.Session, version: int, versions: Mapping[str, int]
    ) -> None:
        self.lake = lake
        self.session = session
        self.version = version
        self.versions = dict(versions)

    def table(self, slug: str) -> Any:
        """The rows of ``slug`` that count, as an Ibis table."""
        table = LAKE_TABLES[slug]
        columns = tuple(c for c in self.columns(slug) if c.name != "superseded_by")
        return self.session.parquet_files(
            self._name(slug, columns), self.files(slug), columns, live_only=table.fact
        )

    def rows(self, slug: str) -> Any:
        """All rows of ``slug`` with the superseded ones."""
        columns = self.columns(slug)
        name = f"{self._name(slug, columns)}*"
        return self.session.parquet_files(name, self.files(slug), columns, live_only=False)

    def _name(self, slug: str, columns: Sequence[Column]) -> str:
        """One name for the same files and columns: what a house declares meanwhile is a column at once."""
        declared = zlib.crc32("\n".join(f"{c.name} {c.type}" for c in columns).encode())
        return f"{slug}@{self.versions.get(slug, 0)}/{declared:08x}"

    def columns(self, slug: str) -> tuple[Column, ...]:
        """The columns of ``slug`` as declared today."""
        return LAKE_TABLES[slug].all_columns

    def files(self, slug: str) -> list[str]:
        """Data files of ``slug`` in this version, where the engine can read them."""
        return self.fetch(slug, self.sizes(slug))

    def fetch(self, slug: str, files: Mapping[str, int]) -> list[str]:
        """See that ``files`` of ``slug``, some of `sizes`, can be read. Raises `LakeDamaged`, `LakeUnreachable`."""
        self.lake.folder(slug).place.fetch(files)
        return list(files)

    def sizes(self, slug: str) -> dict[str, int]:
        """Data files of ``slug`` in this version, with their bytes; they may lie elsewhere still."""
        return self.lake.sizes(slug, self.versions[slug]) if slug in self.versions else {}

    def arrow(self, expression: Any) -> pa.Table:
        """Compute ``expression``."""
        return self.session.arrow(expression)

    def embedded(self) -> EmbeddedSnapshot:
        """The same picture read by the embedded engine, whatever the house runs on: to load facts, for SQL text.

        Its tables cannot be joined with those of this snapshot, unless it is this snapshot.
        """
        if isinstance(self, EmbeddedSnapshot):
            return self
        session = self.lake.engine.session()
        return EmbeddedSnapshot(lake=self.lake, session=session, version=self.version, versions=self.versions)


class EmbeddedSnapshot(Snapshot):
    """A picture of the lake that the embedded engine reads."""

    session: duck.Session
