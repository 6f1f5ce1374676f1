"""The list of customers: filtered and sorted in the lake, found and named in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Q, QuerySet

from huoshui.data.customers import queries
from huoshui.data.customers.columns import Ids, Mask
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
from huoshui.data.customers.pending import Pending, pending, values_of
from huoshui.data.customers.ranking import Everybody
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
    "Stretch",
    "bound",
    "by_number",
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
HELD = 16
"""Up to so many columns of a list are held in memory; of more, the values of a page are looked up each time."""


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
    hand = pending(tables)
    everybody, chosen = _chosen(actor, tables, conditions, sort, offered, hand)
    total = int(np.count_nonzero(chosen))
    if page > 1 and (page - 1) * size >= total:
        raise NoSuchPage(
            "The list has no such page", received=str(page), next_step="Start from its first page"
        )
    ids = everybody.stretch(chosen, sort, (page - 1) * size, page * size).tolist()
    return Found(rows=rows(tables, ids, columns, hand), total=total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Customers by their number. ``total`` counts all that meet the conditions, ``more`` says whether some follow."""

    rows: Sequence[Row]
    total: int
    more: bool


def by_number(
    *,
    actor: Actor,
    tables: Snapshot,
    conditions: Conditions,
    columns: Sequence[str] = (),
    after: int | None = None,
    size: int = SIZE,
) -> Stretch:
    """The first ``size`` customers with a number above ``after`` whom the actor sees and who meet the conditions.

    For programs that read all of them stretch by stretch: whoever comes in between shifts nobody. Raises as `find`.
    """
    offered = known()
    for slug in columns:
        require_offered(slug, offered)
    hand = pending(tables)
    found = matching(actor=actor, tables=tables, conditions=conditions, sort="", offered=offered, hand=hand)
    following = found if after is None else found[np.searchsorted(found, after, side="right") :]
    return Stretch(
        rows=rows(tables, following[:size].tolist(), columns, hand),
        total=len(found),
        more=len(following) > size,
    )


def rows(
    tables: Snapshot, ids: Sequence[int], columns: Sequence[str], hand: Pending | None = None
) -> list[Row]:
    """The rows of these customers, in this order; whoever shows contacts decides what may be seen."""
    if not ids:
        return []
    values = {}
    if columns:
        hand = hand or pending(tables)
        few = len(columns) <= HELD
        values = (
            Everybody(tables, hand).values(ids, columns) if few else values_of(tables, columns, hand, ids)
        )
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
    hand: Pending | None = None,
) -> Ids:
    """The ids of all customers whom the actor sees and who meet the conditions, sorted; by id for an empty
    ``sort``. Raises as `find`."""
    everybody, chosen = _chosen(
        actor, tables, conditions, sort, known() if offered is None else offered, hand or pending(tables)
    )
    return everybody.sorted(chosen, sort)


def _chosen(
    actor: Actor,
    tables: Snapshot,
    conditions: Conditions,
    sort: str,
    offered: Mapping[str, Known],
    hand: Pending,
) -> tuple[Everybody, Mask]:
    """Everybody, and whom of them `matching` means."""
    actor.require(Right.CUSTOMERS_VIEW)
    check(conditions, offered)
    if sort:
        require_offered(sort.removeprefix("-"), offered)
    everybody = Everybody(tables, hand)
    chosen = everybody.meeting(conditions, organisation.current().zone)

    def of(rows: QuerySet[Any], name: str) -> Mask:
        return everybody.marked(pk for (pk,) in fetch(rows.values_list(name)))

    chosen &= ~of(Customer.objects.filter(deleted_at__isnull=False), "pk")
    if owners(actor) is not None or conditions.owners or conditions.teams:
        chosen &= of(_looked_after(actor, conditions), "pk")
    for source in conditions.sources:
        chosen &= of(Identity.objects.filter(source=source), "customer_id")
    if conditions.words:
        chosen &= everybody.marked(ids_by_words(conditions.words, actor=actor))
    return everybody, chosen


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
