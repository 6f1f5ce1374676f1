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

from huoshui.data.connectors import values
from huoshui.data.connectors.products import product_id, put_products, with_category
from huoshui.data.connectors.profiles import put_attributes, update_profiles
from huoshui.data.connectors.work import MONEY, Loading, in_house

CANCELLATION = r"[Cc][0-9]+"
ORDER_FIELDS = ("channel", "store", "coupon", "campaign")


def load(work: Loading) -> None:
    """Make customers, products, orders, order lines and order changes of the staged rows."""
    work.settle_keys()
    _settle_documents(work)
    rows = work.rows
    work.tell("orders", 0.0)
    orders = _orders(work, rows.filter(~rows.is_change))
    people = work.customers_of(_people(rows, orders), since="since")
    orders = work.staged.keep(work.with_customer(orders, people))
    priced = work.with_rate(orders, work.house_day(orders.ordered_at))
    originals = ("revenue", "total")
    replaced = work.put(
        "orders",
        priced.mutate(
            **{f"{name}_original": priced.revenue for name in originals},
            **{name: in_house(priced.revenue, priced.rate) for name in originals},
        ),
    )
    work.tell("lines", 0.0)
    _put_lines(work, rows.filter(~rows.is_change), priced, replaced)
    _put_changes(work, rows.filter(rows.is_change), people)
    put_products(work, rows)
    put_attributes(work, rows, people)
    update_profiles(work, rows, people)


def _settle_documents(work: Loading) -> None:
    """Give every row its document, amount and kind; set aside orders that contradict themselves."""
    staged = work.staged
    rows = with_category(work, staged.rows)
    quantity = ibis.coalesce(work.field(rows, "quantity", MONEY), ibis.literal(1).cast(MONEY))
    price = work.field(rows, "unit_price", MONEY)
    amount = ibis.coalesce(work.field(rows, "amount", MONEY), (quantity * price).cast(MONEY))
    unit_price = ibis.coalesce(price, (amount / quantity.nullif(0)).cast(MONEY))
    currency = ibis.coalesce(work.field(rows, "currency"), ibis.literal(work.currency))
    document = work.field(rows, "order_id")
    cancelled = document.re_search(f"^{CANCELLATION}$").fill_null(False)
    change = cancelled | (quantity < 0) | (amount < 0)
    kind = ibis.cases(
        (cancelled, "cancellation"), ((quantity < 0) & (amount < 0), "return"), (change, "correction"), else_=ibis.null("string")
    )
    when = "ordered_at"
    settled = rows.mutate(
        quantity=quantity,
        amount=amount,
        unit_price=unit_price,
        currency=currency,
        is_change=change.fill_null(False),
        change_kind=kind,
        document=ibis.coalesce(document, _document_from_time(work, rows, when)),
        product=product_id(work, rows),
    )
    staged.rows = staged.keep(settled)
    _reject_contradictions(work)
    _count_rules(work)


