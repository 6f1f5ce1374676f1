"""Questions about templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.act.templates import fields as allowed
from huoshui.act.templates.content import Content, Words, as_json, from_json
from huoshui.act.templates.errors import NoSuchTemplate
from huoshui.act.templates.fields import Field
from huoshui.act.templates.models import Rules, Template
from huoshui.desk.organisation import queries as organisation
from huoshui.desk.threads import queries as threads
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text

__all__ = [
    "Content",
    "Kept",
    "Words",
    "as_json",
    "fields",
    "from_json",
    "marks_subjects",
    "offered",
    "template",
    "templates",
    "titles",
]

KIND = "template"
READER = Actor(name="templates", rights=frozenset({Right.CUSTOMERS_VIEW}))
"""Who reads versions where nobody is at the screen: what is sent was approved by somebody before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A version of a template. ``newest`` is the number of the newest one; saved ``by`` somebody ``at`` a moment."""

    id: int
    version: int
    newest: int
    content: Content
    by: str
    at: datetime
    retired_at: datetime | None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.content.name

    @property
    def subject(self) -> str:
        """What versions, comments and tasks call it."""
        return f"{KIND}:{self.id}"


def fields() -> Sequence[Field]:
    """The fields that a message may name."""
    return allowed.fields()


def templates(*, retired: bool = False) -> Sequence[Kept]:
    """The newest version of every template in use, by name; ``retired`` asks for those put away."""
    rows = {row.pk: row for row in Template.objects.filter(retired_at__isnull=not retired)}
    newest = threads.newest(f"{KIND}:{pk}" for pk in rows)
    found = [_kept(row, newest[f"{KIND}:{pk}"]) for pk, row in rows.items() if f"{KIND}:{pk}" in newest]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def offered(*, channel: str) -> Sequence[tuple[int, str, int]]:
    """Number, name and newest version of the templates that can be sent on a channel, by name."""
    needs_subject = channel in CHANNELS and CHANNELS[channel].consent == "email"
    return [
        (one.id, one.name, one.version)
        for one in templates()
        if not needs_subject or all(words.subject for words in one.content.words.values())
    ]


def template(template_id: int, version: int = 0) -> Kept:
    """A version of a template, the newest one for 0; put away or not. Raises `NoSuchTemplate`, `NoSuchVersion`."""
    row = Template.objects.filter(pk=template_id).first() if 0 < template_id < 2**63 else None
    subject = f"{KIND}:{template_id}"
    if row is None:
        raise NoSuchTemplate("There is no such template", received=str(template_id)[:40])
    if version:
        return _kept(row, threads.version(actor=READER, subject=subject, number=version))
    newest = threads.newest([subject])
    if subject not in newest:
        raise NoSuchTemplate("There is no such template", received=str(template_id))
    return _kept(row, newest[subject])


def marks_subjects() -> bool:
    """Whether subjects of marketing letters must begin with 广告 or AD: what the house said, else whether it is in
    China (互联网电子邮件服务管理办法, 13)."""
    said = Rules.objects.values_list("marked", flat=True).first()
    return organisation.current().region == "CN" if said is None else said


def titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    """The names of templates, for who may see customers."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    numbers = [int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 19]
    there = set(Template.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    newest = threads.newest(f"{KIND}:{pk}" for pk in there)
    label = Text("Template", "模板")
    names = {subject: str(kept.content.get("name", "")) for subject, kept in newest.items()}
    # Who asks before the first version is kept is told the bare number.
    return {str(pk): names.get(f"{KIND}:{pk}") or f"{label.en} {pk}" for pk in there}


def _kept(row: Template, kept: threads.Kept) -> Kept:
    return Kept(
        id=row.pk,
        version=kept.number,
        newest=kept.newest,
        content=from_json(kept.content),
        by=kept.by,
        at=kept.at,
        retired_at=row.retired_at,
    )
