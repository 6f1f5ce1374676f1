"""How a file is understood before it is read: its profile, columns, source, currency, zone, and why each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from huoshui.data.connectors import queries
from huoshui.data.connectors.errors import ColumnMissing, MappingWrong, NoSuchProfile
from huoshui.data.connectors.fields import Kind
from huoshui.data.connectors.files import RecognisedFile, recognise
from huoshui.data.connectors.mapping import AmountsIn, FieldMapping, map_columns
from huoshui.data.connectors.options import ImportOptions
from huoshui.data.connectors.queries import Saved
from huoshui.data.connectors.reasons import without_headings
from huoshui.data.connectors.staging import Staged
from huoshui.data.connectors.tools import TOOLS, Tool, fitting
from huoshui.data.connectors.values import ISO_ZONED, DateOrder
from huoshui.desk.organisation.queries import Organisation
from huoshui.kernel.clock import zone_named
from huoshui.kernel.currencies import currency_code
from huoshui.kernel.texts import Text

NONE = "none"
"""Given as the name of a profile: look for none."""
LOOKED_AT = 1_000

WHY = {
    "told": Text("as told", "按指定"),
    "saved": Text("saved mapping", "已保存的映射"),
    "columns": Text("recognised by its columns", "按列名识别"),
    "tool": Text("guessed: usual for this tool", "推测：该工具的惯例"),
    "earlier": Text("guessed: as an earlier load with columns like these", "推测：与此前列名相近的导入相同"),
    "first": Text("guessed: the first source of this kind", "推测：此类数据的首个来源"),
    "name": Text("guessed: from the name of the file", "推测：取自文件名"),
    "rows": Text("each row names its own", "各行自行注明"),
    "cells": Text("the times name their own zone", "时间自带时区"),
    "house": Text("guessed: that of the house", "推测：与本组织相同"),
}
"""Where a guess comes from."""
SAID = ("told", "saved", "tool")
"""What does not come from the rows themselves, nor from the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """How a file is going to be read. ``why`` has a code of `WHY` for profile, source, currency and time_zone."""

    kind: Kind
    file: RecognisedFile
    mapping: FieldMapping
    tool: Tool | None
    profile: str
    source: str
    currency: str
    zone: str
    date_order: DateOrder | None
    amounts_in: AmountsIn | None
    encoding: str | None
    sheet: str | None
    delimiter: str | None = None
    fits: str = ""
    why: dict[str, str] = field(default_factory=dict)

    def identity(self) -> dict[str, str]:
        """What makes two imports of one file the same import, besides kind and source."""
        said = {
            "profile": self.profile,
            "currency": self.currency if self.why["currency"] in SAID else "",
            "time_zone": self.zone if self.why["time_zone"] in SAID else "",
            "date_order": self.date_order,
            "amounts_in": self.amounts_in,
            "sheet": self.file.sheet,
            "delimiter": self.delimiter,
        }
        return {**self.mapping.as_dict(), **{f"--{name}": value for name, value in said.items() if value}}


class Reading(Protocol):
    """What `recognise` does."""

    def __call__(
        self, path: Path, *, workspace: Path, sheet: str | None, encoding: str | None, delimiter: str | None
    ) -> RecognisedFile: ...


def understand(
    path: Path,
    kind: Kind,
    options: ImportOptions,
    *,
    house: Organisation,
    workspace: Path,
    reading: Reading = recognise,
) -> Understood:
    """Look at the file and settle how to read it: what is told counts, then what is saved, then what is guessed.

    ``reading`` recognises the file; one that remembers spares a second look. Raises `NoSuchProfile`, `FileRefused`,
    `MappingWrong` and `ColumnMissing`.
    """
    named = _named(options.profile, kind)
    saved = named if isinstance(named, Saved) else None
    sheet = options.sheet or (saved.sheet if saved else "") or None
    encoding = options.encoding or (saved.encoding if saved else "") or None
    delimiter = options.delimiter or (saved.delimiter if saved else "") or None
    file = reading(path, workspace=workspace, sheet=sheet, encoding=encoding, delimiter=delimiter)
    columns = without_headings(file.columns)
    fits = ""
    if options.profile is None:
        saved = queries.saved_for(kind.slug, columns)
        candidates = fitting(columns)
        named = saved or next((tool for tool in candidates if tool.kind == kind.slug), None)
        fits = candidates[0].name if candidates and named is None else ""
    tool = TOOLS.get(saved.tool) if saved else named if isinstance(named, Tool) else None
    amounts_in = options.amounts_in or cast("AmountsIn | None", saved and saved.amounts_in) or None
    mapping = _mapped(kind, file, options, saved, tool, amounts_in, fits)
    why: dict[str, str] = {}
    if named is not None:
        why["profile"] = "told" if options.profile else "saved" if saved else "columns"
    return Understood(
        kind=kind,
        file=file,
        mapping=mapping,
        tool=tool,
        profile=named.name if named else "",
        source=_source(options, saved, tool, kind, file, why),
        currency=_currency(options, saved, tool, mapping, house, why),
        zone=_zone(options, saved, tool, house, why),
        date_order=options.date_order or cast("DateOrder | None", saved and saved.date_order) or None,
        amounts_in=amounts_in,
        encoding=encoding,
        sheet=file.sheet or None,
        delimiter=delimiter,
        fits=fits,
        why=why,
    )


