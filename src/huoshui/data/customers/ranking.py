"""All customers that meet the conditions of the lake, in the order of a list: asked once per house version.

A page of a list, its count, and the page far down are cuts out of one sorted row of ids, eight bytes each. So the lake
is asked once, for ids only, whatever page is looked at; the values of a page are asked for by its ids. Sorting a
million costs more than finding those who meet a condition: all are sorted once, and conditions choose among them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.models import Count, Max

from huoshui.data.customers import queries
from huoshui.data.customers.attributes import LAKE_TYPES
from huoshui.data.customers.conditions import Conditions, filters
from huoshui.data.customers.models import Customer, HandValue
from huoshui.kernel.plugs import TRAITS
from huoshui.lake import pointing

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from huoshui.lake.snapshot import Snapshot

Ids = npt.NDArray[np.int64]
MOST_BYTES = 96 * 2**20
"""How much of the memory of a process the rows of ids may take: a dozen lists of a million."""


class Ranked:
    """Ids in the order of a list."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids

    @cached_property
    def _by_id(self) -> tuple[Ids, npt.NDArray[np.uint32]]:
        order = np.argsort(self.ids)
        return self.ids[order], order.astype(np.uint32)

    @property
    def bytes(self) -> int:
        """What it takes in memory by now."""
        looked_into = "_by_id" in self.__dict__
        return self.ids.nbytes + (sum(part.nbytes for part in self._by_id) if looked_into else 0)

    def _marked(self, asked: Iterable[int]) -> npt.NDArray[np.bool_]:
        """For each place of the list whether one of the asked ids stands there."""
        marks = np.zeros(len(self.ids), dtype=np.bool_)
        wanted = asked if isinstance(asked, np.ndarray) else np.fromiter(asked, dtype=np.int64)
        in_order, order = self._by_id
        if len(in_order):
            found = np.searchsorted(in_order, wanted)
            found[found == len(in_order)] = 0
            marks[order[found[in_order[found] == wanted]]] = True
        return marks

    def among(self, wanted: Iterable[int]) -> Ranked:
        """Only those of ``wanted``, in the same order."""
        return Ranked(self.ids[self._marked(wanted)])

    def without(self, unwanted: Iterable[int]) -> Ranked:
        """All but those of ``unwanted``."""
        return Ranked(self.ids[~self._marked(unwanted)])


KEPT_ANSWERS = 16
POINTED_AT = 200
"""Up to so many customers are looked up by their ids; for more, reading on costs less."""

_kept: OrderedDict[Hashable, Ranked] = OrderedDict()
_whole: OrderedDict[Hashable, bool] = OrderedDict()
_guard = threading.Lock()


def ranked(tables: Snapshot, conditions: Conditions, sort: str, zone: ZoneInfo, hand: Pending) -> Ranked:
    """The customers who meet the conditions of the lake, sorted: without a value last, equal ones by id.

    ``sort`` is a slug, with ``-`` in front for the greatest first. What was typed in since the last write of the lake
    counts as if it stood there: ``hand`` is what `pending` answers.
    """
    house = (str(tables.lake.root), tables.version, hand.stamp)

    def everybody() -> Ranked:
        return _keep((*house, "sorted", sort), lambda: Ranked(_sorted(tables, sort, hand)))

    if not (conditions.slugs or conditions.tags):
        return everybody()
    key = (*house, conditions.of_lake, sort, str(zone))
    return _keep(key, lambda: everybody().among(_meeting(tables, conditions, zone, hand)))


def people(tables: Snapshot) -> Ranked:
    """All customers of the lake, by id."""
    version = tables.versions.get("customers", 0)
    key = (str(tables.lake.root), "people", version)

    def ask() -> Ranked:
        rows = tables.table("customers")
        return Ranked(_ids(tables.arrow(rows.select("customer_id").order_by("customer_id"))))

    return _keep(key, ask)


