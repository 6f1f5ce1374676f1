"""Who is meant by very many texts at once: our ids, numbers of shops, phones however written, e-mails."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from huoshui.data.customers.models import Customer, Identity
from huoshui.data.customers.normalise import NotAnIdentity, normalise_email, normalise_phone, normalise_text
from huoshui.data.customers.scope import may_see
from huoshui.database.rows import fetch
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor
from huoshui.kernel.ids import looks_like_id

_PHONE = re.compile(r"[+＋]?(?:[\s().\-/]*\d){6,20}[\s().\-/]*")
"""What could be a phone number: digits and what is written between them. To ask for each text is slow."""


def meant(texts: Sequence[str], *, actor: Actor) -> list[frozenset[int]]:
    """For each text the customers whom it may mean and whom ``actor`` sees, as `queries.find` finds one.

    Asks the database a fixed number of times, whatever the number of texts; fifty thousand at once are fine. Raises
    `NotAllowed`.
    """
    seen = may_see(actor)
    region = organisation.current().region if organisation.is_founded() else None
    spelled = [_spellings(text, region) for text in texts]
    by: dict[tuple[str, str], set[int]] = defaultdict(set)
    ids = {int(one["id"]) for one in spelled if "id" in one}
    for (pk,) in fetch(Customer.objects.filter(seen, pk__among=sorted(ids)).values_list("pk")):
        by["id", str(pk)].add(pk)
    values = sorted({value for one in spelled for kind, value in one.items() if kind != "id"})
    known = Identity.objects.filter(value__among=values).values_list("customer_id", "kind", "value")
    for customer_id, kind, value in fetch(known):
        by[kind if kind in ("phone", "email") else "number", value].add(customer_id)
    for kind in ("phone", "email"):
        told = sorted({one[kind] for one in spelled if kind in one})
        profiles = Customer.objects.filter(seen, **{f"{kind}__among": told}).exclude(**{kind: ""})
        for pk, value in fetch(profiles.values_list("pk", kind)):
            by[kind, value].add(pk)
    everybody = sorted(set().union(*by.values()))
    theirs = {pk for (pk,) in fetch(Customer.objects.filter(seen, pk__among=everybody).values_list("pk"))}
    return [
        frozenset().union(*(by.get((kind, value), set()) & theirs for kind, value in one.items()))
        for one in spelled
    ]


def _spellings(text: str, region: str | None) -> dict[str, str]:
    """How the text would be kept, by what it may be."""
    try:
        plain = normalise_text(text)
    except NotAnIdentity:
        return {}
    found = {"number": plain}
    if looks_like_id(plain):
        found["id"] = plain
    try:
        if "@" in plain or "＠" in plain:
            found["email"] = normalise_email(plain)
        elif _PHONE.fullmatch(plain):
            found["phone"] = normalise_phone(plain, region=region)
    except NotAnIdentity:
        # It is a number of a shop that only looks like one.
        return found
    return found
