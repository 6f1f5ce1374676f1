"""What stands on every page around its content: menu, place, language, house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, MENU, House, MenuEntry, MenuGroup
from huoshui.kernel.texts import Language, Text
from huoshui.web import undo
from huoshui.web.address import KEPT

THEME_COOKIE = "huoshui_theme"
THEMES = ("auto", "light", "dark")
NOBODY = Actor(name="", rights=frozenset())

GROUPS: dict[MenuGroup, Text] = {
    "overview": Text("Overview", "总览"),
    "know": Text("Know", "了解"),
    "plan": Text("Plan", "规划"),
    "act": Text("Act", "行动"),
    "measure": Text("Measure", "衡量"),
    "settings": Text("Settings", "设置"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the menu as a page shows it."""

    label: str
    address: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the menu with its lines; ``slug`` is a key of `GROUPS`."""

    slug: str
    label: str
    lines: Sequence[Line]

    @property
    def current(self) -> bool:
        """Whether the page is in this group."""
        return any(line.current for line in self.lines)


def language_now() -> Language:
    """The language of this request."""
    return "zh" if (translation.get_language() or "en").startswith("zh") else "en"


def actor_of(request: HttpRequest) -> Actor:
    """Who asks. Nobody, without any right, where no login has said who."""
    return getattr(request, "actor", NOBODY)


def entries(actor: Actor) -> list[MenuEntry]:
    """The menu lines that the actor may see, in the order of the loop."""
    order = list(GROUPS)
    seen = [entry for entry in MENU if entry.right is None or entry.right in actor.rights]
    return sorted(seen, key=lambda entry: (order.index(entry.group), entry.place))


def menu(request: HttpRequest) -> list[Group]:
    """The menu with the current line marked: the longest address that the request's address begins with."""
    language, actor = language_now(), actor_of(request)
    addresses = {entry.slug: reverse(entry.url) for entry in entries(actor)}
    places = [(address, slug) for slug, address in addresses.items()]
    places += [(reverse(name), entry.slug) for entry in entries(actor) for name in entry.also]
    here = [place for place in places if request.path.startswith(place[0])]
    longest, current = max(here, key=lambda place: len(place[0]), default=("", None))
    if longest == "/" and request.path != "/":
        current = None
    return [
        Group(
            slug=group,
            label=label.in_(language),
            lines=[
                Line(
                    label=entry.label.in_(language),
                    address=addresses[entry.slug] + kept(request),
                    icon=entry.icon,
                    current=entry.slug == current,
                )
                for entry in entries(actor)
                if entry.group == group
            ],
        )
        for group, label in GROUPS.items()
    ]


def kept(request: HttpRequest) -> str:
    """The part of the query string that goes from page to page."""
    query = request.GET.copy()
    for name in list(query):
        if name not in KEPT:
            del query[name]
    return f"?{query.urlencode()}" if query else ""


def house_now() -> House | None:
    """The house, or None before it is founded."""
    try:
        return HOUSE()
    except (LookupError, HuoshuiError):
        return None


def theme_of(request: HttpRequest) -> str:
    """The theme that the reader chose; ``auto`` follows the system."""
    said = request.COOKIES.get(THEME_COOKIE, "")
    return said if said in THEMES else "auto"


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of every page; what costs something is only worked out where a template asks for it."""
    return {
        "menu": SimpleLazyObject(lambda: menu(request)),
        "house": SimpleLazyObject(house_now),
        "kept": kept(request),
        "language": language_now(),
        "theme": theme_of(request),
        "toasts": SimpleLazyObject(lambda: undo.toasts(request)),
        "account_links": SimpleLazyObject(_account_links),
        "actor": actor_of(request),
    }


def _account_links() -> dict[str, str]:
    """Addresses of the reader's own pages, as far as this installation has them."""
    found = {}
    for name in ("account:home", "account:logout"):
        try:
            found[name.partition(":")[2]] = reverse(name)
        except NoReverseMatch:
            continue
    return found
