"""Taking back what a load said about people, and the people nobody else speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Exists, Min, Model, OuterRef, Q, QuerySet

from huoshui.data.customers.attributes import PROFILE_FIELDS
from huoshui.data.customers.models import Account, Customer, Identity, ProfileValue
from huoshui.data.customers.services import searching
from huoshui.data.customers.services.profiles import renew
from huoshui.database.rows import Pace, fetch
from huoshui.kernel.actors import Actor, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneCustomers:
    """What `undo_load` did. ``kept`` customers came with the load and stay because others speak of them too."""

    removed: int
    kept: int
    identities_removed: int
    values_removed: int


def undo_load(
    load_id: int,
    *,
    actor: Actor,
    still_used: pa.Array | pa.ChunkedArray | pa.Table,
    progress: Callable[[int], None] | None = None,
) -> UndoneCustomers:
    """Take back what the load ``load_id`` said about people.

    Profiles show the newest remaining value; contacts that the load told no longer name anybody; customers that it
    created go, unless they are ``still_used``, known by another identity or profile value, or any other table of
    the database points at them. Who stays is kept together with the identities that other loads name them by, and
    counts from now on to another of their loads.

    ``still_used`` are the ids of customers that remaining facts of the lake speak of; as a table ``customer_id,
    load_id`` it also says which load that is, so that undoing that one as well removes them. Repeating the call,
    after a crash too, carries on. ``progress`` is told how many further rows are done.
    """
    actor.require(Right.IMPORTS_RUN)
    tell = progress or (lambda _done: None)
    values_removed = _take_back_values(load_id, tell)
    used_by = still_used if isinstance(still_used, pa.Table) else pa.table({"customer_id": still_used})
    removed, kept, identities_removed = _take_back_customers(load_id, used_by, tell)
    identities_removed += _take_back_identities(load_id)
    _take_back_accounts(load_id)
    return UndoneCustomers(
        removed=removed, kept=kept, identities_removed=identities_removed, values_removed=values_removed
    )


def _take_back_values(load_id: int, tell: Callable[[int], None]) -> int:
    removed, pace = 0, Pace()
    rows = ProfileValue.objects.filter(load_id=load_id).order_by("pk")
    of = rows.count()
    while True:
        page = fetch(rows.values_list("pk", "customer_id")[: pace.rows])
        if not page:
            return removed
        with pace.transaction():
            _delete(ProfileValue.objects.filter(pk__among=[pk for pk, _ in page]))
            told = sorted({customer for _, customer in page})
            renew(PROFILE_FIELDS, told)
            searching.changed(told, of=of)
        removed += len(page)
        tell(len(page))


def _take_back_customers(
    load_id: int, used_by: pa.Table, tell: Callable[[int], None]
) -> tuple[int, int, int]:
    removed = kept = identities_removed = last = 0
    used, pace = used_by.sort_by("customer_id"), Pace()
    used_ids = used.column("customer_id").to_numpy()
    of = Customer.objects.filter(load_id=load_id).count()
    while True:
        rows = Customer.objects.filter(load_id=load_id, pk__gt=last).order_by("pk")
        page = [pk for (pk,) in fetch(rows.values_list("pk")[: pace.rows])]
        if not page:
            return removed, kept, identities_removed
        start, stop = np.searchsorted(used_ids, [page[0], page[-1] + 1])
        stays = _used(page, used.slice(start, stop - start))
        last = page[-1]
        with pace.transaction():
            for customer, load in _spoken_of(page, load_id):
                if stays.get(customer) is None:
                    stays[customer] = load
            gone = [customer for customer in page if customer not in stays]
            identities_removed += _delete(Identity.objects.filter(customer_id__among=gone))
            _delete(Customer.objects.filter(pk__among=gone))
            searching.changed(gone, of=of)
            by_load: dict[int | None, list[int]] = defaultdict(list)
            for customer, load in stays.items():
                by_load[load].append(customer)
            for load, customers in by_load.items():
                Customer.objects.filter(pk__among=customers).update(load_id=load)
                keys = Identity.objects.filter(customer_id__among=customers, load_id=load_id, is_key=True)
                keys.update(load_id=load)
        removed, kept = removed + len(gone), kept + len(stays)
        tell(len(page))


def _used(page: list[int], used: pa.Table) -> dict[int, int | None]:
    """Customers of the page that ``used`` names, with the load of those facts where it is known."""
    here = used.filter(pc.is_in(used.column("customer_id"), value_set=pa.array(page, pa.int64())))
    customers = here.column("customer_id").to_pylist()
    loads = here.column("load_id").to_pylist() if "load_id" in here.column_names else [None] * len(customers)
    return dict(zip(customers, loads, strict=True))


def _spoken_of(page: list[int], load_id: int) -> Iterable[tuple[int, int | None]]:
    """Customers of the page that rows of the database outside the load point at, with a load of such rows."""
    for relation in Customer._meta.related_objects:
        rows: QuerySet[Any] = relation.related_model._default_manager.filter(
            **{f"{relation.field.attname}__among": page}
        )
        if _has_load(relation.related_model):
            others = rows.filter(Q(load_id=None) | ~Q(load_id=load_id))
            yield from others.values_list(relation.field.attname).annotate(load=Min("load_id"))
        else:
            yield from ((customer, None) for customer in rows.values_list(relation.field.attname, flat=True))


def _has_load(model: type[Model]) -> bool:
    return any(field.name == "load_id" for field in model._meta.concrete_fields)


def _take_back_identities(load_id: int) -> int:
    removed, pace = 0, Pace()
    told = Identity.objects.filter(load_id=load_id, is_key=False).order_by("pk")
    of = told.count()
    while True:
        page = fetch(told.values_list("pk", "customer_id")[: pace.rows])
        if not page:
            return removed
        with pace.transaction():
            removed += _delete(Identity.objects.filter(pk__among=[pk for pk, _ in page]))
            searching.changed({customer for _, customer in page}, of=of)


def _take_back_accounts(load_id: int) -> None:
    members = Customer.objects.filter(account=OuterRef("pk"))
    with transaction.atomic():
        _delete(Account.objects.filter(load_id=load_id).filter(~Exists(members)))
        Account.objects.filter(load_id=load_id).update(load_id=None)


def _delete(rows: QuerySet[Any]) -> int:
    """Delete without loading the rows; what points at them is the caller's care, and the database checks it."""
    return rows._raw_delete(rows.db)
