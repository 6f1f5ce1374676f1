"""Keeping customers findable: `SearchText` follows what changes, at once for few and soon after for many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

import pyarrow as pa
from django.db import transaction
from django.db.models import QuerySet

from huoshui.data.customers.models import Customer, Identity, SearchDue, SearchText
from huoshui.data.customers.words import words_of
from huoshui.database.rows import Pace, fetch, insert

Made = dict[tuple[str, tuple[str, ...], tuple[str, ...]], str]
"""Words by what they were made of: name, contacts, numbers."""

AT_ONCE = 1_000
"""For as many, the words are written with the change itself; more would make loading a quarter slower."""

FEW = 200
"""So many customers are the least whose words are written in one transaction."""


def changed(customer_ids: Collection[int], *, of: int = 0) -> None:
    """Let what the house now says of these customers find them. Call it in the transaction of the change, last.

    Of many, only a note is made, which `index_due` takes up: until then they are found by what they were. ``of`` is
    how many the change concerns where it is cut into transactions, and these are some of them.
    """
    if not customer_ids:
        return
    ids = sorted(set(customer_ids))
    if max(of, len(ids)) <= AT_ONCE:
        _write_words(ids)
    else:
        insert(SearchDue, pa.table({"customer_id": pa.array(ids, pa.int64())}), {}, unless_taken=True)


def index_due(*, progress: Callable[[int, int], None] | None = None) -> int:
    """Write the words of all customers that wait for it, in short transactions; returns how many those were.

    ``progress`` is told how many are done and how many there were. May be interrupted and called again at any time.
    """
    of, done = SearchDue.objects.count(), 0
    # A full-text index now and then puts its parts together, at the cost of whoever writes: no large steps.
    pace = Pace(FEW, fewest=FEW, most=10 * FEW)
    while True:
        ids = [pk for (pk,) in fetch(SearchDue.objects.order_by("pk").values_list("pk")[: pace.rows])]
        if not ids:
            return done
        # Making words takes longer than writing them, so they are made before others have to wait for us.
        made: Made = {}
        words_now(ids, made)
        with pace.transaction():
            # Taken away first: who changes one of them now waits for us, and notes it again.
            _delete(SearchDue.objects.filter(pk__among=ids))
            _write_words(ids, made)
        done += len(ids)
        if progress is not None:
            progress(done, max(of, done))


def rebuild(*, progress: Callable[[int, int], None] | None = None) -> int:
    """Write the words of all customers anew; returns how many there are."""
    last, pace = 0, Pace()
    while True:
        rows = Customer.objects.filter(pk__gt=last).order_by("pk")
        ids = [pk for (pk,) in fetch(rows.values_list("pk")[: pace.rows])]
        if not ids:
            break
        with pace.transaction():
            insert(SearchDue, pa.table({"customer_id": pa.array(ids, pa.int64())}), {}, unless_taken=True)
        last = ids[-1]
    strangers = SearchText.objects.exclude(pk__in=Customer.objects.filter(deleted_at=None).values("pk"))
    with transaction.atomic():
        _delete(strangers)
    return index_due(progress=progress)


def words_now(customer_ids: Sequence[int], made: Made | None = None) -> dict[int, str]:
    """The words of those of the customers who are not deleted, from what the house says of them now.

    ``made`` keeps what was made of what: asked again, only words of those who changed meanwhile are made.
    """
    made = {} if made is None else made
    known: dict[int, list[str]] = defaultdict(list)
    contacts: dict[int, list[str]] = defaultdict(list)
    asked = list(customer_ids)
    rows = Identity.objects.filter(customer_id__among=asked).values_list("customer_id", "kind", "value")
    for customer_id, kind, value in fetch(rows):
        (contacts if kind in ("phone", "email") else known)[customer_id].append(value)
    people = Customer.objects.filter(pk__among=asked, deleted_at=None)
    found: dict[int, str] = {}
    for pk, name, phone, email in fetch(people.values_list("pk", "name", "phone", "email")):
        said = (name, tuple(one for one in (phone, email, *contacts[pk]) if one), (str(pk), *known[pk]))
        if said not in made:
            made[said] = words_of(*said)
        found[pk] = made[said]
    return found


def _write_words(ids: Sequence[int], made: Made | None = None) -> None:
    words = words_now(ids, made)
    with transaction.atomic():
        _delete(SearchText.objects.filter(pk__among=list(ids)))
        told = sorted(words.items())
        columns = {
            "customer_id": pa.array([pk for pk, _ in told], pa.int64()),
            "words": pa.array([text for _, text in told], pa.string()),
        }
        insert(SearchText, pa.table(columns), {})


def _delete(rows: QuerySet[SearchDue] | QuerySet[SearchText]) -> None:
    rows._raw_delete(rows.db)
