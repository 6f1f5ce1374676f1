"""Values of Python as JSON and back, exactly: dates, moments, money, mappings with any keys, frozen dataclasses.

For what a program keeps for itself. What comes back is made of the classes that the caller names and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo


def to_plain(value: Any) -> Any:
    """``value`` as what JSON can hold. Raises ``TypeError`` for what it cannot tell."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [to_plain(one) for one in value]
    kind, said = _said(value)
    return {kind: said}


def _said(value: Any) -> tuple[str, Any]:
    match value:
        case Decimal():
            return "decimal", str(value)
        case datetime():
            return "moment", value.isoformat()
        case date():
            return "day", value.isoformat()
        case ZoneInfo():
            return "zone", value.key
        case tuple():
            return "tuple", [to_plain(one) for one in value]
        case Mapping():
            return "mapping", [[to_plain(key), to_plain(one)] for key, one in value.items()]
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"no plain form of {type(value).__name__}")
    parts = {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    return "made", [type(value).__name__, parts]


def from_plain(plain: Any, classes: Sequence[type]) -> Any:
    """What `to_plain` was given; dataclasses in it are among ``classes``.

    Raises ``LookupError``, ``TypeError`` or ``ValueError`` for anything else.
    """
    if isinstance(plain, list):
        return [from_plain(one, classes) for one in plain]
    if not isinstance(plain, dict):
        return plain
    ((kind, said),) = plain.items()
    match kind:
        case "decimal":
            return Decimal(said)
        case "moment":
            return datetime.fromisoformat(said)
        case "day":
            return date.fromisoformat(said)
        case "zone":
            return ZoneInfo(said)
        case "tuple":
            return tuple(from_plain(said, classes))
        case "mapping":
            return {from_plain(key, classes): from_plain(one, classes) for key, one in said}
        case "made":
            name, parts = said
            made = {one.__name__: one for one in classes}[name]
            return made(**{key: from_plain(one, classes) for key, one in parts.items()})
    raise ValueError(f"no such plain form: {kind}")
