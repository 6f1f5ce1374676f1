"""Bringing the invented company into a house, by the doors that everybody's files come in by."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pyarrow import csv

from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.traits import services as traits
from huoshui.data.traits.services import Refresh
from huoshui.demo.company import Invention, invent
from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf
from huoshui.lake.house import Lake

SOURCE = "shop"


@dataclass(frozen=True, slots=True)
class Built:
    """What building did: a report per file, and the refresh after them."""

    reports: tuple[ImportReport, ...]
    refresh: Refresh


def build(
    *,
    actor: Actor,
    lake: Lake,
    invention: Invention,
    zone: ZoneInfo,
    now: datetime,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> Built:
    """Invent the company, load its files and compute the traits as of the day after its last one.

    Raises what importing and refreshing raise.
    """
    tell("inventing the company", 0.0)
    files = invent(invention)
    reports = []
    with tempfile.TemporaryDirectory(prefix="huoshui-demo-") as folder:
        for kind, table in files.items():
            if not table.num_rows:
                continue
            path = Path(folder) / f"{kind}.csv"
            csv.write_csv(table, path)
            tell(f"loading {kind}", 0.0)
            options = ImportOptions(source=SOURCE, strict=True)
            reports.append(
                import_file(actor=actor, lake=lake, path=path, kind=kind, options=options, now=now)
            )
    tell("computing traits", 0.0)
    as_of = AsOf.day(invention.until + timedelta(days=1), zone)
    return Built(tuple(reports), traits.refresh(actor=actor, lake=lake, as_of=as_of, now=now))
