"""The plainer kinds of import: orders, order lines, events, spend, answers, exchange rates, consents."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.connectors.fields import REFUNDED
from huoshui.data.connectors.products import product_id, products_of, put_changed
from huoshui.data.connectors.profiles import put_attributes, update_profiles
from huoshui.data.connectors.refunds import refunds_of
from huoshui.data.connectors.work import MONEY, Loading, as_money, product_of
from huoshui.data.privacy import services as privacy
from huoshui.kernel.ids import draw_ids

ORDER_AMOUNTS = ("revenue", "discount", "tax", "shipping", "total")
SAME_KEY = "stands in a later row of the file again; the last one counts"


def load_orders(work: Loading) -> None:
    """One row per order. ``revenue`` is total − tax − shipping where only the total is given."""
    work.name_keys()
    rows = work.staged.rows
    given = {name: work.field(rows, name, MONEY) for name in ORDER_AMOUNTS}
    zero = ibis.literal(0).cast(MONEY)
    extra = ibis.coalesce(given["tax"], zero) + ibis.coalesce(given["shipping"], zero)
    given["revenue"] = ibis.coalesce(given["revenue"], as_money(given["total"] - extra))
    given["total"] = ibis.coalesce(given["total"], as_money(given["revenue"] + extra))
    settled = rows.mutate(
        **{f"{name}_original": amount for name, amount in given.items()},
        ordered_moment=work.moment(rows, "ordered_at"),
        currency=work.currency_of(rows),
    )
    again = [n for n in ("ordered_at", "ordered_at_instant") if n in settled.columns]
    work.staged.settle(settled.drop(*again).rename(ordered_at="ordered_moment"))
    _keep_last(work, "order_id", ("order_id",))
    rows = work.rows
    people = work.customers_of(rows, "ordered_at")
    priced = work.staged.keep(
        work.with_rate(work.with_customer(rows, people), work.house_day(rows.ordered_at))
    )
    work.rule("anonymous", work.count(priced.filter(priced.customer_id.isnull())))
    in_house_amounts = {
        name: work.in_house(priced[f"{name}_original"], priced.rate) for name in ORDER_AMOUNTS
    }
    amounts = priced.mutate(**in_house_amounts)
    returned = amounts.filter(amounts.revenue_original < 0)
    work.rule("return", work.count(returned))
    bought = amounts.filter(amounts.revenue_original >= 0)
    work.put("orders", bought)
    changes = returned.select(
        "customer_id",
        "currency",
        change_id=returned.order_id + ibis.literal("#1"),
        document_id=returned.order_id,
        order_id=ibis.null("string"),
        occurred_at=returned.ordered_at,
        kind=ibis.literal("refund"),
        revenue_original=as_money(returned.revenue_original),
        revenue=as_money(returned.revenue),
    )
    given_back = refunds_of(work, _with_refunds(work, bought))
    if given_back is not None:
        changes = changes.union(given_back.select(*changes.columns))
    work.put("order_changes", changes)
    put_attributes(work, rows, people)
    update_profiles(work, rows, people)


def _with_refunds(work: Loading, orders: Any) -> Any:
    """``orders`` with ``back``, what was given back; all of it where the state says so and no amount is given."""
    if "refund" not in orders.columns:
        return orders
    zero = ibis.literal(0).cast(MONEY)
    told = work.field(orders, "status").lower().isin(sorted(REFUNDED)).fill_null(False)
    all_back = ibis.ifelse(told, orders.revenue_original, zero)
    return orders.mutate(back=ibis.coalesce(orders.refund.nullif(zero), all_back))


def load_order_lines(work: Loading) -> None:
    """One row per line; customer, time and currency come from the order, which must be loaded already."""
    rows = work.staged.rows
    known = work.snapshot.table("orders")
    known = known.filter(known.source == work.source).select(
        known_id="order_id",
        customer_id=known.customer_id,
        ordered_at=known.ordered_at,
        order_currency=known.currency,
    )
    joined = rows.left_join(known, rows.order_id == known.known_id)
    quantity = ibis.coalesce(work.field(joined, "quantity", MONEY), ibis.literal(1).cast(MONEY))
    price = work.field(joined, "unit_price", MONEY)
    amount = ibis.coalesce(work.field(joined, "amount", MONEY), product_of(quantity, price))
    work.staged.rows = joined
    problem = work.staged.flagged(
        (joined.known_id.isnull(), "order_id", "is not loaded; load the orders first"),
        ((amount < 0) | (quantity < 0), "quantity", "is negative; import returns as transactions"),
    )
    work.staged.settle(
        joined.mutate(
            problem=problem,
            quantity=quantity,
            amount=amount,
            unit_price=ibis.coalesce(price, (amount / quantity.nullif(0)).try_cast(MONEY)),
            currency=ibis.coalesce(
                work.field(joined, "currency"), joined.order_currency, ibis.literal(work.currency)
            ),
            product=product_id(work, joined),
        )
    )
    products = products_of(work, work.rows, work.rows)
    categories = products.select("category", known_product="product_id")
    rows = work.rows.drop("category") if "category" in work.rows.columns else work.rows
    rows = rows.left_join(categories, rows["product"] == categories.known_product)
    rows = work.with_rate(rows, work.house_day(rows.ordered_at))
    first = rows.row_no.min().over(group_by=rows.order_id)
    work.put(
        "order_lines",
        rows.select(
            "order_id",
            "customer_id",
            "ordered_at",
            "quantity",
            "currency",
            "category",
            line_no=rows.row_no - first + 1,
            product_id=rows["product"],
            unit_price=work.in_house(rows.unit_price, rows.rate),
            unit_cost=work.in_house(work.field(rows, "unit_cost", MONEY), rows.rate),
            revenue_original=rows.amount,
            revenue=work.in_house(rows.amount, rows.rate),
        ),
    )
    put_changed(work, products)


def load_events(work: Loading) -> None:
    """One row per event. Without an id of its own, an event is known by who, what and when."""
    work.name_keys()
    rows = work.staged.rows
    moment = work.moment(rows, "occurred_at")
    made_up = (
        ibis.coalesce(rows.key, work.field(rows, "visitor"), ibis.literal("anonymous"))
        + "@"
        + moment.cast("string")
        + "#"
        + rows.event
    )
    work.staged.settle(
        rows.mutate(moment=moment, message_id=ibis.coalesce(work.field(rows, "message_id"), made_up))
    )
    _keep_last(work, "message_id", ("message_id",))
    rows = work.rows
    people = work.customers_of(rows, "moment")
    named = work.with_customer(rows, people)
    if "visitor" in rows.columns:
        visitors = _visitors(work, rows)
        named = named.left_join(visitors, named.visitor == visitors.anonymous).drop("anonymous")
    work.put(
        "events",
        named.select(
            "message_id",
            "customer_id",
            visitor_id=work.field(named, "visitor_id", "int64"),
            name=named.event,
            occurred_at=named.moment,
            received_at=ibis.literal(work.now),
            session_id=work.field(named, "session_id"),
            product_id=work.field(named, "product_id"),
            value=work.field(named, "value", MONEY).cast("float64"),
            properties=work.field(named, "properties"),
        ),
    )


def _visitors(work: Loading, rows: Any) -> Any:
    """A random id per anonymous id of this file; the anonymous id itself stays out of the lake."""
    anonymous = work.arrow(rows.filter(rows.visitor.notnull()).select(anonymous=rows.visitor).distinct())[
        "anonymous"
    ]
    ids = pa.array(draw_ids(len(anonymous)), pa.int64())
    return work.staged.session.hold(pa.table({"anonymous": anonymous, "visitor_id": ids}))


def load_spend(work: Loading) -> None:
    """Money spent per day, channel and campaign; several rows of one key are added up."""
    rows = work.staged.rows
    work.staged.settle(
        rows.mutate(
            day=ibis.coalesce(
                rows.day.cast("date"), work.field(rows, "day_instant", "timestamp('UTC')").cast("date")
            ),
            campaign=ibis.coalesce(work.field(rows, "campaign"), ibis.literal("")),
            currency=work.currency_of(rows),
            impressions=work.field(rows, "impressions", MONEY),
            clicks=work.field(rows, "clicks", MONEY),
        )
    )
    rows = work.with_rate(work.rows, work.rows.day)
    added = rows.group_by("day", "channel", "campaign").aggregate(
        currency=rows.currency.max(),
        amount=work.in_house(rows.amount, rows.rate).sum().cast(MONEY),
        amount_original=rows.amount.sum().cast(MONEY),
        impressions=rows.impressions.sum().cast("int64"),
        clicks=rows.clicks.sum().cast("int64"),
    )
    added = work.staged.keep(added)
    work.rule("same_key_added_up", work.count(rows) - work.count(added))
    work.put("spend", added)


def load_answers(work: Loading) -> None:
    """One row per answered question; what people wrote is not read."""
    work.name_keys()
    rows = work.staged.rows
    moment = work.moment(rows, "answered_at")
    parts = [ibis.coalesce(rows.key, ibis.literal("anonymous")), moment.cast("string")]
    parts += [ibis.coalesce(work.field(rows, n), ibis.literal("")) for n in ("survey", "question", "metric")]
    made_up = parts[0]
    for part in parts[1:]:
        made_up = made_up + "|" + part
    work.staged.settle(
        rows.mutate(moment=moment, answer_id=ibis.coalesce(work.field(rows, "answer_id"), made_up))
    )
    _keep_last(work, "answer_id", ("answer_id",))
    rows = work.rows
    people = work.customers_of(rows, "moment")
    named = work.with_customer(rows, people)
    work.put(
        "answers",
        named.select(
            "answer_id",
            "customer_id",
            answered_at=named.moment,
            survey=work.field(named, "survey"),
            question=work.field(named, "question"),
            metric=work.field(named, "metric").lower(),
            score=named.score.cast("float64"),
            sentiment=work.field(named, "sentiment", MONEY).cast("float64"),
        ),
    )


def load_fx_rates(work: Loading) -> None:
    """Price of one unit of a currency in the house currency, per day."""
    rows = work.staged.rows
    day = ibis.coalesce(
        rows.day.cast("date"), work.field(rows, "day_instant", "timestamp('UTC')").cast("date")
    )
    problem = work.staged.flagged(
        (rows.rate <= 0, "rate", "is not above zero"),
        (rows.currency == work.house_currency, "currency", "is the currency of the house"),
    )
    work.staged.settle(rows.mutate(problem=problem, rate_day=day).drop("day").rename(day="rate_day"))
    _keep_last(work, "currency", ("day", "currency"))
    work.put("fx_rates", work.rows.select("day", "currency", rate=work.rows.rate.cast("decimal(18, 8)")))


def load_consents(work: Loading) -> None:
    """Statements of consent with their proof: rows without source, time or evidence prove nothing and are set aside."""
    work.name_keys()
    rows = work.staged.rows
    work.staged.settle(
        rows.mutate(
            problem=work.staged.flagged((rows.key.isnull(), "customer", "is empty")),
            moment=work.moment(rows, "given_at"),
            purpose=ibis.coalesce(work.field(rows, "purpose").lower(), ibis.literal("marketing")),
            channel=rows.channel.lower(),
            state=_state(rows.state.lower()),
            wording=ibis.coalesce(work.field(rows, "wording"), ibis.literal("")),
            origin=work.field(rows, "origin"),
            evidence=work.field(rows, "evidence"),
        )
    )
    _reject_unproven(work)
    rows = work.rows
    people = work.customers_of(rows)
    named = work.with_customer(rows, people)
    wanted = named.select(
        "customer_id",
        "purpose",
        "channel",
        "state",
        "wording",
        source=named.origin,
        given_at=named.moment,
        evidence=named.evidence,
    )
    if work.tx is None:
        work.report.facts["consents"] = work.count(wanted)
        return
    said = work.arrow(wanted)
    facts = privacy.record_many(
        actor=work.actor,
        rows=said,
        load_id=work.load_id,
        now=work.now,
        tx=work.tx,
        later=lambda job: work.write_people(job, said.num_rows),
    )
    work.report.facts["consents"] = facts.num_rows


def _state(text: Any) -> Any:
    granted = (
        "granted",
        "yes",
        "y",
        "true",
        "1",
        "opt in",
        "opt-in",
        "subscribed",
        "同意",
        "是",
        "已授权",
        "已同意",
    )
    withdrawn = (
        "withdrawn",
        "no",
        "n",
        "false",
        "0",
        "opt out",
        "opt-out",
        "unsubscribed",
        "拒绝",
        "否",
        "撤回",
        "不同意",
        "已撤回",
    )
    return ibis.cases((text.isin(granted), "granted"), (text.isin(withdrawn), "withdrawn"), else_=text)


def _reject_unproven(work: Loading) -> None:
    rows = work.rows
    checked = work.arrow(
        rows.select(
            "row_no",
            "purpose",
            "channel",
            "state",
            "wording",
            "evidence",
            customer_id=ibis.literal(1).cast("int64"),
            source=rows.origin,
            given_at=rows.moment,
        )
    )
    why = privacy.problems(checked.select(privacy.ROWS.names), now=work.now)
    flagged = work.staged.session.hold(pa.table({"row_no": checked["row_no"], "why": why.cast(pa.string())}))
    reasons = [reason for reason in why.unique().to_pylist() if reason is not None]
    codes = [(flagged.why == reason, work.staged.code(_spoken_of(reason), reason)) for reason in reasons]
    if codes:
        problem = ibis.cases(*codes, else_=ibis.null("int16"))
        work.staged.reject(flagged.filter(flagged.why.notnull()).select("row_no", problem=problem))


def _spoken_of(reason: str) -> str:
    """The field that a reason of `privacy.problems` speaks of: “no time: …”, “channel is none of …”."""
    word = reason.removeprefix("no ").partition(":")[0].partition(" ")[0]
    return {"time": "given_at", "source": "origin"}.get(word, word)


def _keep_last(work: Loading, field: str, key: tuple[str, ...]) -> None:
    """Of several good rows with one key the last counts; the others are set aside and say so."""
    rows = work.rows
    counted = rows.group_by(list(key)).aggregate(times=rows.count(), last_row=rows.row_no.max())
    several = work.staged.keep(counted.filter(counted.times > 1).rename({f"{k}_of": k for k in key}))
    if not work.count(several):
        return
    doubled = rows.inner_join(several, [(k, f"{k}_of") for k in key])
    doubled = doubled.filter(doubled.row_no < doubled.last_row)
    work.staged.reject(doubled.select("row_no", problem=work.staged.code(field, SAME_KEY)))
