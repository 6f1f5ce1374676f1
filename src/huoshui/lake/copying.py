"""What of the lake belongs into a copy of the house, and what a copy must forget."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from huoshui.lake.models import HouseVersion, Seal
from huoshui.lake.snapshot import Snapshot

NAME = re.compile(
    r"[a-z][a-z0-9_]*/(_delta_log/[0-9]{20}(\.checkpoint)?\.(json|parquet)|[A-Za-z0-9._-]+\.parquet)"
)
"""How files of the lake are called, below its folder."""


def files(snapshot: Snapshot, root: Path) -> Iterator[str]:
    """The files below ``root`` that one house version needs: data files, the last checkpoint, commits after it.

    They never change, and stay for seven days after another version has replaced them. Older commits and the data
    files that only older versions need are left out, so a copy of them can be read as of this version only.
    """
    for slug, version in sorted(snapshot.versions.items()):
        for path in (
            *_log(root / slug / "_delta_log", version),
            *map(Path, snapshot.lake.folder(slug).files(version)),
        ):
            yield path.relative_to(root).as_posix()


def checksums() -> dict[str, str]:
    """The SHA-256 of the files of the lake, by name, as it was when they were written."""
    return dict(Seal.objects.values_list("path", "sha256"))


def forget_what_was_left_out(kept: Collection[str]) -> None:
    """In a restored house: of the house versions keep the newest, of the checksums those of the files ``kept``."""
    newest = HouseVersion.objects.order_by("-version").first()
    if newest is not None:
        HouseVersion.objects.exclude(version=newest.version).delete()
    known = set(Seal.objects.values_list("path", flat=True))
    gone = sorted(known - set(kept))
    for start in range(0, len(gone), 500):
        Seal.objects.filter(path__in=gone[start : start + 500]).delete()


def _log(folder: Path, version: int) -> Iterator[Path]:
    """The newest checkpoint up to ``version`` and the commits from there on."""
    checkpoints = [int(path.name[:20]) for path in folder.glob("*.checkpoint.parquet")]
    first = max((number for number in checkpoints if number <= version), default=0)
    if first:
        yield folder / f"{first:020}.checkpoint.parquet"
    for number in range(first, version + 1):
        entry = folder / f"{number:020}.json"
        if number > first or not first or entry.is_file():  # the checkpoint says it all
            yield entry
