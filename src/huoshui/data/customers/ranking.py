"""All customers that meet conditions, in the order of a list.

The lake is asked for a column at a time, once for as long as the table it comes from stays as it is; what is asked of a
million customers is then a comparison of columns, and a page, its count, and a page far down are cuts of one order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from huoshui.data.customers.columns import Column, Ids, Mask, Places, keep, kept, places
from huoshui.data.customers.conditions import Conditions, population
from huoshui.data.customers.pending import Pending, people, rows_of
from huoshui.kernel.plugs import TRAITS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from huoshui.lake.snapshot import Snapshot


EMPTY: Ids = np.zeros(0, dtype=np.int64)
STEP = 65_536
"""So many customers at a time are looked at in the order of a list, until its page is full."""


class Everybody:
    """All customers of a picture of the lake, and those of ``hand`` that it does not know yet, by id."""

    def __init__(self, tables: Snapshot, hand: Pending) -> None:
        self._tables, self._hand = tables, hand
        self._columns: dict[str, Column] = {}
        self._house: Hashable = (str(tables.lake.root), tables.versions.get("customers", 0), tuple(hand.new))
        known = people(tables)
        self.ids: Ids = np.sort(np.concatenate([known, hand.new])).astype(np.int64) if hand.new else known

    def sorted(self, chosen: Mask, sort: str) -> Ids:
        """The ids of the chosen by the slug ``sort``, with ``-`` in front for the greatest first; those without a
        value last, equal ones by id. Without a slug by id."""
        return self.ids[chosen] if not sort else np.concatenate([*self._walk(chosen, sort), EMPTY])

    def stretch(self, chosen: Mask, sort: str, start: int, stop: int) -> Ids:
        """The cut ``[start:stop]`` of `sorted`, without putting in order what lies behind it."""
        if not sort:
            return self.ids[chosen][start:stop]
        found: list[Ids] = [EMPTY]
        for ids in self._walk(chosen, sort):
            found.append(ids[max(start, 0) : max(stop, 0)])
            start, stop = start - len(ids), stop - len(ids)
            if stop <= 0:
                break
        return np.concatenate(found)

    def _walk(self, chosen: Mask, sort: str) -> Iterator[Ids]:
        """The ids of the chosen in the order ``sort``, some at a time."""
        slug, falling = sort.removeprefix("-"), sort.startswith("-")
        key = (*self._key(slug), "falling" if falling else "rising")
        order: Places = keep(key, lambda: self.column(slug).order(falling=falling))
        for start in range(0, len(order), STEP):
            some = order[start : start + STEP]
            yield self.ids[some[chosen[some]]]

    def marked(self, wanted: Iterable[int]) -> Mask:
        """Those of ``wanted``."""
        ids = wanted if isinstance(wanted, np.ndarray) else np.fromiter(wanted, dtype=np.int64)
        marks = np.zeros(len(self.ids), dtype=np.bool_)
        found = places(self.ids, ids)
        marks[found[found >= 0]] = True
        return marks

    def meeting(self, conditions: Conditions, zone: ZoneInfo) -> Mask:
        """Those who meet what ``conditions`` say of values, tags and populations. Raises as `population`."""
        self.prepare(conditions.slugs)
        met = np.ones(len(self.ids), dtype=np.bool_)
        for slug, codes in conditions.any_of.items():
            met &= self._texts(slug).any_of(codes)
        for slug, part in conditions.has.items():
            met &= self._texts(slug).has(part)
        for slug, bound in conditions.least.items():
            met &= self.column(slug).least(bound)
        for slug, bound in conditions.most.items():
            met &= self.column(slug).most(bound)
        for slug, day in conditions.since.items():
            met &= self.column(slug).since(day, zone)
        for slug, day in conditions.until.items():
            met &= self.column(slug).until(day, zone)
        for slug in conditions.empty:
            met &= ~self.column(slug).filled
        for slug in conditions.filled:
            met &= self.column(slug).filled
        for tag in conditions.tags:
            met &= self._tagged(tag)
        for text in conditions.populations:
            met &= self._members(text)
        return met

    def values(self, ids: Iterable[int], slugs: Sequence[str]) -> dict[int, dict[str, Any]]:
        """The values of these customers by id and slug, moments in UTC."""
        known = np.fromiter(ids, dtype=np.int64)
        found = places(self.ids, known)
        known, found = known[found >= 0], found[found >= 0]
        self.prepare(slugs)
        columns = [self.column(slug).values(found) for slug in slugs]
        rows = zip(*columns, strict=True) if columns else ((),) * len(known)
        return {pk: dict(zip(slugs, row, strict=True)) for pk, row in zip(known.tolist(), rows, strict=True)}

    def prepare(self, slugs: Iterable[str]) -> None:
        """See that the columns of ``slugs`` are at hand; of one table, those not held are asked for together."""
        missing = []
        for slug in dict.fromkeys(slugs):
            if slug not in self._columns:
                if (column := kept(self._key(slug))) is None:
                    missing.append(slug)
                else:
                    self._columns[slug] = column
        for of_traits in (True, False):
            if together := [slug for slug in missing if (slug in TRAITS) is of_traits]:
                rows = self._rows(together)
                found = self._read(rows.select("customer_id", *together))
                for slug in together:
                    self._columns[slug] = keep(self._key(slug), partial(found.__getitem__, slug))

    def column(self, slug: str) -> Column:
        """The value ``slug`` of everybody."""
        self.prepare([slug])
        return self._columns[slug]

    def _read(self, rows: Any) -> dict[str, Column]:
        """The columns of ``rows`` besides ``customer_id``."""
        found = self._tables.arrow(rows)
        at = places(self.ids, found.column("customer_id").to_numpy())
        slugs = [name for name in found.column_names if name != "customer_id"]
        return {slug: Column.of(found.column(slug), at, len(self.ids)) for slug in slugs}

    def _rows(self, slugs: Sequence[str]) -> Any:
        traits = self._tables.table("traits")
        return traits if {*slugs} <= {*traits.columns} else rows_of(self._tables, slugs, self._hand)

    def _texts(self, slug: str) -> Column:
        column = self.column(slug)
        if column.words is not None:
            return column

        def ask() -> Column:
            """As the engine writes it."""
            rows = self._rows([slug])
            return self._read(rows.select("customer_id", text=rows[slug].cast("string")))["text"]

        return keep((*self._key(slug), "as text"), ask)

    def _key(self, slug: str) -> tuple[Hashable, ...]:
        """What the value depends on: for traits the last refresh, for attributes also what was typed in since."""
        if slug in TRAITS:
            return (self._house, self._tables.versions.get("traits", 0), slug)
        return (self._house, self._hand.stamp, slug)

    def _tagged(self, tag: str) -> Mask:
        def ask() -> Mask:
            tags = self._tables.table("customer_tags")
            holders = tags.filter((tags.tag == tag) & tags.valid_to.isnull()).select("customer_id")
            return self.marked(self._tables.arrow(holders).column("customer_id").to_numpy())

        return keep((self._house, self._tables.versions.get("customer_tags", 0), "tag", tag), ask)

    def _members(self, text: str) -> Mask:
        declared, argument, _ = population(text)

        def ask() -> Mask:
            members = declared.members(self._tables, argument)
            return self.marked(self._tables.arrow(members).column("customer_id").to_numpy())

        # The rule of a segment changes without a new house version.
        return keep((self._house, self._tables.version, text, declared.state(argument)), ask)
