"""Whether the amounts of a column have a decimal comma: told by the cells that can only be read in one way.

``1.234,56`` and ``3,5`` need a decimal comma, ``1,234.56`` and ``3.5`` a decimal point; ``1,234`` may be either. What
is decided turns the cells around before they are read, so that `kernel.money` stays the only grammar of amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis

from huoshui.data.connectors.errors import AmountsAmbiguous
from huoshui.data.connectors.fields import Kind
from huoshui.data.connectors.mapping import FieldMapping
from huoshui.data.connectors.values import matches
from huoshui.kernel.money import SIGNS_OF_MONEY
from huoshui.lake.engines import Session

NUMBERS = frozenset({"amount", "number", "integer", "rate"})


def _only(decimal: str, group: str) -> str:
    """Numbers that cannot be read with the two signs exchanged."""
    return (
        rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+{decimal}[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}}){{2,}}"
        rf"|(?:[0-9]{{4,}}|0){decimal}[0-9]+|[0-9]+{decimal}(?:[0-9]{{1,2}}|[0-9]{{4,}})"
    )


WITH_COMMA, WITH_POINT = _only(",", r"\."), _only(r"\.", ",")
EITHER = r"[1-9][0-9]{0,2}[.,][0-9]{3}"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """How many cells of a column can be read only with a comma, only with a point, or either way."""

    column: str
    comma: int
    point: int
    either: int


def with_decimal_comma(
    session: Session, cells: Any, kind: Kind, mapping: FieldMapping, *, delimiter: str
) -> frozenset[str]:
    """The columns of ``cells`` whose numbers have a decimal comma.

    A column that leaves it open follows the others. Where none tells, a point is meant, as documented; but not in
    files separated by semicolons, which is how spreadsheets write them where people use decimal commas: there
    `AmountsAmbiguous` is raised, as for a column of which most cells have a comma and others a point.
    """
    numbers = {
        column
        for name, column in mapping.fields.items()
        if (field := kind.field(name)) is not None
        and field.type in NUMBERS
        and cells[column].type().is_string()
    }
    columns = sorted(numbers)
    semicolons = delimiter == ";"
    if not columns or not (semicolons or _any_comma(session, cells, columns)):
        return frozenset()
    found = [_evidence(session, cells, column) for column in columns]
    commas, points = (any(e.comma > e.point for e in found), any(e.point > e.comma for e in found))
    decided = set()
    for evidence in found:
        split = evidence.comma > evidence.point > 0
        open_ = (
            semicolons and evidence.either and not evidence.comma and not evidence.point and commas == points
        )
        if split or open_:
            raise _ambiguous(evidence)
        follows = not evidence.comma and not evidence.point and commas and not points
        if evidence.comma > evidence.point or follows:
            decided.add(evidence.column)
    return frozenset(decided)


def turned(column: Any) -> Any:
    """The column with commas for points and points for commas."""
    return column.translate(",.", ".,")


def _any_comma(session: Session, cells: Any, columns: list[str]) -> bool:
    found = cells.aggregate(**{f"n{n}": cells[c].contains(",").sum() for n, c in enumerate(columns)})
    return any(count[0].as_py() for count in session.arrow(found).columns)


def _evidence(session: Session, cells: Any, column: str) -> _Evidence:
    bare = cells[column].re_replace(rf"[\s+\-{SIGNS_OF_MONEY}元]", "")
    patterns = {"comma": WITH_COMMA, "point": WITH_POINT, "either": EITHER}
    counts = {name: matches(bare, ibis.literal(pattern)).sum() for name, pattern in patterns.items()}
    row = session.arrow(cells.aggregate(**counts)).to_pylist()[0]
    return _Evidence(column, *(int(row[name] or 0) for name in patterns))


def _ambiguous(evidence: _Evidence) -> AmountsAmbiguous:
    received = (
        f"{evidence.comma} cells such as 1.234,56 and {evidence.point} such as 1,234.56"
        if evidence.comma
        else f"{evidence.either} cells such as 1.234 or 1,234"
    )
    return AmountsAmbiguous(
        f"The numbers in column {evidence.column} can be read with a decimal comma or a decimal point",
        received=received,
        valid="numbers that are all written in one way, with decimals, such as 1234.50 or 1234,50",
        next_step="Format the column with two decimals and export it again; nothing was loaded",
    )
