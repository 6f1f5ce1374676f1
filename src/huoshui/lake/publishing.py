"""Publishing: the one row that makes a set of table versions readable, and the checksums of what it brought.

A Delta log has no place for a checksum that survives its own tidying, and neither DuckDB nor delta-rs would look at
one, so checksums are kept in the database, with the version, in one transaction. They are taken from the page cache
right after the files were flushed: SHA-256 at the speed of the processor, small beside writing Parquet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from django.db import transaction

from huoshui.kernel.clock import now as clock_now
from huoshui.lake.delta import LAST_CHECKPOINT, DeltaFolder
from huoshui.lake.models import HouseVersion, Seal
from huoshui.lake.storage import Storage


def publish(
    storage: Storage,
    *,
    before: Mapping[str, int],
    tables: Mapping[str, int],
    reason: str,
    also: Iterable[Callable[[], None]] = (),
) -> None:
    """Make ``tables`` the newest house version of the lake in ``storage``; what it held ``before`` is sealed already.

    ``also`` is done in the same database transaction. A version that changes nothing is not published.
    """
    changed = {slug: version for slug, version in tables.items() if version != before.get(slug)}
    sums = {
        f"{slug}/{name}": value
        for slug, version in changed.items()
        for name, value in _brought(DeltaFolder(storage.table(slug)), before.get(slug, -1), version)
    }
    then = list(also)
    if not changed and not then:
        return
    at = clock_now()
    with transaction.atomic():
        for do in then:
            do()
        if changed:
            HouseVersion.objects.create(tables=dict(tables), reason=reason[:200], published_at=at)
            _keep(sums, reason=reason[:200])


def forget_seals(paths: Iterable[str]) -> None:
    """Files that were removed on purpose are missed by nobody. ``paths`` are below the lake."""
    Seal.objects.filter(path__in=list(paths)).delete()


def _brought(folder: DeltaFolder, since: int, until: int) -> Iterator[tuple[str, str]]:
    """Files that came with the versions after ``since``, and their checksums, without those that are gone again."""
    for version in range(since + 1, until + 1):
        for name in (*folder.log_files(version), *folder.added(version)):
            try:
                yield name, checksum(folder, name, copy=True)
            except FileNotFoundError:
                continue


def checksum(folder: DeltaFolder, name: str, *, copy: bool = False) -> str:
    """The SHA-256 of a stored file of a table, as ``sha256sum`` prints it. Raises ``FileNotFoundError``.

    With ``copy``, the copy from which it was sent will do.
    """
    path = folder.path / name
    with path.open("rb") if copy and path.is_file() else folder.place.open(name) as file:
        return hashlib.file_digest(cast("Any", file), "sha256").hexdigest()


def _keep(sums: Mapping[str, str], *, reason: str) -> None:
    """A file is written once; what it was then counts, also when a restored version names it again."""
    at = clock_now()
    anew = [path for path in sums if path.endswith(f"/{LAST_CHECKPOINT}")]
    forget_seals(anew)
    Seal.objects.bulk_create(
        [Seal(path=path, sha256=value, reason=reason, written_at=at) for path, value in sums.items()],
        ignore_conflicts=True,
    )
