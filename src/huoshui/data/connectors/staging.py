"""From a recognised file to typed rows: read once, check every cell, set the bad rows aside with their reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.connectors import values
from huoshui.data.connectors.errors import DatesAmbiguous, FileRefused
from huoshui.data.connectors.fields import NOT_A_SALE, Kind
from huoshui.data.connectors.files import RecognisedFile, lines_of_rows
from huoshui.data.connectors.mapping import FieldMapping
from huoshui.lake.duck import Session
from huoshui.lake.errors import LakeDamaged, QueryFailed

REPEATED = "was loaded; it is repeated here because loading this file replaces its whole order"


@dataclass(slots=True)
class Staged:
    """The typed rows of a file, before they become facts.

    ``rows`` has ``row_no``, one column per mapped field and attribute (times as ``NAME``, local, and
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
    odd: pa.Table = field(default_factory=lambda: _no_odd_rows())
    total: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)
    _kept: list[Any] = field(default_factory=list)

    @property
    def good(self) -> Any:
        """The rows without a problem."""
        return self.rows.filter(self.rows.problem.isnull()).drop("problem")

    def code(self, name: str, reason: str) -> Any:
        """The code that says: field ``name`` of this row ``reason``."""
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
        try:
            self.rows = self.keep(rows)
            if not self.total:
                counted = int(self.session.arrow(self.rows.aggregate(n=self.rows.count()))["n"][0].as_py())
                self.odd = self.session.set_aside(self.odd_rows) if self.odd_rows else _no_odd_rows()
                self.total = counted + self.odd.num_rows
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

    def counted_reasons(self) -> dict[str, int]:
        """How many rows were set aside for which reason, most frequent first."""
        bad = self.rows.filter(self.rows.problem.notnull())
        counts = self.session.arrow(bad.group_by("problem").aggregate(n=bad.count())).to_pylist()
        found = {" ".join(self.reasons[c["problem"] - 1]).strip(): int(c["n"]) for c in counts}
        if self.odd.num_rows:
            found["the row has another number of cells than the header"] = self.odd.num_rows
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def problems(self, *, with_good_of: str = "") -> pa.Table:
        """All bad rows: ``line``, ``column``, ``reason`` and the cells as they came, by line.

        ``with_good_of`` names the column of an order's number: the good rows of an order that has a bad one follow
        along, marked `REPEATED`. Loads replace whole orders, so the corrected rows alone would replace them.
        """
        bad = self.session.arrow(self._shown(with_good_of).select("row_no", "problem").order_by("row_no"))
        lines = self._lines(bad["row_no"].to_pylist())
        cells = self._cells(bad)
        columns = self.mapping.as_dict()
        found: list[dict[str, Any]] = []
        for row_no, problem, cell in zip(
            bad["row_no"].to_pylist(), bad["problem"].to_pylist(), cells, strict=True
        ):
            name, reason = self.reasons[problem - 1] if problem else ("", REPEATED)
            column = columns.get(name, name)
            given = cell.get(column)
            text = f"{_shown(given)} {reason}" if column in cell else reason
            found.append({"line": lines[row_no], "column": column, "reason": text, **cell})
        for line, reason, text in zip(
            *(self.odd[c].to_pylist() for c in ("line", "reason", "text")), strict=True
        ):
            found.append(
                {"line": line, "column": "", "reason": reason, self.file.columns[0]: text.rstrip("\r\n")}
            )
        found.sort(key=lambda r: r["line"])
        names = ["line", "column", "reason", *self.file.columns]
        return pa.table(
            {n: pa.array([_text(r.get(n)) if n != "line" else r[n] for r in found]) for n in names}
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
        raw = self.raw.semi_join(wanted, "row_no").order_by("row_no")
        table = self.session.arrow(raw.mutate(**{c: raw[c].cast("string") for c in self.file.columns}))
        cells: list[dict[str, Any]] = table.select(list(self.file.columns)).to_pylist()
        return cells

    def _lines(self, row_numbers: list[int]) -> dict[int, int]:
        """The line of the file of each row; for Parquet, the row itself."""
        if self.file.format == "parquet":
            return {n: n for n in row_numbers}
        odd = sorted(self.odd["line"].to_pylist())
        if self.file.lines == self.total + 1:  # no cell holds a line end, no line is blank
            lines = {}
            skipped = 0
            for n in sorted(row_numbers):
                while skipped < len(odd) and odd[skipped] <= n + 1 + skipped:
                    skipped += 1
                lines[n] = n + 1 + skipped
            return lines
        return lines_of_rows(self.file, set(row_numbers))


def stage(
    session: Session, kind: Kind, file: RecognisedFile, mapping: FieldMapping, conventions: values.Conventions
) -> Staged:
    """The typed rows of ``file``, not yet read. Raises `FileRefused` and `DatesAmbiguous`."""
    raw, odd_rows = _raw(session, file)
    staged = Staged(session, file, mapping, raw, raw.select("row_no"), odd_rows)
    conventions = _with_date_order(session, raw, kind, mapping, conventions)
    columns: dict[str, Any] = {"row_no": raw.row_no}
    problems: list[tuple[Any, str, str]] = []
    for name, column in mapping.fields.items():
        declared = kind.field(name)
        if declared is None:
            raise LookupError(f"{kind.slug} have no field {name}")
        reading = values.read(raw[column], declared.type, conventions)
        text_id = declared.type == "id" and raw[column].type().is_string()
        columns[name] = values.identifier(reading.value) if text_id else reading.value
        if reading.instant is not None:
            columns[f"{name}_instant"] = reading.instant
        problems += [(condition, name, reason) for condition, reason in reading.problems]
    for name, column in mapping.attributes.items():
        reading = values.read(raw[column], "text", conventions)
        columns[name] = reading.value
        problems += [(condition, name, reason) for condition, reason in reading.problems]
    problems += _required(kind, columns)
    staged.rows = raw.select(**columns, problem=staged.flagged(*problems))
    return staged


def _raw(session: Session, file: RecognisedFile) -> tuple[Any, str | None]:
    try:
        if file.format == "parquet":
            raw = session.read_parquet(file.path)
            *given, number = raw.columns  # by place: the file may have a column of that name itself
            return raw.rename({**dict(zip(file.columns, given, strict=True)), "row_no": number}), None
        raw, odd_rows = session.read_csv(file.path, file.columns, delimiter=file.delimiter, header=True)
        # Numbering rows is work for one thread; kept once, everything after it runs on all of them.
        return session.keep(raw), odd_rows
    except QueryFailed as error:
        raise FileRefused(f"{file.original.name} cannot be read: {error.received}") from error


def _required(kind: Kind, columns: Mapping[str, Any]) -> list[tuple[Any, str, str]]:
    """Cells that a row cannot do without, and rows that say they are no sale."""
    found = []
    for group in kind.required:
        present = [name for name in group if name in columns]
        found.append((ibis.and_(*(_empty(columns, name) for name in present)), present[0], "is empty"))
    if "status" in columns:
        found.append((columns["status"].lower().isin(sorted(NOT_A_SALE)), "status", "is not a sale"))
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
