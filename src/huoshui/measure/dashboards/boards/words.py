"""The text of a board: a little Markdown, as HTML that holds nothing else of what was written.

Paragraphs, ``- `` and ``1. `` lists, ``**bold**``, ``*slanted*``, and links ``[words](https://…)``. Everything is
escaped first; what is added afterwards is only what stands here.
"""

from __future__ import annotations

import re
from html import escape

from django.utils.safestring import SafeString

_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((https?://[^\s()<>\"']{1,500})\)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*")
_SLANTED = re.compile(r"(?<!\*)\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?!\*)")
_ITEM = re.compile(r"(?:- |\d{1,3}\. )(.*)")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def html(text: str) -> SafeString:
    """The text as HTML."""
    parts = re.split(r"\n\s*\n", _INVISIBLE.sub("", text.replace("\r\n", "\n")).strip())
    return SafeString("\n".join(_part(part) for part in parts if part.strip()))


def _part(part: str) -> str:
    lines = [line.strip() for line in part.split("\n") if line.strip()]
    items = [_ITEM.fullmatch(line) for line in lines]
    if all(items):
        kind = "ul" if lines[0].startswith("- ") else "ol"
        inside = "".join(f"<li>{_inline(item[1])}</li>" for item in items if item)
        return f"<{kind}>{inside}</{kind}>"
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _inline(text: str) -> str:
    made, last = [], 0
    for link in _LINK.finditer(text):
        made.append(_marked(text[last : link.start()]))
        address = escape(link[2])
        made.append(f'<a href="{address}" rel="noopener noreferrer">{_marked(link[1])}</a>')
        last = link.end()
    return "".join([*made, _marked(text[last:])])


def _marked(text: str) -> str:
    return _SLANTED.sub(r"<em>\1</em>", _BOLD.sub(r"<b>\1</b>", escape(text)))
