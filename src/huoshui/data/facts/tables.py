"""The fact tables of the lake (DESIGN §3). Money is in the house currency; ``*_original`` in ``currency``."""

from __future__ import annotations

from huoshui.kernel.plugs import LAKE_TABLES, Column, LakeTable

OF_THE_HOUSE = "huoshui"
"""The source of facts that the house itself writes."""

MONEY = "decimal(18, 4)"
TIME = "timestamp('UTC', 6)"

_CUSTOMER = Column("customer_id", "int64", "who; empty for anonymous sales")
_ACCOUNT = Column("account_id", "int64", "the company account, for B2B")
_CURRENCY = Column("currency", "string", "ISO 4217 code of the original amounts")


def _money(name: str, doc: str) -> tuple[Column, Column]:
    return (
        Column(name, MONEY, f"{doc}, in house currency"),
        Column(f"{name}_original", MONEY, f"{doc}, in `currency`"),
    )


CUSTOMER_ATTRIBUTES = LakeTable(
    slug="customer_attributes",
    doc="Every value an attribute of a customer has had; the newest `valid_from` is the current one.",
    key=("customer_id", "name", "valid_from"),
    columns=(
        Column("customer_id", "int64", "whose"),
        Column("name", "string", "slug of a declared attribute that is neither identifying nor sensitive"),
        Column("valid_from", TIME, "since when"),
        Column("value", "string", "the value as text; its type is declared with the attribute"),
    ),
    written_by="data/customers, data/connectors",
    kept="as long as the customer",
    statistics=("customer_id", "valid_from"),
    sorted_by=("customer_id", "valid_from"),
)

CUSTOMER_TAGS = LakeTable(
    slug="customer_tags",
    doc="Tags of customers with the time they hold.",
    key=("customer_id", "tag", "valid_from"),
    columns=(
        Column("customer_id", "int64", "whose"),
        Column("tag", "string", "the tag"),
        Column("valid_from", TIME, "when it was given"),
        Column("valid_to", TIME, "when it was taken away; empty while it holds"),
    ),
    written_by="data/customers, data/connectors",
    kept="as long as the customer",
    statistics=("customer_id", "valid_from"),
    sorted_by=("customer_id", "valid_from"),
)

CONSENTS = LakeTable(
    slug="consents",
    doc="What each person agreed to or refused, per purpose and channel; the newest `valid_from` holds.",
    key=("customer_id", "purpose", "channel", "valid_from"),
    columns=(
        Column("customer_id", "int64", "whose"),
        Column("purpose", "string", "marketing, service, profiling …"),
        Column("channel", "string", "email, sms, phone, wecom, post, push …"),
        Column("valid_from", TIME, "when it was said"),
        Column("state", "string", "granted or withdrawn"),
    ),
    written_by="data/privacy",
    kept="as long as the customer; the proof stays in the database",
    statistics=("customer_id", "valid_from"),
    sorted_by=("customer_id", "valid_from"),
)

FX_RATES = LakeTable(
    slug="fx_rates",
    doc="Price of one unit of a currency in the house currency, day by day.",
    key=("day", "currency"),
    columns=(
        Column("day", "date", "day in the house time zone"),
        Column("currency", "string", "ISO 4217 code"),
        Column("rate", "decimal(18, 8)", "house currency for 1 unit"),
    ),
    written_by="data/connectors",
    kept="for ever",
    statistics=("day",),
)

IDENTITY_LINKS = LakeTable(
    slug="identity_links",
    doc="Which id means which customer today: visitors who were identified, customers who were merged.",
    key=("from_id", "valid_from"),
    columns=(
        Column("from_id", "int64", "the id that facts were written with"),
        Column("valid_from", TIME, "when the link was made"),
        Column("customer_id", "int64", "the customer it means"),
        Column("valid_to", TIME, "when the link was taken back; empty while it holds"),
    ),
    written_by="data/customers",
    kept="as long as the customer",
    statistics=("from_id", "customer_id"),
)

PRODUCTS = LakeTable(
    slug="products",
    doc="What is sold.",
    key=("product_id",),
    columns=(
        Column("product_id", "string", "the shop's number, or the normalised name where there is none"),
        Column("name", "string", "name"),
        Column("category", "string", "category; service lines (postage, fees …) have one that starts with ="),
        Column("brand", "string", "brand"),
        Column("unit_price", MONEY, "list price, in house currency"),
        Column("unit_cost", MONEY, "cost, in house currency"),
    ),
    written_by="data/connectors",
    kept="for ever",
)

ORDERS = LakeTable(
    slug="orders",
    doc="One row per order. Orders never change in place: what happens later is an `order_changes` row.",
    key=("order_id",),
    columns=(
        Column("order_id", "string", "the shop's number"),
        _CUSTOMER,
        _ACCOUNT,
        Column("ordered_at", TIME, "time of its earliest line"),
        _CURRENCY,
        *_money("revenue", "what was paid for goods: after discounts, before tax and shipping"),
        *_money("discount", "discount already taken off"),
        *_money("tax", "tax on top"),
        *_money("shipping", "shipping on top"),
        *_money("total", "revenue + tax + shipping"),
        Column("channel", "string", "sales channel"),
        Column("store", "string", "shop or branch"),
        Column("coupon", "string", "coupon code"),
        Column("campaign", "string", "campaign it is counted to"),
    ),
    written_by="data/connectors",
    kept="10 years",
    statistics=("customer_id", "ordered_at"),
    sorted_by=("customer_id", "ordered_at"),
)

