"""Pages: where they are, how they are reached and found, and what rooms show on those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Language, Text


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The pages of a room: ``urls`` is the module with its ``urlpatterns``, ``prefix`` where they begin."""

    slug: str
    prefix: str
    urls: str


PAGES: Registry[Pages] = Registry("pages")

MenuGroup = Literal["overview", "know", "plan", "act", "measure", "settings"]


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A line of the menu, which follows the loop.

    ``url`` is the name of a page that needs no arguments; ``place`` orders the lines of a group; people without
    ``right`` do not see it. ``icon`` is one of ``web/icons.txt``. ``also`` names pages elsewhere that belong to it,
    such as a tab of its page: on them it is the current line.
    """

    slug: str
    label: Text
    group: MenuGroup
    url: str
    icon: str
    place: int
    right: Right | None = None
    also: tuple[str, ...] = ()


MENU: Registry[MenuEntry] = Registry("menu entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that was found: ``url`` is the name of its page with ``arguments``; ``note`` tells it from others."""

    title: str
    note: str
    url: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    icon: str


@dataclass(frozen=True, kw_only=True)
class SearchProvider:
    """One kind of thing that the search box finds.

    ``find(actor, words, language, limit)`` answers the best hits first, and only what the actor may see.
    """

    slug: str
    label: Text
    place: int
    find: Callable[[Actor, str, Language, int], Sequence[Hit]]


SEARCH: Registry[SearchProvider] = Registry("search provider")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part that a room shows on the page of another: tasks on the page of a customer, "today" on the overview.

    ``template`` is rendered with what ``context(actor, subject, language)`` answers, beside ``request`` and
    ``subject`` (such as ``customer:482113095127844``, ``task:12`` or ``segment:vip``; empty on the overview). People
    without ``right`` do not see it.
    """

    slug: str
    label: Text
    page: Literal["customer", "overview", "task", "segment", "plan"]
    width: Literal["wide", "narrow"]
    place: int
    template: str
    context: Callable[[Actor, str, Language], Mapping[str, Any]]
    right: Right | None = None


PANELS: Registry[Panel] = Registry("panel")


@dataclass(frozen=True, kw_only=True)
class SubjectKind:
    """A kind of thing that tasks, comments, files and audit entries are about.

    A subject is written ``slug:id``. ``titles(actor, ids)`` names those that the actor may see, and only those;
    the page of one is the url ``url`` with the id as ``argument``.
    """

    slug: str
    label: Text
    url: str
    argument: str
    titles: Callable[[Actor, Sequence[str]], Mapping[str, str]]


SUBJECTS: Registry[SubjectKind] = Registry("kind of subject")
