"""Looking the lake over for damage: files that are gone, cut short or changed, and commits that are lost.

The quick look compares what the log names with what is there. The deep one reads every byte and compares it with the
checksum that was kept when the file was written; files of houses older than that are decoded completely.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.delta import LAST_CHECKPOINT, DeltaFolder
from huoshui.lake.duck import Session, scan
from huoshui.lake.errors import LakeDamaged, QueryFailed
from huoshui.lake.models import Seal
from huoshui.lake.publishing import checksum
from huoshui.lake.storage import LOG, Stored

if TYPE_CHECKING:
    from huoshui.lake.house import Lake

Kind = Literal[
    "log unreadable", "log changed", "commits lost", "missing", "cut short", "changed", "unreadable"
]


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with files of one table.

    ``files`` are named as below the lake. ``days`` are the first and last day, in the house zone, of rows that were in
    them; empty where that is not known. ``came_with`` says for what the files were written, ``detail`` what the engine
    says.
    """

    table: str
    kind: Kind
    files: tuple[str, ...]
    days: tuple[date, date] | None = None
    came_with: tuple[str, ...] = ()
    detail: str = ""


def find_damage(lake: Lake, *, deep: bool = False) -> list[Damage]:
    """All damage of the newest house version, table by table. Changes nothing, and asks for no lock."""
    snapshot = lake.snapshot()
    session = lake.engine.session()
    return [
        damage
        for slug, version in sorted(snapshot.versions.items())
        for damage in _Table(lake, slug, version, session).damage(deep=deep)
    ]


class _Table:
    """One table under the eye."""

    def __init__(self, lake: Lake, slug: str, version: int, session: Session) -> None:
        self.slug, self.version, self.session = slug, version, session
        self.folder: DeltaFolder = lake.folder(slug)
        self.zone = ZoneInfo(lake.engine.settings.time_zone)
        self.seals = {
            seal.path.removeprefix(f"{slug}/"): seal
            for seal in Seal.objects.filter(path__startswith=f"{slug}/")
        }

    def damage(self, *, deep: bool) -> Iterator[Damage]:
        """What is wrong, the log first."""
        there = self.folder.place.listed()
        if deep:
            changed = [name for name in self.seals if name.startswith(LOG) and self._log_differs(name, there)]
            if changed:
                yield self._found("log changed", changed)
        try:
            if (last := self.folder.version()) < self.version:
                detail = f"{self.version - last}"
                yield self._found("commits lost", [], detail=detail)
                return
            files = self.folder.data_files(self.version)
        except LakeDamaged as error:
            yield self._found("log unreadable", self._unreadable_entries(there), detail=error.problem)
            return
        missing = [name for name in files if name not in there]
        if missing:
            yield self._found("missing", missing, files)
        present = [name for name in files if name in there]
        short = [name for name in present if there[name].size != files[name]["size_bytes"]]
        if short:
            yield self._found("cut short", short, files)
        if deep:
            whole = [name for name in present if name not in short]
            changed = [name for name in whole if name in self.seals and self._differs(name)]
            if changed:
                yield self._found("changed", changed, files)
            for name in whole:
                if name not in self.seals and (complaint := self._complaint(name, files[name])):
                    yield self._found("unreadable", [name], files, detail=complaint)

    def _differs(self, name: str) -> bool:
        return checksum(self.folder, name) != self.seals[name].sha256

    def _log_differs(self, name: str, there: Mapping[str, Stored]) -> bool:
        """Whether a sealed file of the log has changed, or is gone though nobody tidied it away."""
        if name in there:
            return self._differs(name)
        if not name.endswith(".json"):  # a checkpoint may be replaced by a newer one, the pointer may not
            return name.endswith(LAST_CHECKPOINT)
        # Tidying takes the oldest entries, and only such as a checkpoint has taken in.
        older = any(entry < name for entry in there if entry.startswith(LOG) and entry.endswith(".json"))
        taken_in = any(entry > name for entry in there if ".checkpoint" in entry and entry.startswith(LOG))
        return older or not taken_in

    def _unreadable_entries(self, there: Mapping[str, Stored]) -> list[str]:
        """Entries of the log that are no JSON; none where the log cannot be read for another reason."""
        wrong = []
        for name in sorted(there):
            if name.startswith(LOG) and name.endswith((".json", LAST_CHECKPOINT)):
                try:
                    with self.folder.place.open(name) as file:
                        for line in file.read().splitlines():
                            json.loads(line)
                except ValueError:
                    wrong.append(name)
        return wrong

    def _complaint(self, name: str, action: Mapping[str, Any]) -> str:
        """What is wrong with a file without a checksum, which is decoded from its first to its last byte."""
        path = str(self.folder.path / name)
        self.folder.place.fetch({name: action["size_bytes"]})
        try:
            read = self.session.arrow(f"SELECT count(*) AS n, bit_xor(hash(t)) AS h FROM {scan([path])} AS t")
        except (LakeDamaged, QueryFailed) as error:
            return error.received or error.problem
        rows = read["n"][0].as_py()
        return (
            ""
            if rows == action["num_records"]
            else f"{rows} rows, where the log says {action['num_records']}"
        )

    def _found(
        self, kind: Kind, names: Sequence[str], files: Mapping[str, Any] | None = None, *, detail: str = ""
    ) -> Damage:
        told = [self.seals[name] for name in names if name in self.seals]
        return Damage(
            table=self.slug,
            kind=kind,
            files=tuple(f"{self.slug}/{name}" for name in names),
            days=self._days([files[name] for name in names] if files else []),
            came_with=tuple(dict.fromkeys(seal.reason for seal in told)),
            detail=detail,
        )

    def _days(self, actions: Sequence[Mapping[str, Any]]) -> tuple[date, date] | None:
        """The days that rows of these files fall on, by the first time that the log has minima and maxima of."""
        times = [c.name for c in LAKE_TABLES[self.slug].columns if c.type.startswith("timestamp")]
        for name in times:
            least = [a[f"min.{name}"] for a in actions if isinstance(a.get(f"min.{name}"), datetime)]
            most = [a[f"max.{name}"] for a in actions if isinstance(a.get(f"max.{name}"), datetime)]
            if least and most:
                return min(least).astimezone(self.zone).date(), max(most).astimezone(self.zone).date()
        return None
