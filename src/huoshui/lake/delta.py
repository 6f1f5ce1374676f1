"""One Delta table on disk: versions, files, and commits that are flushed before they are acknowledged.

delta-rs and DuckDB never call fsync (STACK, PERFORMANCE §1), so a commit here is: write our own Parquet files, flush
them, commit the add and remove actions, flush the log entry and its folder. Statistics are written for ids and times
only: minima and maxima in the log would keep personal data after an erasure (RELIABILITY §3.3).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake import Schema as DeltaSchema
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from huoshui.lake.errors import LakeDamaged, LakeNotWritable

LEFTOVER_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet file that has been written below the table's folder but is not committed yet."""

    name: str
    rows: int
    size: int
    minima: Mapping[str, Any] = field(default_factory=dict)
    maxima: Mapping[str, Any] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)

    def statistics(self) -> str:
        """What goes into the log: counts, minima and maxima of the columns declared for it."""
        return json.dumps(
            {
                "numRecords": self.rows,
                "minValues": dict(self.minima),
                "maxValues": dict(self.maxima),
                "nullCount": dict(self.nulls),
            }
        )


class DeltaFolder:
    """A Delta table in a local folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Whether the table has a first version."""
        return DeltaTable.is_deltatable(str(self.path))

    def create(self, schema: pa.Schema, statistics: Sequence[str]) -> None:
        """Make version 0 with ``schema``; nothing happens when the table exists."""
        if self.exists:
            return
        self.path.mkdir(parents=True, exist_ok=True)
        DeltaTable.create(
            str(self.path),
            DeltaSchema.from_arrow(schema),
            mode="ignore",
            configuration={
                "delta.dataSkippingStatsColumns": ",".join(statistics),
                "delta.logRetentionDuration": "interval 8 days",
            },
        )
        self._flush_log(0)
        _flush(self.path.parent)

    def version(self) -> int:
        """The newest version, published or not."""
        return self._open().version()

    def files(self, version: int) -> list[str]:
        """Paths of the data files of ``version``."""
        return list(self.sizes(version))

    def sizes(self, version: int) -> dict[str, int]:
        """Path and bytes of the data files of ``version``, by path."""
        sizes = self._sizes(self._open(version))
        return {str(self.path / name): sizes[name] for name in sorted(sizes)}

    def commit(
        self,
        *,
        add: Sequence[DataFile] = (),
        remove: Iterable[str] = (),
        schema: pa.Schema,
        metadata: Mapping[str, str] | None = None,
        transaction: tuple[str, int] | None = None,
        rearranged: bool = False,
    ) -> int:
        """Commit new files and take old ones away in one version, flushed; returns that version.

        ``rearranged`` marks a commit that changes no rows (compaction). ``transaction`` is recorded with the
        commit; whoever passes one has checked `transaction_version` before.
        """
        table = self._open()
        moment = int(time.time() * 1000)
        for file in add:
            _flush(self.path / file.name)
        _flush(self.path)
        sizes = self._sizes(table)
        actions: list[AddAction | RemoveAction] = [
            AddAction(f.name, f.size, {}, moment, not rearranged, f.statistics()) for f in add
        ]
        for name in (Path(uri).name for uri in remove):
            actions.append(_remove_action(name, sizes.get(name, 0), moment, not rearranged))
        merged = _evolved(table, schema)
        if merged is not None:
            # Marked like the commit that follows, so that `Lake.recover` judges both alike.
            table.alter.add_columns(
                merged, commit_properties=CommitProperties(custom_metadata=dict(metadata or {}))
            )
            self._flush_log(table.version())
            table = self._open()
        try:
            table.create_write_transaction(
                actions,
                mode="append",
                schema=table.schema(),
                commit_properties=CommitProperties(
                    custom_metadata=dict(metadata or {}),
                    app_transactions=[Transaction(*transaction)] if transaction else None,
                    max_commit_retries=50,
                ),
                post_commithook_properties=PostCommitHookProperties(
                    create_checkpoint=True, cleanup_expired_logs=False
                ),
            )
        except DeltaError as error:
            raise LakeNotWritable(
                f"The table in {self.path} could not be committed: {error}",
                next_step="Check that the folder is writable and the disk has space; nothing was changed",
            ) from error
        version = self._open().version()
        self._flush_log(version)
        return version

    def transaction_version(self, application: str) -> int | None:
        """The last transaction number that ``application`` committed."""
        return self._open().transaction_version(application)

    def commit_metadata(self, version: int) -> Mapping[str, str]:
        """The metadata of the commit that made ``version``."""
        # Read from the entry itself: history() of a table opened at a version starts at the newest one.
        for action in self._log_entry(version):
            if "commitInfo" in action:
                return {key: str(value) for key, value in action["commitInfo"].items()}
        return {}

    def restore(self, version: int) -> int:
        """Make the content of ``version`` the newest again, transaction numbers too; returns the new version."""
        table = self._open()
        last = table.version()
        if last == version:
            return version
        table.restore(version)
        self._flush_log(self._open().version())
        self._restore_transactions(version, last)
        return self._open().version()

    def columns(self, version: int) -> list[str]:
        """Names of the columns of ``version``."""
        return [f.name for f in self._open(version).schema().fields]

    def vacuum(self, retention: timedelta) -> list[str]:
        """Remove data files that no version younger than ``retention`` needs; returns their names.

        Entries of the log that are past their own retention go too.
        """
        hours = int(retention.total_seconds() // 3600)
        table = self._open()
        removed = table.vacuum(
            retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=False
        )
        table.cleanup_metadata()
        return removed

    def sweep(self, *, now: float) -> list[Path]:
        """Remove what killed writers left: ``N.json#1`` in the log, and data files that no version knows.

        Only older than an hour: a living writer may be about to commit a younger one.
        """
        limit = now - LEFTOVER_AGE.total_seconds()
        known = self._logged_files()
        candidates = [
            *self.path.glob("_delta_log/*#*"),
            *(p for p in self.path.glob("*.parquet") if p.name not in known),
        ]
        swept = [path for path in candidates if path.stat().st_mtime < limit]
        for path in swept:
            path.unlink()
        return swept

    def missing_files(self, version: int) -> list[str]:
        """Files that ``version`` needs and that are not there."""
        return [path for path in self.files(version) if not Path(path).is_file()]

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
        self._flush_log(self._open().version())

    def _log_entry(self, version: int) -> list[dict[str, Any]]:
        """The actions of one commit."""
        text = (self.path / "_delta_log" / f"{version:020}.json").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def _logged_files(self) -> set[str]:
        """Names of all files that some entry of the log adds or removes, and of those that count now."""
        names = set(self._sizes(self._open()))
        for entry in (self.path / "_delta_log").glob("*.json"):
            for line in entry.read_text(encoding="utf-8").splitlines():
                action = json.loads(line)
                names |= {action[verb]["path"] for verb in ("add", "remove") if verb in action}
        return names

    def _sizes(self, table: DeltaTable) -> dict[str, int]:
        """Name and bytes of each file that counts; file names are ours and need no decoding, folders may."""
        actions = cast("Any", pa.table(table.get_add_actions(flatten=True)))
        return dict(zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True))

    def _open(self, version: int | None = None) -> DeltaTable:
        try:
            return DeltaTable(str(self.path), version=version)
        except TableNotFoundError as error:
            raise LakeDamaged(
                f"The table in {self.path} is gone",
                next_step="Restore it from a backup, or run huoshui doctor",
            ) from error
        except DeltaError as error:
            raise LakeDamaged(
                f"The log of the table in {self.path} cannot be read: {error}",
                next_step="Restore it from a backup, or run huoshui doctor",
            ) from error

    def _flush_log(self, version: int) -> None:
        log = self.path / "_delta_log"
        _flush(log / f"{version:020}.json")
        for checkpoint in log.glob(f"{version:020}.checkpoint*"):  # readers trust it without looking further
            _flush(checkpoint)
            _flush(log / "_last_checkpoint")
        _flush(log)
        _flush(self.path)


def _remove_action(name: str, size: int, moment: int, data_change: bool) -> RemoveAction:
    return RemoveAction(
        path=name, deletion_timestamp=moment, data_change=data_change, size=size, partition_values={}
    )


def _evolved(table: DeltaTable, schema: pa.Schema) -> list[Any] | None:
    """Fields of ``schema`` that the table lacks, or nothing. Existing types never change."""
    present = {field.name for field in table.schema().fields}
    missing = [f for f in DeltaSchema.from_arrow(schema).fields if f.name not in present]
    return missing or None


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