ORDER_LINES = LakeTable(
    slug="order_lines",
    doc="One row per line of an order. Zero prices (gifts, samples) are lines with revenue 0.",
    key=("order_id", "line_no"),
    whole=("order_id",),
    columns=(
        Column("order_id", "string", "the order"),
        Column("line_no", "int64", "1, 2, 3 … in the order of the file"),
        _CUSTOMER,
        Column("ordered_at", TIME, "time of the order"),
        Column("product_id", "string", "what"),
        Column("category", "string", "category of the product at that time"),
        Column("quantity", "decimal(18, 4)", "how many"),
        Column("unit_price", MONEY, "price of one, in house currency"),
        Column("unit_cost", MONEY, "cost of one, in house currency"),
        *_money("revenue", "what was paid for the line"),
        _CURRENCY,
    ),
    written_by="data/connectors",
    kept="10 years",
    statistics=("customer_id", "ordered_at"),
    sorted_by=("customer_id", "ordered_at"),
)

ORDER_CHANGES = LakeTable(
    slug="order_changes",
    doc="What changed revenue after an order: refunds, cancellations, returns, corrections; signed as they change it.",
    key=("change_id",),
    columns=(
        Column("change_id", "string", "the document and its line"),
        Column("document_id", "string", "number of the credit note, cancellation or order it came with"),
        Column("order_id", "string", "the order it changes, where the file says so"),
        _CUSTOMER,
        Column("occurred_at", TIME, "when"),
        Column("kind", "string", "refund, cancellation, return or correction"),
        Column("product_id", "string", "what"),
        Column("quantity", "decimal(18, 4)", "how many; negative comes back"),
        *_money("revenue", "change of revenue; a refund is negative"),
        _CURRENCY,
    ),
    whole=("document_id",),
    written_by="data/connectors",
    kept="10 years",
    statistics=("customer_id", "occurred_at"),
    sorted_by=("customer_id", "occurred_at"),
)

EVENTS = LakeTable(
    slug="events",
    doc="Behaviour: pages seen, products viewed, messages opened …",
    key=("message_id",),
    columns=(
        Column("message_id", "string", "the sender's unique id of the event"),
        Column("visitor_id", "int64", "random id of somebody not yet known"),
        _CUSTOMER,
        _ACCOUNT,
        Column("name", "string", "name of the event, e.g. Product Viewed"),
        Column("occurred_at", TIME, "when, after clock correction"),
        Column("received_at", TIME, "when it reached us"),
        Column("session_id", "string", "session"),
        Column("product_id", "string", "product concerned"),
        Column("value", "float64", "a number that belongs to the event"),
        Column("properties", "string", "further properties as JSON"),
    ),
    written_by="data/connectors, data/ingest",
    kept="25 months",
    statistics=("customer_id", "visitor_id", "occurred_at"),
    sorted_by=("customer_id", "occurred_at"),
)

TOUCHES = LakeTable(
    slug="touches",
    doc="Contacts between us and a customer: visits by a campaign, messages, calls.",
    key=("touch_id",),
    columns=(
        Column("touch_id", "string", "unique id"),
        _CUSTOMER,
        Column("occurred_at", TIME, "when"),
        Column("kind", "string", "click, visit, message, call …"),
        Column("channel", "string", "channel"),
        Column("campaign", "string", "campaign"),
        Column("journey", "string", "journey"),
        Column("step", "string", "step of the journey"),
        Column("variant", "string", "variant"),
        Column("cost", MONEY, "cost, in house currency"),
        *(
            Column(f"utm_{part}", "string", f"utm_{part}")
            for part in ("source", "medium", "campaign", "term", "content")
        ),
    ),
    written_by="the rooms of act",
    kept="25 months",
    statistics=("customer_id", "occurred_at"),
    sorted_by=("customer_id", "occurred_at"),
)

ANSWERS = LakeTable(
    slug="answers",
    doc="Answers to survey questions as scores; what people wrote stays in the database.",
    key=("answer_id",),
    columns=(
        Column("answer_id", "string", "unique id"),
        _CUSTOMER,
        Column("answered_at", TIME, "when"),
        Column("survey", "string", "survey"),
        Column("question", "string", "question"),
        Column("metric", "string", "nps, csat, ces …"),
        Column("score", "float64", "the score on the scale of its metric"),
        Column("sentiment", "float64", "-1 to 1, where text was given"),
    ),
    written_by="data/connectors",
    kept="10 years",
    statistics=("customer_id", "answered_at"),
    sorted_by=("customer_id", "answered_at"),
)

SPEND = LakeTable(
    slug="spend",
    doc="Money spent on advertising and campaigns.",
    key=("day", "channel", "campaign"),
    columns=(
        Column("day", "date", "day in the house time zone"),
        Column("channel", "string", "channel"),
        Column("campaign", "string", "campaign; empty text where only channels are known"),
        _CURRENCY,
        *_money("amount", "money spent"),
        Column("impressions", "int64", "times shown"),
        Column("clicks", "int64", "clicks"),
    ),
    written_by="data/connectors",
    kept="10 years",
    statistics=("day",),
)

FACTS = (
    CUSTOMER_ATTRIBUTES,
    CUSTOMER_TAGS,
    CONSENTS,
    FX_RATES,
    IDENTITY_LINKS,
    PRODUCTS,
    ORDERS,
    ORDER_LINES,
    ORDER_CHANGES,
    EVENTS,
    TOUCHES,
    ANSWERS,
    SPEND,
)


def declare() -> None:
    """Called once, when the app starts."""
    LAKE_TABLES.declare(*FACTS)
