"""Writing the lake: several tables as one, published together or taken back together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from huoshui.kernel.plugs import LAKE_TABLES, LakeTable
from huoshui.lake import engines
from huoshui.lake.delta import DeltaFolder
from huoshui.lake.duck import (
    SMALL_ROW_GROUP,
    Session,
    arrow_schema,
    literal,
    quoted,
    scan,
    select_columns,
)
from huoshui.lake.entries import DataFile
from huoshui.lake.keys import FEW
from huoshui.lake.publishing import publish
from huoshui.lake.snapshot import EmbeddedSnapshot, Snapshot

if TYPE_CHECKING:
    from huoshui.lake.house import Lake

OnCrash = Literal["back", "forward"]
SORTED_AT_ONCE = 1_000_000
"""Up to so many rows of a load are put in the order of their table at once; more wait for compaction."""
ON_CRASH = "huoshui.on_crash"
"""Under this name a commit says what happens to it when the process dies before it is published."""


@dataclass(frozen=True, slots=True)
class Put:
    """What `Write.put` did: rows added, and whether any older version was replaced."""

    rows: int
    replaced: bool


class Write:
    """A write in progress. Made by `Lake.write`."""

    def __init__(self, lake: Lake, session: Session, versions: dict[str, int], on_crash: OnCrash) -> None:
        self._lake = lake
        self._published = dict(versions)
        self._on_crash = on_crash
        self._after: list[Callable[[], None]] = []
        self._overwritten: dict[str, list[DataFile]] = {}
        self._computing: engines.Session = session
        self.session = session
        self.versions = versions

    def compute_by(self, session: engines.Session) -> None:
        """Let another engine compute `snapshot` and what is made from it. Called by `Lake.write`."""
        self._computing = session

    @property
    def snapshot(self) -> Snapshot:
        """The tables as they stand inside this write."""
        if self._computing is not self.session:
            return Snapshot(lake=self._lake, session=self._computing, version=0, versions=self.versions)
        return EmbeddedSnapshot(lake=self._lake, session=self.session, version=0, versions=self.versions)

    @property
    def changed(self) -> list[str]:
        """The tables this write has committed to."""
        return [slug for slug, version in self.versions.items() if version != self._published.get(slug)]

    def table(self, slug: str) -> Any:
        """The rows of ``slug`` that count, as they stand inside this write."""
        return self.snapshot.table(slug)

    def append(self, slug: str, rows: Any, *, transaction: tuple[str, int] | None = None) -> bool:
        """Add ``rows`` (Ibis expression of this session, or Arrow table) to ``slug``.

        ``transaction`` is (application, number): when a number that high was committed before, nothing is
        written and the answer is False. Only for writes that roll forward after a crash.
        """
        folder = self._folder(slug)
        if transaction is not None:
            if self._on_crash != "forward":
                raise ValueError("a transaction number needs a write with on_crash='forward'")
            done = folder.transaction_version(transaction[0])
            if done is not None and done >= transaction[1]:
                return False
        table = LAKE_TABLES[slug]
        added = self._computing.write_files(rows, folder.path, table.all_columns, self._statistics(table))
        if added or transaction is not None:
            self._commit(slug, folder, add=added, transaction=transaction)
        return True

    def overwrite(self, slug: str, rows: Any, *, note: Mapping[str, str] | None = None) -> int:
        """Replace the whole content of ``slug``, sorted as the table declares; returns the number of rows.

        For computed tables. `Lake.noted` reads the ``note`` again.
        """
        table = LAKE_TABLES[slug]
        folder = self._folder(slug)
        old = self.snapshot.files(slug)
        added = self._computing.write_files(
            rows,
            folder.path,
            table.all_columns,
            self._statistics(table),
            table.sorted_by,
            small=bool(table.sorted_by),
        )
        if added or old:
            self._commit(slug, folder, note=note, add=added, remove=old)
        self._overwritten[slug] = added
        return sum(f.rows for f in added)

    def put(self, slug: str, rows: Any, *, load_id: int, keys_are_new: bool = False) -> Put:
        """Add facts of a load; older versions of the same keys (within their source) stop counting.

        ``rows`` has the declared columns and provenance but ``superseded_by``. Older rows stay in the table, so
        that undoing the load brings them back. ``keys_are_new``: the caller knows that no row of these keys was
        there before (lines of orders that were just found to be new), which saves looking for them.
        """
        table = LAKE_TABLES[slug]
        folder = self._folder(slug)
        columns = tuple(c for c in table.all_columns if c.name != "superseded_by")
        selected = ", ".join(quoted(c.name) for c in columns)
        query = f"SELECT {selected}, NULL::BIGINT AS superseded_by FROM ({self.session.query(rows)})"
        old = self.snapshot.files(slug)
        added = self.session.write_query(query, folder.path, table.all_columns, self._statistics(table))
        if not added:
            return Put(rows=0, replaced=False)
        rows_added = sum(f.rows for f in added)
        if SMALL_ROW_GROUP < rows_added <= SORTED_AT_ONCE and table.sorted_by:
            added = self._in_order(table, folder, added)
        new = [str(folder.path / f.name) for f in added]
        if keys_are_new:
            old = []
        elif rows_added <= FEW:
            old = self._may_hold(table, old, new)
        removed, rewritten = self._supersede(table, folder, old, new, load_id)
        self._commit(slug, folder, add=[*added, *rewritten], remove=removed)
        return Put(rows=rows_added, replaced=bool(removed))

    def undo(self, load_id: int) -> dict[str, int]:
        """Take a load back from every fact table; what it had replaced counts again.

        Returns, per table, how many rows of the load were removed.
        """
        removed: dict[str, int] = {}
        for table in LAKE_TABLES:
            if table.fact and table.slug in self.versions and (count := self._undo(table, load_id)):
                removed[table.slug] = count
        return removed

    def append_copy(self, slug: str, *, of: str) -> None:
        """Add what `overwrite` has just written to ``of`` to ``slug`` as well, by copying its files.

        Both tables have the same columns. Encoding a million rows a second time would cost more than the query.
        """
        folder = self._folder(slug)
        added = [replace(file, name=f"part-{uuid4()}.parquet") for file in self._overwritten[of]]
        for file, copy in zip(self._overwritten[of], added, strict=True):
            shutil.copyfile(self._lake.folder(of).path / file.name, folder.path / copy.name)
        if added:
            self._commit(slug, folder, add=added)

    def remove(self, slug: str, column: str, values: Sequence[datetime]) -> None:
        """Take the rows out whose time ``column`` is one of ``values``. Files of nothing else go without being read."""
        table = LAKE_TABLES[slug]
        folder = self._folder(slug)
        files = self.snapshot.files(slug)
        if not files or not values:
            return
        listed = ", ".join(f"TIMESTAMPTZ {literal(value.astimezone(UTC).isoformat())}" for value in values)
        match = f"{quoted(column)} IN ({listed})"
        found = self.session.arrow(
            f"SELECT filename, bool_and({match}) AS all_of_it FROM {scan(files, named=True)} "
            f"GROUP BY filename HAVING bool_or({match})"
        ).to_pylist()
        mixed = [row["filename"] for row in found if not row["all_of_it"]]
        added: list[DataFile] = []
        if mixed:
            kept = f"SELECT * FROM ({self._all(table, mixed)}) WHERE NOT ({match})"
            added = self.session.write_query(kept, folder.path, table.all_columns, self._statistics(table))
        if found:
            self._commit(slug, folder, add=added, remove=[row["filename"] for row in found])

    def rewrite(self, slug: str, rows: Any, *, replacing: Sequence[str], sort: Sequence[str] = ()) -> None:
        """Replace the files ``replacing`` by ``rows``."""
        table = LAKE_TABLES[slug]
        folder = self._folder(slug)
        added = self._computing.write_files(
            rows, folder.path, table.all_columns, self._statistics(table), sort
        )
        self._commit(slug, folder, add=added, remove=replacing)

    def merge(self, slug: str, files: Sequence[str]) -> None:
        """Write ``files`` of ``slug`` anew as one, sorted as the table declares; the rows stay as they are."""
        table = LAKE_TABLES[slug]
        folder = self._folder(slug)
        added = self.session.write_query(
            self._all(table, files), folder.path, table.all_columns, self._statistics(table), table.sorted_by
        )
        self._commit(slug, folder, add=added, remove=files, rearranged=True)

    def when_published(self, do: Callable[[], None]) -> None:
        """Run ``do`` in the database transaction that publishes this write."""
        self._after.append(do)

    def publish(self, reason: str) -> None:
        """Make the write visible. Called by `Lake.write`."""
        publish(
            self._lake.storage, before=self._published, tables=self.versions, reason=reason, also=self._after
        )

    def take_back(self) -> None:
        """Undo the commits of this write. Called by `Lake.write`."""
        restored = dict(self._published)
        for slug, version in self.versions.items():
            if version != self._published.get(slug):
                restored[slug] = self._lake.folder(slug).restore(self._published.get(slug, 0))
        publish(self._lake.storage, before=self._published, tables=restored, reason="taken back")

    # -- inside --------------------------------------------------------------------------------------------------

    def _folder(self, slug: str) -> DeltaFolder:
        folder = self._lake.folder(slug)
        table = LAKE_TABLES[slug]
        folder.create(arrow_schema(table.all_columns), self._statistics(table))
        return folder

    def _statistics(self, table: LakeTable) -> tuple[str, ...]:
        return (*table.statistics, *(("load_id", "superseded_by", "ingested_at") if table.fact else ()))

    def _commit(
        self, slug: str, folder: DeltaFolder, *, note: Mapping[str, str] | None = None, **actions: Any
    ) -> None:
        self.versions[slug] = folder.commit(
            schema=arrow_schema(LAKE_TABLES[slug].all_columns),
            metadata={**(note or {}), ON_CRASH: self._on_crash},
            same_types=LAKE_TABLES[slug].fact,
            **actions,
        )

    def _may_hold(self, table: LakeTable, old: Sequence[str], new: Sequence[str]) -> list[str]:
        """Those of ``old`` that may hold a key which stands in ``new``."""
        key = ", ".join(quoted(c) for c in ("source", *table.replaced_by))
        ask = self.session.arrow
        return self._lake.keys.may_hold(
            table.slug,
            old,
            of=new,
            count=lambda file: int(ask(f"SELECT count(*) AS n FROM {scan([file])}")["n"][0].as_py()),
            read=lambda file: ask(f"SELECT hash({key}) AS h FROM {scan([file])}")["h"].to_numpy(),
        )

    def _supersede(
        self, table: LakeTable, folder: DeltaFolder, old: Sequence[str], new: Sequence[str], load_id: int
    ) -> tuple[list[str], list[Any]]:
        """Mark the rows in ``old`` whose key stands in ``new``; only files that hold such rows are rewritten."""
        if not old:
            return [], []
        key = ", ".join(quoted(c) for c in ("source", *table.replaced_by))
        keys = f"(SELECT DISTINCT {key} FROM {scan(new)})"
        match = f"superseded_by IS NULL AND load_id <> {load_id} AND ({key}) IN {keys}"
        hit = self._files_where(old, match)
        if not hit:
            return [], []
        names = [c.name for c in table.all_columns if c.name != "superseded_by"]
        query = (
            f"SELECT {', '.join(map(quoted, names))}, "
            f"CASE WHEN {match} THEN {load_id} ELSE superseded_by END AS superseded_by FROM ({self._all(table, hit)})"
        )
        return hit, self._write_again(table, folder, query)

    def _undo(self, table: LakeTable, load_id: int) -> int:
        folder = self._folder(table.slug)
        old = self.snapshot.files(table.slug)
        if not old:
            return 0
        hit = self._files_where(old, f"load_id = {load_id} OR superseded_by = {load_id}")
        if not hit:
            return 0
        count = int(
            self.session.arrow(f"SELECT count(*) AS n FROM {scan(hit)} WHERE load_id = {load_id}")["n"][
                0
            ].as_py()
        )
        keys = ("source", *table.replaced_by)
        names = [c.name for c in table.all_columns if c.name != "superseded_by"]
        taken = ", ".join(map(quoted, keys))
        joined = " AND ".join(f"heirs.{quoted(k)} IS NOT DISTINCT FROM kept.{quoted(k)}" for k in keys)
        # Rows that the load had replaced count again, unless a later load replaced the load's own rows.
        query = (
            f"SELECT {', '.join('kept.' + quoted(n) for n in names)}, "
            f"CASE WHEN kept.superseded_by = {load_id} THEN heirs.heir ELSE kept.superseded_by END AS superseded_by "
            f"FROM (SELECT * FROM ({self._all(table, hit)}) WHERE load_id <> {load_id}) AS kept "
            f"LEFT JOIN (SELECT {taken}, max(superseded_by) AS heir FROM {scan(hit)} WHERE load_id = {load_id} "
            f"AND superseded_by IS NOT NULL GROUP BY ALL) AS heirs ON kept.superseded_by = {load_id} AND {joined}"
        )
        self._commit(table.slug, folder, add=self._write_again(table, folder, query), remove=hit)
        return count

    def _in_order(self, table: LakeTable, folder: DeltaFolder, fresh: Sequence[DataFile]) -> list[DataFile]:
        """Write the ``fresh`` files anew in the order of the table, before anybody knows of them.

        As they came they would hold some rows of everybody in each group, and every page of a customer would decode
        all of them until compaction.
        """
        files = [folder.path / file.name for file in fresh]
        query = self._all(table, [str(file) for file in files])
        ordered = self.session.write_query(
            query, folder.path, table.all_columns, self._statistics(table), table.sorted_by
        )
        for file in files:
            file.unlink()
        return ordered

    def _write_again(self, table: LakeTable, folder: DeltaFolder, query: str) -> list[DataFile]:
        """Write rows of files that were there before, which stay in their order."""
        return self.session.write_query(
            query,
            folder.path,
            table.all_columns,
            self._statistics(table),
            table.sorted_by,
            sorted_already=True,
        )

    def _all(self, table: LakeTable, files: Sequence[str]) -> str:
        present = self.session.cursor.execute(f"DESCRIBE SELECT * FROM {scan(files)}").fetchall()
        return f"SELECT {select_columns([d[0] for d in present], table.all_columns)} FROM {scan(files)}"

    def _files_where(self, files: Sequence[str], condition: str) -> list[str]:
        answer = self.session.arrow(
            f"SELECT DISTINCT filename FROM {scan(files, named=True)} WHERE {condition}"
        )
        return sorted(answer["filename"].to_pylist())
