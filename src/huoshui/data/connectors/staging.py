"""From a recognised file to typed rows: read once, check every cell, set the bad rows aside with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.connectors import shaping, values
from huoshui.data.connectors.commas import NUMBERS, turned, with_decimal_comma
from huoshui.data.connectors.errors import DatesAmbiguous, FileRefused
from huoshui.data.connectors.fields import NOT_A_SALE, REFUNDED, FieldType, Kind
from huoshui.data.connectors.files import RecognisedFile, lines_of_rows
from huoshui.data.connectors.mapping import FieldMapping
from huoshui.data.connectors.reasons import HEADINGS, ODD_ROW, REPEATED, reason_of, without_headings
from huoshui.data.connectors.reports import Rejection
from huoshui.data.connectors.tools import Tool
from huoshui.kernel.texts import Language
from huoshui.lake.duck import Session
from huoshui.lake.errors import LakeDamaged, QueryFailed

HUNDREDTH = ibis.literal(Decimal("0.01"), "decimal(3, 2)")
TOLD_AT_ONCE = 20_000
"""So many bad rows are held in Python at a time."""


@dataclass(slots=True)
class Staged:
    """The typed rows of a file, before they become facts.

    ``rows`` has ``row_no`` (from 0), one column per mapped field and attribute (times as ``NAME``, local, and
    ``NAME_instant``) and ``problem``: the code of the reason why the row is bad, empty for good rows. `stage` leaves
    it as an expression over the file; a loader adds its own columns and calls `settle` once, which reads the file.
    ``odd`` are the rows that could not be split into columns.
    """

    session: Session
    file: RecognisedFile
    mapping: FieldMapping
    raw: Any
    rows: Any
    odd_rows: str | None
    cells: Any = None
    given: Any = None
    readings: Mapping[str, Any] = field(default_factory=dict)
    odd: pa.Table = field(default_factory=lambda: _no_odd_rows())
    total: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)
    _kept: list[Any] = field(default_factory=list)

    @property
    def good(self) -> Any:
        """The rows without a problem."""
        return self.rows.filter(self.rows.problem.isnull()).drop("problem")

    def reading(self, *names: str) -> Any:
        """``row_no`` and those of ``names`` that the file has, as they stand in it.

        What little is wanted once more is an expression of its own: in one over all columns the engine would leave
        the others out as well, but only after all of it was compiled.
        """
        return self.given.select("row_no", **{n: self.readings[n] for n in names if n in self.readings})

    def code(self, name: str, reason: str) -> Any:
        """The code that says: field ``name`` of this row ``reason``, which must be a declared one."""
        reason_of(reason)
        if (name, reason) not in self.reasons:
            self.reasons.append((name, reason))
        return ibis.literal(self.reasons.index((name, reason)) + 1).cast("int16")

    def flagged(self, *problems: tuple[Any, str, str]) -> Any:
        """The code of the first of (condition, field, reason) that holds, or the problem the row had before."""
        none = ibis.null("int16")
        cases = [(condition, self.code(name, reason)) for condition, name, reason in problems]
        found = ibis.cases(*cases, else_=none) if cases else none
        return ibis.coalesce(self.rows.problem, found) if "problem" in self.rows.columns else found

    def keep(self, rows: Any) -> Any:
        """Compute ``rows`` once, for reading more than once."""
        kept = self.session.keep(rows)
        self._kept.append(kept)
        return kept

    def settle(self, rows: Any) -> None:
        """Make ``rows`` the staged rows and compute them, which reads the file to its end.

        Raises `FileRefused` when the file breaks off.
        """
        self.rows = self.keep_read(rows)
        if not self.total:
            counted = int(self.session.arrow(self.rows.aggregate(n=self.rows.count()))["n"][0].as_py())
            self.odd = self.session.set_aside(self.odd_rows) if self.odd_rows else _no_odd_rows()
            self.total = counted + self.odd.num_rows

    def keep_read(self, rows: Any) -> Any:
        """`keep`, of what may have to be read from the file. Raises `FileRefused` when the file breaks off."""
        try:
            return self.keep(rows)
        except (QueryFailed, LakeDamaged) as error:
            raise FileRefused(
                f"{self.file.original.name} cannot be read to its end: {error.received or error.problem}",
                next_step="Check whether the file is complete; nothing was loaded",
            ) from error

    def reject(self, flagged: Any) -> None:
        """Set aside further rows: ``flagged`` has ``row_no`` and a ``problem`` code."""
        kept = self.keep(flagged.select(row_no_2=flagged.row_no, problem_2=flagged.problem))
        joined = self.rows.left_join(kept, [("row_no", "row_no_2")])
        problem = ibis.coalesce(joined.problem, joined.problem_2)
        self.rows = self.keep(joined.mutate(problem=problem).drop("row_no_2", "problem_2"))

    def release(self) -> None:
        """Let go of everything that was computed."""
        for table in self._kept:
            self.session.drop(table)
        self._kept.clear()

    def rejections(self) -> list[Rejection]:
        """How many rows were set aside for which reason, most frequent first."""
        bad = self.rows.filter(self.rows.problem.notnull())
        counts = self.session.arrow(bad.group_by("problem").aggregate(n=bad.count())).to_pylist()
        found = [
            Rejection(field, reason, int(c["n"]))
            for c in counts
            for field, reason in [self.reasons[c["problem"] - 1]]
        ]
        if self.odd.num_rows:
            found.append(Rejection("", ODD_ROW, self.odd.num_rows))
        return sorted(found, key=lambda rejection: -rejection.rows)

    def problems(
        self, *, with_good_of: str = "", language: Language = "en", first: int | None = None
    ) -> pa.Table:
        """All bad rows, or the ``first`` ones: line, column, reason (in ``language``) and the cells as they came.

        They stand by line. ``with_good_of`` names the column of an order's number: the good rows of an order that has
        a bad one follow along, marked `REPEATED`. Loads replace whole orders, so the corrected rows alone would
        replace them.
        """
        bad = self.session.arrow(self._shown(with_good_of).select("row_no", "problem").order_by("row_no"))
        odd = self.odd.sort_by("line")
        if first is not None:
            bad, odd = bad.slice(0, first), odd.slice(0, first)
        lines = self._lines([number + 1 for number in bad["row_no"].to_pylist()])
        bad = bad.append_column("line", pa.array(lines, pa.int64()))
        parts = [self._told_odd(odd, language)]
        for start in range(0, bad.num_rows, TOLD_AT_ONCE):
            parts.append(self._told(bad.slice(start, TOLD_AT_ONCE), language))
        whole = pa.concat_tables(parts)
        return (whole.sort_by(HEADINGS[language][0]) if odd.num_rows else whole).slice(0, first)

    def _told(self, bad: pa.Table, language: Language) -> pa.Table:
        columns = self.mapping.as_dict()
        found: list[tuple[int, str, str, Mapping[str, Any]]] = []
        for line, problem, cell in zip(
            bad["line"].to_pylist(), bad["problem"].to_pylist(), self._cells(bad), strict=True
        ):
            name, reason = self.reasons[problem - 1] if problem else ("", REPEATED)
            column = columns.get(name, name)
            words = reason_of(reason).in_(language, reason)
            text = f"{_shown(cell[column])} {words}" if column in cell else words
            found.append((line, column, text, cell))
        return self._as_table(found, language)

    def _told_odd(self, odd: pa.Table, language: Language) -> pa.Table:
        found: list[tuple[int, str, str, Mapping[str, Any]]] = []
        for line, reason, text in zip(*(odd[c].to_pylist() for c in ("line", "reason", "text")), strict=True):
            words = reason if language == "en" else reason_of(ODD_ROW).in_(language, ODD_ROW)
            found.append((self.file.above + line, "", words, {self.file.columns[0]: text.strip("\r\n")}))
        return self._as_table(found, language)

    def _as_table(self, found: list[tuple[int, str, str, Mapping[str, Any]]], language: Language) -> pa.Table:
        given = without_headings(self.file.columns)
        line_of, column_of, reason_for = HEADINGS[language]
        return pa.table(
            {
                line_of: pa.array([row[0] for row in found], pa.int64()),
                column_of: pa.array([row[1] for row in found], pa.string()),
                reason_for: pa.array([row[2] for row in found], pa.string()),
                **{c: pa.array([_text(row[3].get(c)) for row in found], pa.string()) for c in given},
            }
        )

    def _shown(self, with_good_of: str) -> Any:
        bad = self.rows.filter(self.rows.problem.notnull())
        if with_good_of not in self.rows.columns:
            return bad
        orders = bad.select(broken=bad[with_good_of]).filter(ibis._.broken.notnull()).distinct()
        good = self.rows.filter(self.rows.problem.isnull())
        return bad.union(good.semi_join(orders, [(with_good_of, "broken")]))

    def _cells(self, bad: pa.Table) -> list[dict[str, Any]]:
        if not bad.num_rows:
            return []
        wanted = self.session.hold(bad.select(["row_no"]))
        first, last = bad["row_no"][0].as_py(), bad["row_no"][-1].as_py()
        raw = self.raw.filter(self.raw.row_no.between(first, last))
        raw = raw.semi_join(wanted, "row_no").order_by("row_no")
        table = self.session.arrow(raw.mutate(**{c: raw[c].cast("string") for c in self.file.columns}))
        cells: list[dict[str, Any]] = table.select(list(self.file.columns)).to_pylist()
        return cells

    def _lines(self, row_numbers: list[int]) -> list[int]:
        """The line of the file of each of the ascending ``row_numbers`` (from 1); for Parquet, the row itself."""
        if self.file.format == "parquet":
            return row_numbers
        odd = sorted(self.odd["line"].to_pylist())
        if self.file.lines == self.total + 1:  # no cell holds a line end, no line is blank
            lines: list[int] = []
            skipped = 0
            for n in row_numbers:
                while skipped < len(odd) and odd[skipped] <= n + 1 + skipped:
                    skipped += 1
                lines.append(self.file.above + n + 1 + skipped)
            return lines
        found = lines_of_rows(self.file, set(row_numbers), set(odd))
        return [found[n] for n in row_numbers]


def stage(
    session: Session,
    kind: Kind,
    file: RecognisedFile,
    mapping: FieldMapping,
    conventions: values.Conventions,
    tool: Tool | None = None,
) -> Staged:
    """The typed rows of ``file``, not yet read. Raises `FileRefused`, `DatesAmbiguous` and `AmountsAmbiguous`."""
    raw, odd_rows = _raw(session, file)
    staged = Staged(session, file, mapping, raw, raw.select("row_no"), odd_rows)
    cells = shaping.cells(raw, file.columns, mapping, tool)
    staged.cells = cells = cells if cells is raw else staged.keep_read(cells)
    conventions = _with_date_order(session, cells, kind, mapping, conventions)
    commas = with_decimal_comma(session, cells, kind, mapping, delimiter=file.delimiter)
    types = _types(kind, mapping)
    turn = {name for name, column in mapping.fields.items() if column in commas and types[name] in NUMBERS}
    given = cells.select(
        "row_no",
        *shaping.rules(cells, tool),
        **{
            name: values.plain(turned(cells[column]) if name in turn else cells[column])
            for name, column in mapping.as_dict().items()
        },
    )
    columns: dict[str, Any] = {"row_no": given.row_no}
    problems = shaping.problems(given, tool)
    for name, type_ in types.items():
        reading = values.read(given[name], type_, conventions)
        text_id = type_ == "id" and given[name].type().is_string()
        columns[name] = values.identifier(reading.value) if text_id else reading.value
        if name in mapping.cents:
            columns[name] = (reading.value * HUNDREDTH).cast("decimal(38, 6)").cast(values.MONEY)
        if reading.instant is not None:
            columns[f"{name}_instant"] = reading.instant
        problems += [(condition, name, reason) for condition, reason in reading.problems]
    problems += _required(kind, columns)
    typed = given.select(**columns, problem=staged.flagged(*problems))
    staged.rows = typed if cells is raw else staged.keep_read(typed)
    staged.given, staged.readings = given, columns
    return staged


def _types(kind: Kind, mapping: FieldMapping) -> dict[str, FieldType]:
    """How the cells of each mapped field and attribute are read."""
    found: dict[str, FieldType] = {}
    for name in mapping.fields:
        declared = kind.field(name)
        if declared is None:
            raise LookupError(f"{kind.slug} have no field {name}")
        found[name] = declared.type
    return {**found, **dict.fromkeys(mapping.attributes, "text")}


def _raw(session: Session, file: RecognisedFile) -> tuple[Any, str | None]:
    try:
        if file.format == "parquet":
            raw = session.read_parquet(file.path)
            *given, number = raw.columns  # by place: the file may have a column of that name itself
            return raw.rename({**dict(zip(file.columns, given, strict=True)), "row_no": number}), None
        return session.read_csv(file.path, file.columns, delimiter=file.delimiter, header=True)
    except QueryFailed as error:
        raise FileRefused(f"{file.original.name} cannot be read: {error.received}") from error


def _required(kind: Kind, columns: Mapping[str, Any]) -> list[tuple[Any, str, str]]:
    """Cells that a row cannot do without, and rows that say they are no sale."""
    found = []
    for group in kind.required:
        present = [name for name in group if name in columns]
        found.append((ibis.and_(*(_empty(columns, name) for name in present)), present[0], "is empty"))
    if "status" in columns:
        words = NOT_A_SALE - REFUNDED if "refund" in columns else NOT_A_SALE
        found.append((columns["status"].lower().isin(sorted(words)), "status", "is not a sale"))
    return found


def _empty(columns: Mapping[str, Any], name: str) -> Any:
    empty = columns[name].isnull()
    return empty & columns[f"{name}_instant"].isnull() if f"{name}_instant" in columns else empty


def _with_date_order(
    session: Session, raw: Any, kind: Kind, mapping: FieldMapping, conventions: values.Conventions
) -> values.Conventions:
    """Settle whether 03/04/2024 is in March or April, from the dates that can only be read one way."""
    times = [
        c for n, c in mapping.fields.items() if (f := kind.field(n)) is not None and f.type in ("time", "day")
    ]
    for column in times:
        if not raw[column].type().is_string():
            continue
        count, first, second = values.slashed_parts(raw[column])
        answer = session.arrow(raw.aggregate(count=count, first=first, second=second))
        slashed, day_first, month_first = (answer[c][0].as_py() for c in ("count", "first", "second"))
        if not slashed:
            continue
        if day_first > 12 >= month_first:
            return values.Conventions(conventions.zone, "dmy", conventions.not_after)
        if month_first > 12 >= day_first:
            return values.Conventions(conventions.zone, "mdy", conventions.not_after)
        if conventions.date_order is None:
            raise DatesAmbiguous(
                f"The dates in column {column} can be read with the day or the month first",
                received=f"{slashed} dates such as 03/04/2024",
                valid="--date-order dmy or --date-order mdy, or dates such as 2024-04-03",
            )
    return conventions


def _no_odd_rows() -> pa.Table:
    return pa.table(
        {
            "line": pa.array([], pa.int64()),
            "reason": pa.array([], pa.string()),
            "text": pa.array([], pa.string()),
        }
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(value: Any) -> str:
    text = _text(value)
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
