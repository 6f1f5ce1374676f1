"""What tasks, comments and files are about: its title and page, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import SUBJECTS
from huoshui.kernel.texts import Text


class NoSuchSubject(HuoshuiError):
    """There is nothing of this name, or the actor may not see it: who may not see it is not told which."""

    code = "no_such_subject"
    says = Text("There is no such thing", "没有这个对象")


@dataclass(frozen=True, slots=True)
class Named:
    """A subject as a page names it."""

    kind: Text
    title: str
    address: str


def named(actor: Actor, subjects: Iterable[str]) -> Mapping[str, Named]:
    """Those of ``subjects`` (``customer:482113095127844``) that ``actor`` may see; asked once per kind."""
    ids: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _, id_ = subject.partition(":")
        if kind in SUBJECTS and id_:
            ids.setdefault(kind, set()).add(id_)
    found = {}
    for slug, wanted in ids.items():
        kind_of = SUBJECTS[slug]
        for id_, title in kind_of.titles(actor, sorted(wanted)).items():
            address = reverse(kind_of.url, kwargs={kind_of.argument: id_})
            found[f"{slug}:{id_}"] = Named(kind_of.label, title, address)
    return found


def seen(actor: Actor, subject: str) -> Named:
    """One subject. Raises `NoSuchSubject`."""
    found = named(actor, [subject]).get(subject)
    if found is None:
        raise NoSuchSubject("There is no such thing", received=repr(subject[:100]))
    return found
