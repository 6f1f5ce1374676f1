"""A house of the tests' own: files are written, loaded and taken back, and the lake is asked what it holds."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.db import transaction
from django.test import override_settings

from huoshui.data.connectors import queries, services
from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.services import ImportOptions, UndoReport
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import open_lake
from huoshui.lake.house import Lake
from huoshui.lake.sql import select

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)

Content: TypeAlias = str | bytes | Path | Any


@dataclass
class House:
    """A founded house and the folder its files are written to."""

    lake: Lake
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)
    read: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    """What stands in the versions of tables that `everything` has met."""

    def file(self, content: Content, name: str = "file.csv") -> Path:
        """``content`` as a file; an Arrow table becomes Parquet."""
        if isinstance(content, Path):
            return content
        folder = self.folder / str(next(self.numbers))
        folder.mkdir()
        path = folder / name
        if isinstance(content, pa.Table):
            path = path.with_suffix(".parquet")
            pq.write_table(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(
        self,
        content: Content,
        kind: str = "transactions",
        *,
        name: str = "file.csv",
        actor: Actor = CONSOLE,
        now: datetime = NOW,
        **options: Any,
    ) -> ImportReport:
        """Import ``content``; whatever the file, the summary must add up."""
        report = services.import_file(
            actor=actor,
            lake=self.lake,
            path=self.file(content, name),
            kind=kind,
            options=ImportOptions(**options),
            now=now,
        )
        assert report.rows == report.loaded + report.rejected
        assert report.rejected == sum(report.reasons.values())
        return report

    def refused(self, code: str, content: Content, kind: str = "transactions", **options: Any) -> str:
        """Import ``content``, which must be refused with ``code`` and leave nothing behind; gives what is said."""
        before = self.everything()
        loads = {load.load_id for load in queries.loads(actor=CONSOLE)}
        with pytest.raises(HuoshuiError) as caught:
            self.load(content, kind, **options)
        assert caught.value.code == code
        assert self.everything() == before
        fresh = [load for load in queries.loads(actor=CONSOLE) if load.load_id not in loads]
        assert {load.state for load in fresh} <= {"failed"}
        return str(caught.value)

    def undo(self, report: ImportReport) -> UndoReport:
        """Take the load of ``report`` back."""
        assert report.load_id is not None
        return services.undo(actor=CONSOLE, lake=self.lake, load_id=report.load_id, now=NOW)

    def answers(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a SELECT over the lake; times in UTC."""
        table = select(self.lake.snapshot(), query)
        return [tuple(_plain(cell) for cell in row.values()) for row in table.to_pylist()]

    def answer(self, query: str) -> tuple[Any, ...]:
        """The only row of a SELECT over the lake."""
        (row,) = self.answers(query)
        return row

    def everything(self) -> Mapping[str, Sequence[Any]]:
        """All that counts in the lake and all that the database knows of people, in an order of its own."""
        snapshot = self.lake.snapshot()
        found: dict[str, Sequence[Any]] = {}
        for table in LAKE_TABLES:
            at = (table.slug, snapshot.versions.get(table.slug, 0))
            if at not in self.read:  # a version never changes
                rows = snapshot.arrow(snapshot.table(table.slug)).to_pylist()
                self.read[at] = sorted(map(repr, rows))
            found[table.slug] = self.read[at]
        for label in ("customers", "privacy"):
            for model in apps.get_app_config(label).get_models():
                rows = [
                    {k: v for k, v in row.items() if k != "id"} for row in model._default_manager.values()
                ]
                found[model.__name__] = sorted(map(repr, rows))
        return found

    def rejects(self, report: ImportReport) -> list[tuple[int, str, str]]:
        """Line, column and reason of the first rejected rows."""
        return [(r["line"], r["column"], r["reason"]) for r in report.first_rejects]


def rows_of(header: str, *rows: dict[str, object]) -> str:
    """A CSV with ``header``; each row names the cells it has."""
    names = header.split(",")
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def sums(house: House, source: str) -> tuple[Any, ...]:
    """Orders, lines, revenue of orders and of lines, and what changes took off, of one source."""
    orders = house.answer(f"SELECT count(*), sum(revenue) FROM orders WHERE source = '{source}'")
    lines = house.answer(f"SELECT count(*), sum(revenue) FROM order_lines WHERE source = '{source}'")
    changes = house.answer(f"SELECT sum(revenue) FROM order_changes WHERE source = '{source}'")
    return orders[0], lines[0], orders[1], lines[1], changes[0]


def _plain(cell: Any) -> Any:
    return cell.astimezone(UTC) if isinstance(cell, datetime) and cell.tzinfo else cell


@contextmanager
def founded(folder: Path, *, currency: str = "GBP", time_zone: str = "Europe/London") -> Iterator[House]:
    """A house in ``folder``; what it writes to the database is taken back in the end."""
    home = folder / "home"
    files = folder / "files"
    home.mkdir()
    files.mkdir()
    settings = override_settings(
        HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset()
    )
    with transaction.atomic(), settings:
        organisation.found(actor=CONSOLE, currency=currency, time_zone=time_zone, now=NOW)
        apps.get_model(
            "lake", "HouseVersion"
        ).objects.all().delete()  # those of a house that the module shares name another lake's tables
        lake = open_lake()
        yield House(lake, files)
        lake.close()
        transaction.set_rollback(True)
