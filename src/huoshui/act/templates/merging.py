"""Merge fields: ``{{ field : format | default }}``, cut out of a text once and filled in one pass.

A text is cut into `Slot` and plain pieces before anybody's values are known. Filling joins the pieces; nothing looks at
what was filled in, so a value that looks like a field stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from huoshui.act.templates.errors import NotATemplate
from huoshui.kernel.texts import Text

_MERGE = re.compile(
    r"(?<!\{)\{\{[ \t]*([a-z][a-z0-9_.]{0,60})[ \t]*(?::[ \t]*([a-z]{1,20})[ \t]*)?"
    r"(?:\|[ \t]*([^{}|\r\n]{0,200}?)[ \t]*)?\}\}(?!\})",
    re.ASCII,
)
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}")
_RESERVED = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_MARK = re.compile(
    "\ue000(?P<field>[0-9]{1,4})\ue001|\ue002(?P<link>[0-9]{1,4})\ue003|\ue004(?P<pixel>)\ue005"
)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\ue000-\uf8ff\u202a-\u202e\u2066-\u2069\ufeff]")

PIXEL = "\ue004\ue005"
LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class Merge:
    """A field as a text asks for it. ``format`` is empty for the usual one, ``default`` is None where none is given."""

    field: str
    format: str = ""
    default: str | None = None

    def __str__(self) -> str:
        written = self.field + (f" : {self.format}" if self.format else "")
        return f"{{{{ {written}{'' if self.default is None else f' | {self.default}'} }}}}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that is filled for each person: the field, the link of this number, or the picture of opening."""

    kind: Literal["field", "link", "pixel"]
    number: int = 0


Pieces = tuple[str | Slot, ...]


def marked(text: str, merges: list[Merge]) -> str:
    """``text`` with a sign in place of each field; fields that are new are added to ``merges``.

    Raises `NotATemplate` for braces that are no field, and for signs that no text needs.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _RESERVED.search(text):
        raise NotATemplate(
            Text("The text has a sign that cannot be shown", "文本含有无法显示的字符"),
            received=f"U+{ord(found[0]):04X}",
        )
    stray = _STRAY.search(_MERGE.sub("", text))
    if stray:
        at = max(0, text.find(stray[0]))
        raise NotATemplate(
            Text("Braces that are not a field", "花括号里不是合并字段"),
            received=text[at : at + 60],
            valid="{{ field }}, {{ field : format }}, {{ field : format | what stands there without a value }}",
        )

    def sign(match: re.Match[str]) -> str:
        merge = Merge(match[1], match[2] or "", match[3])
        if merge not in merges:
            merges.append(merge)
        return f"\ue000{merges.index(merge)}\ue001"

    return _MERGE.sub(sign, text)


def has_field(text: str) -> bool:
    """Whether a marked text, or an address made of one, holds a sign of a field."""
    return "\ue000" in text or "%ee%80%80" in text.lower()


def link_mark(number: int) -> str:
    """The sign for a link."""
    return f"\ue002{number}\ue003"


def cut(text: str) -> Pieces:
    """A marked text in pieces."""
    found: list[str | Slot] = []
    last = 0
    for match in _MARK.finditer(text):
        found.append(text[last : match.start()])
        if match["field"] is not None:
            found.append(Slot("field", int(match["field"])))
        elif match["link"] is not None:
            found.append(Slot("link", int(match["link"])))
        else:
            found.append(Slot("pixel"))
        last = match.end()
    return tuple(piece for piece in (*found, text[last:]) if piece != "")


def fill(
    pieces: Pieces,
    values: Sequence[str],
    *,
    write: Callable[[str], str] = str,
    links: Sequence[str] = (),
    pixel: str = "",
) -> str:
    """The text with ``values`` of the fields, each as ``write`` makes it (escaped, on one line)."""
    made = []
    for piece in pieces:
        if isinstance(piece, str):
            made.append(piece)
        elif piece.kind == "field":
            made.append(write(values[piece.number]))
        elif piece.kind == "link":
            made.append(write(links[piece.number]))
        else:
            made.append(pixel)
    return "".join(made)


def plain(value: str) -> str:
    """A value on one line, without signs that cannot be seen, of at most 300 characters."""
    return _INVISIBLE.sub("", _SPACE.sub(" ", value)).strip()[:LONGEST_VALUE]
