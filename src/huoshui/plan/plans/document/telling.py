"""A paper as plain values: what programmes read, and the words of a document as they were written."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from huoshui.kernel.papers import (
    Drawing,
    Element,
    Facts,
    Grid,
    Heading,
    Paper,
    Paragraph,
    Points,
    Quote,
    Schedule,
    Words,
)
from huoshui.kernel.texts import Language, Text


def told(paper: Paper) -> dict[str, Any]:
    """The paper as JSON has it; each element says what it ``is``, texts are in the language of the paper."""
    found = _value(paper, paper.language)
    return found if isinstance(found, dict) else {}


def _value(one: Any, language: Language) -> Any:
    if isinstance(one, Text):
        return one.in_(language)
    if is_dataclass(one):
        return {
            "is": type(one).__name__.lower(),
            **{field.name: _value(getattr(one, field.name), language) for field in fields(one)},
        }
    if isinstance(one, tuple | list):
        return [_value(part, language) for part in one]
    if isinstance(one, Decimal):
        return str(one)
    return one.isoformat() if isinstance(one, date) else one


def lines(paper: Paper) -> list[str]:
    """The paper as lines of text, for who reads it in a terminal."""
    found = [paper.title, f"{paper.organisation} · {paper.subtitle}".strip(" ·")]
    found += [f"{label}: {value}" for label, value in paper.facts]
    for number, part in enumerate(paper.parts, start=1):
        found += ["", f"{number} {part.title}"]
        for block in part.blocks:
            for one in block.elements:
                found += _lines(one)
    if paper.sources:
        found += ["", *(f"[{number}] {source}" for number, source in enumerate(paper.sources, start=1))]
    return found


def _lines(one: Element) -> list[str]:
    if isinstance(one, Heading):
        return ["", one.text]
    if isinstance(one, Paragraph):
        return [_joined(one.words)]
    if isinstance(one, Points):
        return [
            f"  {f'{number}.' if one.numbered else '-'} {_joined(words)}"
            for number, words in enumerate(one.items, start=1)
        ]
    if isinstance(one, Quote):
        return [f"  “{_joined(one.words)}”" + (f" — {one.by}" if one.by else "")]
    if isinstance(one, Facts):
        return [
            f"  {fact.label}: {fact.value}" + (f" ({fact.note})" if fact.note else "") for fact in one.facts
        ]
    if isinstance(one, Grid):
        return [
            *([one.title] if one.title else []),
            *("  " + " | ".join(row) for row in (one.head, *one.rows)),
        ]
    if isinstance(one, Drawing):
        return [one.alternative]
    if isinstance(one, Schedule):
        return [one.title, *(f"  {bar.start} – {bar.end}  {bar.name}  {bar.who}" for bar in one.bars)]
    return [f"! {one.text}"]


def _joined(words: Words) -> str:
    return "".join(run.text for run in words).replace("\n", " ")
