"""The orders of a customer as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.data.customers.scope import require_seen
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.sheets import Export, Field, Sheet, one
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.queries import person

PAGE = 10_000

FIELDS = (
    Field(key="order_id", label=Text("Order", "订单")),
    Field(key="source", label=Text("Source", "来源")),
    Field(key="ordered_at", label=Text("Ordered", "下单时间"), kind="moment"),
    Field(key="channel", label=Text("Channel", "渠道")),
    Field(key="store", label=Text("Store", "门店")),
    Field(key="revenue", label=Text("Paid", "实付"), kind="amount"),
    Field(key="changed", label=Text("Came back", "退回"), kind="amount"),
)


def sheet(actor: Actor, said: Mapping[str, Sequence[str]], _language: Language) -> Sheet:
    """All orders of the customer whom the address names, newest first. Raises `NoSuchCustomer`, `NotAllowed`."""
    text = one(said, "customer")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise NoSuchCustomer("No customer has this id", received=repr(text[:40]))
    require_seen(actor, int(text))
    tables = open_lake().snapshot()
    first = person.orders(tables=tables, customer_id=int(text), page=1, size=PAGE)

    def pages() -> Iterator[Sequence[Sequence[object]]]:
        yield [_row(order) for order in first.rows]
        for page in range(2, -(-first.total // PAGE) + 1):
            found = person.orders(tables=tables, customer_id=int(text), page=page, size=PAGE)
            yield [_row(order) for order in found.rows]

    return Sheet(fields=FIELDS, total=first.total, pages=pages())


def _row(order: person.Bought) -> tuple[object, ...]:
    return tuple(getattr(order, field.key) for field in FIELDS)


EXPORT = Export(
    slug="orders", label=Text("Orders of a customer", "客户的订单"), sheet=sheet, right=Right.CUSTOMERS_EXPORT
)
