"""What an import says when it is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class ImportReport:
    """The summary of an import; ``rows == loaded + rejected`` always.

    ``facts`` counts what was made of the rows, by lake table. ``rules`` counts how often each documented rule for an
    oddity was used (see docs/imports.md). ``already`` is set when this very file was loaded before.
    """

    load_id: int | None
    file: str
    kind: str
    rows: int = 0
    loaded: int = 0
    rejected: int = 0
    facts: dict[str, int] = field(default_factory=dict)
    customers_new: int = 0
    customers_known: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    first_rejects: list[dict[str, Any]] = field(default_factory=list)
    rejects_file: str | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    unused_columns: list[str] = field(default_factory=list)
    source: str = ""
    source_guessed: bool = False
    currency: str = ""
    time_zone: str = ""
    encoding: str = ""
    delimiter: str = ""
    dry_run: bool = False
    already: int | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for ``--json`` and for the journal."""
        return asdict(self)
