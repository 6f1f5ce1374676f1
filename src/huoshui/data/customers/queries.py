"""Questions about customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import ibis
import numpy as np
import pyarrow as pa
from django.db.models import Count, Q

from huoshui.data.customers import tiers
from huoshui.data.customers.attributes import LAKE_TYPES, VALUE_PATTERNS
from huoshui.data.customers.models import (
    Account,
    Attribute,
    Customer,
    HandValue,
    Identity,
    ProfileValue,
    SearchDue,
    SearchText,
)
from huoshui.data.customers.normalise import NotAnIdentity, normalise_email, normalise_phone, normalise_text
from huoshui.database.lookups import Many
from huoshui.database.rows import fetch, match, moment, moments
from huoshui.desk.organisation import queries as organisation
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.ids import looks_like_id
from huoshui.kernel.plugs import ATTRIBUTE_USES, IbisTable, Tables
from huoshui.kernel.texts import Text

MOMENT = pa.timestamp("us", "UTC")
BASE_SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("created_at", MOMENT),
        ("load_id", pa.int64()),
    ]
)
PAGE = 50_000


class Readable(Tables, Protocol):
    """Tables whose expressions can be computed: a snapshot of the lake."""

    def arrow(self, expression: Any) -> Any:
        """The rows of an expression over these tables, as an Arrow table."""


class NoSuchCustomer(HuoshuiError):
    """No customer has this id."""

    code = "no_such_customer"
    says = Text("No customer has this number", "没有这个编号的客户")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAttribute:
    """An attribute as declared. ``type`` is a key of ``LAKE_TYPES``, ``kind`` ordinary, identifying or sensitive."""

    slug: str
    label_en: str
    label_zh: str
    type: str
    kind: str
    preset: bool
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer and what they were found by: ``kind`` is ``id`` or a kind of identity; ``source`` who calls them so
    (empty for our id and for a phone or e-mail that stands on the profile only)."""

    customer_id: int
    kind: str
    source: str
    value: str


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


def attributes(*, kind: str | None = None, retired: bool = False) -> tuple[DeclaredAttribute, ...]:
    """All declared attributes, or those of one kind: presets first, then by slug; ``retired`` ones where asked for.

    What offers attributes or takes values leaves the retired ones out; what keeps or names values has them.
    """
    rows = Attribute.objects.order_by("-preset", "slug")
    if kind is not None:
        rows = rows.filter(kind=kind)
    if not retired:
        rows = rows.filter(retired_at=None)
    return tuple(DeclaredAttribute(**values) for values in rows.values(*DeclaredAttribute.__slots__))


def declared_attribute(row: Attribute) -> DeclaredAttribute:
    """What a row declares."""
    return DeclaredAttribute(**{name: getattr(row, name) for name in DeclaredAttribute.__slots__})


def uses_of_attributes() -> dict[str, list[Text]]:
    """Attributes that something of the house speaks of, by slug, each with what does."""
    found: dict[str, list[Text]] = {}
    for use in ATTRIBUTE_USES:
        for slug, places in use.places().items():
            found.setdefault(slug, []).extend(places)
    return found


def counts_by_source() -> dict[str, int]:
    """How many customers each source knows by a number, a phone or anything else."""
    rows = Identity.objects.filter(customer__deleted_at=None).values("source")
    return dict(rows.annotate(n=Count("customer_id", distinct=True)).values_list("source", "n"))


def find(identity: str) -> list[FoundCustomer]:
    """Everybody whom ``identity`` may mean, each once: our id, a shop's number, a phone however written, an e-mail.

    Our own id is tried first; the others in the order number, e-mail, phone. Empty when nobody is known by it.
    """
    try:
        text = normalise_text(identity)
    except NotAnIdentity:
        return []
    found: dict[int, FoundCustomer] = {}

    def add(customer_id: int, kind: str, source: str, value: str) -> None:
        found.setdefault(
            customer_id, FoundCustomer(customer_id=customer_id, kind=kind, source=source, value=value)
        )

    living = Customer.objects.filter(deleted_at=None)
    if looks_like_id(text) and living.filter(pk=int(text)).exists():
        add(int(text), "id", "", text)
    email, phone = _email(text), _phone(text)
    spellings = {spelling for spelling in (text, email, phone) if spelling}
    rows = Identity.objects.filter(value__in=spellings, customer__deleted_at=None).order_by("source", "pk")
    for customer_id, kind, source, value in rows.values_list("customer_id", "kind", "source", "value"):
        expected = {"phone": phone, "email": email}.get(kind, text)
        if value == expected:
            add(customer_id, kind, source, value)
    # The indexes leave empty texts out; said here too, so that a database knows that it may use them.
    if email:
        for customer_id in (
            living.filter(email=email).exclude(email="").order_by("pk").values_list("pk", flat=True)
        ):
            add(customer_id, "email", "", email)
    if phone:
        for customer_id in (
            living.filter(phone=phone).exclude(phone="").order_by("pk").values_list("pk", flat=True)
        ):
            add(customer_id, "phone", "", phone)
    return list(found.values())


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


