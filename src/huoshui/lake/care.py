"""Keeping the lake quick: compaction, the second form of ``events``, and letting go of what is no longer needed.

Writers leave many small files in arrival order. Compaction rewrites them as few large ones, sorted as the table
declares, without changing a row. It happens by itself: after each write, the files of the tables it touched are looked
at, and where five of about one size have gathered they become one, so that a row is rewritten once for each time its
file grows fivefold (O'Neil et al., "The log-structured merge-tree", Acta Informatica 33, 1996).

``events`` gets two physical forms: the table itself, sorted by customer (timelines), and a narrow ``events_by_name``
(name, customer, time) for rules about behaviour. It lies by month and name, so that a rule about some events of some
weeks reads those and little else, whatever the rule and without an index. The narrow form states which files of
``events`` it covers; `events_by_name` reads it together with the tail that came later.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huoshui.kernel.clock import now as clock_now
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import LAKE_TABLES, Column, LakeTable
from huoshui.lake import pointing
from huoshui.lake.models import HouseVersion
from huoshui.lake.snapshot import Snapshot

if TYPE_CHECKING:
    from huoshui.lake.house import Lake
    from huoshui.lake.writing import Write

SMALL = 32 * 1024 * 1024
MANY = 5
BITS_OF_A_CLASS = 4
"""Files are of about one size when they fall into the same range of a factor 16."""

KEPT_VERSIONS = timedelta(days=7)
PATIENCE = timedelta(days=1)
"""By how much the oldest version may outlive `KEPT_VERSIONS`, so that letting go is done once a day."""

KEPT_COVERED = 64

log = logging.getLogger(__name__)

_kept_covered: dict[tuple[str, int], frozenset[str]] = {}

EVENTS_BY_NAME = LakeTable(
    slug="events_by_name",
    doc="Narrow form of `events` for rules about behaviour; `covers` names the file of `events` a row was read from.",
    key=("name", "customer_id", "occurred_at"),
    columns=(
        Column(
            "month",
            "date",
            "first day of the month of `occurred_at` in the zone of the house: rows lie by it",
        ),
        Column("name", "string", "name of the event"),
        Column("customer_id", "int64", "who"),
        Column("visitor_id", "int64", "visitor"),
        Column("occurred_at", "timestamp('UTC', 6)", "when"),
        Column("covers", "string", "file of `events` the row was read from"),
    ),
    written_by="lake",
    kept="as `events`",
    fact=False,
    statistics=("customer_id", "occurred_at"),
    sorted_by=("month", "name", "customer_id", "occurred_at"),
)

Choice = Callable[[Mapping[str, int]], list[str]]


def compact(lake: Lake, *, everything: bool = False) -> dict[str, int]:
    """Merge the small files of every table now; returns, per table, how many files were merged.

    A file is small below 32 MiB; ``everything`` merges the large ones too.
    """
    with lake.write("compaction", tended=False) as tx:
        return _merge(tx, [t.slug for t in LAKE_TABLES], _all_files if everything else _small_files)


def tend(lake: Lake, versions: Mapping[str, int]) -> None:
    """What a lake needs after a write that made ``versions`` of its tables. Called by `Lake.write`, holding the lock.

    A failure is logged and costs speed only: what was written is published already, and the next write tries again.
    """
    try:
        if any(crowded(lake.sizes(s, v)) for s, v in versions.items() if _is_merged(LAKE_TABLES[s])):
            with lake.write("compaction", tended=False) as tx:
                _merge(tx, versions, crowded)
        _let_go(lake)
    except HuoshuiError as error:
        log.warning("The lake could not be tended: %s %s", error.problem, error.received)


def crowded(sizes: Mapping[str, int]) -> list[str]:
    """The files worth merging: small ones of a size that many have, and those that are smaller still.

    ``sizes`` has the bytes of each file. Empty when no size has `MANY`.
    """
    classes: dict[int, list[str]] = defaultdict(list)
    for file, size in sizes.items():
        if size < SMALL:
            classes[size.bit_length() // BITS_OF_A_CLASS].append(file)
    full = [number for number, files in classes.items() if len(files) >= MANY]
    return sorted(f for number, files in classes.items() if full and number <= max(full) for f in files)


def _small_files(sizes: Mapping[str, int]) -> list[str]:
    small = sorted(file for file, size in sizes.items() if size < SMALL)
    return small if len(small) > 1 else []


def _all_files(sizes: Mapping[str, int]) -> list[str]:
    return sorted(sizes)


def _is_merged(table: LakeTable) -> bool:
    """Facts gather files; computed tables are written whole, but for the narrow form of events."""
    return table.fact or table.slug == EVENTS_BY_NAME.slug


def _merge(tx: Write, slugs: Collection[str], choice: Choice) -> dict[str, int]:
    merged: dict[str, int] = {}
    for slug in slugs:
        table = LAKE_TABLES[slug]
        if not table.fact or slug not in tx.versions:
            continue
        if count := _merge_files(tx, table, choice):
            merged[slug] = count
    if "events" in tx.versions and "events" in slugs and ("events" in merged or choice is not crowded):
        _narrow(tx)
        _merge_files(tx, EVENTS_BY_NAME, choice)
    return merged


def _merge_files(tx: Write, table: LakeTable, choice: Choice) -> int:
    sizes = tx.snapshot.sizes(table.slug)
    chosen = tx.snapshot.fetch(table.slug, {file: sizes[file] for file in choice(sizes)})
    if chosen:
        tx.merge(table.slug, chosen)
    return len(chosen)


def _narrow(tx: Write) -> None:
    """Bring the narrow form in step: it covers each file of ``events`` once, and none that is gone."""
    files = {Path(f).name: f for f in tx.snapshot.files("events")}
    pieces = tx.snapshot.files(EVENTS_BY_NAME.slug)
    held = tx.session.named_files(
        f"events_by_name@{tx.versions.get(EVENTS_BY_NAME.slug, 0)}#named", pieces, EVENTS_BY_NAME.columns
    )
    lying = held.select("filename", "covers", by_month=held.month.notnull()).distinct()
    found = tx.snapshot.arrow(lying).to_pylist()
    # Pieces of before events lay by month are written anew as well.
    stale = {row["filename"] for row in found if row["covers"] not in files or not row["by_month"]}
    covered = {row["covers"] for row in found}
    fresh = [path for name, path in files.items() if name not in covered]
    if not stale and not fresh:
        return
    kept = held.filter(held.filename.isin(sorted(stale)) & held.covers.isin(sorted(files))).drop("filename")
    rows = tx.session.named_files(
        f"events@{tx.versions['events']}#fresh", fresh, LAKE_TABLES["events"].all_columns
    )
    rows = rows.filter(rows.superseded_by.isnull())
    added = rows.select("name", "customer_id", "visitor_id", "occurred_at", covers=rows.filename)
    together = kept.select(*added.columns).union(added)
    tx.rewrite(
        EVENTS_BY_NAME.slug,
        together.mutate(month=together.occurred_at.truncate("M").date()),
        replacing=[piece for piece in pieces if Path(piece).name in stale],
        sort=EVENTS_BY_NAME.sorted_by,
    )


def _let_go(lake: Lake) -> None:
    """Once a day: forget house versions that may no longer be read, and remove the files that only they needed."""
    limit = clock_now() - KEPT_VERSIONS
    oldest = HouseVersion.objects.order_by("version").first()
    if oldest is None or oldest.published_at > limit - PATIENCE:
        return
    newest = HouseVersion.objects.order_by("-version").values_list("version", flat=True)[:1]
    HouseVersion.objects.filter(published_at__lt=limit).exclude(version__in=list(newest)).delete()
    lake.vacuum(KEPT_VERSIONS)


def events_by_name(snapshot: Snapshot, *, since: datetime | None = None) -> Any:
    """Name, customer, visitor and time of events, quick where the narrow form covers them.

    All of them; with ``since`` perhaps only those of then and later, for files that end earlier are not opened.
    """
    first, *others = (rows() for _state, rows in parts_by_name(snapshot, since=since))
    return first.union(*others) if others else first


def parts_by_name(
    snapshot: Snapshot, *, since: datetime | None = None
) -> list[tuple[str, Callable[[], Any]]]:
    """The parts of `events_by_name`, each with its state: a part of the same state has the same rows, also in a later
    picture of the lake.

    The narrow form counts only while every file it covers is still part of ``events``: a load that was undone or
    replaced rewrites files, and then the full table answers until the next compaction.
    """
    columns = ("name", "customer_id", "visitor_id", "occurred_at")
    state = f"events@{snapshot.versions.get('events', 0)}"
    files = snapshot.files("events")
    covered = _covered(snapshot) if EVENTS_BY_NAME.slug in snapshot.versions else None
    if covered is None or not covered <= {Path(f).name for f in files}:
        return [(state, lambda: snapshot.table("events").select(*columns))]

    def read(table: LakeTable, of: list[str]) -> Any:
        return _read_since(snapshot, table, of, since).select(*columns)

    narrow = f"{EVENTS_BY_NAME.slug}@{snapshot.versions[EVENTS_BY_NAME.slug]}"
    parts: list[tuple[str, Callable[[], Any]]] = [
        (narrow, partial(read, EVENTS_BY_NAME, snapshot.files(EVENTS_BY_NAME.slug)))
    ]
    if tail := [f for f in files if Path(f).name not in covered]:
        parts.append((f"{narrow}, {state}", partial(read, LAKE_TABLES["events"], tail)))
    return parts


def _read_since(snapshot: Snapshot, table: LakeTable, files: list[str], since: datetime | None) -> Any:
    """The rows of ``files`` that count, without files of which the log says that they end before ``since``."""
    ends = pointing.ends(snapshot, table.slug, "occurred_at") if since else {}
    chosen = [f for f in files if since is None or (end := ends.get(Path(f).name)) is None or end >= since]
    of = "tail" if table.fact else "narrow"
    digest = hashlib.blake2b("\n".join(chosen).encode(), digest_size=12).hexdigest()
    return snapshot.session.parquet_files(
        f"{table.slug}@{snapshot.versions[table.slug]}#{of}-{digest}",
        chosen,
        tuple(c for c in table.all_columns if c.name != "superseded_by"),
        live_only=table.fact,
    )


def _covered(snapshot: Snapshot) -> frozenset[str]:
    """The files of ``events`` that the narrow form was read from; of one version they never change."""
    key = (str(snapshot.lake.root), snapshot.versions[EVENTS_BY_NAME.slug])
    if (known := _kept_covered.get(key)) is not None:
        return known
    found = snapshot.arrow(snapshot.table(EVENTS_BY_NAME.slug).select("covers").distinct())
    if len(_kept_covered) >= KEPT_COVERED:
        _kept_covered.clear()
    answer = _kept_covered[key] = frozenset(found["covers"].to_pylist())
    return answer
