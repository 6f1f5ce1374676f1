"""Verbs of templates. Each is one transaction and is told to the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from huoshui.act.channels import queries as channels
from huoshui.act.templates import queries, rendering
from huoshui.act.templates.content import Content, as_json, checked
from huoshui.act.templates.errors import NoSuchTemplate, NotATemplate, TemplateChanged
from huoshui.act.templates.models import Rules, Template
from huoshui.act.templates.queries import KIND
from huoshui.data.customers.scope import require_seen
from huoshui.desk.audit import services as audit
from huoshui.desk.mail import services as mail
from huoshui.desk.threads import queries as kept
from huoshui.desk.threads import services as threads
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import Said
from huoshui.kernel.texts import Language, Text

WRITE = Right.CAMPAIGNS_EDIT


def render_many(
    *,
    template_id: int,
    version: int,
    customer_ids: Sequence[int],
    neutral: Collection[int],
    link: Callable[[str, int], str] | None = None,
    pixel: Callable[[int], str] | None = None,
    sender: str = "",
) -> Mapping[int, Said]:
    """What a version of a template says to each of the people, by id: a content, or why there is none.

    People among ``neutral`` get the neutral words, or the usual ones without anything of theirs. ``link`` makes the
    address that stands for a link in the message to a person, ``pixel`` that of the picture that tells of opening
    (`links.click_address`, `links.open_address`). Raises `NoSuchTemplate`, `NoSuchVersion`.
    """
    content = queries.template(template_id, version).content
    return rendering.write(content, customer_ids, neutral=neutral, link=link, pixel=pixel, sender=sender)


def create(*, actor: Actor, content: Content, now: datetime) -> int:
    """Keep a new template, and return its number. Raises `NotATemplate`, `NotAllowed`."""
    actor.require(WRITE)
    content = checked(content)
    with transaction.atomic():
        made = Template.objects.create(made_by_id=actor.user_id, made_at=now)
        subject = f"{KIND}:{made.pk}"
        audit.record(actor=actor, act="template.created", subject=subject, now=now)
        threads.save_version(actor=actor, subject=subject, content=as_json(content), now=now)
    return int(made.pk)


def save(*, actor: Actor, template_id: int, seen: int, content: Content, now: datetime) -> int:
    """Keep ``content`` as the next version, and return its number; messages of earlier versions stay what they are.

    ``seen`` is the version that the writer began from. Raises `TemplateChanged` with what others saved since, and
    nothing is stored; `NotATemplate`, `NoSuchTemplate`, `NotAllowed`.
    """
    actor.require(WRITE)
    content = checked(content)
    with transaction.atomic():
        # One writer after the other: the row stands for the template while its versions are looked at.
        Template.objects.select_for_update().filter(pk=template_id).first()
        there = queries.template(template_id)
        if there.version != seen:
            begun = min(max(seen, 1), there.version)
            changes = kept.difference(actor=actor, subject=there.subject, a=begun, b=there.version)
            raise TemplateChanged(by=there.by, version=there.version, changes=changes)
        return threads.save_version(actor=actor, subject=there.subject, content=as_json(content), now=now)


def copy(*, actor: Actor, template_id: int, now: datetime) -> int:
    """Make a template of the same words, and return its number. Raises as `create`, and `NoSuchTemplate`."""
    content = queries.template(template_id).content
    name = gettext("Copy of %(title)s") % {"title": content.name[:100]}
    return create(actor=actor, content=replace(content, name=name), now=now)


def retire(*, actor: Actor, template_id: int, now: datetime) -> None:
    """Offer a template no longer; what was written by it goes on. Raises `NoSuchTemplate`, `NotAllowed`."""
    _put(actor, template_id, now, "template.retired", retired_at=now)


def bring_back(*, actor: Actor, template_id: int, now: datetime) -> None:
    """Offer it again. Raises `NoSuchTemplate`, `NotAllowed`."""
    _put(actor, template_id, now, "template.brought_back", retired_at=None)


def mark_subjects(*, actor: Actor, marked: bool, now: datetime) -> None:
    """Say whether subjects of marketing letters must begin with 广告 or AD. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        Rules.objects.update_or_create(id=1, defaults={"marked": marked})
        audit.record(actor=actor, act="template.rules", detail={"marked": marked}, now=now)


def preview(
    *,
    actor: Actor,
    content: Content,
    customer_id: int,
    language: Language | None = None,
    neutral: bool = False,
) -> Said:
    """What a content, saved or not, would say to a customer. Raises `NoSuchCustomer`, `NotAllowed`."""
    require_seen(actor, customer_id)
    who = {customer_id} if neutral else set()
    return rendering.write(content, [customer_id], neutral=who, language=language)[customer_id]


def send_test(
    *,
    actor: Actor,
    template_id: int,
    version: int,
    customer_id: int,
    language: Language,
    now: datetime,
    sender: str = "",
) -> bool:
    """Send the actor themselves what a customer would get; says whether the letter goes out.

    It comes from ``sender`` of e-mail, a slug, as a campaign would; empty for the usual one, or the house where the
    actor may not write as that. Links lead where they lead, and nothing is counted. Raises `NoSuchTemplate`,
    `NoSuchCustomer`, `NoSuchSender` also for one the actor may not write as, `NotATemplate` for somebody whom nothing
    can be said to or an actor without an address, `NotAllowed`.
    """
    actor.require(WRITE)
    if sender:
        channels.require_may_write_as(actor, sender)
    there = queries.template(template_id, version)
    said = preview(actor=actor, content=there.content, customer_id=customer_id, language=language)
    if actor.user_id is None or said.content is None:
        raise NotATemplate(
            Text(
                "This cannot be sent: a field has no value, or nobody is signed in",
                "无法发送：有合并字段没有值，或没有登录的用户",
            ),
            received=said.refusal or actor.name,
        )
    test = Text("Test", "测试").in_(language)
    subject = f"[{test}] {said.content.subject or there.name}"
    with transaction.atomic():
        goes = mail.send(
            to=users.colleague(actor.user_id).email,
            subject=subject[:200],
            text=said.content.text,
            html=said.content.html,
            sender=_from(actor, sender),
            now=now,
        )
        audit.record(
            actor=actor,
            act="template.tested",
            subject=there.subject,
            detail={"version": there.version},
            now=now,
        )
    return goes


def _from(actor: Actor, slug: str) -> mail.From | None:
    """The sender of e-mail of this name as one a letter can come from; None for the house."""
    one = channels.identities()[slug]
    if not one.address or not channels.may_write_as(actor, one):
        return None
    return mail.From(name=one.name, address=one.address, reply_to=one.reply_to)


def _put(actor: Actor, template_id: int, now: datetime, act: str, *, retired_at: datetime | None) -> None:
    actor.require(WRITE)
    with transaction.atomic():
        if not Template.objects.filter(pk=template_id).update(retired_at=retired_at):
            raise NoSuchTemplate("There is no such template", received=str(template_id)[:40])
        audit.record(actor=actor, act=act, subject=f"{KIND}:{template_id}", now=now)
