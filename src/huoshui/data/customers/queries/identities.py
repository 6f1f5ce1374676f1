"""Whom a number, a phone or an e-mail means, and who is known by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from django.db.models import Count

from huoshui.data.customers.models import Customer, Identity
from huoshui.data.customers.normalise import (
    NotAnIdentity,
    normalise_email,
    normalise_many,
    normalise_phone,
    normalise_text,
)
from huoshui.data.customers.queries.rows import PAGE
from huoshui.database.lookups import Many
from huoshui.database.rows import match
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.ids import looks_like_id

Means = Literal["id", "number", "phone", "email"]
"""What a column that names people may hold: our id, a shop's number, a phone, an e-mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer and what they were found by: ``kind`` is ``id`` or a kind of identity; ``source`` who calls them so
    (empty for our id and for a phone or e-mail that stands on the profile only)."""

    customer_id: int
    kind: str
    source: str
    value: str


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


def meant(*, kind: Means, texts: Sequence[str]) -> dict[str, frozenset[int]]:
    """Whom each of the ``texts`` means: our ids, or what sources call somebody, of any source; nobody is left out.

    Phones and e-mails may be written in any way, and those of profiles count. More than one person may be meant.
    """
    distinct = list(dict.fromkeys(texts))
    found: dict[str, set[int]] = defaultdict(set)
    if kind == "id":
        for text in distinct:
            if looks_like_id(text):
                found[text].add(int(text))
    else:
        region = organisation.current().region if organisation.is_founded() else None
        spelled: dict[str, list[str]] = defaultdict(list)
        for text, (spelling, _why) in zip(
            distinct, normalise_many(kind, distinct, region=region), strict=True
        ):
            if spelling:
                spelled[spelling].append(text)
        spellings = list(spelled)
        for start in range(0, len(spellings), PAGE):
            page = spellings[start : start + PAGE]
            rows = match(Identity, "value", page, equal={"kind": kind}, wanted=("customer_id",))
            named = [(page[place], customer_id) for place, customer_id in rows]
            if kind in ("email", "phone"):
                # The index leaves empty texts out; said here too, so that a database knows that it may use it.
                profiles = Customer.objects.filter(**{f"{kind}__among": Many(page)}).exclude(**{kind: ""})
                named += profiles.values_list(kind, "pk")
            for spelling, customer_id in named:
                for text in spelled[spelling]:
                    found[text].add(customer_id)
    everybody = sorted({one for ids in found.values() for one in ids})
    among = Customer.objects.filter(pk__among=Many(everybody), deleted_at=None)
    living = set(among.values_list("pk", flat=True))
    return {text: frozenset(ids & living) for text, ids in found.items() if ids & living}


def counts_by_source() -> dict[str, int]:
    """How many customers each source knows by a number, a phone or anything else."""
    rows = Identity.objects.filter(customer__deleted_at=None).values("source")
    return dict(rows.annotate(n=Count("customer_id", distinct=True)).values_list("source", "n"))
