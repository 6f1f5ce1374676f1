"""Products named by a file: their ids, their categories, and the service lines among them."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa

from huoshui.data.connectors.work import MONEY, Loading, latest

TOLD_OF_PRODUCTS = ("product_name", "category", "brand")

SERVICES = {
    "=postage": (
        "post|postage|dot|dotcom postage|c2|carriage|shipping|shipping fee|delivery|delivery fee|freight|"
        "运费|邮费|快递费|配送费"
    ),
    "=fee": (
        "bank charges|amazonfee|amazon fee|cruk|cruk commission|commission|service fee|handling fee|"
        "手续费|服务费|佣金"
    ),
    "=adjustment": "b|adjust bad debt|m|manual|adjustment|rounding|调整|差价|补差价|补差",
    "=discount": "d|discount|优惠|折扣|满减",
    "=sample": "s|samples|sample|gift|赠品|样品|试用装",
}
"""Service lines by product number or name: they are revenue, but nothing a customer prefers or comes back for."""


def product_id(work: Loading, rows: Any) -> Any:
    """The shop's number, or ``name:`` and the name without case and double spaces; empty where neither is given."""
    number = work.field(rows, "product_id")
    name = work.field(rows, "product_name")
    plain = name.lower().re_replace(r"\s+", " ").strip()
    return ibis.coalesce(number, ibis.literal("name:") + plain)


def with_category(work: Loading, rows: Any) -> Any:
    """``rows`` with ``category``: that of a service line, else the one the file gives."""
    words = [(word, category) for category, text in SERVICES.items() for word in text.split("|")]
    table = pa.table({"word": [w for w, _ in words], "service": [c for _, c in words]})
    services = work.staged.session.hold(table)
    found = []
    for name in ("product_id", "product_name"):
        if name in rows.columns:
            column = f"service_{name}"
            known = services.rename({f"word_{name}": "word", column: "service"})
            rows = rows.left_join(known, rows[name].lower() == known[f"word_{name}"]).drop(f"word_{name}")
            found.append(column)
    category = ibis.coalesce(*(rows[c] for c in found), work.field(rows, "category"), ibis.null("string"))
    return rows.mutate(category=category).drop(*found)


def products_of(work: Loading, rows: Any, cells: Any) -> Any:
    """The products that ``rows`` (with ``product`` and ``amount``) name: ``product_id`` with name, brand, category.

    Those are taken from ``cells``, the file, at the product's last row. Rows that were paid for go first: stock
    corrections call products “damaged” or “check”.
    """
    named = rows.filter(rows["product"].notnull())
    last = named.group_by(product_id=named["product"]).aggregate(
        row_of=ibis.coalesce(named.row_no.max(where=named.amount > 0), named.row_no.max())
    )
    last = work.staged.keep(last)
    told = [n for n in TOLD_OF_PRODUCTS if n in cells.columns]
    found = last.inner_join(cells.select("row_no", *told), [("row_of", "row_no")]).drop("row_of", "row_no")
    return work.staged.keep(with_category(work, found))


def put_changed(work: Loading, found: Any) -> None:
    """Put those of ``found`` (``product_id`` and some of name, category, brand, prices) that say something new."""
    cells = {
        "name": ("product_name", "string"),
        "category": ("category", "string"),
        "brand": ("brand", "string"),
        "unit_price": ("unit_price", MONEY),
        "unit_cost": ("unit_cost", MONEY),
    }
    found = found.select("product_id", **{n: work.field(found, given, t) for n, (given, t) in cells.items()})
    known = work.snapshot.table("products")
    known = known.filter(known.source == work.source).select(
        known_id="product_id", **{f"known_{n}": known[n] for n in cells}
    )
    both = found.left_join(known, found.product_id == known.known_id)
    merged = both.mutate(**{n: ibis.coalesce(both[n], both[f"known_{n}"]) for n in cells})
    same = (
        ibis.and_(*(merged[n].identical_to(merged[f"known_{n}"]) for n in cells)) & merged.known_id.notnull()
    )
    work.put("products", merged.filter(~same).select("product_id", *cells))


def load(work: Loading) -> None:
    """The kind ``products``: one row per product; the last row of a product counts."""
    staged = work.staged
    staged.settle(
        staged.rows.mutate(product_id=product_id(work, staged.rows), currency=work.currency_of(staged.rows))
    )
    rows = work.with_rate(work.rows, ibis.literal(work.now).cast("date"))
    rows = rows.mutate(
        **{n: work.in_house(rows[n], rows.rate) for n in ("unit_price", "unit_cost") if n in rows.columns}
    )
    told = [n for n in ("product_name", "category", "brand", "unit_price", "unit_cost") if n in rows.columns]
    found = rows.group_by("product_id").aggregate(**latest(rows, told), times=rows.count())
    found = work.staged.keep(with_category(work, found))
    work.rule("same_key_twice", work.count(rows) - work.count(found))
    put_changed(work, found.drop("times"))
