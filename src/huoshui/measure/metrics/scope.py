"""The scope of an evaluation: which facts, which periods, which slice, split by what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis

from huoshui.data.facts import relations
from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, IbisTable, Tables
from huoshui.measure.metrics.dimensions import OF_LINES, OF_SALES, OF_TIME, Value, names, of_type
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.lines import cells_of_lines, changes_with_products, sales_by_lines
from huoshui.measure.metrics.periods import Period, apart, number_of

PERIOD = "_period"
"""Of several periods at once: the number of the period that a row belongs to, a column like a dimension."""


def _as_it_is(expression: Any) -> Any:
    return expression


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a metric is asked for.

    ``by`` names the dimensions its rows must carry; ``where`` holds the slice: dimension → value, where ``None``
    asks for the rows without a value. `dimensions.names` says which there are. Of several ``periods``, ``by`` holds
    `PERIOD` too, and a row that lies in two of them comes twice.

    ``facts`` are the ``tables``, or just what metrics read of them, already in memory. ``keep`` computes what several
    metrics read; `once` makes it once.
    """

    tables: Tables
    facts: Tables
    periods: tuple[Period, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, Value] = field(default_factory=dict)
    keep: Callable[[Any], Any] = _as_it_is
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def used(self) -> tuple[str, ...]:
        """All dimensions that rows must carry, each once."""
        return tuple(name for name in dict.fromkeys((*self.by, *self.where)) if name != PERIOD)

    @property
    def several(self) -> bool:
        """Whether rows say which period they belong to."""
        return PERIOD in self.by

    @property
    def latest(self) -> AsOf:
        """The house as it was when the last of the periods ended."""
        return max((period.end_as_of for period in self.periods), key=lambda as_of: as_of.at)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` gives, computed once for all metrics that ask for ``name``."""
        if name not in self._made:
            self._made[name] = self.keep(make())
        return self._made[name]

    # -- facts ---------------------------------------------------------------------------------------------------

    def sales(self) -> IbisTable:
        """Orders with revenue in the period, anonymous ones too, with ``at``, ``revenue`` and the dimensions.

        Split or cut by what was sold, an order comes once for each product or category in which it has money.
        """
        return self.once("sales", lambda: self._sliced(self._lined(self._in_periods(_plain(self._orders())))))

    def changes(self) -> IbisTable:
        """Order changes that occurred in the period, as `sales`; channel and store are those of their order."""
        return self.once("changes", self._changes)

    def first_sales(self) -> IbisTable:
        """The first purchase ever of each customer who made it in the period, as `sales`.

        Of several at the same moment, the one with the lowest source and order number.
        """
        return self.once("first sales", self._first_sales)

    def purchases(self) -> IbisTable:
        """All purchases of known customers before the end of the last period, without dimensions."""
        orders = self._orders()
        return orders.filter(orders.customer_id.notnull())

    def customers(self) -> IbisTable:
        """``customer_id`` of those who were there when the period ended, for `people`."""
        since = self.once("known since", lambda: traits.known_since(self.facts, self.latest, self._first_end))
        return self.of_each_period(
            lambda _, period: since.filter(
                (since.since < ibis.literal(period.end)) | since.since.isnull()
            ).select("customer_id")
        )

    def of_each_period(self, make: Callable[[int, Period], Any]) -> IbisTable:
        """What ``make`` gives for each period and its number, together."""
        if not self.several:
            return make(0, self.periods[0])
        parts = [make(n, p).mutate(**{PERIOD: ibis.literal(n, "int64")}) for n, p in enumerate(self.periods)]
        return ibis.union(*parts)

    def people(self, rows: Any) -> IbisTable:
        """``rows`` (one per customer and period, with ``customer_id``) with the dimensions of people.

        Raises `UnknownDimension` for a dimension that only a sale has.
        """
        for name in self.used:
            if name in OF_SALES:
                raise UnknownDimension(
                    "This metric counts people, and people have no such dimension",
                    received=name,
                    valid=", ".join(names(self.tables, of_people=True)),
                )
        return self._sliced(rows)

    def cut(self, rows: Any, has: Collection[str]) -> IbisTable:
        """``rows`` of the periods by their moment ``at``, with the dimensions and within the slice.

        They have ``customer_id`` and, where asked for, those dimensions of sales that ``has`` names. Raises
        `UnknownDimension` for the others.
        """
        for name in self.used:
            if name in OF_SALES and name not in OF_TIME and name not in has:
                raise UnknownDimension(
                    "This metric has no such dimension",
                    received=name,
                    valid=", ".join((*has, *OF_TIME, *names(self.tables, of_people=True))),
                )
        return self._sliced(self._in_periods(rows))

    # -- inside --------------------------------------------------------------------------------------------------

    @property
    def _first_end(self) -> Any:
        return min(period.end for period in self.periods)

    def _orders(self) -> Any:
        return relations.all_orders(self.facts, self.latest)

    def _changes(self) -> Any:
        changes = relations.all_changes(self.facts, self.latest)
        sold = ["product_id"] if set(OF_LINES) & set(self.used) else []
        plain = changes.select("customer_id", "source", "order_id", "revenue", *sold, at=changes.occurred_at)
        plain = self._in_periods(plain)
        if {"channel", "store"} & set(self.used):
            orders = self.facts.table("orders")
            known = orders.select("channel", "store", _source=orders.source, _order_id=orders.order_id)
            plain = plain.left_join(
                known, [plain.source == known["_source"], plain.order_id == known["_order_id"]]
            ).drop("_source", "_order_id")
        if sold:
            plain = changes_with_products(plain, self.facts)
        return self._sliced(plain)

    def _first_sales(self) -> Any:
        purchases = self.purchases()
        first = purchases.group_by("customer_id").aggregate(_first=purchases.ordered_at.min())
        first = first.rename(_customer="customer_id")
        earliest = ibis.literal(min(period.start for period in self.periods))
        first = first.filter(first["_first"] >= earliest)
        candidates = purchases.inner_join(
            first, [purchases.customer_id == first["_customer"], purchases.ordered_at == first["_first"]]
        )
        place = ibis.row_number().over(
            ibis.window(group_by=candidates.customer_id, order_by=[candidates.source, candidates.order_id])
        )
        chosen = candidates.mutate(_place=place)
        plain = _plain(chosen.filter(chosen["_place"] == 0))
        return self._sliced(self._lined(self._in_periods(plain)))

    def _in_periods(self, rows: Any) -> Any:
        """``rows`` whose moment ``at`` lies in the periods, marked with the number of theirs."""
        if not self.several:
            (only,) = self.periods
            return rows.filter(rows["at"] >= ibis.literal(only.start), rows["at"] < ibis.literal(only.end))
        layers = [rows.mutate(**{PERIOD: number_of(rows["at"], layer)}) for layer in apart(self.periods)]
        return ibis.union(*(layer.filter(layer[PERIOD].notnull()) for layer in layers))

    def _lined(self, sales: Any) -> Any:
        of_lines = [name for name in OF_LINES if name in self.used]
        if not of_lines:
            return sales
        cells = self.once("cells of lines", lambda: cells_of_lines(self.facts, of_lines))
        return sales_by_lines(sales, cells, of_lines)

    def _sliced(self, rows: Any) -> Any:
        """``rows`` with a column for each dimension, and only those of the slice."""
        valid = names(self.tables)
        for name in self.used:
            if name not in valid:
                raise UnknownDimension("There is no such dimension", received=name, valid=", ".join(valid))
        of_time = [name for name in self.used if name in OF_TIME]
        rows = rows.mutate(**{name: rows["at"].truncate(OF_TIME[name][0]).date() for name in of_time})
        coded = [name for name in self.used if name in TRAITS]
        attributes = [n for n in self.used if n not in OF_SALES and n not in TRAITS]
        if attributes:
            customers = self.facts.table("customers")
            known = customers.select(*attributes, _person=customers.customer_id)
            rows = rows.left_join(known, rows.customer_id == known["_person"]).drop("_person")
        if coded:
            rows = self._coded(rows, coded)
        for name, value in self.where.items():
            column = rows[name]
            rows = rows.filter(
                column.isnull() if value is None else column == of_type(name, value, column.type())
            )
        return rows

    def _coded(self, rows: Any, coded: Sequence[str]) -> Any:
        """``rows`` with traits of their customer as of the end of their period."""

        def computed() -> Any:
            return self.of_each_period(
                lambda _, period: traits.trait_table(self.tables, period.end_as_of, only=coded)
            ).rename(_trait_of="customer_id")

        found = self.once("traits", computed)
        if not self.several:
            return rows.left_join(found, rows.customer_id == found["_trait_of"]).drop("_trait_of")
        found = found.rename(_trait_period=PERIOD)
        same = [rows.customer_id == found["_trait_of"], rows[PERIOD] == found["_trait_period"]]
        return rows.left_join(found, same).drop("_trait_of", "_trait_period")


def _plain(orders: Any) -> Any:
    return orders.select(
        "customer_id", "source", "order_id", "channel", "store", "revenue", at=orders.ordered_at
    )
