"""Looking one thing up: the rows of one customer, from few files.

What the log says of the least and greatest value of each file tells which files can hold the rows, and what the end of
a file says tells which of its groups. Compacted files are sorted by customer, so that one group of them and the small
files that came later are read, whatever the size of the table. Few groups are read as they lie (`groups.py`,
`stretches.py`); of many, and where words are looked for, the engine is asked in SQL made here. Both give the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import groups, stretches
from huoshui.lake.duck import arrow_schema, literal, quoted
from huoshui.lake.duck_failures import failures_named
from huoshui.lake.stretches import EVERYTHING, Between, Part, Place, Row

if TYPE_CHECKING:
    import duckdb

    from huoshui.lake.snapshot import Snapshot

__all__ = ["EVERYTHING", "Between", "Part", "Place", "Row", "candidates", "ends", "find", "newest", "whole"]

Value = int | str
KEPT = 512
MOST_KEYS, MOST_ROWS = 2_000_000, 400_000
"""Up to so many rows are looked at, and so many decoded, without the engine: of more, it leaves out what it can."""

_bounds: OrderedDict[tuple[str, str, int], Mapping[str, Mapping[str, Any]]] = OrderedDict()
_guard = threading.Lock()


def candidates(snapshot: Snapshot, slug: str, by: str, values: Sequence[Value]) -> list[str]:
    """The files that can hold rows whose ``by`` is one of ``values``, by what the log says of them."""
    if slug not in snapshot.versions or not values:
        return []
    said = _said(snapshot, slug)
    found = {}
    for path, size in snapshot.sizes(slug).items():
        known = said.get(path.rpartition("/")[2], {})
        low, high = known.get(f"min.{by}"), known.get(f"max.{by}")
        # Texts may be cut in the log; ids of customers are numbers and exact.
        if isinstance(low, int) and isinstance(high, int):
            if not any(isinstance(value, int) and low <= value <= high for value in values):
                continue
        elif _is_empty(known, by):
            continue
        found[path] = size
    return snapshot.fetch(slug, found)


def ends(snapshot: Snapshot, slug: str, time: str) -> dict[str, datetime]:
    """The latest ``time`` in each file of ``slug``, by the name of the file, where the log says it."""
    if slug not in snapshot.versions:
        return {}
    found = {name: known.get(f"max.{time}") for name, known in _said(snapshot, slug).items()}
    # A log may leave out what is smaller than a millisecond.
    return {name: end + timedelta(seconds=1) for name, end in found.items() if isinstance(end, datetime)}


def whole(snapshot: Snapshot, slug: str) -> Callable[[Sequence[str]], pa.Table]:
    """What reads columns of all rows of ``slug``, a table without superseded rows, in any thread.

    The rows are always in the same order for one version; texts with few values are coded as numbers of those values.
    Raises `LakeDamaged`.
    """
    if LAKE_TABLES[slug].fact:
        raise ValueError(f"rows of {slug} may be superseded")
    files, schema = snapshot.files(slug), arrow_schema(snapshot.columns(slug))
    return lambda columns: groups.whole(files, pa.schema([schema.field(name) for name in columns]))


def find(
    snapshot: Snapshot, slug: str, *, by: str, values: Sequence[Value], columns: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The rows of ``slug`` that count and whose ``by`` is one of ``values``; ``columns`` or all. Moments are in UTC."""
    files = candidates(snapshot, slug, by, values)
    if not files:
        return []
    wanted = list(columns) or [c.name for c in snapshot.columns(slug) if c.name != "superseded_by"]
    hits = groups.hits(files, by, values, MOST_KEYS)
    if hits is not None and sum(one.rows for one in hits) <= MOST_ROWS:
        return [row for one in hits for row in one.read_rows(wanted)]
    present = _columns(files)
    shown = ", ".join(_column(name, present) for name in wanted)
    marks = ", ".join("?" for _ in values)
    text = f"SELECT {shown} FROM {_read(files)} WHERE {quoted(by)} IN ({marks}){_live(slug, present)}"
    return _rows(snapshot.embedded().session.cursor, text, list(values))


def newest(
    snapshot: Snapshot,
    parts: Sequence[Part],
    *,
    by: str,
    value: Value,
    most: int,
    between: Between = EVERYTHING,
) -> list[Row]:
    """The newest ``most`` rows of the tables together whose ``by`` is ``value``, newest first.

    ``between.newer_than`` gives the ones next to that place, and those newest first too.
    """
    rising = between.newer_than is not None
    files = {part.slug: candidates(snapshot, part.slug, by, [value]) for part in parts}
    if not between.words and (near := _near(files, parts, by, value, most, between)) is not None:
        return near[::-1] if rising else near
    asked: list[Any] = []
    selects = [
        _select(part, of, _columns(of), by, value, between, most, asked)
        for part in parts
        if (of := files[part.slug])
    ]
    if not selects:
        return []
    way = "ASC" if rising else "DESC"
    union = " UNION ALL ".join(f"({one})" for one in selects)
    text = f"SELECT * FROM ({union}) ORDER BY moment {way}, part {way}, row_key {way} LIMIT {int(most)}"
    found = [
        Row(Place(at=row["moment"], slug=row["part"], key=row["row_key"]), dict(row["shown"]))
        for row in _rows(snapshot.embedded().session.cursor, text, asked)
    ]
    names = {part.slug: part.columns for part in parts}
    rows = [Row(row.place, {name: row.values[name] for name in names[row.place.slug]}) for row in found]
    return rows[::-1] if rising else rows


