"""Customers as other rooms meet them: found by the search box, named as what a task or comment is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huoshui.data.customers import listing
from huoshui.data.customers.models import Customer
from huoshui.data.customers.scope import may_see
from huoshui.kernel import masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.ids import looks_like_id
from huoshui.kernel.plugs import Hit, SearchProvider, SubjectKind
from huoshui.kernel.texts import Language, Text


def called(customer_id: int, name: str, language: Language) -> str:
    """What a customer is called on pages."""
    return name or (f"客户 {customer_id}" if language == "zh" else f"Customer {customer_id}")


def masked_contact(phone: str, email: str) -> str:
    """One contact, masked: it tells people of one name apart and is no way to reach them."""
    return masks.phone(phone) if phone else masks.email(email)


def _hits(actor: Actor, words: str, language: Language, limit: int) -> list[Hit]:
    if not actor.may(Right.CUSTOMERS_VIEW):
        return []
    ids = listing.ids_by_words(words, actor=actor, limit=limit)
    known = listing.contacts(ids)
    return [
        Hit(
            title=called(customer_id, known[customer_id]["name"], language),
            note=masked_contact(known[customer_id]["phone"], known[customer_id]["email"]),
            url="dashboards:customer",
            arguments={"customer_id": customer_id},
            icon="user",
        )
        for customer_id in ids
        if customer_id in known
    ]


def _titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    """The names of those of the customers whom the actor sees; a customer without a name is called by their id."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    asked = {int(one) for one in ids if looks_like_id(one)}
    rows = Customer.objects.filter(may_see(actor), pk__among=sorted(asked)).values_list("pk", "name")
    return {str(pk): name or f"#{pk}" for pk, name in rows}


SEARCH_CUSTOMERS = SearchProvider(slug="customers", label=Text("Customers", "客户"), place=10, find=_hits)
CUSTOMER = SubjectKind(
    slug="customer",
    label=Text("Customer", "客户"),
    url="dashboards:customer",
    argument="customer_id",
    titles=_titles,
)
