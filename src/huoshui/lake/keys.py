"""Which data files may hold rows of given keys, without opening them.

Whoever adds a few rows to a table must know whether older versions of them stand in it. Asking each file costs more
than the rest of a small write, and reading the keys of all files anew each time makes many small writes cost as the
square of their number. Data files never change, so the hashes of their keys are kept in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

MOST = 8_000_000
"""Keys whose hashes are kept in a process: 64 MB."""
FEW = 100_000
"""Rows beyond which it is quicker to read the keys of a table than to know them."""


class KnownKeys:
    """The hashes of the keys of the files of one lake. Equal keys have equal hashes; the opposite is likely only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[str, Hashes]] = {}

    def may_hold(
        self,
        table: str,
        files: Sequence[str],
        of: Sequence[str],
        *,
        count: Callable[[str], int],
        read: Callable[[str], Hashes],
    ) -> list[str]:
        """Those of ``files`` that may hold a key which stands in the files ``of``; of the others it is certain.

        ``count`` gives the rows of a file, ``read`` the hashes of its keys. The first time that a table is asked for
        nothing is read: most processes ask once.
        """
        with self._lock:
            before = self._kept.get(table)
            if before is None:
                self._kept[table] = {}
                return list(files)
            kept = {file: before[file] for file in (*files, *of) if file in before}
            self._kept[table] = kept
            wanted = np.concatenate([self._learn(kept, file, read) for file in of])
            found = []
            for file in files:
                known = file in kept or self._room() >= count(file)
                if not known or _share(self._learn(kept, file, read), wanted):
                    found.append(file)
            return found

    def _learn(
        self,
        kept: dict[str, Hashes],
        file: str,
        read: Callable[[str], Hashes],
    ) -> Hashes:
        if file in kept:
            return kept[file]
        hashes = np.sort(read(file))
        if len(hashes) <= self._room():
            kept[file] = hashes
        return hashes

    def _room(self) -> int:
        return MOST - sum(len(hashes) for kept in self._kept.values() for hashes in kept.values())


def _share(hashes: Hashes, wanted: Hashes) -> bool:
    """Whether one of ``wanted`` is among the sorted ``hashes``."""
    if not len(hashes):
        return False
    places = np.searchsorted(hashes, wanted)
    return bool((hashes[np.minimum(places, len(hashes) - 1)] == wanted).any())
