"""Which line of the original a row comes from."""

from __future__ import annotations

from collections.abc import Container

from huoshui.data.connectors.files.recognising import RecognisedFile
from huoshui.data.connectors.files.shape import Rows


def lines_of_rows(
    file: RecognisedFile, row_numbers: set[int], odd: Container[int] = frozenset()
) -> dict[int, int]:
    """For rows of a text or a sheet (counted from 1 after the header): the line, or row of the sheet, of each.

    Reads the copy with the csv module, because cells may hold line ends of their own. ``odd`` are lines of the copy
    that the engine set aside: the module is more lenient with quotes and would count them.
    """
    found: dict[int, int] = {}
    width = len(file.columns)
    with file.path.open(encoding="utf-8", newline="") as text:
        reader = Rows(text, file.delimiter)
        before = row_number = 0
        for number, row in enumerate(reader, start=1):
            fits = len(row) == width or (width == 1 and not row)
            if number > 1 and fits and before + 1 not in odd:
                row_number += 1
                if row_number in row_numbers:
                    found[row_number] = file.above + (number if file.format == "sheet" else before + 1)
            before = reader.lines
    return found
