"""Attributes that the house declares for itself, and what they and events may be used for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from huoshui.data.customers import queries
from huoshui.data.customers.attributes import RESERVED, SLUG
from huoshui.data.customers.models import Attribute, EventType
from huoshui.data.customers.purposes import PURPOSES, usual_of
from huoshui.data.customers.queries import DeclaredAttribute
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text

LONGEST_EVENT = 200


class NotASlug(HuoshuiError):
    """A name that cannot become a column."""

    code = "not_a_slug"


class NotAnAttributeType(HuoshuiError):
    """A type or kind that attributes cannot have."""

    code = "not_an_attribute_type"


class AttributeTaken(HuoshuiError):
    """The name means something else already."""

    code = "attribute_taken"


class TooManyAttributes(HuoshuiError):
    """Every ordinary attribute is a column of the lake, and tables do not grow without end."""

    code = "too_many_attributes"


class NoSuchAttribute(HuoshuiError):
    """The house has not declared it."""

    code = "no_such_attribute"
    says = Text("The house has declared no such attribute itself", "没有自行声明过这个属性")


class NotAPurpose(HuoshuiError):
    """Neither attributes nor events are used for this."""

    code = "not_a_purpose"
    says = Text("Nothing is used for this", "没有这种用途")


class NotAnEvent(HuoshuiError):
    """Events have no such name."""

    code = "not_an_event"
    says = Text("Events have no such name", "行为事件没有这样的名称")


class AttributeInUse(HuoshuiError):
    """Something speaks of the attribute, and it was not said that this is meant."""

    code = "attribute_in_use"
    says = Text("The attribute is in use", "这个属性正在被使用")


MOST_ATTRIBUTES = 500


def declare_attribute(
    *, actor: Actor, slug: str, label_en: str, label_zh: str, type: str, kind: str = "ordinary"
) -> DeclaredAttribute:
    """Declare an attribute of customers; an ordinary one becomes a column of the lake table ``customers``.

    Declaring the same attribute again only renames its labels. Raises `NotASlug`, `NotAnAttributeType`, `NotAllowed`,
    `AttributeTaken` for the name of a trait, of a part of the profile, or of an attribute that is retired or of another
    type or kind, and `TooManyAttributes` beyond `MOST_ATTRIBUTES`.
    """
    actor.require(Right.HOUSE_MANAGE)
    if not SLUG.fullmatch(slug):
        raise NotASlug(
            "This cannot be the name of an attribute",
            received=repr(slug[:60]),
            valid="2 to 40 small letters, digits and _, a letter first, such as favourite_colour",
        )
    for received, choices in ((type, Attribute.Type.values), (kind, Attribute.Kind.values)):
        if received not in choices:
            raise NotAnAttributeType(
                "Attributes cannot be so", received=repr(received), valid=", ".join(choices)
            )
    if slug in RESERVED or slug in TRAITS:
        raise AttributeTaken("This name is taken by the house itself", received=slug, valid="another name")
    labels = {"label_en": label_en.strip() or slug, "label_zh": label_zh.strip() or slug}
    with transaction.atomic():
        row, fresh = Attribute.objects.get_or_create(
            slug=slug, defaults={**labels, "type": type, "kind": kind, "purposes": usual_of(kind)}
        )
        if fresh and Attribute.objects.count() > MOST_ATTRIBUTES:
            raise TooManyAttributes(
                "The house has as many attributes as it can have",
                received=f"{slug}, after {MOST_ATTRIBUTES} others",
                next_step="Say with tags, orders or events what an attribute is not needed for",
            )
    if (row.type, row.kind) != (type, kind):
        raise AttributeTaken(
            "There is an attribute of this name already",
            received=f"{slug}: {type}, {kind}",
            valid=f"{slug}: {row.type}, {row.kind}",
            next_step="Choose another name",
        )
    if row.retired_at is not None:
        raise AttributeTaken(
            "There was an attribute of this name",
            received=slug,
            next_step="Restore it, or choose another name",
        )
    if not fresh and not row.preset and (row.label_en, row.label_zh) != tuple(labels.values()):
        row.label_en, row.label_zh = labels["label_en"], labels["label_zh"]
        row.save(update_fields=["label_en", "label_zh"])
    return queries.declared_attribute(row)


def allow_attribute(
    *, actor: Actor, slug: str, purposes: Collection[str], now: datetime
) -> DeclaredAttribute:
    """Say what an attribute may be used for; what it is no longer used for is refused from then on.

    Built-in attributes, too. Raises `NoSuchAttribute`, `NotAPurpose`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    wanted = _wanted(purposes)
    with transaction.atomic():
        row = Attribute.objects.select_for_update().filter(slug=slug).first()
        if row is None:
            raise NoSuchAttribute("There is no such attribute", received=slug[:60])
        if row.purposes != wanted:
            row.purposes = wanted
            row.save(update_fields=["purposes"])
            detail = {"attribute": slug, "purposes": wanted}
            audit.record(actor=actor, act="attribute.allowed", detail=detail, now=now)
    return queries.declared_attribute(row)