def hand_values(customer_id: int) -> dict[str, str]:
    """Values of ordinary attributes that were typed in and are not in the lake yet; empty where they were cleared."""
    rows = HandValue.objects.filter(customer_id=customer_id).order_by("valid_from", "pk")
    return dict(rows.values_list("name", "value"))


def attributes_in_lake(tables: Readable, customer_id: int) -> dict[str, str]:
    """Values of ordinary attributes of one customer as the lake has them, as texts; those without a value left out."""
    rows = tables.table("customers")
    wanted = [a.slug for a in attributes(kind="ordinary") if a.slug in rows.columns]
    texts = {slug: rows[slug].cast("string") for slug in wanted}
    found = tables.arrow(rows.filter(rows.customer_id == customer_id).select(**texts).limit(1)).to_pylist()
    types = {a.slug: a.type for a in attributes(kind="ordinary")}
    return {
        slug: _spelled(text, types[slug]) for one in found for slug, text in one.items() if text is not None
    }


def filled(tables: Readable) -> dict[str, int]:
    """How many customers of the lake have a value of each ordinary attribute, by slug."""
    rows = tables.table("customers")
    wanted = [a.slug for a in attributes(kind="ordinary", retired=True) if a.slug in rows.columns]
    counted = rows.aggregate(**{slug: rows[slug].count() for slug in wanted}) if wanted else None
    return {} if counted is None else dict(tables.arrow(counted).to_pylist()[0])


def values_of(customer_id: int, *, in_lake: Mapping[str, str]) -> dict[str, str]:
    """Everything that can be edited of a customer as texts: fields of the profile (company and owner as ids),
    attributes of all kinds; ``in_lake`` is what `attributes_in_lake` answers. Raises `NoSuchCustomer`."""
    known = profile(customer_id)
    texts = {
        "name": known.name,
        "phone": known.phone,
        "email": known.email,
        "account": str(known.account_id or ""),
        "owner": str(known.owner_id or ""),
    }
    return {**texts, **known.guarded, **in_lake, **hand_values(customer_id)}


def _spelled(text: str, type_: str) -> str:
    """The text of a value as people type it: engines write 12.5000 for an exact 12.5."""
    return text.rstrip("0").rstrip(".") if type_ == "decimal" and "." in text else text


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


def ids_for_lake() -> tuple[set[int], set[int]]:
    """Customers whom the lake must know, and all whom it may know: deleted ones can come back, and those who were
    typed in come to it with its next write."""
    rows = fetch(Customer.objects.values_list("pk", "load_id", "deleted_at"))
    must = {pk for pk, load_id, deleted_at in rows if load_id is not None and deleted_at is None}
    return must, {pk for pk, _load, _deleted in rows}


def unfindable(sample: int = 200) -> tuple[int, int]:
    """How many customers wait for their words to be written, and how many of a sample have other words than they should
    though they do not wait: those were changed past the verbs of this room."""
    from huoshui.data.customers.services.searching import words_now

    waiting = set(SearchDue.objects.values_list("pk", flat=True)[:100_000])
    ids = [
        pk
        for pk in Customer.objects.order_by("pk").values_list("pk", flat=True)[:sample]
        if pk not in waiting
    ]
    kept = dict(SearchText.objects.filter(pk__in=ids).values_list("pk", "words"))
    should = words_now(ids)
    return SearchDue.objects.count(), sum(kept.get(pk) != should.get(pk) for pk in ids)


def count() -> int:
    """How many customers there are."""
    return Customer.objects.filter(deleted_at=None).count()


def base_rows() -> pa.Table:
    """All customers as Arrow rows with `BASE_SCHEMA`, ordered by ``customer_id``: what the lake may know of each."""
    pages: list[pa.Table] = []
    last = 0
    while True:
        rows = Customer.objects.filter(pk__gt=last, deleted_at=None).order_by("pk")
        page = fetch(rows.values_list("customer_id", moment("created_at"), "load_id")[:PAGE])
        if not page:
            return pa.concat_tables([BASE_SCHEMA.empty_table(), *pages])
        ids, created, loads = zip(*page, strict=True)
        columns = [pa.array(ids), moments(created), pa.array(loads, pa.int64())]
        pages.append(pa.table(columns, schema=BASE_SCHEMA))
        last = ids[-1]


