"""Workbooks: XLSX, XLSB, XLS and ODS. One sheet of them becomes a text.

A workbook is an archive that somebody sends: it is looked over before anything unpacks it, and read in a process of
its own (`sheet_reader`). Nothing in it is ever written under its own name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from huoshui.data.connectors.errors import FileRefused

MIB = 1024 * 1024
MOST_UNPACKED = 2048 * MIB
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError)
"""What zipfile raises for a damaged archive; the last for a way of packing that it does not know."""
MOST_PARTS = 10_000
MOST_TIMES = 200
SMALL = 16 * MIB
"""A part may be packed to any degree as long as it is not larger than this."""
CEILING = 1024 * MIB
READER = Path(__file__).with_name("sheet_reader.py")
SIGNS = {"xl/workbook.xml": "XLSX", "xl/workbook.bin": "XLSB", "content.xml": "ODS"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as a text in UTF-8 with commas, one line per row; and the names of all sheets."""

    copy: Path
    name: str
    names: tuple[str, ...]


def read_sheet(path: Path, *, start: bytes, copy: Path, wanted: str | None) -> Sheet:
    """Write the sheet ``wanted``, or the first that holds a table, to ``copy``. Raises `FileRefused`."""
    if start.startswith(b"PK"):
        _must_be_harmless(path)
    command = [sys.executable, "-I", str(READER), str(path), str(copy), wanted or "", str(CEILING)]
    done = subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, "RUST_BACKTRACE": "0"}
    )
    answer = json.loads(done.stdout) if done.returncode == 0 else _told_by(done.stderr)
    problem = answer.get("problem")
    if problem is None:
        return Sheet(copy, answer["sheet"], tuple(answer["sheets"]))
    sheets = ", ".join(answer.get("sheets", ()))
    match problem:
        case "password":
            raise FileRefused(
                f"{path.name} is protected with a password",
                next_step="Open it with the password, save it without one, and import that",
            )
        case "no_sheet":
            raise FileRefused(f"{path.name} has no such sheet", received=f"--sheet {wanted}", valid=sheets)
        case "empty":
            raise FileRefused(
                f"{path.name} has no table" if wanted is None else f"The sheet {wanted} is empty",
                received=f"the sheets {sheets}",
                next_step="Check whether the right file was chosen",
            )
        case "too_large":
            raise FileRefused(
                f"{path.name} is too large for a spreadsheet",
                received=f"a sheet that takes more than {CEILING // MIB} MiB of memory to read",
                next_step="Save the sheet as CSV (UTF-8) and import that",
            )
    raise FileRefused(
        f"{path.name} cannot be read as a spreadsheet",
        received=answer.get("message", ""),
        next_step="Open it in a spreadsheet program, save it as XLSX and import that",
    )


def is_workbook(path: Path) -> bool:
    """Whether the archive ``path`` is a workbook. Raises `FileRefused` for an archive that is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name in SIGNS for name in archive.namelist())
    except UNREADABLE as error:
        raise FileRefused(
            f"{path.name} starts as an XLSX or ZIP file but cannot be read",
            received=str(error),
            next_step="It was probably cut short; copy or export it again",
        ) from error


def _told_by(said: bytes) -> dict[str, str]:
    """What a reader that did not end well has to say: it ends so when it would exceed its ceiling."""
    text = said.decode(errors="replace").strip()
    if "memory" in text.lower() or "File too large" in text:
        return {"problem": "too_large"}
    return {"problem": "broken", "message": text.splitlines()[-1][:200] if text else "the reader ended early"}


def _must_be_harmless(path: Path) -> None:
    """Refuse what no spreadsheet program writes. Every part is unpacked once, in pieces, and thrown away."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise _harmful(path, f"{len(parts)} parts")
            if len({part.filename for part in parts}) < len(parts):
                raise _harmful(path, "two parts of one name")
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _harmful(path, f"more than {MOST_UNPACKED // MIB} MiB when unpacked")
            for part in parts:
                _must_be_plain(path, part)
                with archive.open(part) as content:
                    _must_hold_no_entities(path, part.filename, content)
    except UNREADABLE as error:
        raise FileRefused(
            f"{path.name} is damaged", received=str(error), next_step="Copy or export it again"
        ) from error


def _must_be_plain(path: Path, part: zipfile.ZipInfo) -> None:
    if part.flag_bits & 0x1:
        raise FileRefused(
            f"{path.name} is protected with a password", next_step="Save it without one and import that"
        )
    steps = part.filename.replace("\\", "/").split("/")
    if ".." in steps or not steps[0] or ":" in steps[0]:
        raise _harmful(path, f"a part named {part.filename[:80]!r}")
    if part.file_size > SMALL and part.file_size > MOST_TIMES * max(1, part.compress_size):
        raise _harmful(
            path, f"a part that grows {part.file_size // max(1, part.compress_size)} times when unpacked"
        )


def _must_hold_no_entities(path: Path, name: str, content: IO[bytes]) -> None:
    """XML of spreadsheets declares no entities; those of others could read files or grow without end."""
    last = b""
    while piece := content.read(MIB):
        if name.endswith((".xml", ".rels", ".vml")):
            text = last + piece
            if b"\0" in text:  # XML may be in UTF-16
                text = text.replace(b"\0", b"")
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise _harmful(path, f"a declaration of entities in {name[:80]}")
            last = piece[-32:]


def _harmful(path: Path, what: str) -> FileRefused:
    return FileRefused(
        f"{path.name} is not what a spreadsheet program writes",
        received=what,
        valid=f"XLSX of at most {MOST_UNPACKED // MIB} MiB when unpacked",
        next_step="Save the sheet as CSV (UTF-8) with your own spreadsheet program and import that",
    )
