"""The guide inside the house: pages of Markdown that come with the package, in the reader's language.

A page says in its first line which pages of the house it is about: ``<!-- about: customers:list imports:* -->``. The
mark for help at the top of each page leads there. Raw HTML in the text is shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from huoshui.kernel.texts import Language
from huoshui.web import shell

INDEX = "README"
SUFFIXES: Mapping[Language, str] = {"en": ".md", "zh": ".zh-CN.md"}
PICTURES = "pictures"

_ABOUT = re.compile(r"\A<!-- about: ([^>]*?) -->\n+")
_OTHER_LANGUAGE = re.compile(r"^\[(?:English|简体中文)\]\([^)]*\)\n+", re.MULTILINE)
_OWN_PAGE = re.compile(r"(?:\./)?([A-Za-z0-9-]+?)(?:\.zh-CN)?\.md(#.*)?")
_PICTURE = re.compile(rf"(?:\./)?{PICTURES}/([\w.-]+\.png)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the guide as HTML that is safe to show; ``about`` names pages of the house."""

    slug: str
    title: str
    body: SafeString
    about: tuple[str, ...]


def folder() -> Path:
    """Where the pages lie: in the installed package, else in the clone."""
    packed = Path(__file__).parents[1] / "guide"
    return packed if packed.is_dir() else Path(__file__).parents[3] / "docs" / "guide"


@cache
def pages(language: Language) -> Mapping[str, Page]:
    """All pages by their slug; one that is not there in ``language`` is in English."""
    found = {}
    for file in sorted(folder().glob("*.md")):
        slug, dot, _rest = file.name.partition(".")
        if file.name == f"{slug}{dot}md":
            own = file.with_name(slug + SUFFIXES[language])
            found[slug] = _read(slug, own if own.is_file() else file)
    return found


def page_about(name: str) -> str:
    """The slug of the page that is about the page of the house called ``name``; empty where there is none.

    A page called like a room is about the pages of that room for which no other page says so.
    """
    room = name.partition(":")[0]
    return _about().get(name) or _about().get(f"{room}:*") or (room if room in pages("en") else "")


@require_safe
def show(request: HttpRequest, slug: str = INDEX) -> HttpResponse:
    """A page of the guide, or its index."""
    every = pages(shell.language_now())
    if slug not in every:
        raise Http404(slug)
    return render(request, "huoshui/help.html", {"page": every[slug], "is_index": slug == INDEX})


@require_safe
def picture(_request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture of the guide."""
    file = folder() / PICTURES / name
    if file.name != name or file.suffix != ".png" or not file.is_file():
        raise Http404(name)
    return FileResponse(file.open("rb"), content_type="image/png", headers={"Cache-Control": "max-age=3600"})


@cache
def _about() -> Mapping[str, str]:
    return {name: page.slug for page in pages("en").values() for name in page.about}


def _read(slug: str, file: Path) -> Page:
    text = file.read_text("utf-8")
    said = _ABOUT.match(text)
    about = tuple(said[1].split()) if said else ()
    text = _OTHER_LANGUAGE.sub("", text[said.end() :] if said else text, count=1)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    title = next((tokens[at + 1].content for at, token in enumerate(tokens) if token.tag == "h1"), slug)
    for token in tokens:
        _lead(token.children or [])
    body = markdown.renderer.render(tokens, markdown.options, {})
    return Page(slug=slug, title=title, body=mark_safe(body), about=about)  # noqa: S308 the renderer escapes all text


def _lead(tokens: list[Token]) -> None:
    """Let links and pictures lead where they are served; links to papers that are not served become plain words."""
    opened: list[bool] = []
    for token in tokens:
        if token.type == "image":
            found = _PICTURE.fullmatch(str(token.attrGet("src")))
            token.attrSet("src", reverse("web:help_picture", args=[found[1]]) if found else "")
            token.attrSet("loading", "lazy")
        elif token.type == "link_open":
            target = str(token.attrGet("href"))
            own = _OWN_PAGE.fullmatch(target)
            if own:
                page = own[1]
                base = reverse("web:help") if page == INDEX else reverse("web:help_page", args=[page])
                token.attrSet("href", base + (own[2] or ""))
            opened.append(bool(own) or target.startswith(("https://", "#", "/")))
            token.hidden = not opened[-1]
            token.tag = "a" if opened[-1] else "span"
        elif token.type == "link_close":
            token.tag = "a" if opened.pop() else "span"