def current_customers(
    tables: Tables, base: IbisTable, declared: Iterable[DeclaredAttribute] | None = None
) -> IbisTable:
    """The content of the lake table ``customers``, in the order of its columns.

    ``base`` has a row per customer with `BASE_SCHEMA` (`base_rows`, or any Ibis table of the same engine). Each
    ordinary attribute becomes a column with its newest value (by ``valid_from``; of equal ones the later load's,
    then the greater text); a text that is no value of the declared type gives an empty cell. A city tier that
    nobody said is that of the city (`tiers`).
    """
    wanted = attributes(kind="ordinary", retired=True) if declared is None else tuple(declared)
    rows = tables.table("customer_attributes")
    # The greatest (moment, load, value) and not the value at the greatest moment: engines say what the first one is
    # when moments are equal.
    said = ibis.struct({"valid_from": rows.valid_from, "load_id": rows.load_id, "value": rows.value})
    newest = rows.group_by("customer_id").aggregate(
        **{a.slug: said.max(where=(rows.name == a.slug) & rows.value.notnull()) for a in wanted}
    )
    newest = newest.select("customer_id", **{f"newest_{a.slug}": newest[a.slug]["value"] for a in wanted})
    joined = base.left_join(newest, "customer_id")
    values = {a.slug: _typed(joined[f"newest_{a.slug}"], a.type) for a in wanted}
    if {"city", "country", "city_tier"} <= values.keys():
        tier = tiers.tier_of(values["city"], values["country"])
        values["city_tier"] = ibis.coalesce(values["city_tier"], tier)
    return joined.select(
        customer_id=joined.customer_id,
        created_at=joined.created_at,
        load_id=joined.load_id,
        **values,
    )


def _typed(text: Any, type_: str) -> Any:
    if type_ == "text":
        return text.nullif("")  # cleared by hand
    fits = text.re_search(VALUE_PATTERNS[type_])
    return ibis.cases((fits, text.try_cast(LAKE_TYPES[type_])))


def _email(text: str) -> str | None:
    try:
        return normalise_email(text)
    except NotAnIdentity:
        return None


def _phone(text: str) -> str | None:
    try:
        region = organisation.current().region if organisation.is_founded() else None
        return normalise_phone(text, region=region)
    except NotAnIdentity:
        return None


def known(*, source: str, kind: str, values: Any) -> pa.Table:
    """Who each of the distinct ``values`` names already: ``value``, ``customer_id`` (null where nobody)."""
    asked = pa.chunked_array([values]) if isinstance(values, pa.Array) else values
    ids = np.zeros(len(asked), dtype=np.int64)
    for start in range(0, len(asked), PAGE):
        page = asked.slice(start, PAGE).to_pylist()
        for place, customer_id in match(
            Identity, "value", page, equal={"kind": kind, "source": source}, wanted=("customer_id",)
        ):
            ids[start + place] = customer_id
    return pa.table({"value": asked, "customer_id": pa.array(ids, mask=ids == 0)})


def created_by(load_id: int) -> pa.Array:
    """Ids of the customers that the load brought."""
    rows = fetch(Customer.objects.filter(load_id=load_id).order_by("pk").values_list("pk"))
    return pa.array([pk for (pk,) in rows], pa.int64())


def account_named(name: str) -> int | None:
    """The company of this name or number; the first one where several have it."""
    said = name.strip()
    rows = Account.objects.filter(Q(name=said) | Q(number=said)).order_by("pk")
    return rows.values_list("pk", flat=True).first()


def account_name(account_id: int) -> str:
    """The name of a company, empty for an id that there is not."""
    found = Account.objects.filter(pk=account_id).first()
    return str(found) if found else ""


def deleted(actor: Actor, customer_id: int) -> str:
    """The name of a deleted customer whom the actor could bring back. Raises `NoSuchCustomer`."""
    from huoshui.data.customers.scope import owners

    seen = owners(actor)
    rows = Customer.objects.filter(pk=customer_id, deleted_at__isnull=False)
    row = (rows if seen is None else rows.filter(owner_id__in=seen)).first()
    if row is None:
        raise NoSuchCustomer("No deleted customer has this id", received=str(customer_id))
    return row.name
