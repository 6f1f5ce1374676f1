"""One customer at a time: made, changed, deleted by hand. Nothing that somebody else stored meanwhile is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huoshui.data.customers import queries, values
from huoshui.data.customers.attributes import PROFILE_FIELDS
from huoshui.data.customers.models import Customer, HandValue, Identity, ProfileValue
from huoshui.data.customers.scope import may_see, owners, require_seen
from huoshui.data.customers.services import searching
from huoshui.data.customers.services.profiles import CONTACTS, renew
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right, Scope
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text

SOURCE = "huoshui"
"""Who knows what was typed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """A field that somebody else changed while it was edited: what it ``was``, what the two of them made of it."""

    field: str
    was: str
    theirs: str
    mine: str


class ChangedMeanwhile(HuoshuiError):
    """Somebody else changed the same fields; nothing was stored."""

    code = "changed_meanwhile"
    says = Text("Somebody else changed the same fields meanwhile", "编辑期间有人改了相同的字段")

    def __init__(self, fields: list[Meanwhile], now_stored: Mapping[str, str]) -> None:
        self.fields = fields
        self.now_stored = dict(now_stored)
        super().__init__(
            "Somebody else changed the same fields meanwhile",
            received=", ".join(one.field for one in fields),
            next_step="Choose for each field which value holds",
        )


class NothingSaid(HuoshuiError):
    """A customer of whom nothing is known."""

    code = "nothing_said"
    says = Text("A customer needs a name, a phone or an e-mail", "客户至少要有姓名、电话或邮箱")


def create(*, actor: Actor, typed: Mapping[str, str], now: datetime) -> int:
    """Make a customer of what was typed in, and return their id.

    Whoever sees only some customers looks after the new one, or it would be gone from them at once. Raises
    `values.WrongValues`, `NothingSaid`, `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    said = {field: value for field, value in values.read(typed).items() if value}
    if not any(said.get(field) for field in ("name", *CONTACTS)):
        raise NothingSaid(
            "A customer needs a name, a phone or an e-mail", valid="at least one of name, phone, email"
        )
    if actor.scope != Scope.ALL and actor.user_id is not None:
        said.setdefault("owner", str(actor.user_id))
    _require_owner_in_scope(actor, said)
    with transaction.atomic():
        customer = Customer.objects.create(created_at=now)
        _store(customer, {}, said, now)
        searching.changed([customer.pk])
        audit.record(
            actor=actor,
            act="customer.created",
            subject=f"customer:{customer.pk}",
            detail={"fields": sorted(said)},
            now=now,
        )
    return int(customer.pk)


def edit(
    *,
    actor: Actor,
    customer_id: int,
    seen: Mapping[str, str],
    typed: Mapping[str, str],
    in_lake: Mapping[str, str],
    now: datetime,
) -> tuple[str, ...]:
    """Store what was typed in, where it differs from what was ``seen``; returns the fields that changed.

    ``seen`` are the values that the person had before them, ``in_lake`` those of ordinary attributes as the lake
    has them now (see `queries.values_of`). Fields that only somebody else changed keep what they made of them. Raises
    `ChangedMeanwhile` where both changed the same field to something else, `values.WrongValues`, `NoSuchCustomer`,
    `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    require_seen(actor, customer_id)
    wanted = values.read(
        {field: text for field, text in typed.items() if text.strip() != seen.get(field, "")}
    )
    _require_owner_in_scope(actor, wanted)
    guarded = {a.slug for a in queries.attributes() if a.kind != "ordinary"}
    if not actor.may(Right.CONTACTS_REVEAL) and any(f in guarded or f in CONTACTS for f in wanted):
        actor.require(Right.CONTACTS_REVEAL)
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer_id)
        stored = queries.values_of(customer_id, in_lake=in_lake)
        clashes, changes = [], {}
        for field, mine in wanted.items():
            was, theirs = seen.get(field, ""), stored.get(field, "")
            if mine == theirs:
                continue
            if theirs != was and mine != was:
                clashes.append(Meanwhile(field=field, was=was, theirs=theirs, mine=mine))
            elif mine != was:
                changes[field] = mine
        if clashes:
            raise ChangedMeanwhile(clashes, stored)
        if not changes:
            return ()
        left = {field: changes.get(field, stored.get(field, "")) for field in ("name", *CONTACTS)}
        if not any(left.values()) and not Identity.objects.filter(customer=customer, is_key=True).exists():
            raise NothingSaid(
                "A customer needs a name, a phone or an e-mail", valid="at least one of name, phone, email"
            )
        _store(customer, stored, changes, now)
        searching.changed([customer_id])
        audit.record(
            actor=actor,
            act="customer.edited",
            subject=f"customer:{customer_id}",
            detail={"fields": sorted(changes)},
            now=now,
        )
    return tuple(changes)


def delete(*, actor: Actor, customer_id: int, now: datetime) -> None:
    """Delete a customer so that `restore` brings them back: nobody finds them or sees them in a list.

    Raises `NoSuchCustomer`, `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    require_seen(actor, customer_id)
    _mark_deleted(actor, customer_id, now, "customer.deleted", now)


