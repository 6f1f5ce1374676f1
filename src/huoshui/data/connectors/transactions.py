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
``tax_included``       the order's sum for goods holds the tax: it is taken out of revenue
``refund``             money given back for an order: an order change, at most its revenue
``refund_beyond``      more was given back than the goods cost (shipping, tax): revenue falls to nothing, not below
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.connectors import values
from huoshui.data.connectors.fields import REFUNDED
from huoshui.data.connectors.products import TOLD_OF_PRODUCTS, product_id, products_of, put_changed
from huoshui.data.connectors.profiles import put_attributes, update_profiles
from huoshui.data.connectors.refunds import refunds_of
from huoshui.data.connectors.work import MONEY, Loading, as_money, product_of

CANCELLATION = r"^[Cc][0-9]+$"
ORDER_FIELDS = ("channel", "store", "coupon", "campaign")
ORDER_AMOUNTS = ("order_revenue", "order_discount", "order_tax", "order_shipping", "order_total", "refund")
CENT = Decimal("0.005")
CONTACTS = ("name", "email", "phone")


def load(work: Loading) -> None:
    """Make customers, products, orders, order lines and order changes of the staged rows."""
    work.name_keys()
    work.staged.settle(_documents(work, work.staged.rows))
    work.tell("orders", 0.0)
    persons, orders = _agreed_orders(work)
    # People first: they are written to the database while the engine goes on with all the rest.
    work.tell("customers", 0.0)
    people = work.resolve(persons)
    work.tell("orders", 0.5)
    products = products_of(work, work.rows, work.staged.reading(*TOLD_OF_PRODUCTS))
    _count_rules(work, orders, products)
    orders = _priced(work, orders, people)
    replaced = work.put("orders", orders)
    work.tell("lines", 0.0)
    _put_lines(work, orders, products, replaced)
    _put_changes(work, people, orders)
    put_changed(work, products)
    put_attributes(work, work.rows, people)
    update_profiles(work, work.rows, people)


def _documents(work: Loading, rows: Any) -> Any:
    """The staged rows with their document, amount, and whether they are a sale or a change of revenue."""
    quantity = ibis.coalesce(work.field(rows, "quantity", MONEY), ibis.literal(1).cast(MONEY))
    price = work.field(rows, "unit_price", MONEY)
    full_price = product_of(quantity, price)
    if work.has("line_discount"):
        full_price = as_money(full_price - ibis.coalesce(rows.line_discount, ibis.literal(0).cast(MONEY)))
    amount = ibis.coalesce(work.field(rows, "amount", MONEY), full_price)
    document = work.field(rows, "order_id")
    cancelled = document.re_search(CANCELLATION).fill_null(False)
    too_large = amount.isnull() & quantity.notnull()
    also = (
        "ordered_at_instant",
        "unit_cost",
        *work.who,
        *ORDER_FIELDS,
        *ORDER_AMOUNTS,
        "refunded_at",
        "refunded_at_instant",
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
        **({"refunded": _said_refunded(work, rows)} if work.has("refund") else {}),
        document=document if work.has("order_id") else _document_from_time(rows),
        product=product_id(work, rows),
    )


def _said_refunded(work: Loading, rows: Any) -> Any:
    return work.field(rows, "status").lower().isin(sorted(REFUNDED)).fill_null(False)


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
        **_order_sums(sales),
    )
    grouped = _of_whole_orders(grouped) if _says_more(work) else grouped
    two_currencies = grouped.currency != grouped.other_currency if work.foreign else ibis.literal(False)
    two_customers = (grouped.person != grouped.other_person).fill_null(False)
    return persons, work.staged.keep(
        grouped.mutate(two_customers=two_customers, two_currencies=two_currencies)
    )


def _says_more(work: Loading) -> bool:
    """Whether the file says something of whole orders, besides their lines."""
    return any(work.has(name) for name in ORDER_AMOUNTS)


def _order_sums(sales: Any) -> dict[str, Any]:
    sums = {n: sales[n].sum().cast("decimal(38, 4)").cast(MONEY) for n in ORDER_AMOUNTS if n in sales.columns}
    if "refund" in sums:
        sums["refunded"] = sales.refunded.min()
    times = [n for n in ("refunded_at", "refunded_at_instant") if n in sales.columns]
    return {**sums, **{n: sales[n].min() for n in times}}