def zone_in_cells(staged: Staged, kind: Kind) -> bool:
    """Whether the times of the file (of its first rows) name their own zone, so that none need be guessed."""
    cells = staged.cells
    times = [
        c for n, c in staged.mapping.fields.items() if (f := kind.field(n)) is not None and f.type == "time"
    ]
    for column in times:
        type_ = cells[column].type()
        if type_.is_timestamp():
            if type_.timezone is None:
                return False
            continue
        if not type_.is_string():
            return False
        first = staged.session.arrow(cells.select(t=cells[column]).limit(LOOKED_AT))["t"].to_pylist()
        if not all(re.fullmatch(ISO_ZONED, text.strip()) for text in first if text and text.strip()):
            return False
    return bool(times)


def _named(name: str | None, kind: Kind) -> Saved | Tool | None:
    if name is None or name == NONE:
        return None
    found: Saved | Tool | None = queries.saved_mapping(name) or TOOLS.get(name)
    if found is None:
        raise NoSuchProfile(
            "There is no such profile",
            received=f"--profile {name}",
            valid=", ".join(
                [
                    *queries.saved_names(kind.slug),
                    *(t.name for t in TOOLS.values() if t.kind == kind.slug),
                    NONE,
                ]
            ),
            next_step="huoshui imports --profiles lists them all",
        )
    if found.kind != kind.slug:
        raise NoSuchProfile(
            f"The profile {name} is for another kind of import",
            received=f"--as {kind.slug}",
            valid=f"--as {found.kind}",
        )
    return found


def _mapped(
    kind: Kind,
    file: RecognisedFile,
    options: ImportOptions,
    saved: Saved | None,
    tool: Tool | None,
    amounts_in: AmountsIn | None,
    fits: str,
) -> FieldMapping:
    try:
        return map_columns(
            kind,
            file.columns,
            options.mapping,
            proposed=saved.mapping if saved else tool.columns if tool else None,
            complete=saved is not None,
            amounts_in=amounts_in,
        )
    except ColumnMissing as error:
        if fits:
            error.next_step = (
                f"These columns look like {TOOLS[fits].label.en}, which are imported --as {TOOLS[fits].kind}. "
                f"{error.next_step}"
            )
        raise


def _source(
    options: ImportOptions,
    saved: Saved | None,
    tool: Tool | None,
    kind: Kind,
    file: RecognisedFile,
    why: dict[str, str],
) -> str:
    if options.source is not None:
        why["source"] = "told"
        slug = slug_of(options.source)
        if not slug:
            raise MappingWrong(
                "This is no name of a source", received=repr(options.source), valid="letters and digits"
            )
        return slug
    if saved is not None:
        why["source"] = "saved"
        return saved.source
    name = slug_of(file.original.stem)
    source, why["source"] = queries.guess_source(
        kind.slug, without_headings(file.columns), name, tool.source if tool else ""
    )
    return source


def _currency(
    options: ImportOptions,
    saved: Saved | None,
    tool: Tool | None,
    mapping: FieldMapping,
    house: Organisation,
    why: dict[str, str],
) -> str:
    found = [
        ("told", options.currency),
        ("saved", saved.currency if saved else ""),
        ("tool", tool.currency if tool else ""),
        ("house", house.currency),
    ]
    reason, code = next((reason, code) for reason, code in found if code)
    why["currency"] = "rows" if reason != "told" and "currency" in mapping.fields else reason
    return currency_code(code or house.currency)


def _zone(
    options: ImportOptions, saved: Saved | None, tool: Tool | None, house: Organisation, why: dict[str, str]
) -> str:
    found = [
        ("told", options.time_zone),
        ("saved", saved.time_zone if saved else ""),
        ("tool", tool.time_zone if tool else ""),
        ("house", house.time_zone),
    ]
    why["time_zone"], name = next((reason, name) for reason, name in found if name)
    return zone_named(name or house.time_zone).key


def slug_of(name: str) -> str:
    """A name without dates and numbers: orders-2024-01 and orders-2024-02 come from one place."""
    bare = re.sub(r"[\W\d]+", "_", name.casefold()).strip("_")
    return (bare or re.sub(r"\W+", "_", name.casefold()).strip("_"))[:60]


def as_plain(understood: Understood) -> dict[str, Any]:
    """What a report says of how the file is read."""
    file = understood.file
    return {
        "profile": understood.profile,
        "fits": understood.fits,
        "mapping": understood.mapping.as_dict(),
        "cents": sorted(understood.mapping.cents),
        "unused_columns": list(understood.mapping.unused),
        "source": understood.source,
        "source_guessed": understood.why["source"] not in ("told", "saved"),
        "currency": understood.currency,
        "time_zone": understood.zone,
        "why": dict(understood.why),
        "encoding": file.encoding,
        "delimiter": file.delimiter if file.format == "text" else "",
        "sheet": file.sheet,
    }
