"""What can be said of the files a tool exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True)
class NoSale:
    """Rows with a cell in ``column`` are no sales, for the declared ``reason``; with ``pattern``, where it matches
    (RE2, anywhere in the cell, regardless of case)."""

    column: str
    reason: str
    pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One export of one tool: how it is recognised, as which kind it loads, and what its columns mean.

    ``signature`` are columns that only this export has together. ``columns`` says for a field (or attribute) of the
    kind which column it is; ``A | B`` means the first that is filled, ``A + B`` both with a space between, and nothing
    that the field is not there. Columns the file lacks are left out, so that several versions of an export can be said
    in one. Rows of one order have one value of ``order``: cells of ``fill_down`` stand in one of them and are meant
    for all; cells of ``once`` may stand in all and are meant once. ``consent`` columns claim consent without proof.
    ``documented`` says where the format is known from; empty when it is guessed.
    """

    name: str
    label: Text
    kind: str
    signature: tuple[str, ...]
    columns: Mapping[str, str]
    source: str
    currency: str = ""
    time_zone: str = ""
    order: str = ""
    fill_down: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    no_sale: tuple[NoSale, ...] = ()
    consent: tuple[str, ...] = field(default=())
    documented: str = ""
