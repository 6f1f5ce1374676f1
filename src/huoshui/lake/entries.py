"""Entries of a Delta log: what a commit says, and how a table stands after it.

The actions are those of the Delta protocol, reader version 1 and writer version 2, as delta-rs writes them
(https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deltalake.schema import Field

from huoshui.lake.storage import LOG, Stored


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


@dataclass(frozen=True, slots=True)
class Commit:
    """What is to be entered. ``moment`` is in milliseconds of the epoch, ``remove`` has the bytes of each file."""

    moment: int
    add: Sequence[DataFile] = ()
    remove: Mapping[str, int] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    transaction: tuple[str, int] | None = None
    rearranged: bool = False

    def entry(self) -> bytes:
        """The content of the log's entry."""
        return "".join(json.dumps(action) + "\n" for action in self._actions()).encode()

    def _actions(self) -> Iterator[dict[str, Any]]:
        told = {"operation": "WRITE", "operationParameters": {"mode": "Append"}, "engineInfo": "huoshui"}
        yield {"commitInfo": {"timestamp": self.moment, **told, **self.metadata}}
        common = {"partitionValues": {}, "dataChange": not self.rearranged}
        for file in self.add:
            written = {"path": file.name, "size": file.size, "modificationTime": self.moment}
            yield {"add": {**written, **common, "stats": file.statistics()}}
        for name, size in self.remove.items():
            gone = {
                "path": name,
                "size": size,
                "deletionTimestamp": self.moment,
                "extendedFileMetadata": True,
            }
            yield {"remove": {**gone, **common}}
        if self.transaction:
            yield {"txn": {"appId": self.transaction[0], "version": self.transaction[1]}}


@dataclass(frozen=True, slots=True)
class Standing:
    """A table at one version, as far as the next commit needs to know it.

    ``entry`` is the state of the log's entry of that version: in a house that was put back from a backup another one
    may have the same number. ``plain``: the table asks no more of a writer than `Commit` does.
    """

    version: int
    entry: Stored | None
    sizes: Mapping[str, int]
    fields: Sequence[Field]
    plain: bool
    transactions: Mapping[str, int | None] = field(default_factory=dict)
    """The last numbers of the applications that were asked for."""

    def after(self, commit: Commit, entry: Stored | None) -> Standing:
        """How the table stands once ``commit`` is entered."""
        sizes = {name: size for name, size in self.sizes.items() if name not in commit.remove}
        return replace(
            self,
            version=self.version + 1,
            entry=entry,
            sizes=sizes | {file.name: file.size for file in commit.add},
            transactions={**self.transactions, **dict([commit.transaction] if commit.transaction else [])},
        )


def entry_name(version: int) -> str:
    """The name of the log's entry of ``version``."""
    return f"{LOG}/{version:020}.json"
