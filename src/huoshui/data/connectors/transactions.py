"""Transactions: one row per purchase or invoice line, from which orders, lines and changes are made.

The rules for oddities, each counted in the report and explained in docs/imports.md:

``cancellation``       document number C… followed by digits: a fact of its own that reduces revenue, never a purchase
``return``             negative quantity with money going back
``correction``         negative amount with a positive quantity, or a negative quantity without money
``zero_price``         gifts and samples: lines with revenue 0; an order of nothing else is no purchase
``anonymous``          nobody is named: in revenue, in no customer figure
``service_line``       postage, fees, vouchers …: revenue, but no product people prefer
``product_from_name``  no product number: the id is the normalised name
``order_from_time``    no order number: one customer's lines of one time (or day) are one order
``several_times``      an order whose lines have different times: the earliest counts
"""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.connectors import values
from huoshui.data.connectors.products import product_id, products_of, put_changed
from huoshui.data.connectors.profiles import put_attributes, update_profiles
from huoshui.data.connectors.work import MONEY, Loading, product_of

CANCELLATION = r"^[Cc][0-9]+$"
ORDER_FIELDS = ("channel", "store", "coupon", "campaign")
CONTACTS = ("name", "email", "phone")


def load(work: Loading) -> None:
    """Make customers, products, orders, order lines and order changes of the staged rows."""
    work.name_keys()
    cells = work.staged.rows
    work.staged.settle(_documents(work, cells))
    work.tell("orders", 0.0)
    persons, orders = _agreed_orders(work)
    products = products_of(work, work.rows, cells)
    _count_rules(work, orders, products)
    work.tell("customers", 0.0)
    people = work.resolve(persons)
    work.tell("orders", 0.5)
    orders = _priced(work, orders, people)
    replaced = work.put("orders", orders)
    work.tell("lines", 0.0)
    _put_lines(work, orders, products, replaced)
    _put_changes(work, people)
    put_changed(work, products)
    put_attributes(work, work.rows, people)
    update_profiles(work, work.rows, people)


def _documents(work: Loading, rows: Any) -> Any:
    """The staged rows with their document, amount, and whether they are a sale or a change of revenue."""
    quantity = ibis.coalesce(work.field(rows, "quantity", MONEY), ibis.literal(1).cast(MONEY))
    price = work.field(rows, "unit_price", MONEY)
    amount = ibis.coalesce(work.field(rows, "amount", MONEY), product_of(quantity, price))
    document = work.field(rows, "order_id")
    cancelled = document.re_search(CANCELLATION).fill_null(False)
    too_large = amount.isnull() & quantity.notnull()
    also = (
        "ordered_at_instant",
        "unit_cost",
        *work.who,
        *ORDER_FIELDS,
        *CONTACTS,
        *work.staged.mapping.attributes,
    )
    return rows.select(
        "row_no",
        "ordered_at",
        *(name for name in dict.fromkeys(also) if name in rows.columns),
        **({"currency": work.currency_of(rows)} if work.foreign else {}),
        problem=work.staged.flagged((too_large, "quantity", "times the price is too large")),
        quantity=quantity,
        amount=amount,
        unit_price=ibis.coalesce(price, (amount / quantity.nullif(0)).try_cast(MONEY)),
        is_change=(cancelled | (quantity < 0) | (amount < 0)).fill_null(False),
        cancelled=cancelled,
        document=document if work.has("order_id") else _document_from_time(rows),
        product=product_id(work, rows),
    )


def _document_from_time(rows: Any) -> Any:
    """Without an order number: one customer's (or nobody's) lines of one time, or of one day where only days are
    given.
    """
    local = rows.ordered_at
    midnight = (local.hour() == 0) & (local.minute() == 0) & (local.second() == 0)
    text = ibis.ifelse(midnight, local.strftime("%Y-%m-%d"), local.strftime("%Y-%m-%dT%H:%M:%S"))
    if "ordered_at_instant" in rows.columns:
        text = ibis.coalesce(text, rows.ordered_at_instant.epoch_seconds().cast("string"))
    return ibis.coalesce(rows.key, ibis.literal("anonymous")) + ibis.literal("@") + text


def _agreed_orders(work: Loading) -> tuple[pa.Table, Any]:
    """Everybody the good rows speak of, and the orders of the sales.

    An order has one customer and one currency; one whose lines say otherwise is set aside whole, with its changes.
    """
    persons, orders = _orders(work)
    wrong = orders.filter(orders.two_customers | orders.two_currencies)
    if not work.count(wrong):
        return persons, orders
    customers = work.staged.code("order_id", "belongs to more than one customer")
    currencies = work.staged.code("order_id", "is in more than one currency")
    named = wrong.select(
        document=wrong.order_id, problem=ibis.ifelse(wrong.two_customers, customers, currencies)
    )
    work.staged.reject(work.rows.inner_join(named, "document").select("row_no", "problem"))
    return _orders(work)


