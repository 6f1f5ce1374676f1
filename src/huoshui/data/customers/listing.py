"""The list of customers: filtered and sorted in the lake, found and named in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from huoshui.data.customers import queries, ranking
from huoshui.data.customers.conditions import (
    NOBODY,
    Conditions,
    Known,
    NotAColumn,
    NotACondition,
    bound,
    check,
    known,
    require_offered,
)
from huoshui.data.customers.models import Customer, Identity, SearchText
from huoshui.data.customers.ranking import Ranked
from huoshui.data.customers.scope import may_see, owners
from huoshui.data.customers.words import asked, is_han
from huoshui.database.beginnings import rows_with
from huoshui.database.rows import fetch
from huoshui.desk.organisation import queries as organisation
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

__all__ = [
    "NOBODY",
    "USUAL_SORT",
    "Conditions",
    "Found",
    "Known",
    "NoSuchPage",
    "NotAColumn",
    "NotACondition",
    "Row",
    "bound",
    "contacts",
    "find",
    "ids_by_words",
    "known",
    "matching",
    "require_offered",
    "rows",
]

SIZE = 25
USUAL_SORT = "-last_order_at"


class NoSuchPage(HuoshuiError):
    """The list is shorter than that."""

    code = "no_such_page"
    says = Text("The list has no such page", "列表没有这一页")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A customer of the list; ``values`` by slug. ``owner`` is a name, empty where nobody looks after them."""

    customer_id: int
    name: str
    phone: str
    email: str
    owner: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page. ``total`` counts all customers that meet the conditions."""

    rows: Sequence[Row]
    total: int


def find(
    *,
    actor: Actor,
    tables: Snapshot,
    conditions: Conditions,
    columns: Sequence[str],
    sort: str = USUAL_SORT,
    page: int = 1,
    size: int = SIZE,
) -> Found:
    """One page of the customers whom the actor sees and who meet the conditions.

    Traits are as of the last refresh; attributes, contacts, owners and deletions as they are. ``sort`` is a slug,
    with ``-`` in front for the greatest first; customers without a value come last, equal ones by id. Raises
    `NotAColumn`, `NotACondition`, `NoSuchPage`, `NotAllowed`.
    """
    offered = known()
    for slug in columns:
        require_offered(slug, offered)
    hand = ranking.pending(tables)
    found = matching(actor=actor, tables=tables, conditions=conditions, sort=sort, offered=offered, hand=hand)
    total = len(found.ids)
    if page > 1 and (page - 1) * size >= total:
        raise NoSuchPage(
            "The list has no such page", received=str(page), next_step="Start from its first page"
        )
    ids = found.ids[(page - 1) * size : page * size].tolist()
    return Found(rows=rows(tables, ids, columns, hand), total=total)


def rows(
    tables: Snapshot, ids: Sequence[int], columns: Sequence[str], hand: ranking.Pending | None = None
) -> list[Row]:
    """The rows of these customers, in this order; whoever shows contacts decides what may be seen."""
    if not ids:
        return []
    values = {}
    if columns:
        values = ranking.values_of(tables, columns, hand or ranking.pending(tables), ids)
    nothing = dict.fromkeys(columns)
    people = contacts(ids)
    return [
        Row(
            customer_id=customer_id,
            **people.get(customer_id, {"name": "", "phone": "", "email": "", "owner": ""}),
            values=values.get(customer_id, nothing),
        )
        for customer_id in ids
    ]


def matching(
    *,
    actor: Actor,
    tables: Snapshot,
    conditions: Conditions,
    sort: str = USUAL_SORT,
    offered: Mapping[str, Known] | None = None,
    hand: ranking.Pending | None = None,
) -> Ranked:
    """All customers whom the actor sees and who meet the conditions, sorted. Raises as `find`."""
    actor.require(Right.CUSTOMERS_VIEW)
    offered = known() if offered is None else offered
    check(conditions, offered)
    require_offered(sort.removeprefix("-"), offered)
    hand = hand or ranking.pending(tables)
    found = ranking.ranked(tables, conditions, sort, organisation.current().zone, hand)
    gone = [pk for (pk,) in fetch(Customer.objects.filter(deleted_at__isnull=False).values_list("pk"))]
    if gone:
        found = found.without(gone)
    if owners(actor) is not None or conditions.owners or conditions.teams:
        found = found.among(pk for (pk,) in fetch(_looked_after(actor, conditions).values_list("pk")))
    for source in conditions.sources:
        known_there = Identity.objects.filter(source=source).values_list("customer_id")
        found = found.among(pk for (pk,) in fetch(known_there))
    if conditions.words:
        found = found.among(ids_by_words(conditions.words, actor=actor))
    return found


def ids_by_words(words: str, *, actor: Actor, limit: int | None = None) -> list[int]:
    """Whom the actor sees and ``words`` may mean: who is known by exactly this first, then by name, its sound, or the
    beginning of anything they are known by. Deleted customers are nobody. Raises `NotAllowed`.
    """
    seen = may_see(actor)
    exact = [one.customer_id for one in queries.find(words)]
    if exact and owners(actor) is not None:
        allowed = set(Customer.objects.filter(seen, pk__in=exact).values_list("pk", flat=True))
        exact = [pk for pk in exact if pk in allowed]
    if limit is not None and len(exact) >= limit:
        return exact[:limit]
    looked_for = asked(words)
    # One letter or digit begins something of everybody; one character of Chinese is a name.
    if not looked_for or (len(looked_for) == 1 and len(looked_for[0]) == 1 and not is_han(looked_for[0])):
        return exact
    among = None if owners(actor) is None else Customer.objects.filter(seen).values("pk")
    found = rows_with(SearchText, "words", looked_for, among=among, limit=limit)
    if len(looked_for) > 1 and (limit is None or len(found) < limit):
        # 王 小梅, +86 138 1234, Rose Tyler: what was typed apart may be one word.
        found += rows_with(SearchText, "words", ["".join(looked_for)], among=among, limit=limit)
    return list(dict.fromkeys([*exact, *found]))[:limit]


def contacts(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Name, phone, e-mail and name of the owner by id, as they are; who shows them decides what may be seen."""
    found = Customer.objects.filter(pk__in=list(ids), deleted_at=None)
    return {
        row["pk"]: {
            "name": row["name"],
            "phone": row["phone"],
            "email": row["email"],
            "owner": row["owner__name"] or "",
        }
        for row in found.values("pk", "name", "phone", "email", "owner__name")
    }


def _looked_after(actor: Actor, conditions: Conditions) -> Any:
    by = Q()
    for said in conditions.owners:
        if said == NOBODY:
            by |= Q(owner=None)
        elif said.isascii() and said.isdecimal() and len(said) < 16:
            by |= Q(owner_id=int(said))
        else:
            raise NotACondition(
                "This is no colleague", received=repr(said[:40]), valid=f"a number, or {NOBODY}"
            )
    if conditions.teams:
        by |= Q(owner_id__in=sorted(users.members_of(frozenset(conditions.teams))))
    return Customer.objects.filter(may_see(actor)).filter(by)
