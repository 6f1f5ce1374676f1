"""What may be said about a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from huoshui.data.connectors.mapping import AmountsIn
from huoshui.data.connectors.values import DateOrder
from huoshui.kernel.texts import Language


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOptions:
    """What may be said about a file; what is not said is guessed and shown.

    ``profile`` is the name of a saved mapping or of a tool, or ``none``: then none is looked for. ``save_profile`` is
    the name under which the mapping is saved with everything that belongs to it, also in a dry run. ``language`` is
    that of the file of rejected rows.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    currency: str | None = None
    time_zone: str | None = None
    date_order: DateOrder | None = None
    amounts_in: AmountsIn | None = None
    encoding: str | None = None
    sheet: str | None = None
    delimiter: str | None = None
    profile: str | None = None
    save_profile: str | None = None
    language: Language = "en"
    dry_run: bool = False
    strict: bool = False
