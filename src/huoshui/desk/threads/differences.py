"""What differs between two versions: by field, and inside a text by words.

Chinese has no spaces between words, so its characters are compared one by one; Latin text by words. The comparison is
that of difflib (Ratcliff and Obershelp, without its guess at junk).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

MOST_WORDS = 3000
"""Texts with more words are compared by lines first: the comparison takes time with the square of the words."""

_WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|\s+|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, was taken out, or was put in."""

    kind: Literal["same", "out", "in"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that differs. ``field`` is its way through the document (``channels[2].budget``), empty for a plain text.

    ``pieces`` are there where both are texts.
    """

    field: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None
    pieces: Sequence[Piece] = ()


def difference(a: Any, b: Any) -> list[Change]:
    """What one has to change in ``a`` to get ``b``, in the order of ``b``; nothing where they are equal."""
    before, after = dict(_flat(a)), dict(_flat(b))
    changes = []
    for field in [*after, *(name for name in before if name not in after)]:
        if field not in before:
            changes.append(Change(field=field, kind="added", after=after[field]))
        elif field not in after:
            changes.append(Change(field=field, kind="removed", before=before[field]))
        elif _differ(before[field], after[field]):
            old, new = before[field], after[field]
            texts = isinstance(old, str) and isinstance(new, str)
            changes.append(
                Change(
                    field=field,
                    kind="changed",
                    before=old,
                    after=new,
                    pieces=words(old, new) if texts else (),
                )
            )
    return changes


def words(a: str, b: str) -> list[Piece]:
    """The text of both, in pieces: without those that are in it is ``a``, without those that are out it is ``b``."""
    old, new = _WORD.findall(a), _WORD.findall(b)
    if max(len(old), len(new)) > MOST_WORDS:
        return list(_joined(_by_lines(a, b)))
    return list(_joined(_matched(old, new)))


def _by_lines(a: str, b: str) -> Iterator[Piece]:
    old, new = a.splitlines(keepends=True), b.splitlines(keepends=True)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, is_ = "".join(old[i:j]), "".join(new[k:m])
        if tag == "equal":
            yield Piece("same", is_)
            continue
        olds, news = _WORD.findall(was), _WORD.findall(is_)
        if max(len(olds), len(news)) <= MOST_WORDS:
            yield from _matched(olds, news)
        else:
            yield Piece("out", was)
            yield Piece("in", is_)


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(new[k:m]))
        else:
            yield Piece("out", "".join(old[i:j]))
            yield Piece("in", "".join(new[k:m]))


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of a kind as one piece; what is empty is left out."""
    kept: dict[str, str] = {}
    for piece in found:
        if not piece.text:
            continue
        if piece.kind == "same" and (kept.get("out") or kept.get("in")):
            yield from _changed(kept)
        if piece.kind != "same" and kept.get("same"):
            yield Piece("same", kept.pop("same"))
        kept[piece.kind] = kept.get(piece.kind, "") + piece.text
    if kept.get("same"):
        yield Piece("same", kept.pop("same"))
    yield from _changed(kept)


def _changed(kept: dict[str, str]) -> Iterator[Piece]:
    for kind in ("out", "in"):
        if text := kept.pop(kind, ""):
            yield Piece(kind, text)


def _flat(value: Any, way: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its way; an empty list or mapping is a value of its own."""
    if isinstance(value, Mapping) and value:
        for name, one in value.items():
            said = name if re.fullmatch(r"\w+", name) else json.dumps(name, ensure_ascii=False)
            yield from _flat(one, f"{way}.{said}" if way else said)
    elif isinstance(value, list | tuple) and value:
        for number, one in enumerate(value, start=1):
            yield from _flat(one, f"{way}[{number}]")
    else:
        yield way, value


def _differ(a: Any, b: Any) -> bool:
    # To Python 1, 1.0 and true are the same; to who reads a plan they are not.
    return type(a) is not type(b) or a != b