def restore(*, actor: Actor, customer_id: int, now: datetime) -> None:
    """Bring a deleted customer back. Raises `NoSuchCustomer` where nobody of this id was deleted, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_EDIT)
    seen = owners(actor)
    gone = Customer.objects.filter(pk=customer_id, deleted_at__isnull=False)
    if not (gone if seen is None else gone.filter(owner_id__in=seen)).exists():
        raise queries.NoSuchCustomer("No deleted customer has this id", received=str(customer_id))
    _mark_deleted(actor, customer_id, None, "customer.restored", now)


def known_already(*, actor: Actor, phone: str, email: str, but: int | None = None) -> list[int]:
    """Customers whom the actor sees and who have this phone or e-mail (in the spelling of the house) already."""
    found: set[int] = set()
    for kind, text in (("phone", phone), ("email", email)):
        if text.strip():
            found |= {one.customer_id for one in queries.find(text) if one.kind == kind}
    seen = Customer.objects.filter(may_see(actor), pk__in=found - {but}).order_by("pk")
    return list(seen.values_list("pk", flat=True))


def _mark_deleted(actor: Actor, customer_id: int, at: datetime | None, act: str, now: datetime) -> None:
    with transaction.atomic():
        Customer.objects.filter(pk=customer_id).update(deleted_at=at)
        searching.changed([customer_id])
        audit.record(actor=actor, act=act, subject=f"customer:{customer_id}", now=now)


def _require_owner_in_scope(actor: Actor, said: Mapping[str, str]) -> None:
    """Who sees the customers of some colleagues gives theirs to no others."""
    seen = owners(actor)
    if seen is not None and "owner" in said and (not said["owner"] or int(said["owner"]) not in seen):
        raise NotAllowed(
            "You see only customers of some colleagues and cannot give theirs to others",
            valid="a colleague whose customers you see",
            next_step="Ask a manager",
        )


def _store(customer: Customer, stored: Mapping[str, str], changes: Mapping[str, str], now: datetime) -> None:
    ordinary = {a.slug for a in queries.attributes(kind="ordinary")}
    for field, value in changes.items():
        if field in ordinary:
            HandValue.objects.update_or_create(
                customer=customer, name=field, valid_from=now, defaults={"value": value}
            )
            continue
        # The newest holds: what a load said of a moment to come must not hide what is said now.
        last = ProfileValue.objects.filter(customer=customer, field=field).order_by("-valid_from").first()
        at = max(now, last.valid_from) if last else now
        ProfileValue.objects.create(customer=customer, field=field, value=value, valid_from=at)
        if field in CONTACTS:
            Identity.objects.filter(
                customer=customer, source=SOURCE, kind=field, value=stored.get(field, "")
            ).delete()
            taken = Identity.objects.filter(source=SOURCE, kind=field, value=value).exists()
            if value and not taken:
                Identity.objects.create(customer=customer, source=SOURCE, kind=field, value=value)
    renew([field for field in changes if field in PROFILE_FIELDS], [customer.pk])
