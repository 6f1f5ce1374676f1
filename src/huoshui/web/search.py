"""The search box: asks every provider, in the order of the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import SEARCH, Hit, SearchProvider
from huoshui.kernel.texts import Language, Text
from huoshui.web import shell

MOST = 8
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as the page shows it."""

    title: str
    note: str
    address: str
    icon: str


@dataclass(frozen=True, slots=True)
class Kind:
    """The hits of one provider."""

    label: str
    hits: Sequence[Found]


def search(actor: Actor, words: str, language: Language, *, limit: int = MOST) -> list[Kind]:
    """What all providers find, kinds without a hit left out."""
    words = words.strip()[:LONGEST]
    if not words:
        return []
    kinds = []
    for provider in sorted(SEARCH, key=lambda one: one.place):
        hits = provider.find(actor, words, language, limit)
        if hits:
            kinds.append(Kind(provider.label.in_(language), [_found(hit) for hit in hits]))
    return kinds


def _found(hit: Hit) -> Found:
    return Found(hit.title, hit.note, reverse(hit.url, kwargs=dict(hit.arguments)), hit.icon)


def _pages(actor: Actor, words: str, language: Language, limit: int) -> list[Hit]:
    wanted = words.casefold()
    return [
        Hit(
            title=entry.label.in_(language),
            note=shell.GROUPS[entry.group].in_(language),
            url=entry.url,
            icon=entry.icon,
        )
        for entry in shell.entries(actor)
        if wanted in entry.label.en.casefold() or wanted in entry.label.zh
    ][:limit]


PAGES_OF_MENU = SearchProvider(slug="pages", label=Text("Pages", "页面"), place=90, find=_pages)