class Pending:
    """What was typed in and is not in the lake yet. ``stamp`` changes with it."""

    def __init__(self, tables: Snapshot) -> None:
        self.stamp: Hashable = None
        self.new: list[int] = []
        self.names: frozenset[str] = frozenset()
        edits = HandValue.objects.aggregate(n=Count("pk"), last=Max("pk"))
        # By the moment, which the partial index is sorted by: databases would walk all customers by their key instead.
        rows = Customer.objects.filter(load_id=None, created_at__isnull=False, deleted_at=None)
        typed = sorted(rows.order_by("created_at").values_list("pk", "created_at"))
        if typed:
            known = set(people(tables).among(pk for pk, _ in typed).ids.tolist())
            typed = [(pk, at) for pk, at in typed if pk not in known]
            self.new = [pk for pk, _ in typed]
        if typed or edits["n"]:
            self.stamp = (edits["n"], edits["last"], len(typed), typed[-1][0] if typed else 0)
            self._created = dict(typed)

    def concerns(self, ids: Sequence[int]) -> bool:
        """Whether something of one of these customers is pending."""
        if self.stamp is None:
            return False
        return bool({*self.new} & {*ids}) or HandValue.objects.filter(customer_id__among=list(ids)).exists()

    def as_table(self) -> pa.Table:
        """One row per customer of whom something is pending: id, ``is_new``, since when, and texts of their values;
        ``NAME_said`` tells whether a value was typed in."""
        values: dict[int, dict[str, str]] = {pk: {} for pk in self.new}
        names: set[str] = set()
        rows = HandValue.objects.order_by("valid_from", "pk").values_list("customer_id", "name", "value")
        for customer_id, name, value in rows:
            values.setdefault(customer_id, {})[name] = value
            names.add(name)
        self.names = frozenset(names)
        ids = sorted(values)
        columns: dict[str, Any] = {
            "hand_id": pa.array(ids, pa.int64()),
            "is_new": pa.array([pk in self._created for pk in ids], pa.bool_()),
        }
        for name in sorted(names):
            columns[f"{name}_said"] = pa.array([name in values[pk] for pk in ids], pa.bool_())
            columns[f"{name}_hand"] = pa.array([values[pk].get(name) or None for pk in ids], pa.string())
        return pa.table(columns)


def pending(tables: Snapshot) -> Pending:
    """What the lake does not know yet."""
    return Pending(tables)


def rows_of(tables: Snapshot, wanted: Sequence[str], hand: Pending, ids: Sequence[int] | None = None) -> Any:
    """A row per customer (or of those of ``ids``) with the wanted columns, what is pending laid over the lake."""
    persons, traits = tables.table("customers"), tables.table("traits")
    if ids is not None:
        persons = persons.filter(persons.customer_id.isin(list(ids)))
        traits = traits.filter(traits.customer_id.isin(list(ids)))
    of_traits = [slug for slug in wanted if slug in TRAITS and slug in traits.columns]
    of_people = [slug for slug in wanted if slug not in TRAITS and slug in persons.columns]
    base = persons.select("customer_id", *of_people)
    if hand.stamp is not None:
        base = _overlaid(tables, base, of_people, hand)
    if of_traits:
        narrow = traits.select(*of_traits, of_traits_=traits.customer_id)
        base = base.left_join(narrow, base.customer_id == narrow["of_traits_"]).drop("of_traits_")
    missing = {slug: ibis.null("string") for slug in wanted if slug not in (*of_traits, *of_people)}
    return base.mutate(**missing) if missing else base


