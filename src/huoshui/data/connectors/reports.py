"""What an import says when it is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from huoshui.data.connectors.reasons import reason_of
from huoshui.kernel.texts import Language


class Rejection(NamedTuple):
    """How many ``rows`` were set aside because ``field`` (empty: the row) has the ``reason``, in English words."""

    field: str
    reason: str
    rows: int

    def in_(self, language: Language) -> str:
        """Field and reason in words."""
        return f"{self.field} {reason_of(self.reason).in_(language, self.reason)}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Plain values; ``code`` stays the same in all versions and languages."""
        return {"field": self.field, "code": reason_of(self.reason).code, "rows": self.rows}


@dataclass(slots=True)
class ImportReport:
    """The summary of an import; ``rows == loaded + rejected`` always.

    ``facts`` counts what was made of the rows, by lake table; in a dry run ``replaces`` counts the facts that count now
    and would be replaced. ``rules`` counts how often each documented rule for an
    oddity was used (see docs/imports.md). ``already`` is set when this very file was loaded before. ``profile`` is
    the saved mapping or the tool whose file it is taken for; ``why`` says for ``profile``, ``source``, ``currency``
    and ``time_zone`` where they come from, by the codes of `understanding.WHY`. ``fits`` is a profile of another kind
    that the columns fit. ``cents`` are the fields whose amounts were read as hundredths. ``saved_as`` is the name under
    which the mapping was saved.
    """

    load_id: int | None
    file: str
    kind: str
    rows: int = 0
    loaded: int = 0
    rejected: int = 0
    facts: dict[str, int] = field(default_factory=dict)
    replaces: dict[str, int] = field(default_factory=dict)
    customers_new: int = 0
    customers_known: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    first_rejects: list[dict[str, Any]] = field(default_factory=list)
    rejects_file: str | None = None
    profile: str = ""
    fits: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    cents: list[str] = field(default_factory=list)
    unused_columns: list[str] = field(default_factory=list)
    source: str = ""
    source_guessed: bool = False
    currency: str = ""
    time_zone: str = ""
    why: dict[str, str] = field(default_factory=dict)
    saved_as: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    dry_run: bool = False
    already: int | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for ``--json`` and for the journal."""
        return {**asdict(self), "rejections": [rejection.as_dict() for rejection in self.rejections]}
