"""Customers: lists with the conditions of the page, one by any identity, making, changing, tags, owners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.crypto import salted_hmac
from ninja import Query, Router, Schema, Status
from pydantic import Field

from huoshui.data.customers import asking, listing, services
from huoshui.data.customers import queries as known
from huoshui.data.customers.conditions import check
from huoshui.data.customers.scope import seen_ids
from huoshui.desk.audit import services as audit
from huoshui.kernel import clock, masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.queries import person as persons
from huoshui.measure.dashboards.queries.person import Person
from huoshui.project.api import cursors
from huoshui.project.api.door import UnknownParameter
from huoshui.project.api.shapes import MOST, SIZE, CustomerId, Moment, Name, Number, Said, Seen, Value, values
from huoshui.web import shell

router = Router(tags=["customers"])
HIDDEN = "****"
PAGING = frozenset({"cursor", "limit"})
NOT_FOR_PROGRAMS = frozenset({"page", "sort", "view"})
"""Names of the page's address that say where one is in it: the API has cursors and one order."""


class VersionMissing(HuoshuiError):
    """A change without saying what it is a change of."""

    code = "version_missing"
    says = Text("Say in If-Match which version you saw", "请在 If-Match 中说明你看到的版本")


class ChangedMeanwhile(HuoshuiError):
    """The customer is not as the caller saw them any more."""

    code = "changed_meanwhile"
    says = Text(
        "The customer was changed meanwhile; nothing of yours was stored",
        "客户期间已被修改；你的改动没有保存",
    )


class Listing(Schema):
    """What a list is asked for. Traits and attributes are asked for by their own names besides."""

    cursor: str = Field("", max_length=200)
    limit: int = Field(SIZE, ge=1, le=MOST)
    q: str = Field("", max_length=100, description="Words: a name, its sound, anything they are known by")
    tag: list[str] = Field([], description="A tag they hold; several: all of them")
    owner: list[str] = Field([], description="Number of a colleague, or `nobody`")
    team: list[str] = Field([], description="Number of a team")
    source: list[str] = Field([], description="Who knows them")
    in_: list[str] = Field(
        [], alias="in", description="A population: `slug:argument`; several: in all of them"
    )
    least: list[str] = Field([], description="`trait:number`, included")
    most: list[str] = Field([], description="`trait:number`, included")
    since: list[str] = Field([], description="`trait:YYYY-MM-DD`, included")
    until: list[str] = Field([], description="`trait:YYYY-MM-DD`, included")
    has: list[str] = Field([], description="`attribute:part of its text`")
    empty: list[str] = Field([], description="A trait or attribute without a value")
    filled: list[str] = Field([], description="A trait or attribute with a value")
    columns: list[str] = Field([], description="Traits and attributes to show")


class CustomerRow(Schema):
    """A customer of a list. Phone and e-mail are masked for tokens without `contacts.reveal`."""

    customer_id: int
    name: str
    phone: str
    email: str
    owner: str = Field(description="Name of the colleague who looks after them, or empty")
    values: dict[str, Value] = Field(description="By trait or attribute, as `columns` asks for")


class CustomerPage(Schema):
    """Customers by their number; `next_cursor` is empty on the last page."""

    items: list[CustomerRow]
    total: int
    next_cursor: str


class Identity(Schema):
    """What a source knows the customer by."""

    source: str
    kind: str
    value: str


class Customer(Schema):
    """A customer. What is `****` is there and needs `contacts.reveal`."""

    customer_id: int
    name: str
    phone: str
    email: str
    account_id: int | None
    account: str
    owner_id: int | None
    owner: str
    created_at: Moment
    identities: list[Identity]
    attributes: dict[str, str] = Field(description="Values of declared attributes, as texts")
    tags: list[str]


class Found(Schema):
    """Everybody whom an identity may mean."""

    items: list[Customer]


class Fields(Said):
    """What can be said of a customer. What is left out stays; an empty text clears."""

    name: Name | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    account_id: Number | None = None
    owner_id: Number | None = Field(None, description="A colleague; null takes the owner away")
    attributes: dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=500)]] = Field({})

    def typed(self) -> dict[str, str]:
        """What was sent, as the form of the page would say it."""
        sent = self.model_dump(exclude_unset=True, exclude={"attributes"})
        names = {"account_id": "account", "owner_id": "owner"}
        texts = {names.get(name, name): "" if value is None else str(value) for name, value in sent.items()}
        return {**self.attributes, **texts}


