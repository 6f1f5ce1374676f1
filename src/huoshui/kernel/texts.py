"""Words people read, in both languages of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Text:
    """One phrase in English and Simplified Chinese."""

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not self.en or not self.zh:
            raise ValueError(f"a text needs both languages: {self.en!r}, {self.zh!r}")

    def in_(self, language: Language) -> str:
        """The phrase in ``language``."""
        return self.zh if language == "zh" else self.en
