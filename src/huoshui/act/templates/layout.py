"""From Markdown with fields to the pieces of a page of HTML and of a plain text, made once for everybody.

CommonMark by markdown-it-py with raw HTML off: the words of a template are read as Markdown, values never are. Styles
stand on the elements, because programmes for mail drop everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from huoshui.act.templates import merging
from huoshui.act.templates.errors import NotATemplate
from huoshui.act.templates.merging import Merge, Pieces
from huoshui.kernel.texts import Language, Text

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST_SUBJECT, LONGEST_BODY = 200, 50_000
MOST_LINKS = 50

_STYLES = {
    "h1": "margin:0 0 16px;font-size:24px;line-height:1.3",
    "h2": "margin:24px 0 12px;font-size:20px;line-height:1.3",
    "h3": "margin:24px 0 8px;font-size:17px;line-height:1.4",
    "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding-left:24px",
    "ol": "margin:0 0 16px;padding-left:24px",
    "li": "margin:0 0 4px",
    "blockquote": "margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid #d5dadd;color:#56606a",
    "hr": "margin:24px 0;border:0;border-top:1px solid #e3e7ea",
    "img": "max-width:100%;height:auto;border:0",
    "a": "color:#0b6b63",
}
_BUTTON = (
    "display:inline-block;padding:12px 24px;border-radius:6px;background:#0b6b63;color:#ffffff;"
    "font-weight:600;text-decoration:none"
)
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, \
initial-scale=1"><title>{title}</title></head>
<body style="margin:0;background:#f3f5f6"><div style="max-width:600px;margin:0 auto;padding:32px 24px;\
background:#ffffff;color:#1d2327;font:16px/1.65 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif">
{body}{pixel}</div>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """A text in one language, ready to be filled: what it asks for, where it links to, and its pieces."""

    merges: tuple[Merge, ...]
    links: tuple[str, ...]
    subject: Pieces
    html: Pieces
    text: Pieces


@lru_cache(maxsize=256)
def layout(subject: str, body: str, language: Language) -> Layout:
    """The pieces of a subject and a Markdown body. Raises `NotATemplate`."""
    from markdown_it import MarkdownIt  # no command but those that send needs it

    merges: list[Merge] = []
    head = merging.marked(subject.strip(), merges)
    if "\n" in head or len(head) > LONGEST_SUBJECT:
        raise NotATemplate(
            Text("A subject is one line of at most 200 characters", "主题为一行，最多 200 个字符"),
            received=subject[:60],
        )
    if not body.strip() or len(body) > LONGEST_BODY:
        raise NotATemplate(
            Text("The text has 1 to 50,000 characters", "正文须为 1 到 50,000 个字符"),
            received=f"{len(body)}",
        )
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    tokens = markdown.parse(merging.marked(body, merges))
    links: list[str] = []
    _prepare(tokens, links)
    text = _text_of(tokens)
    html = _PAGE.format(
        language="zh-CN" if language == "zh" else "en",
        title=escape(head),
        body=markdown.renderer.render(tokens, markdown.options, {}),
        pixel=merging.PIXEL,
    )
    return Layout(
        merges=tuple(merges),
        links=tuple(links),
        subject=merging.cut(head),
        html=merging.cut(html),
        text=merging.cut(text),
    )


def _prepare(tokens: Sequence[Token], links: list[str]) -> None:
    """Give elements their looks and links their number. Raises `NotATemplate` for addresses that cannot be."""
    for at, token in enumerate(tokens):
        if token.nesting >= 0 and token.tag in _STYLES and token.type != "inline":
            token.attrSet("style", _STYLES[token.tag])
        if token.type == "link_open":
            href = _address(str(token.attrGet("href")), ("http", "https", "mailto", "tel"))
            if href.startswith(("mailto:", "tel:")):
                continue
            if href not in links:
                links.append(href)
            if len(links) > MOST_LINKS:
                raise NotATemplate(
                    Text("At most 50 links in a message", "一条消息最多 50 个链接"), received=str(len(links))
                )
            token.attrSet("href", merging.link_mark(links.index(href)))
        elif token.type == "image":
            _address(str(token.attrGet("src")), ("https",))
        elif token.type == "inline":
            children = token.children or []
            _prepare(children, links)
            stands_alone = at > 0 and tokens[at - 1].type == "paragraph_open"
            if stands_alone and _is_one_link(children):
                children[0].attrSet("style", _BUTTON)


def _is_one_link(children: Sequence[Token]) -> bool:
    kinds = [child.type for child in children]
    return (
        len(kinds) > 2
        and kinds[0] == "link_open"
        and kinds[-1] == "link_close"
        and kinds.count("link_open") == 1
    )


def _address(href: str, schemes: Sequence[str]) -> str:
    """An address that is whole as it stands: fields in addresses could lead people anywhere."""
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    good = parts.scheme in schemes and (host or parts.scheme in ("mailto", "tel"))
    if merging.has_field(href) or not good or parts.username or len(href) > 2000:
        raise NotATemplate(
            Text(
                "A link leads to a whole address without fields in it; a picture to one that begins with https",
                "链接须为完整地址，其中不能有合并字段；图片地址须以 https 开头",
            ),
            received=merging.plain(href)[:80],
            valid="https://example.com/page",
        )
    return href


def _text_of(tokens: Sequence[Token]) -> str:
    """The same as plain text: what a phone shows first, and what is copied into a chat."""
    lines: list[str] = []
    lists: list[int | None] = []
    first_of_item = False
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
            if not lists:
                lines.append("")
        elif token.type == "list_item_open":
            first_of_item = True
        elif token.type == "inline":
            said = _inline(token.children or [])
            if lists:
                number = lists[-1]
                sign = "- " if number is None else f"{number}. "
                if first_of_item and number is not None:
                    lists[-1] = number + 1
                indent = "  " * (len(lists) - 1)
                lines.append(indent + (sign if first_of_item else "  ") + said)
                first_of_item = False
            else:
                lines += [said, ""]
        elif token.type in ("fence", "code_block"):
            lines += [token.content.rstrip("\n"), ""]
        elif token.type == "hr":
            lines += ["--------", ""]
    return "\n".join(lines).strip() + "\n"


def _inline(children: Sequence[Token]) -> str:
    made: list[str] = []
    opened: list[tuple[str, int]] = []
    for child in children:
        if child.type in ("text", "code_inline", "image"):
            made.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            made.append("\n")
        elif child.type == "link_open":
            opened.append((str(child.attrGet("href")), len(made)))
        elif child.type == "link_close":
            href, began = opened.pop()
            words = "".join(made[began:])
            shown = href.removeprefix("mailto:").removeprefix("tel:")
            bare = child.markup == "autolink" or words == shown
            made[began:] = [shown] if bare else [f"{words} ( {shown} )"]
    return "".join(made)
