"""The scope of an evaluation: which facts, which periods, which slice, split by what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import ibis

from huoshui.data.facts import relations
from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, TRAITS, IbisTable, Tables
from huoshui.measure.metrics import groups
from huoshui.measure.metrics.dimensions import (
    IN,
    OF_LINES,
    OF_ORDERS,
    OF_SALES,
    OF_TIME,
    Value,
    names,
    of_type,
)
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.facts import first_purchases, values_of
from huoshui.measure.metrics.lines import cells_of_lines, changes_with_products, unexplained
from huoshui.measure.metrics.periods import Period, apart, begin_of, first_day_of, in_grains, numbered, span

PERIOD = "_period"
"""Of several periods at once: the number of the period that a row belongs to, a column like a dimension."""

MOST_TOLD_APART = 400
"""Up to so many days, weeks, months … are told apart by their bounds; more are made of the moments by the engine."""

FEW_MOMENTS = 2
"""Traits as of so many moments are held in memory; of more they would drive out what pages need more often."""

OF_BUYERS = "purchases_in_order"
"""The relation that traits of `Scope.buyers_then` are made of."""

OF_SPENDING = ("channel", "source", "first_channel")
"""Dimensions of spending, besides those of the moment."""

LEAST_DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}


def as_it_is(expression: Any) -> Any:
    """What keeps nothing."""
    return expression


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a metric is asked for.

    ``by`` names the dimensions its rows must carry; ``where`` holds the slice: dimension → value, where ``None``
    asks for the rows without a value, and ``in`` → a group of customers as they are now (``segment:vip``).
    `dimensions.names` says which dimensions there are. Of several ``periods``, ``by`` holds
    `PERIOD` too, and a row that lies in two of them comes twice.

    ``facts`` are the ``tables``, or just what metrics read of them, already in memory. ``keep`` computes what several
    metrics read; `once` makes it once.
    """

    tables: Tables
    facts: Tables
    periods: tuple[Period, ...]
    by: tuple[str, ...] = ()
    where: Mapping[str, Value] = field(default_factory=dict)
    keep: Callable[[Any], Any] = as_it_is
    _made: dict[str, Any] = field(default_factory=dict)
    _shifted: dict[str, Scope] = field(default_factory=dict)

    @property
    def used(self) -> tuple[str, ...]:
        """All dimensions that rows must carry, each once."""
        cut = (name for name in self.where if name != IN)
        return tuple(name for name in dict.fromkeys((*self.by, *cut)) if name != PERIOD)

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
            made = self.keep(make())
            if self.several and PERIOD in made.columns:
                # Engines keep small numbers in a smaller type, and tables of two types are not put together.
                made = made.mutate(**{PERIOD: made[PERIOD].cast("int64")})
            self._made[name] = made
        return self._made[name]

    # -- facts ---------------------------------------------------------------------------------------------------

    def sales(self) -> IbisTable:
        """Orders with revenue in the period, anonymous ones too: ``customer_id``, ``revenue`` and the dimensions.

        Split or cut by what was sold, an order comes once for each product or category in which it has money.
        """
        sales = self.once("sales", self._sales)
        return self._lined(sales) if self._used_of(OF_LINES) else sales

    def changes(self) -> IbisTable:
        """Order changes that occurred in the period, as `sales`; channel and store are those of their order."""
        return self.once("changes", self._changes)

    def first_sales(self) -> IbisTable:
        """The first purchase ever of each customer who made it in the period: ``customer_id`` and the dimensions.

        Of several at the same moment, the one with the lowest source and order number. Split or cut by what was sold,
        it comes once for each product or category, as `sales`.
        """
        return self.once("first sales", self._first_sales)

    def purchases(self) -> IbisTable:
        """All purchases of known customers before the end of the last period, without dimensions."""
        orders = self._orders()
        return orders.filter(orders.customer_id.notnull())

    def customers(self) -> IbisTable:
        """``customer_id`` of those who were there when the period ended, for `people`."""
        return self.of_each_period(lambda _, period: self.known_by(period.end))

    def known_by(self, end: datetime) -> IbisTable:
        """``customer_id`` of those who were there at the ``end`` of one of the periods."""
        since = self.once("known since", lambda: traits.known_since(self.facts, self.latest, self._first_end))
        known = since.filter((since.since < ibis.literal(end)) | since.since.isnull())
        return known.select("customer_id")

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
        self.require_people()
        return self._sliced(rows)

    def require_people(self) -> None:
        """See that only dimensions of people are asked for. Raises `UnknownDimension`."""
        for name in self.used:
            if name in OF_SALES:
                raise UnknownDimension(
                    "This metric counts people, and people have no such dimension",
                    received=name,
                    valid=", ".join(names(self.tables, of_people=True)),
                )

    def require_no_time(self) -> None:
        """See that no dimension of the moment is asked for: figures of two spans of time have none.

        Raises `UnknownDimension`.
        """
        for name in self.used:
            if name in OF_TIME:
                raise UnknownDimension(
                    "This metric looks at two spans of time, and cannot be split by the moment",
                    received=name,
                    valid="several periods, each with its own figure",
                )

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

    # -- other spans of time -------------------------------------------------------------------------------------

    def shifted(self, name: str, how: Callable[[Period], Period]) -> Scope:
        """The scope of other periods, ``how`` of each of these: rows of both go by the same numbers.

        ``name`` tells it from others: it is made once for all metrics. Raises as `require_no_time`.
        """
        self.require_no_time()
        if name not in self._shifted:
            there = tuple(how(period) for period in self.periods)
            self._shifted[name] = replace(self, periods=there, _made={}, _shifted={})
        return self._shifted[name]

    def buyers_then(self, slug: str, at: datetime) -> IbisTable:
        """``customer_id`` and ``value``, the trait ``slug`` of those who had bought by ``at``; made of purchases only.

        What comes before each purchase is found once, as of the latest moment: of an earlier one it is the same.
        """

        def made() -> Any:
            bought = self.once(
                OF_BUYERS, lambda: RELATIONS[OF_BUYERS].build(self.facts, self.latest).drop("day")
            )
            before = bought.filter(bought.ordered_at < ibis.literal(at))
            as_of = AsOf(at=at, zone=self.periods[0].zone)
            return traits.traits_of_rows(before, as_of, over=OF_BUYERS, only=[slug]).rename(value=slug)

        return self.once(f"{slug} of {at.isoformat()}", made)

    def spending(self) -> IbisTable:
        """Spending of the days of the periods: ``customer_id`` (nobody), ``amount`` and the dimensions.

        Its channel is both the channel of a sale and the one that customers came by first. Raises `UnknownDimension`
        for dimensions that spending does not have, and for a group of customers.
        """
        if IN in self.where or IN in self.by:
            raise UnknownDimension(
                "Nobody knows for which customers money was spent", received=IN, valid=", ".join(OF_SPENDING)
            )
        for name in self.used:
            if name not in (*OF_SPENDING, *OF_TIME):
                raise UnknownDimension(
                    "Spending has no such dimension", received=name, valid=", ".join((*OF_SPENDING, *OF_TIME))
                )

        def read() -> Any:
            spend = self.facts.table("spend")
            nobody = ibis.null("int64")
            return spend.select(
                "channel", "source", "amount", at=spend.day, first_channel=spend.channel, customer_id=nobody
            )

        return self.cut(self.once("spend", read), OF_SPENDING)

    # -- inside --------------------------------------------------------------------------------------------------

    @property
    def _first_end(self) -> Any:
        return min(period.end for period in self.periods)

    def _orders(self) -> Any:
        return relations.all_orders(self.facts, self.latest)

    def _changes(self) -> Any:
        changes = relations.all_changes(self.facts, self.latest)
        sold = self._used_of(OF_LINES)
        keys = ["source", "order_id"] if sold or self._used_of(OF_ORDERS) else []
        also = ["product_id"] if sold else []
        plain = changes.select("customer_id", *keys, "revenue", *also, at=changes.occurred_at)
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
        first = first_purchases(self.facts)
        if first is None:
            first = purchases.group_by("customer_id").aggregate(at=purchases.ordered_at.min())
        earliest = ibis.literal(min(period.start for period in self.periods))
        first = first.filter(first["at"] >= earliest)
        if not self._used_of((*OF_ORDERS, *OF_LINES)):
            return self._sliced(self._in_periods(first))
        first = first.rename(_customer="customer_id", _first="at")
        candidates = purchases.inner_join(
            first, [purchases.customer_id == first["_customer"], purchases.ordered_at == first["_first"]]
        )
        place = ibis.row_number().over(
            ibis.window(group_by=candidates.customer_id, order_by=[candidates.source, candidates.order_id])
        )
        chosen = candidates.mutate(_place=place)
        chosen = chosen.filter(chosen["_place"] == 0).select("source", "order_id")
        return self.sales().semi_join(chosen, ["source", "order_id"])

    def _in_periods(self, rows: Any) -> Any:
        """``rows`` whose moment ``at`` lies in the periods, marked with the number of theirs."""
        if not self.several:
            start, end = span(rows["at"], self.periods[0])
            return rows.filter(rows["at"] >= ibis.literal(start), rows["at"] < ibis.literal(end))
        layers = [numbered(rows, rows["at"], layer) for layer in apart(self.periods)]
        return ibis.union(*(inside.mutate(**{PERIOD: number}) for inside, number in layers))

    def _sales(self) -> Any:
        """`sales` before they are told apart by what was sold."""
        orders = self._orders()
        of_sale = self._used_of((*OF_ORDERS, *OF_LINES))
        columns = (
            ("source", "order_id", *(n for n in of_sale if n in ("channel", "store"))) if of_sale else ()
        )
        plain = orders.select("customer_id", *columns, "revenue", at=orders.ordered_at)
        return self._sliced(self._in_periods(plain), but=OF_LINES).drop("at")

    def _lined(self, sales: Any) -> Any:
        of_lines = self._used_of(OF_LINES)
        cells = self.once("cells of lines", lambda: cells_of_lines(sales, self.facts, of_lines))
        rest = self.once("unexplained", lambda: unexplained(sales, cells, of_lines))
        rows = cells.filter(cells.revenue != 0).select(*rest.columns).union(rest)
        return self._cut(rows, of_lines)

    def _used_of(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self.used]

    def _sliced(self, rows: Any, *, but: Collection[str] = ()) -> Any:
        """``rows`` with a column for each dimension ``but`` some, and only those of the slice."""
        valid = names(self.tables)
        for name in self.used:
            if name not in valid:
                raise UnknownDimension("There is no such dimension", received=name, valid=", ".join(valid))
        of_time = [name for name in self.used if name in OF_TIME]
        rows = rows.mutate(**{name: self._begin(rows["at"], name) for name in of_time})
        coded = [name for name in self.used if name in TRAITS]
        attributes = [n for n in self.used if n not in (*OF_SALES, *rows.columns) and n not in TRAITS]
        if attributes:
            known = self.once("attributes", lambda: self._attributes(attributes))
            rows = rows.left_join(known, rows.customer_id == known["_person"]).drop("_person")
        if coded:
            rows = self._coded(rows, coded)
        return self._cut(rows, [name for name in self.where if name not in but])

    def _begin(self, at: Any, grain: str) -> Any:
        """The first day of the day, week, month … of a moment of the periods."""
        first = min(self.periods, key=lambda period: period.start)
        last = max(self.periods, key=lambda period: period.end)
        if (last.end - first.start).days > MOST_TOLD_APART * LEAST_DAYS[grain]:
            # Of a day an engine makes a moment, though Ibis takes it for a day: said from a moment on, it is one.
            moment = at.cast("timestamp") if at.type().is_date() else at
            return moment.truncate(OF_TIME[grain][0]).date()
        begin = begin_of(first.first_day, grain)
        return first_day_of(at, in_grains(begin, last.end_day, grain, first.zone))

    def _attributes(self, wanted: Sequence[str]) -> Any:
        customers = self.facts.table("customers")
        return customers.select(*wanted, _person=customers.customer_id)

    def _cut(self, rows: Any, wanted: Collection[str]) -> Any:
        """``rows`` within the slice, as far as it speaks of the dimensions ``wanted``."""
        for name, value in self.where.items():
            if name not in wanted:
                continue
            if name == IN:
                rows = rows.semi_join(self._group(str(value)), "customer_id")
                continue
            column = rows[name]
            rows = rows.filter(
                column.isnull() if value is None else column == of_type(name, value, column.type())
            )
        return rows

    def _group(self, group: str) -> Any:
        return self.once(IN, lambda: groups.members(self.tables, group))

    def _coded(self, rows: Any, coded: Sequence[str]) -> Any:
        """``rows`` with traits of their customer as of the end of their period."""

        # Of few moments they are worth the memory: other figures of a page ask for the same.
        few = len({period.end for period in self.periods}) <= FEW_MOMENTS

        def values(_: int, period: Period) -> Any:
            if few:
                return values_of(self.tables, coded, period.end_as_of)
            return traits.trait_table(self.tables, period.end_as_of, only=coded)

        def computed() -> Any:
            return self.of_each_period(values).rename(_trait_of="customer_id")

        found = self.once("traits", computed)
        if not self.several:
            return rows.left_join(found, rows.customer_id == found["_trait_of"]).drop("_trait_of")
        found = found.rename(_trait_period=PERIOD)
        same = [rows.customer_id == found["_trait_of"], rows[PERIOD] == found["_trait_period"]]
        return rows.left_join(found, same).drop("_trait_of", "_trait_period")
