"""Money given back for whole orders, as facts of their own."""

from __future__ import annotations

from typing import Any

import ibis

from huoshui.data.connectors.work import MONEY, Loading, as_money


def refunds_of(work: Loading, orders: Any) -> Any | None:
    """The changes of revenue by the money given back (``back``) for ``orders``; nothing where the file says none.

    What was given back beyond the goods (shipping, tax) does not count: revenue falls to nothing, not below. Without
    a time of its own a refund counts when the order did.
    """
    if not work.has("refund"):
        return None
    back = orders.filter(orders.back > 0)
    work.rule("refund", work.count(back))
    work.rule("refund_beyond", work.count(back.filter(back.back > back.revenue_original)))
    back = back.filter(back.revenue_original > 0).drop("rate")
    if not work.count(back):
        return None
    told = work.moment(back, "refunded_at") if work.has("refunded_at") else back.ordered_at
    back = back.mutate(occurred_at=ibis.coalesce(told, back.ordered_at))
    priced = work.with_rate(back, work.house_day(back.occurred_at))
    amount = as_money(-ibis.least(priced.back, priced.revenue_original))
    return priced.select(
        "customer_id",
        "occurred_at",
        "currency",
        change_id=priced.order_id + ibis.literal("#refund"),
        document_id=priced.order_id,
        order_id=priced.order_id,
        kind=ibis.literal("refund"),
        product_id=ibis.null("string"),
        quantity=ibis.null(MONEY),
        revenue_original=amount,
        revenue=work.in_house(amount, priced.rate),
    )
