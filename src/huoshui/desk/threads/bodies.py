"""The words of a comment: links and mentions found in plain text, never markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

# Only these two schemes; a link ends before what closes a sentence, in both scripts.
_LINK = re.compile(
    r"https?://[^\s<>\"'`，。；：！？、）」』】》\u200b-\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE
)
_TRAILING = ".,;:!?)]}"
_INVISIBLE = re.compile(r"[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a comment. A link's ``text`` is its address."""

    kind: Literal["text", "link", "mention"]
    text: str


def cleaned(text: str) -> str:
    """The words without control characters and those that turn the direction of writing, ends trimmed."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def mentioned(body: str, colleagues: Mapping[int, str]) -> frozenset[int]:
    """The colleagues whose names stand in ``body`` behind an @; all of those who share a name."""
    named = {
        piece.text[1:].casefold()
        for piece in pieces(body, list(colleagues.values()))
        if piece.kind == "mention"
    }
    return frozenset(id_ for id_, name in colleagues.items() if name.casefold() in named)


def pieces(body: str, names: Sequence[str]) -> list[Piece]:
    """The body in pieces for a page; ``names`` are those that an @ may stand in front of, the longest one counts."""
    found: list[Piece] = []
    at = 0
    pattern = _pattern(names)
    for match in pattern.finditer(body):
        text = match[0]
        if match.lastgroup == "link":
            text = _without_end(text)
        if match.start() > at:
            found.append(Piece("text", body[at : match.start()]))
        found.append(Piece("link" if match.lastgroup == "link" else "mention", text))
        at = match.start() + len(text)
    if at < len(body):
        found.append(Piece("text", body[at:]))
    return found


def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    links = f"(?P<link>{_LINK.pattern})"
    known = sorted({name for name in names if name}, key=len, reverse=True)
    if not known:
        return re.compile(links, re.IGNORECASE)
    # A Latin name ends where its word ends; behind a Chinese one the sentence simply goes on. No @ inside an address.
    ends = [re.escape(name) + (r"(?![0-9A-Za-z_])" if name[-1].isascii() else "") for name in known]
    return re.compile(rf"{links}|(?P<mention>(?<![0-9A-Za-z_.])@(?:{'|'.join(ends)}))", re.IGNORECASE)


def _without_end(link: str) -> str:
    while link and link[-1] in _TRAILING and not (link[-1] == ")" and link.count("(") >= link.count(")")):
        link = link[:-1]
    return link
