"""The page of the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from huoshui.desk.audit import asking, queries, words
from huoshui.kernel.actors import Actor, called
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE, SUBJECTS
from huoshui.kernel.texts import Language, Text
from huoshui.web import shell


class NoSuchPage(HuoshuiError):
    """A page of the log was asked for that there is not."""

    code = "not_a_page"
    says = Text("The log has no such page", "日志没有这一页")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as the page shows it. ``title`` and ``address`` are empty for what the reader may not see."""

    number: int
    day: str
    time: str
    who: str
    act: str
    code: str
    subject: str
    title: str
    address: str
    detail: str


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The entries asked for, newest first. What is asked for stands in the address."""
    actor, language, zone = shell.actor_of(request), shell.language_now(), HOUSE().zone
    said = {name: request.GET.get(name, "").strip()[: asking.LONGEST] for name in asking.NAMES}
    asked = asking.read(said, zone)
    found = queries.find(actor=actor, asked=asked, before=_before(request.GET.get("before", "")))
    titles = _titles(actor, [act.subject for act in found.acts])
    lines = []
    for act in found.acts:
        local = act.at.astimezone(zone)
        title, address = titles.get(act.subject, ("", ""))
        lines.append(
            Line(
                number=act.number,
                day=local.date().isoformat(),
                time=f"{local:%H:%M:%S}",
                who=called(act.actor).in_(language),
                act=words.said(act.act, language),
                code=act.act,
                subject=act.subject,
                title=title,
                address=address,
                detail=words.told(act.detail, language),
            )
        )
    query = [(name, value) for name, value in said.items() if value]
    context = {
        "lines": lines,
        "said": said,
        "narrowed": bool(query),
        "nouns": _nouns(language),
        "total": queries.newest(),
        "older": f"?{urlencode([*query, ('before', str(found.older))])}" if found.older else "",
        "newest": (f"?{urlencode(query)}" if query else reverse("audit:list"))
        if "before" in request.GET
        else "",
    }
    return render(request, "audit/list.html", context)


def _before(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NoSuchPage("The log has no such page", received=repr(text[:40]), valid="the number of an entry")
    return int(text)


def _titles(actor: Actor, subjects: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Title and address of the subjects that the reader may see, by subject."""
    by_kind: dict[str, list[str]] = {}
    for subject in dict.fromkeys(subjects):
        kind, _, found = subject.partition(":")
        if found and kind in SUBJECTS:
            by_kind.setdefault(kind, []).append(found)
    titled = {}
    for slug, ids in by_kind.items():
        kind_of = SUBJECTS[slug]
        for found, title in kind_of.titles(actor, ids).items():
            try:
                address = reverse(kind_of.url, kwargs={kind_of.argument: found})
            except NoReverseMatch:  # an id of another form than the page takes
                address = ""
            titled[f"{slug}:{found}"] = (title, address)
    return titled


def _nouns(language: Language) -> list[tuple[str, str]]:
    return sorted(
        ((slug, text.in_(language)) for slug, text in words.NOUNS.items()), key=lambda pair: pair[1]
    )