def allow_event(*, actor: Actor, name: str, purposes: Collection[str], now: datetime) -> Sequence[str]:
    """Say what events of a name may be used for, and return it; also of a name that has not come yet.

    Raises `NotAnEvent`, `NotAPurpose`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    wanted = _wanted(purposes)
    if not name.strip() or len(name) > LONGEST_EVENT or not name.isprintable():
        raise NotAnEvent(
            "This cannot be the name of an event",
            received=repr(name[:60]),
            valid=f"1 to {LONGEST_EVENT} characters",
        )
    with transaction.atomic():
        row = EventType.objects.select_for_update().filter(name=name).first() or EventType(name=name)
        if row.purposes != wanted:
            row.purposes = wanted
            row.save()
            detail = {"event": name, "purposes": wanted}
            audit.record(actor=actor, act="event.allowed", detail=detail, now=now)
    return wanted


def _wanted(purposes: Collection[str]) -> list[str]:
    if unknown := sorted(set(purposes) - PURPOSES.keys()):
        raise NotAPurpose("Nothing is used for this", received=unknown[0][:60], valid=", ".join(PURPOSES))
    return [one for one in PURPOSES if one in purposes]


def retire_attribute(*, actor: Actor, slug: str, now: datetime, anyway: bool = False) -> DeclaredAttribute:
    """Offer an attribute no longer: to no form, import, list, segment or figure. Its values and its name stay.

    What speaks of it goes on with the values that there are. Unless this is meant ``anyway``, it raises
    `AttributeInUse` with what that is. Also raises `NoSuchAttribute`, for built-in ones too, and `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _own(slug)
        there = () if anyway else queries.uses_of_attributes().get(slug, ())
        if there:
            raise AttributeInUse(
                "Something speaks of the attribute and would go on with the values of today",
                received="; ".join(place.en for place in there),
                next_step="Take it out of these, or say that it is meant: --anyway, ?anyway=true",
            )
        if row.retired_at is None:
            row.retired_at = now
            row.save(update_fields=["retired_at"])
            audit.record(actor=actor, act="attribute.retired", detail={"attribute": slug}, now=now)
    return queries.declared_attribute(row)


def restore_attribute(*, actor: Actor, slug: str, now: datetime) -> DeclaredAttribute:
    """Offer a retired attribute again, with the values that it has. Raises `NoSuchAttribute`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _own(slug)
        if row.retired_at is not None:
            row.retired_at = None
            row.save(update_fields=["retired_at"])
            audit.record(actor=actor, act="attribute.brought_back", detail={"attribute": slug}, now=now)
    return queries.declared_attribute(row)


def _own(slug: str) -> Attribute:
    row = Attribute.objects.select_for_update().filter(slug=slug, preset=False).first()
    if row is None:
        raise NoSuchAttribute("The house has declared no such attribute itself", received=slug[:60])
    return row