def _near(
    files: Mapping[str, Sequence[str]],
    parts: Sequence[Part],
    by: str,
    value: Value,
    most: int,
    between: Between,
) -> list[Row] | None:
    """What `stretches.newest` answers; nothing where too much would have to be read for it."""
    found = []
    for part in parts:
        hits = groups.hits(files[part.slug], by, [value], MOST_KEYS)
        if hits is None or not all(stretches.is_told(one, part) for one in hits):
            return None
        found += [(part, one) for one in hits]
    if sum(hits.rows for _, hits in found) > MOST_ROWS:
        return None
    return stretches.newest(found, most=most, between=between)


def _select(
    part: Part,
    files: Sequence[str],
    present: frozenset[str],
    by: str,
    value: Value,
    between: Between,
    most: int,
    asked: list[Any],
) -> str:
    """The SELECT of one table: a place, and its columns as texts in a map, so that all tables have one form.

    It gives no more rows than are wanted in all, so that nothing is made of the many that are older.
    """
    at, key = quoted(part.at), f"source || ':' || {quoted(part.key)}"
    pairs = ", ".join(f"{literal(c)}: CAST({_value(c, present)} AS VARCHAR)" for c in part.columns)
    conditions = [f"{quoted(by)} = ?"]
    asked.append(value)
    for sign, moment in ((">=", between.since), ("<", between.until)):
        if moment is not None:
            conditions.append(f"{at} {sign} CAST(? AS TIMESTAMPTZ)")
            asked.append(moment.astimezone(UTC).isoformat())
    for sign, place in (("<", between.older_than), (">", between.newer_than)):
        if place is not None:
            # The first comparison alone says which row groups are needed.
            conditions.append(f"{at} {sign}= CAST(? AS TIMESTAMPTZ)")
            conditions.append(f"({at}, {literal(part.slug)}, {key}) {sign} (CAST(? AS TIMESTAMPTZ), ?, ?)")
            moment_text = place.at.astimezone(UTC).isoformat()
            asked += [moment_text, moment_text, place.slug, place.key]
    if between.words:
        texts = ", ".join(f"CAST({_value(c, present)} AS VARCHAR)" for c in part.searched)
        conditions.append(f"contains(lower(concat_ws(' ', {texts})), lower(?))")
        asked.append(between.words)
    where = " AND ".join(conditions) + _live(part.slug, present)
    way = "ASC" if between.newer_than is not None else "DESC"
    return (
        f"SELECT {at} AS moment, {literal(part.slug)} AS part, {key} AS row_key, MAP {{{pairs}}} AS shown FROM "
        f"(SELECT * FROM {_read(files)} WHERE {where} ORDER BY {at} {way}, {key} {way} LIMIT {int(most)})"
    )


def _rows(cursor: duckdb.DuckDBPyConnection, text: str, asked: Sequence[Any]) -> list[dict[str, Any]]:
    with failures_named():
        found: list[dict[str, Any]] = cursor.sql(text, params=list(asked)).to_arrow_table().to_pylist()
    for row in found:
        for name, value in row.items():
            if isinstance(value, datetime):
                row[name] = value.astimezone(UTC)
    return found


def _live(slug: str, present: frozenset[str]) -> str:
    return " AND superseded_by IS NULL" if LAKE_TABLES[slug].fact and "superseded_by" in present else ""


def _read(files: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(literal(f) for f in files)}], union_by_name = {str(len(files) > 1).lower()})"


def _value(name: str, present: frozenset[str]) -> str:
    return quoted(name) if name in present else "NULL"


def _column(name: str, present: frozenset[str]) -> str:
    return quoted(name) if name in present else f"NULL AS {quoted(name)}"


def _said(snapshot: Snapshot, slug: str) -> Mapping[str, Mapping[str, Any]]:
    """What the log says of each file of the table, by its name; of one version it never changes."""
    key = (str(snapshot.lake.root), slug, snapshot.versions[slug])
    with _guard:
        if key in _bounds:
            _bounds.move_to_end(key)
            return _bounds[key]
    said = snapshot.lake.folder(slug).data_files(snapshot.versions[slug])
    with _guard:
        _bounds[key] = said
        while len(_bounds) > KEPT:
            _bounds.popitem(last=False)
    return said


def _is_empty(known: Mapping[str, Any], by: str) -> bool:
    """Whether no row of the file has a value: then none is looked for in it."""
    rows = known.get("num_records")
    return rows is not None and known.get(f"null_count.{by}") == rows


def _columns(files: Sequence[str]) -> frozenset[str]:
    """The columns that any of the files has."""
    return frozenset().union(*(groups.end(file).columns for file in files))