def asked_in(query: QueryDict) -> asking.Asked:
    """What a query asks for, in the words of the page's address; a name that means nothing would mean everybody.

    Raises `UnknownParameter`, `NotACondition`, `NotAColumn`.
    """
    offered = listing.known()
    unknown = set(query) - set(offered) - (asking.TAKEN - NOT_FOR_PROGRAMS) - PAGING
    if unknown:
        raise UnknownParameter(
            "Customers have no such value", received=repr(min(unknown)[:40]), valid=", ".join(offered)
        )
    asked = asking.read(query, offered)
    check(asked.conditions, offered)
    return asked


@router.get("/customers", response=CustomerPage, url_name="customers", operation_id="list_customers")
def list_customers(
    request: HttpRequest,
    asked_for: Query[Listing],
) -> CustomerPage:
    """The customers whom the token's colleague sees and who meet all conditions, by their number.

    Conditions are those of the page: `?stage=active&least=frequency:2&tag=VIP`. A trait or attribute of codes is
    asked for by its own name (`stage=active&stage=new` means either).
    """
    actor, tables = shell.actor_of(request), open_lake().snapshot()
    asked = asked_in(request.GET)
    wanted = asked.columns if asked_for.columns else []
    listed = request.GET.copy()
    listed.pop("cursor", None)
    listed.pop("limit", None)
    place = f"customers?{listed.urlencode()}"
    found = listing.by_number(
        actor=actor,
        tables=tables,
        conditions=asked.conditions,
        columns=wanted,
        after=cursors.read(asked_for.cursor, place),
        size=asked_for.limit,
    )
    _note(actor, "customers.viewed", {"customers": len(found.rows)})
    last = found.rows[-1].customer_id if found.more else None
    currency = HOUSE().currency
    return CustomerPage(
        items=[
            CustomerRow(
                customer_id=row.customer_id,
                name=row.name,
                phone=masks.phone_for(actor, row.phone),
                email=masks.email_for(actor, row.email),
                owner=row.owner,
                values=values(row.values, currency),
            )
            for row in found.rows
        ],
        total=found.total,
        next_cursor="" if last is None else cursors.after(last, place),
    )


@router.post("/customers", response={201: Customer}, url_name="customers", operation_id="create_customer")
def create_customer(request: HttpRequest, response: HttpResponse, sent: Fields) -> Status[Customer]:
    """Make a customer. They need a name, a phone or an e-mail."""
    customer_id = services.create(actor=shell.actor_of(request), typed=sent.typed(), now=clock.now())
    response["Location"] = reverse("api:customer", args=[customer_id])
    return Status(201, _shown(request, response, customer_id))


@router.get("/customers/find", response=Found, url_name="find", operation_id="find_customers")
def find_customers(
    request: HttpRequest,
    response: HttpResponse,
    identity: Annotated[str, Query(min_length=1, max_length=254)],
) -> Found:
    """Everybody whom a shop's number, a phone however written, an e-mail or our own number may mean."""
    actor = shell.actor_of(request)
    ids = [one.customer_id for one in known.find(identity)]
    seen = seen_ids(actor, ids) if ids else frozenset()
    return Found(items=[_shown(request, None, customer_id) for customer_id in ids if customer_id in seen])


@router.get(
    "/customers/{int:customer_id}", response=Customer, url_name="customer", operation_id="get_customer"
)
def get_customer(request: HttpRequest, response: HttpResponse, customer_id: CustomerId) -> Customer:
    """One customer. The `ETag` says which version it is."""
    return _shown(request, response, customer_id)


@router.patch(
    "/customers/{int:customer_id}", response=Customer, url_name="customer", operation_id="change_customer"
)
def change_customer(
    request: HttpRequest, response: HttpResponse, customer_id: CustomerId, sent: Fields, if_match: Seen = None
) -> Customer:
    """Change the fields that are sent. `If-Match` holds the `ETag` that you saw, so that nobody's change is lost."""
    actor = shell.actor_of(request)
    found = _person(actor, customer_id)
    if not if_match:
        raise VersionMissing("A change needs If-Match", valid="the ETag of the customer that you read, or *")
    if seen_version(if_match) not in ("*", _etag(found)):
        raise ChangedMeanwhile(
            "The customer is not as you saw them", next_step="Read them again, then change"
        )
    in_lake = _in_lake(found)
    stored = {**_texts(found), **in_lake, **found.by_hand}
    try:
        services.edit(
            actor=actor,
            customer_id=customer_id,
            seen=stored,
            typed=sent.typed(),
            in_lake=in_lake,
            now=clock.now(),
        )
    except services.ChangedMeanwhile as error:
        raise ChangedMeanwhile("The customer was changed this moment", received=error.received) from error
    return _shown(request, response, customer_id)