def _document_from_time(work: Loading, rows: Any, when: str) -> Any:
    """Without an order number: one customer's (or nobody's) lines of one time, or of one day where only days are given."""
    who = ibis.coalesce(rows.key, ibis.literal("anonymous"))
    local = rows[when]
    instant = f"{when}_instant"
    text = ibis.ifelse(
        (local.hour() == 0) & (local.minute() == 0) & (local.second() == 0),
        local.strftime("%Y-%m-%d"),
        local.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    if instant in rows.columns:
        text = ibis.coalesce(text, rows[instant].epoch_seconds().cast("string"))
    return who + ibis.literal("@") + text


def _reject_contradictions(work: Loading) -> None:
    """An order has one customer and one currency; one that says otherwise is set aside whole."""
    if not work.has("order_id"):
        return
    rows = work.rows
    whole = ibis.ifelse(rows.key.notnull(), rows.key_kind + ":" + rows.key, ibis.null("string"))
    checked = rows.mutate(whole=whole)
    orders = checked.group_by("document").aggregate(
        first=checked.whole.min(),
        last=checked.whole.max(),
        low=checked.currency.min(),
        high=checked.currency.max(),
    )
    wrong = orders.filter((orders["first"] != orders["last"]) | (orders.low != orders.high))
    wrong = wrong.mutate(
        problem=ibis.ifelse(
            wrong["first"] != wrong["last"],
            ibis.literal("order_id\x1fbelongs to more than one customer"),
            ibis.literal("order_id\x1fis in more than one currency"),
        )
    ).select("document", "problem")
    if not work.count(wrong):
        return
    work.staged.reject(rows.inner_join(wrong, "document").select("row_no", "problem"))


def _count_rules(work: Loading) -> None:
    rows = work.rows
    counted = work.one(
        rows.aggregate(
            cancellation=(rows.change_kind == "cancellation").sum(),
            returned=(rows.change_kind == "return").sum(),
            correction=(rows.change_kind == "correction").sum(),
            zero_price=((rows.amount == 0) & ~rows.is_change).sum(),
            anonymous=rows.key.isnull().sum(),
            service_line=rows.category.startswith("=").sum(),
            product_from_name=(rows["product"].startswith("name:")).sum(),
        )
    )
    counted["return"] = counted.pop("returned")
    for name, times in counted.items():
        work.rule(name, int(times or 0))


def _orders(work: Loading, sales: Any) -> Any:
    times = {"ordered_local": sales.ordered_at.min()}
    instant = "ordered_at_instant"
    if instant in sales.columns:
        times["ordered_instant"] = sales[instant].min()
    extra = {name: sales[name].max() for name in ORDER_FIELDS if name in sales.columns}
    grouped = sales.group_by(order_id=sales.document).aggregate(
        **times,
        latest_local=sales.ordered_at.max(),
        first_row=sales.row_no.min(),
        revenue=sales.amount.sum().cast(MONEY),
        currency=sales.currency.max(),
        key_kind=sales.key_kind.max(),
        key=sales.key.max(),
        **extra,
    )
    local = values.moment(work.zone, grouped.ordered_local)
    moment = ibis.coalesce(grouped.ordered_instant, local) if "ordered_instant" in times else local
    kept = work.staged.keep(
        grouped.mutate(ordered_at=moment, several=grouped.ordered_local != grouped.latest_local).drop(
            "ordered_local", "latest_local", *(["ordered_instant"] if "ordered_instant" in times else [])
        )
    )
    work.rule("several_times", work.count(kept.filter(kept.several)))
    if not work.has("order_id"):
        work.rule("order_from_time", work.count(kept))
    return kept.drop("several")


def _people(rows: Any, orders: Any) -> Any:
    """Everybody the file names, with the time of an order or of a change."""
    bought = orders.select("key_kind", "key", since=orders.ordered_at)
    changed = rows.filter(rows.is_change & rows.key.notnull())
    only_changed = changed.select("key_kind", "key", since=ibis.null("timestamp('UTC', 6)"))
    return bought.union(only_changed)


def _put_lines(work: Loading, sales: Any, orders: Any, replaced: bool) -> None:
    of_order = orders.select("order_id", "customer_id", "ordered_at", "first_row", "rate")
    lines = sales.drop("ordered_at", "order_id") if "order_id" in sales.columns else sales.drop("ordered_at")
    lines = lines.inner_join(of_order, lines.document == of_order.order_id)
    work.put(
        "order_lines",
        lines.select(
            "order_id",
            "customer_id",
            "ordered_at",
            "quantity",
            "currency",
            "category",
            line_no=lines.row_no - lines.first_row + 1,
            product_id=lines["product"],
            unit_price=in_house(lines.unit_price, lines.rate),
            unit_cost=in_house(work.field(lines, "unit_cost", MONEY), lines.rate),
            revenue_original=lines.amount,
            revenue=in_house(lines.amount, lines.rate),
        ),
        keys_are_new=not replaced,
    )


def _put_changes(work: Loading, changes: Any, people: Any) -> None:
    if not work.count(changes):
        return
    moments = changes.mutate(occurred_at=work.moment(changes, "ordered_at"))
    named = work.with_customer(moments, people)
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
            order_id=ibis.ifelse(priced.change_kind == "cancellation", ibis.null("string"), priced.document),
            kind=priced.change_kind,
            product_id=priced["product"],
            revenue_original=priced.amount,
            revenue=in_house(priced.amount, priced.rate),
        ),
    )
