"""The company's words in the language that it speaks. Each is declared once, in both languages beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from huoshui.kernel.texts import Language, Text


def said(value: Any, language: Language) -> Any:
    """``value`` with every `Text` in it as words of ``language``.

    Mappings (their keys too) and records become dictionaries, sequences lists; anything else stays what it is.
    """
    if isinstance(value, Text):
        return value.in_(language)
    if isinstance(value, Mapping):
        return {said(key, language): said(one, language) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [said(one, language) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: said(getattr(value, field.name), language) for field in fields(value)}
    return value