def values_of(
    tables: Snapshot, wanted: Sequence[str], hand: Pending, ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """The wanted values of these customers, by id and slug; moments in UTC."""
    if len(ids) > POINTED_AT or hand.concerns(ids):
        rows = tables.arrow(rows_of(tables, wanted, hand, ids)).to_pylist()
        return {row.pop("customer_id"): {slug: _in_utc(value) for slug, value in row.items()} for row in rows}
    found: dict[int, dict[str, Any]] = {}
    for table, slugs in (
        ("customers", [slug for slug in wanted if slug not in TRAITS]),
        ("traits", [slug for slug in wanted if slug in TRAITS]),
    ):
        if slugs:
            columns = ["customer_id", *slugs]
            for row in pointing.find(tables, table, by="customer_id", values=ids, columns=columns):
                found.setdefault(row.pop("customer_id"), dict.fromkeys(wanted)).update(row)
    return found


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _overlaid(tables: Snapshot, base: Any, of_people: Sequence[str], hand: Pending) -> Any:
    table = hand.as_table()
    held = tables.session.hold(table)
    touched = [slug for slug in of_people if slug in hand.names]
    types = {a.slug: LAKE_TYPES[a.type] for a in queries.attributes(kind="ordinary")}
    arrived = held.filter(held.is_new).select(
        customer_id=held.hand_id, **{slug: ibis.null(base[slug].type()) for slug in of_people}
    )
    base = base.union(arrived)
    if not touched:
        return base
    said = held.select("hand_id", *(f"{slug}_{part}" for slug in touched for part in ("said", "hand")))
    joined = base.left_join(said, base.customer_id == said.hand_id)
    over = {
        slug: ibis.ifelse(
            joined[f"{slug}_said"].fill_null(False),
            joined[f"{slug}_hand"].try_cast(types[slug])
            if types[slug] != "string"
            else joined[f"{slug}_hand"],
            joined[slug],
        )
        for slug in touched
    }
    return joined.select("customer_id", *(s for s in of_people if s not in touched), **over)


def _sorted(tables: Snapshot, sort: str, hand: Pending) -> Ids:
    by = sort.removeprefix("-")
    rows = _with(tables, (by,), hand)
    order = ibis.desc(rows[by], nulls_first=False) if sort.startswith("-") else ibis.asc(rows[by])
    return _ids(tables.arrow(rows.order_by(order, rows.customer_id).select("customer_id")))


def _meeting(tables: Snapshot, conditions: Conditions, zone: ZoneInfo, hand: Pending) -> Ids:
    if _traits_decide(tables, conditions):
        rows = tables.table("traits").select("customer_id", *conditions.slugs)
    else:
        rows = _with(tables, conditions.slugs, hand)
    for tag in conditions.tags:
        tags = tables.table("customer_tags")
        holders = tags.filter((tags.tag == tag) & tags.valid_to.isnull()).select("customer_id")
        rows = rows.semi_join(holders, "customer_id")
    if chosen := filters(rows, conditions, zone):
        rows = rows.filter(*chosen)
    return _ids(tables.arrow(rows.select("customer_id")))


def _traits_decide(tables: Snapshot, conditions: Conditions) -> bool:
    """Whether only traits are asked for, and some value of them: whoever has no traits cannot meet that."""
    columns = tables.table("traits").columns
    of_traits = all(slug in TRAITS and slug in columns for slug in conditions.slugs)
    return of_traits and bool({*conditions.slugs} - {*conditions.empty})


def _with(tables: Snapshot, wanted: Sequence[str], hand: Pending) -> Any:
    """A row per customer with the wanted columns, from the table of traits alone where that has them all."""
    if hand.stamp is None and all(slug in TRAITS for slug in wanted) and _traits_are_whole(tables, wanted):
        return tables.table("traits").select("customer_id", *wanted)
    return rows_of(tables, wanted, hand)


def _traits_are_whole(tables: Snapshot, wanted: Sequence[str]) -> bool:
    """Whether the table of traits has a row for just the customers of the lake: then no join is needed."""
    traits = tables.table("traits")
    if not all(slug in traits.columns for slug in wanted):
        return False
    versions = (tables.versions.get("traits", 0), tables.versions.get("customers", 0))
    key = (str(tables.lake.root), *versions)
    is_whole = _whole.get(key)
    if is_whole is None:
        of_traits = tables.arrow(traits.select("customer_id").order_by("customer_id"))
        is_whole = np.array_equal(_ids(of_traits), people(tables).ids)
        with _guard:
            _whole[key] = is_whole
            while len(_whole) > KEPT_ANSWERS:
                _whole.popitem(last=False)
    return is_whole


def _ids(table: pa.Table) -> Ids:
    ids: Ids = table.column("customer_id").to_numpy()
    return ids


def _keep(key: Hashable, ask: Callable[[], Ranked]) -> Ranked:
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    answer = ask()
    with _guard:
        _kept[key] = answer
        while len(_kept) > 1 and sum(one.bytes for one in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
    return answer