def _orders(work: Loading) -> tuple[pa.Table, Any]:
    """People are numbered first: grouping millions of rows by number is several times cheaper than by name."""
    rows = work.rows
    persons = work.persons(rows, "ordered_at")
    known = work.staged.session.hold(persons.select([*work.who, "person"]))
    known = known.rename({f"{name}_of": name for name in work.who})
    sales = rows.filter(~rows.is_change)
    sales = sales.left_join(known, [sales[name] == known[f"{name}_of"] for name in work.who])
    instant = (
        {"ordered_instant": sales.ordered_at_instant.min()} if "ordered_at_instant" in sales.columns else {}
    )
    currencies = (
        {"currency": sales.currency.min(), "other_currency": sales.currency.max()} if work.foreign else {}
    )
    grouped = sales.group_by(order_id=sales.document).aggregate(
        ordered_local=sales.ordered_at.min(),
        latest_local=sales.ordered_at.max(),
        first_row=sales.row_no.min(),
        revenue=sales.amount.sum().cast("decimal(38, 4)").cast(MONEY),
        person=sales.person.min(),
        other_person=sales.person.max(),
        **instant,
        **currencies,
        **{name: sales[name].max() for name in ORDER_FIELDS if name in sales.columns},
    )
    two_currencies = grouped.currency != grouped.other_currency if work.foreign else ibis.literal(False)
    two_customers = (grouped.person != grouped.other_person).fill_null(False)
    return persons, work.staged.keep(
        grouped.mutate(two_customers=two_customers, two_currencies=two_currencies)
    )


def _priced(work: Loading, orders: Any, people: Any) -> Any:
    """Orders with customer, moment and amounts in house currency."""
    local = values.moment(work.zone, orders.ordered_local)
    moment = ibis.coalesce(orders.ordered_instant, local) if "ordered_instant" in orders.columns else local
    ids = people.select("customer_id", person_of="person")
    named = orders.left_join(ids, [("person", "person_of")]).mutate(ordered_at=moment)
    if not work.foreign:
        named = named.mutate(currency=ibis.literal(work.currency))
    priced = work.with_rate(named, work.house_day(named.ordered_at))
    in_house = work.in_house(priced.revenue, priced.rate)
    return work.staged.keep(
        priced.select(
            "order_id",
            "customer_id",
            "ordered_at",
            "currency",
            "first_row",
            "rate",
            *(name for name in ORDER_FIELDS if name in priced.columns),
            revenue=in_house,
            total=in_house,
            revenue_original=priced.revenue,
            total_original=priced.revenue,
        )
    )


def _put_lines(work: Loading, orders: Any, products: Any, replaced: bool) -> None:
    of_order = orders.select(
        "order_id", "customer_id", "first_row", "rate", of_currency=orders.currency, moment=orders.ordered_at
    )
    rows = work.rows
    lines = rows.filter(~rows.is_change).inner_join(of_order, [("document", "order_id")])
    categories = products.select("category", known_product="product_id")
    lines = lines.left_join(categories, lines["product"] == categories.known_product)
    work.put(
        "order_lines",
        lines.select(
            "order_id",
            "customer_id",
            "quantity",
            "category",
            currency=lines.of_currency,
            ordered_at=lines.moment,
            line_no=lines.row_no - lines.first_row + 1,
            product_id=lines["product"],
            unit_price=work.in_house(lines.unit_price, lines.rate),
            unit_cost=work.in_house(work.field(lines, "unit_cost", MONEY), lines.rate),
            revenue_original=lines.amount,
            revenue=work.in_house(lines.amount, lines.rate),
        ),
        keys_are_new=not replaced,
    )


def _put_changes(work: Loading, people: Any) -> None:
    rows = work.rows
    changes = rows.filter(rows.is_change)
    if not work.count(changes):
        return
    named = work.with_customer(changes.mutate(occurred_at=work.moment(changes, "ordered_at")), people)
    if not work.foreign:
        named = named.mutate(currency=ibis.literal(work.currency))
    priced = work.with_rate(named, work.house_day(named.occurred_at))
    place = ibis.row_number().over(group_by=priced.document, order_by=priced.row_no) + 1
    work.put(
        "order_changes",
        priced.select(
            "customer_id",
            "occurred_at",
            "quantity",
            "currency",
            change_id=priced.document + ibis.literal("#") + place.cast("string"),
            document_id=priced.document,
            # A cancellation has a number of its own and does not say which order it cancels.
            order_id=ibis.ifelse(priced.cancelled, ibis.null("string"), priced.document),
            kind=_kind(priced),
            product_id=priced["product"],
            revenue_original=priced.amount,
            revenue=work.in_house(priced.amount, priced.rate),
        ),
    )


def _kind(rows: Any) -> Any:
    returned = (rows.quantity < 0) & (rows.amount < 0)
    return ibis.cases((rows.cancelled, "cancellation"), (returned, "return"), else_="correction")


def _count_rules(work: Loading, orders: Any, products: Any) -> None:
    rows = work.rows
    change = rows.is_change
    returned = (rows.quantity < 0) & (rows.amount < 0)
    counted = work.one(
        rows.aggregate(
            cancellation=rows.cancelled.sum(),
            returned=(change & ~rows.cancelled & returned).sum(),
            correction=(change & ~rows.cancelled & ~returned).sum(),
            zero_price=((rows.amount == 0) & ~change).sum(),
            anonymous=rows.key.isnull().sum(),
        )
    )
    counted["return"] = counted.pop("returned")
    services = products.filter(products.category.startswith("=")).select(service="product_id")
    counted["service_line"] = work.count(rows.semi_join(services, rows["product"] == services.service))
    if not work.has("product_id"):
        counted["product_from_name"] = work.count(rows.filter(rows["product"].notnull()))
    counted["several_times"] = work.count(orders.filter(orders.ordered_local != orders.latest_local))
    if not work.has("order_id"):
        counted["order_from_time"] = work.count(orders)
    for name, times in counted.items():
        work.rule(name, int(times or 0))