@router.delete(
    "/customers/{int:customer_id}", response={204: None}, url_name="customer", operation_id="delete_customer"
)
def delete_customer(request: HttpRequest, customer_id: CustomerId) -> Status[None]:
    """Delete a customer so that they can be restored."""
    services.delete(actor=shell.actor_of(request), customer_id=customer_id, now=clock.now())
    return Status(204, None)


@router.post(
    "/customers/{int:customer_id}/restore",
    response=Customer,
    url_name="restore",
    operation_id="restore_customer",
)
def restore_customer(request: HttpRequest, response: HttpResponse, customer_id: CustomerId) -> Customer:
    """Bring a deleted customer back."""
    services.restore(actor=shell.actor_of(request), customer_id=customer_id, now=clock.now())
    return _shown(request, response, customer_id)


def seen_version(if_match: str) -> str:
    """The ETag that a caller sends back; one of an answer that was packed on its way is marked as weak."""
    return if_match.strip().removeprefix("W/")


def _person(actor: Actor, customer_id: int) -> Person:
    return persons.person(
        actor=actor, tables=open_lake().snapshot(), customer_id=customer_id, now=clock.now()
    )


def _shown(request: HttpRequest, response: HttpResponse | None, customer_id: int) -> Customer:
    """The customer as the actor may see them, once the look is noted."""
    actor = shell.actor_of(request)
    found = _person(actor, customer_id)
    if response is not None:
        response["ETag"] = _etag(found)
    _note(actor, "customer.viewed", {"page": "api"}, customer_id)
    one, reveal = found.profile, actor.may(Right.CONTACTS_REVEAL)
    guarded = one.guarded if reveal else {slug: HIDDEN for slug, text in one.guarded.items() if text}
    return Customer(
        customer_id=customer_id,
        name=one.name,
        phone=masks.phone_for(actor, one.phone),
        email=masks.email_for(actor, one.email),
        account_id=one.account_id,
        account=one.account_name,
        owner_id=one.owner_id,
        owner=one.owner_name,
        created_at=one.created_at,
        identities=[
            Identity(source=i.source, kind=i.kind, value=_identity(actor, i.kind, i.value))
            for i in one.identities
        ],
        attributes={**found.current, **guarded},
        tags=list(found.tags),
    )


def _identity(actor: Actor, kind: str, value: str) -> str:
    if kind == "phone":
        return masks.phone_for(actor, value)
    return masks.email_for(actor, value) if kind == "email" else value


def _texts(found: Person) -> dict[str, str]:
    """The fields of the profile as `known.values_of` has them."""
    one = found.profile
    return {
        "name": one.name,
        "phone": one.phone,
        "email": one.email,
        "account": str(one.account_id or ""),
        "owner": str(one.owner_id or ""),
        **one.guarded,
    }


def _in_lake(found: Person) -> dict[str, str]:
    newest: dict[str, str] = {}
    for one in found.attributes:
        newest.setdefault(one.slug, one.value)
    return newest


def _etag(found: Person) -> str:
    """Changes with any value. Keyed: a plain digest of a phone number could be turned back by trying them all."""
    texts = {**_texts(found), **found.current}
    said = repr(sorted((name, text) for name, text in texts.items() if text))
    return f'"{salted_hmac("huoshui.api.etag", said, algorithm="sha256").hexdigest()[:24]}"'


def _note(actor: Actor, act: str, detail: Mapping[str, Any], customer_id: int | None = None) -> None:
    contacts = "whole" if actor.may(Right.CONTACTS_REVEAL) else "masked"
    subject = "" if customer_id is None else f"customer:{customer_id}"
    audit.record(
        actor=actor, act=act, subject=subject, detail={**detail, "contacts": contacts}, now=clock.now()
    )
