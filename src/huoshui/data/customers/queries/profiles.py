"""Who customers are: the profile of one, names and addresses of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from huoshui.data.customers.models import Account, Customer, Identity, ProfileValue
from huoshui.data.customers.queries.attributes import attributes
from huoshui.database.lookups import Many
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NoSuchCustomer(HuoshuiError):
    """No customer has this id."""

    code = "no_such_customer"
    says = Text("No customer has this number", "没有这个编号的客户")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAs:
    """One identity of a customer."""

    source: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who a customer is. Texts are empty where nothing is known.

    ``guarded`` holds the newest values of identifying and sensitive attributes by slug, ``kinds`` which of the
    two each is.
    """

    customer_id: int
    name: str
    phone: str
    email: str
    account_id: int | None
    account_name: str
    owner_id: int | None
    owner_name: str
    created_at: datetime
    identities: tuple[KnownAs, ...]
    guarded: dict[str, str]
    kinds: dict[str, str]


def profile(customer_id: int) -> Profile:
    """Who the customer is. Raises `NoSuchCustomer`, also for people who were deleted."""
    customer = Customer.objects.filter(pk=customer_id, deleted_at=None).select_related("account").first()
    if customer is None:
        raise NoSuchCustomer("No customer has this id", received=str(customer_id))
    kinds = {a.slug: a.kind for a in attributes() if a.kind != "ordinary"}
    history = ProfileValue.objects.filter(customer=customer, field__in=list(kinds)).order_by(
        "valid_from", "pk"
    )
    known = Identity.objects.filter(customer=customer).order_by("source", "kind", "value")
    return Profile(
        customer_id=customer.customer_id,
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        account_id=customer.account_id,
        account_name=str(customer.account) if customer.account else "",
        owner_id=customer.owner_id,
        owner_name=users.name_of(customer.owner_id) if customer.owner_id else "",
        created_at=customer.created_at,
        identities=tuple(KnownAs(**row) for row in known.values("source", "kind", "value")),
        guarded=dict(history.values_list("field", "value")),
        kinds=kinds,
    )


def names(customer_ids: Sequence[int]) -> dict[int, str]:
    """The names of customers by id, as far as a name is known; for lists."""
    rows = Customer.objects.filter(customer_id__among=list(customer_ids), deleted_at=None).exclude(name="")
    return dict(rows.values_list("pk", "name"))


def named(customer_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Name and company of those of the customers whom there are, by id; empty where none is known."""
    rows = Customer.objects.filter(customer_id__among=list(customer_ids), deleted_at=None)
    return {
        pk: (name, company or "") for pk, name, company in rows.values_list("pk", "name", "account__name")
    }


def emails(customer_ids: Sequence[int]) -> dict[int, str]:
    """The e-mail addresses of customers by id, in small letters, as far as one is known."""
    rows = Customer.objects.filter(customer_id__among=Many(customer_ids), deleted_at=None).exclude(email="")
    return dict(rows.values_list("pk", "email"))


def count() -> int:
    """How many customers there are."""
    return Customer.objects.filter(deleted_at=None).count()


def deleted(actor: Actor, customer_id: int) -> str:
    """The name of a deleted customer whom the actor could bring back. Raises `NoSuchCustomer`."""
    from huoshui.data.customers.scope import owners

    seen = owners(actor)
    rows = Customer.objects.filter(pk=customer_id, deleted_at__isnull=False)
    row = (rows if seen is None else rows.filter(owner_id__in=seen)).first()
    if row is None:
        raise NoSuchCustomer("No deleted customer has this id", received=str(customer_id))
    return row.name


def account_named(name: str) -> int | None:
    """The company of this name or number; the first one where several have it."""
    said = name.strip()
    rows = Account.objects.filter(Q(name=said) | Q(number=said)).order_by("pk")
    return rows.values_list("pk", flat=True).first()


def account_name(account_id: int) -> str:
    """The name of a company, empty for an id that there is not."""
    found = Account.objects.filter(pk=account_id).first()
    return str(found) if found else ""
