"""One Delta table: versions, files, and commits that last before they are acknowledged.

delta-rs and DuckDB never call fsync (STACK, PERFORMANCE §1), so a commit here is: write our own Parquet files, flush
them, commit the add and remove actions, flush the log entry and its folder. What flushing means, and where the files
go, is the matter of the table's place (``storage.py``). Statistics are written for ids and times only: minima and
maxima in the log would keep personal data after an erasure (RELIABILITY §3.3).

delta-rs reads the log anew for every commit, which costs more than all the rest of a small one. So how a table stands
is kept, and where the place can enter a commit by itself (a folder can), the entry is our own.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import Field
from deltalake.transaction import AddAction, RemoveAction

from huoshui.lake.entries import Commit, DataFile, Standing, entry_name
from huoshui.lake.errors import ColumnChanged, LakeDamaged, LakeNotWritable
from huoshui.lake.storage import LOG, Place

WRITER_VERSION = 2
"""Of the protocol that `Commit` speaks."""
LEFTOVER_AGE = timedelta(hours=1)
UNFINISHED = ".unfinished-"
"""How folders are named in which files are made before they are moved beside the others."""
LAST_CHECKPOINT = "_last_checkpoint"
_ENTRY = re.compile(rf"{LOG}/[0-9]{{20}}\.json")


class DeltaFolder:
    """A Delta table, with the folder ``path`` in which the engine reads and writes its data files.

    May be kept and shared by threads: whatever other processes commit meanwhile is noticed.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.path = place.folder
        self._kept: Standing | None = None

    @property
    def exists(self) -> bool:
        """Whether the table has a first version."""
        return self.place.exists()

    def create(self, schema: pa.Schema, statistics: Sequence[str]) -> None:
        """Make version 0 with ``schema``; nothing happens when the table exists."""
        if self._known() or self.exists:
            self.path.mkdir(parents=True, exist_ok=True)  # a cache may have been removed
            return
        self.place.prepare()
        with self.place.naming_failures():
            DeltaTable.create(
                self.place.uri,
                DeltaSchema.from_arrow(schema),
                mode="ignore",
                configuration={
                    "delta.dataSkippingStatsColumns": ",".join(statistics),
                    "delta.logRetentionDuration": "interval 8 days",
                    "delta.checkpointInterval": str(self.place.checkpoint_every),
                },
                storage_options=self.place.options,
            )
        self._settle_log(0)

    def version(self) -> int:
        """The newest version, published or not."""
        return self._standing().version

    def stands_at(self, version: int) -> bool:
        """Whether ``version`` is the newest by the names of the log's entries, which costs less than `version`.

        No is no answer: an old house may have tidied the entry away.
        """
        entry, later = self.place.stored([entry_name(version), entry_name(version + 1)])
        return entry is not None and later is None

    def files(self, version: int) -> list[str]:
        """Paths of the data files of ``version``."""
        return list(self.sizes(version))

    def sizes(self, version: int) -> dict[str, int]:
        """Path and bytes of the data files of ``version``, by path."""
        known = self._known()
        sizes = known.sizes if known and known.version == version else self._sizes(self._open(version))
        return {str(self.path / name): sizes[name] for name in sorted(sizes)}

    def data_files(self, version: int) -> dict[str, dict[str, Any]]:
        """What the log says of each data file of ``version``, by name: ``size_bytes``, ``num_records``, ``min.…``."""
        actions = cast("Any", pa.table(self._open(version).get_add_actions(flatten=True)))
        return {row["path"]: row for row in actions.to_pylist()}

    def commit(
        self,
        *,
        add: Sequence[DataFile] = (),
        remove: Iterable[str] = (),
        schema: pa.Schema,
        metadata: Mapping[str, str] | None = None,
        transaction: tuple[str, int] | None = None,
        rearranged: bool = False,
        same_types: bool = True,
    ) -> int:
        """Commit new files and take old ones away in one version, flushed; returns that version.

        ``rearranged`` marks a commit that changes no rows (compaction). ``transaction`` is recorded with the
        commit; whoever passes one has checked `transaction_version` before. Columns that ``schema`` has and the table
        lacks are added; with ``same_types`` the others must be as the table has them, else `ColumnChanged` is raised.
        """
        standing = self._standing()
        declared = DeltaSchema.from_arrow(schema).fields
        if same_types:
            self._refuse_changes(standing.fields, declared)
        self.place.settle([file.name for file in add])
        there = {column.name for column in standing.fields}
        if missing := [column for column in declared if column.name not in there]:
            self._add_columns(missing, metadata or {})
            standing = self._standing()
        commit = Commit(
            moment=int(time.time() * 1000),
            add=add,
            remove={name: standing.sizes.get(name, 0) for name in (Path(uri).name for uri in remove)},
            metadata=metadata or {},
            transaction=transaction,
            rearranged=rearranged,
        )
        version = standing.version + 1
        entry = self.place.enter(entry_name(version), commit.entry()) if standing.plain else None
        try:
            with self.place.naming_failures():
                if entry is None:
                    version = self._commit_by_delta_rs(commit)
                elif (version + 1) % self.place.checkpoint_every == 0:
                    self._open(version).create_checkpoint()
        except DeltaError as error:
            raise LakeNotWritable(
                f"The table in {self.place.uri} could not be committed: {error}",
                next_step="Check that the folder is writable and the disk has space; nothing was changed",
            ) from error
        self._kept = standing.after(commit, entry) if entry else None
        self._settle_log(version)
        return version

    def _add_columns(self, missing: Sequence[Field], metadata: Mapping[str, str]) -> None:
        """Marked like the commit that follows, so that `Lake.recover` judges both alike."""
        table = self._open()
        with self.place.naming_failures():
            table.alter.add_columns(
                list(missing), commit_properties=CommitProperties(custom_metadata=dict(metadata))
            )
        self._settle_log(table.version())

    def _commit_by_delta_rs(self, commit: Commit) -> int:
        """For places that cannot enter alone, and beside other writers: it looks whether their commits contradict."""
        table = self._open()
        changed = not commit.rearranged
        actions: list[AddAction | RemoveAction] = [
            AddAction(f.name, f.size, {}, commit.moment, changed, f.statistics()) for f in commit.add
        ]
        for name, size in commit.remove.items():
            actions.append(_remove_action(name, size, commit.moment, changed))
        table.create_write_transaction(
            actions,
            mode="append",
            schema=table.schema(),
            commit_properties=CommitProperties(
                custom_metadata=dict(commit.metadata),
                app_transactions=[Transaction(*commit.transaction)] if commit.transaction else None,
                max_commit_retries=50,
            ),
            post_commithook_properties=PostCommitHookProperties(
                create_checkpoint=True, cleanup_expired_logs=False
            ),
        )
        table.update_incremental()
        return table.version()

    def _refuse_changes(self, present: Sequence[Field], declared: Sequence[Field]) -> None:
        """A column with another type, or with the same name but for its case, would be read as something else."""
        there = {column.name.casefold(): column for column in present}
        for column in declared:
            known = there.get(column.name.casefold(), column)
            if (known.name, known.type) != (column.name, column.type):
                raise ColumnChanged(
                    f"The table {self.path.name} has a column that is declared otherwise",
                    received=f"{column.name}: {column.type}",
                    valid=f"{known.name}: {known.type}",
                    next_step="Give the column another name; what was loaded stays as it is",
                )

    def transaction_version(self, application: str) -> int | None:
        """The last transaction number that ``application`` committed."""
        standing = self._standing()
        if application not in standing.transactions:
            number = self._open(standing.version).transaction_version(application)
            self._kept = standing = replace(
                standing, transactions={**standing.transactions, application: number}
            )
        return standing.transactions[application]

    def commit_metadata(self, version: int) -> Mapping[str, str]:
        """The metadata of the commit that made ``version``."""
        # Read from the entry itself: history() of a table opened at a version starts at the newest one.
        for action in self._log_entry(version):
            if "commitInfo" in action:
                return {key: str(value) for key, value in action["commitInfo"].items()}
        return {}

    def restore(self, version: int) -> int:
        """Make the content of ``version`` the newest again, transaction numbers too; returns the new version.

        Files that only the versions in between needed are removed: nobody has read those.
        """
        table = self._open()
        last = table.version()
        if last == version:
            return version
        with self.place.naming_failures():
            table.restore(version)
        self._settle_log(self._open().version())
        self._restore_transactions(version, last)
        kept = self._sizes(self._open())
        between = (name for number in range(version + 1, last + 1) for name in self.added(number))
        self.place.remove([name for name in between if name not in kept])
        return self._open().version()

    def added(self, version: int) -> list[str]:
        """Names of the data files that the commit of ``version`` added."""
        return [action["add"]["path"] for action in self._log_entry(version) if "add" in action]

    def log_files(self, version: int) -> list[str]:
        """Names of the files of the log that came with ``version``: its entry, a checkpoint with the pointer to it."""
        checkpoint = f"{LOG}/{version:020}.checkpoint.parquet"  # the one file that delta-rs writes
        summed_up = self.place.stored([checkpoint]) != [None]
        return [entry_name(version), *([checkpoint, f"{LOG}/{LAST_CHECKPOINT}"] if summed_up else [])]

    def columns(self, version: int) -> list[str]:
        """Names of the columns of ``version``."""
        return [f.name for f in self._open(version).schema().fields]

    def vacuum(self, retention: timedelta) -> list[str]:
        """Remove data files that no version younger than ``retention`` needs; returns their names.

        Entries of the log that are past their own retention go too.
        """
        hours = int(retention.total_seconds() // 3600)
        table = self._open()
        with self.place.naming_failures():
            removed = table.vacuum(
                retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=False
            )
            table.cleanup_metadata()
        self.place.forget(Path(name).name for name in removed)
        return removed

    def sweep(self, *, now: float, at_once: bool = False) -> list[str]:
        """Remove what killed writers left: ``N.json#1`` in the log, and data files that no version knows.

        Only older than an hour, or with ``at_once`` all: a living writer may be about to commit a younger one.
        """
        limit = math.inf if at_once else now - LEFTOVER_AGE.total_seconds()
        known = self._logged_files() if self.exists else set()
        swept = [
            name
            for name, file in (self.place.copies() | self.place.listed()).items()
            if file.written <= limit and _is_left_over(name, known)
        ]
        self.place.remove(swept)
        unfinished = [path for path in self.path.glob(f"{UNFINISHED}*") if path.stat().st_mtime <= limit]
        for path in unfinished:
            shutil.rmtree(path)
        return swept + [path.name for path in unfinished]

    def missing_files(self, version: int) -> list[str]:
        """Files that ``version`` needs and that are not there."""
        there = self.place.listed()
        return [path for path in self.files(version) if Path(path).name not in there]

    def _restore_transactions(self, version: int, last: int) -> None:
        """Give each application that committed after ``version`` the number back that it had then.

        Delta's restore leaves the numbers, and rows that were taken back would count as written.
        """
        applications = {
            action["txn"]["appId"]
            for number in range(version + 1, last + 1)
            for action in self._log_entry(number)
            if "txn" in action
        }
        if not applications:
            return
        then, table = self._open(version), self._open()
        numbers = {name: then.transaction_version(name) for name in sorted(applications)}
        table.create_write_transaction(
            [],
            mode="append",
            schema=table.schema(),
            commit_properties=CommitProperties(
                app_transactions=[Transaction(n, -1 if v is None else v) for n, v in numbers.items()]
            ),
        )
        self._settle_log(self._open().version())

    def _log_entry(self, version: int) -> list[dict[str, Any]]:
        """The actions of one commit."""
        return self._actions(entry_name(version))

    def _actions(self, entry: str) -> list[dict[str, Any]]:
        with self.place.open(entry) as file:
            return [json.loads(line) for line in file.read().splitlines()]

    def _logged_files(self) -> set[str]:
        """Names of all files that some entry of the log adds or removes, and of those that count now."""
        names = set(self._sizes(self._open()))
        for entry in (name for name in self.place.listed() if _ENTRY.fullmatch(name)):
            for action in self._actions(entry):
                names |= {action[verb]["path"] for verb in ("add", "remove") if verb in action}
        return names

    def _sizes(self, table: DeltaTable) -> dict[str, int]:
        """Name and bytes of each file that counts; file names are ours and need no decoding, folders may."""
        actions = cast("Any", pa.table(table.get_add_actions(flatten=True)))
        return dict(zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True))

    def _known(self) -> Standing | None:
        """How the table stands, if that is known and nobody has committed since."""
        kept = self._kept
        if kept is None or kept.entry is None:
            return None
        entry, later = self.place.stored([entry_name(kept.version), entry_name(kept.version + 1)])
        return kept if entry == kept.entry and later is None else None

    def _standing(self) -> Standing:
        """How the table stands."""
        if known := self._known():
            return known
        table = self._open()
        version = table.version()
        self._kept = kept = Standing(
            version=version,
            entry=self.place.stored([entry_name(version)])[0],
            sizes=self._sizes(table),
            fields=table.schema().fields,
            plain=table.protocol().min_writer_version <= WRITER_VERSION,
        )
        return kept

    def _open(self, version: int | None = None) -> DeltaTable:
        try:
            with self.place.naming_failures():
                return DeltaTable(self.place.uri, version=version, storage_options=self.place.options)
        except TableNotFoundError as error:
            raise LakeDamaged(
                f"The table in {self.place.uri} is gone",
                next_step="Restore it from a backup, or run huoshui doctor",
            ) from error
        except DeltaError as error:
            raise LakeDamaged(
                f"The log of the table in {self.place.uri} cannot be read: {error}",
                next_step="Restore it from a backup, or run huoshui doctor",
            ) from error

    def _settle_log(self, version: int) -> None:
        self.place.settle_log(self.log_files(version))  # readers trust a checkpoint without looking further


def _is_left_over(name: str, known: Collection[str]) -> bool:
    if name.startswith(f"{LOG}/"):
        return "#" in name or name.endswith(".tmp")  # entries that were not put in place
    return name.endswith(".parquet") and name not in known


def _remove_action(name: str, size: int, moment: int, data_change: bool) -> RemoveAction:
    return RemoveAction(
        path=name, deletion_timestamp=moment, data_change=data_change, size=size, partition_values={}
    )