def _of_whole_orders(orders: Any) -> Any:
    """``orders`` with ``lines`` (sum of their lines), and revenue and the other amounts as said of the whole order.

    Revenue is the order's sum for goods; else its total without tax and shipping; else its lines without its discount.
    Where the total leaves no room for the tax, the sum for goods holds it, and it is taken out.
    """
    zero = ibis.literal(0).cast(MONEY)
    given = {n: orders[n] if n in orders.columns else ibis.null(MONEY) for n in ORDER_AMOUNTS}
    tax, shipping, discount = (
        ibis.coalesce(given[n], zero) for n in ("order_tax", "order_shipping", "order_discount")
    )
    rest = given["order_total"] - given["order_revenue"] - shipping
    included = ((tax > 0) & (rest.abs() < CENT)).fill_null(False)
    goods = ibis.coalesce(
        given["order_revenue"] - ibis.ifelse(included, tax, zero),
        given["order_total"] - tax - shipping,
        orders.revenue - discount,
    )
    revenue = as_money(ibis.greatest(goods, zero))
    all_back = ibis.ifelse(orders.refunded, revenue, zero) if "refunded" in orders.columns else zero
    return orders.mutate(
        lines=orders.revenue,
        revenue=revenue,
        tax_included=included,
        discount=ibis.coalesce(given["order_discount"], as_money(orders.revenue - revenue)),
        tax=given["order_tax"],
        shipping=given["order_shipping"],
        total=ibis.coalesce(given["order_total"], as_money(revenue + tax + shipping)),
        back=ibis.coalesce(given["refund"].nullif(zero), all_back),
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
    more = _says_more(work)
    amounts = {"revenue": priced.revenue, "total": priced.total if more else priced.revenue}
    if more:
        amounts |= {name: priced[name] for name in ("discount", "tax", "shipping")}
    also = ("back", "lines", "tax_included", "refunded_at", "refunded_at_instant", *ORDER_FIELDS)
    return work.staged.keep(
        priced.select(
            "order_id",
            "customer_id",
            "ordered_at",
            "currency",
            "first_row",
            "rate",
            *(name for name in also if name in priced.columns),
            **{name: work.in_house(amount, priced.rate) for name, amount in amounts.items()},
            **{f"{name}_original": amount for name, amount in amounts.items()},
        )
    )


def _put_lines(work: Loading, orders: Any, products: Any, replaced: bool) -> None:
    currency = {"of_currency": orders.currency} if work.foreign else {}
    of_order = orders.select(
        "order_id",
        "customer_id",
        "first_row",
        "rate",
        *(("lines", "revenue_original") if _says_more(work) else ()),
        **currency,
        moment=orders.ordered_at,
    )
    rows = work.rows
    lines = rows.filter(~rows.is_change).inner_join(of_order, [("document", "order_id")])
    if _says_more(work):
        lines = work.staged.keep(_brought_to_sum(lines))
    categories = products.select("category", known_product="product_id")
    lines = lines.left_join(categories, lines["product"] == categories.known_product)
    work.put(
        "order_lines",
        lines.select(
            "order_id",
            "customer_id",
            "quantity",
            "category",
            currency=lines.of_currency if currency else ibis.literal(work.currency),
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


def _brought_to_sum(lines: Any) -> Any:
    """Lines whose amounts add up to the revenue of their order, each by its share; the first takes what rounding
    left."""
    share = (
        lines.amount.cast("float64") * lines.revenue_original.cast("float64") / lines.lines.cast("float64")
    )
    even = lines.lines == lines.revenue_original
    zero = ibis.literal(0).cast(MONEY)
    parted = lines.mutate(
        part=ibis.cases((even, lines.amount), (lines.lines == 0, zero), else_=share.cast(MONEY))
    )
    left = parted.revenue_original - as_money(parted.part.sum().over(group_by=parted.order_id))
    first = parted.row_no == parted.row_no.min().over(group_by=parted.order_id)
    return parted.mutate(amount=as_money(ibis.ifelse(first, parted.part + left, parted.part))).drop("part")


def _put_changes(work: Loading, people: Any, orders: Any) -> None:
    found = [part for part in (_changed_rows(work, people), refunds_of(work, orders)) if part is not None]
    if found:
        work.put("order_changes", found[0] if len(found) == 1 else found[0].union(found[1]))


def _changed_rows(work: Loading, people: Any) -> Any | None:
    """The rows that change revenue."""
    rows = work.rows
    changes = rows.filter(rows.is_change)
    if not work.count(changes):
        return None
    named = work.with_customer(changes.mutate(occurred_at=work.moment(changes, "ordered_at")), people)
    if not work.foreign:
        named = named.mutate(currency=ibis.literal(work.currency))
    priced = work.with_rate(named, work.house_day(named.occurred_at))
    place = ibis.row_number().over(group_by=priced.document, order_by=priced.row_no) + 1
    return priced.select(
        "customer_id",
        "occurred_at",
        "currency",
        change_id=priced.document + ibis.literal("#") + place.cast("string"),
        document_id=priced.document,
        # A cancellation has a number of its own and does not say which order it cancels.
        order_id=ibis.ifelse(priced.cancelled, ibis.null("string"), priced.document),
        kind=_kind(priced),
        product_id=priced["product"],
        quantity=priced.quantity,
        revenue_original=priced.amount,
        revenue=work.in_house(priced.amount, priced.rate),
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
    if "tax_included" in orders.columns:
        counted["tax_included"] = work.count(orders.filter(orders.tax_included))
    if not work.has("order_id"):
        counted["order_from_time"] = work.count(orders)
    for name, times in counted.items():
        work.rule(name, int(times or 0))
