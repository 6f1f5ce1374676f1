"""Whose records an actor sees: all, those of their teams, or their own."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from django.db.models import Q

from huoshui.data.customers.models import Customer
from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.database.rows import fetch
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right, Scope


def owners(actor: Actor) -> frozenset[int] | None:
    """The colleagues whose customers ``actor`` sees; ``None`` for everybody's, owned by nobody included."""
    if actor.scope == Scope.ALL:
        return None
    own = frozenset() if actor.user_id is None else frozenset({actor.user_id})
    return own if actor.scope == Scope.OWN else own | users.members_of(actor.team_ids)


def owners_of(customer_ids: Iterable[int]) -> dict[int, int | None]:
    """Who looks after each of some customers, for those who are not deleted; nobody where nobody does."""
    rows = Customer.objects.filter(deleted_at=None, pk__among=sorted(set(customer_ids)))
    return dict(rows.values_list("pk", "owner_id"))


def may_see(actor: Actor) -> Q:
    """The condition on `Customer` that ``actor`` sees them: not deleted, within scope.

    Raises `NotAllowed` without the right to see customers.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    seen = owners(actor)
    return Q(deleted_at=None) if seen is None else Q(deleted_at=None, owner_id__in=sorted(seen))


def seen_ids(actor: Actor, customer_ids: Iterable[int]) -> frozenset[int]:
    """Those of the ids whom ``actor`` sees. Raises `NotAllowed`."""
    among = Customer.objects.filter(may_see(actor), pk__among=sorted(set(customer_ids)))
    return frozenset(among.values_list("pk", flat=True))


def all_seen(actor: Actor) -> pa.Table | None:
    """The column ``customer_id`` of everybody whom ``actor`` sees; nothing for who sees all. Raises `NotAllowed`."""
    if owners(actor) is None:
        actor.require(Right.CUSTOMERS_VIEW)
        return None
    rows = fetch(Customer.objects.filter(may_see(actor)).order_by("pk").values_list("pk"))
    return pa.table({"customer_id": pa.array([pk for (pk,) in rows], pa.int64())})


def require_seen(actor: Actor, customer_id: int) -> None:
    """Raise `NoSuchCustomer` unless ``actor`` sees the customer: who may not see somebody is not told that they are."""
    if not Customer.objects.filter(may_see(actor), pk=customer_id).exists():
        raise NoSuchCustomer("No customer has this id", received=str(customer_id))


def hold(customer_ids: Iterable[int]) -> frozenset[int]:
    """Those of the ids who are customers, deleted ones too; until the caller's transaction ends nobody else holds them.

    For what must not happen to one person at the same moment twice. Waits for who holds them.
    """
    rows = Customer.objects.select_for_update(no_key=True).filter(pk__among=sorted(set(customer_ids)))
    return frozenset(rows.order_by("pk").values_list("pk", flat=True))
