"""Looking at a file that was uploaded: what it probably is, how it is read, and some of its cells."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from huoshui.data.connectors import queries
from huoshui.data.connectors.fields import Kind
from huoshui.data.connectors.files import RecognisedFile, recognise
from huoshui.data.connectors.files.shape import Rows
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.mapping import map_columns
from huoshui.data.connectors.models import Upload
from huoshui.data.connectors.options import ImportOptions
from huoshui.data.connectors.reasons import without_headings
from huoshui.data.connectors.recipes import Columns
from huoshui.data.connectors.tools import fitting
from huoshui.data.connectors.understanding import Reading, Understood, understand
from huoshui.data.connectors.words import KIND_WORDS
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import masks
from huoshui.kernel.errors import HuoshuiError

USUAL_KIND = "transactions"
SHOWN = 3
LOOKED_AT = 200
LONGEST = 40
COPIES = ".seen"
"""The folder of what is made of a file. No file has this name: see `uploads.shown_name`."""
_PHONE = re.compile(r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Look:
    """How a file is read as things stand. ``refusal`` says why it cannot be; then the rest may be empty.

    ``missing`` are groups of fields of each of which one needs a column; ``cells`` are the first filled cells of each
    column, phones and e-mail addresses masked.
    """

    understood: Understood | None = None
    refusal: HuoshuiError | None = None
    missing: tuple[tuple[str, ...], ...] = ()
    cells: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether a dry run can be made."""
        return self.understood is not None and not self.missing


def look(upload: Upload, folder: Path) -> Look:
    """Look at an upload, read the way that was said."""
    kind = KINDS[upload.kind]
    try:
        found = _understand(upload, folder, replace(kind, required=()))
    except HuoshuiError as error:
        return Look(refusal=error)
    mapped = found.mapping.as_dict()
    return Look(
        understood=found,
        missing=tuple(group for group in kind.required if not any(name in mapped for name in group)),
        cells=cells_of(found.file, mapped),
    )


def understood(upload: Upload, folder: Path) -> Understood:
    """How an upload is read. Raises what `understand` raises."""
    return _understand(upload, folder, KINDS[upload.kind])


def probable_kind(path: Path, folder: Path) -> str:
    """What kind of data a file has: that of a tool, a saved mapping or a load with such columns, else what fits best.

    Raises `FileRefused` for what cannot be read as a table.
    """
    file = remembering(recognise)(path, workspace=folder / COPIES, sheet=None, encoding=None, delimiter=None)
    columns = without_headings(file.columns)
    if saved := queries.kind_of_columns(columns):
        return saved
    if tools := fitting(columns):
        return tools[0].kind
    scores = {slug: _score(KINDS[slug], columns) for slug in KIND_WORDS}
    best = max(scores, key=lambda slug: scores[slug])
    return best if scores[best] > 0 else USUAL_KIND


def columns_of(recipe: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that a recipe is made of."""
    found = Columns(columns).read(recipe)
    return found.columns if found else ()


def remembering(reading: Reading) -> Reading:
    """``reading`` that writes down what it found beside its copies, and looks there first."""

    def read(
        path: Path, *, workspace: Path, sheet: str | None, encoding: str | None, delimiter: str | None
    ) -> RecognisedFile:
        asked = hashlib.sha256(json.dumps([sheet, encoding, delimiter]).encode()).hexdigest()
        note = workspace / f"{asked[:24]}.json"
        if note.exists():
            known = json.loads(note.read_text("utf-8"))
            return RecognisedFile(
                **{
                    **known,
                    "original": Path(known["original"]),
                    "path": Path(known["path"]),
                    "columns": tuple(known["columns"]),
                    "sheets": tuple(known["sheets"]),
                }
            )
        found = reading(path, workspace=workspace, sheet=sheet, encoding=encoding, delimiter=delimiter)
        workspace.mkdir(parents=True, exist_ok=True)
        half = note.with_suffix(".half")
        half.write_text(json.dumps(asdict(found), default=str), "utf-8")
        half.replace(note)
        return found

    return read


def rows_of(file: RecognisedFile) -> Iterator[Sequence[str]]:
    """All rows of a file below its header, as texts."""
    if file.format == "parquet":
        for batch in pq.ParquetFile(file.path).iter_batches():
            columns = [
                ["" if cell is None else str(cell) for cell in one.to_pylist()] for one in batch.columns
            ]
            yield from zip(*columns, strict=True)
        return
    with file.path.open(encoding="utf-8", newline="") as text:
        yield from itertools.islice(Rows(text, file.delimiter or ","), 1, None)


def cells_of(file: RecognisedFile, mapped: Mapping[str, str]) -> dict[str, list[str]]:
    """Some cells of each column, as they stand in the file; phones and e-mail addresses masked."""
    phones, mails = (set(columns_of(mapped.get(name, ""), file.columns)) for name in ("phone", "email"))
    found: dict[str, list[str]] = {column: [] for column in file.columns}
    for row in _first_rows(file):
        for column, cell in zip(file.columns, row, strict=False):
            text = "".join(c if c.isprintable() else " " for c in str(cell)).strip()
            if not text or len(found[column]) == SHOWN:
                continue
            if column in phones or _PHONE.fullmatch(text):
                text = masks.phone(text)
            elif column in mails or _MAIL.fullmatch(text):
                text = masks.email(text)
            text = f"{text[:LONGEST]}…" if len(text) > LONGEST else text
            if text not in found[column]:
                found[column].append(text)
    return found


def _understand(upload: Upload, folder: Path, kind: Kind) -> Understood:
    return understand(
        folder / upload.file_name,
        kind,
        ImportOptions(**upload.options),
        house=organisation.current(),
        workspace=folder / COPIES,
        reading=remembering(recognise),
    )


def _score(kind: Kind, columns: Sequence[str]) -> int:
    """How many columns the kind knows, or none where it lacks one that it needs."""
    mapped = map_columns(replace(kind, required=()), columns, {}).as_dict()
    if any(not any(name in mapped for name in group) for group in kind.required):
        return 0
    return len(mapped)


def _first_rows(file: RecognisedFile) -> list[Sequence[Any]]:
    if file.format == "parquet":
        batch = next(pq.ParquetFile(file.path).iter_batches(batch_size=LOOKED_AT), None)
        if batch is None:
            return []
        cells = [["" if cell is None else cell for cell in column.to_pylist()] for column in batch.columns]
        return list(zip(*cells, strict=True))
    with file.path.open(encoding="utf-8", newline="") as text:
        try:
            return list(itertools.islice(Rows(text, file.delimiter or ","), 1, LOOKED_AT))
        except csv.Error:  # the dry run says which line it is
            return []
