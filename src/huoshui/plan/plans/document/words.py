"""Words as people write them, in Markdown, as elements of a paper: CommonMark with tables, and nothing of HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from huoshui.kernel.papers import Element, Grid, Heading, Paragraph, Points, Quote, Run, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

SCHEMES = ("http", "https", "mailto")
LONGEST_LINK = 1000


def elements(text: str) -> tuple[Element, ...]:
    """The text as elements. Line breaks stay; a link that leads to no page or mail address is only its words."""
    from markdown_it import MarkdownIt  # only who reads a plan needs it

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table"])
    # What stands in four spaces is meant as a paragraph here, not as the code of a programme.
    markdown.disable(["code", "html_block", "html_inline", "image", "entity"])
    return tuple(_read(markdown.parse(text)))


def plain(text: str) -> Words:
    """Words of one look; line ends stay."""
    return (Run(text=text),) if text else ()


def points(text: str) -> tuple[Words, ...]:
    """Each line that says something as an item; a sign of a list before it is left out."""
    lines = (line.strip().removeprefix("- ").removeprefix("* ").strip() for line in text.split("\n"))
    return tuple(plain(line) for line in lines if line)


def _read(tokens: Sequence[Token]) -> Iterator[Element]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _end(tokens, at)
        inside = tokens[at + 1 : end]
        if token.type == "heading_open":
            said = "".join(run.text for run in _inline(inside))
            if said:
                yield Heading(text=said, level=2 if token.tag in ("h1", "h2") else 3)
        elif token.type == "paragraph_open":
            if words := _inline(inside):
                yield Paragraph(words=words)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            if items := tuple(_items(inside)):
                yield Points(items=items, numbered=token.type == "ordered_list_open")
        elif token.type == "blockquote_open":
            if words := _joined(inside):
                yield Quote(words=words)
        elif token.type == "table_open":
            yield from _table(inside)
        elif token.type == "fence":
            yield Paragraph(words=plain(token.content.rstrip("\n")))
        at = max(end, at) + 1


def _end(tokens: Sequence[Token], at: int) -> int:
    """The place of what closes the token at ``at``: itself where it opens nothing."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place
    return len(tokens)


def _items(tokens: Sequence[Token]) -> Iterator[Words]:
    """The items of a list; those of lists inside follow theirs."""
    at = 0
    while at < len(tokens):
        if tokens[at].type != "list_item_open":
            at += 1
            continue
        end = _end(tokens, at)
        inside, inner = tokens[at + 1 : end], []
        place = 0
        own: list[Token] = []
        while place < len(inside):
            until = _end(inside, place)
            if inside[place].type.endswith("_list_open"):
                inner.append(inside[place + 1 : until])
            else:
                own += inside[place : until + 1]
            place = until + 1
        if words := _joined(own):
            yield words
        for one in inner:
            yield from _items(one)
        at = end + 1


def _table(tokens: Sequence[Token]) -> Iterator[Element]:
    rows: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append("".join(run.text for run in _inline(tokens[at + 1 : at + 2])).replace("\n", " "))
    if rows and rows[0]:
        width = len(rows[0])
        body = tuple(tuple((row + [""] * width)[:width]) for row in rows[1:])
        yield Grid(title="", head=tuple(rows[0]), rows=body)


def _joined(tokens: Sequence[Token]) -> Words:
    """All words of the paragraphs inside, a line for each."""
    found: list[Run] = []
    for token in tokens:
        if token.type == "inline":
            if found:
                found.append(Run(text="\n"))
            found.extend(_inline([token]))
        elif token.type == "fence":
            found.extend(plain(("\n" if found else "") + token.content.rstrip("\n")))
    return tuple(found)


def _inline(tokens: Sequence[Token]) -> Words:
    runs: list[Run] = []
    bold = italic = 0
    link = ""
    for parent in tokens:
        for token in parent.children or ():
            if token.type in ("strong_open", "strong_close"):
                bold += token.nesting
            elif token.type in ("em_open", "em_close"):
                italic += token.nesting
            elif token.type == "link_open":
                link = _link(str(token.attrGet("href") or ""))
            elif token.type == "link_close":
                link = ""
            else:
                said = "\n" if token.type in ("softbreak", "hardbreak") else token.content
                if said:
                    runs.append(Run(text=said, bold=bold > 0, italic=italic > 0, link=link))
    return tuple(runs)


def _link(address: str) -> str:
    """The address, if it leads to a page or to somebody's mail."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return ""
    return address if scheme in SCHEMES and len(address) <= LONGEST_LINK else ""
