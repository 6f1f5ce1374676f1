"""Orders as a shop writes them down: lines with prices, coupons and channels, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa

from huoshui.demo import catalogue
from huoshui.demo.catalogue import CAMPAIGNS, PRODUCTS, SALES_CHANNELS, STORES
from huoshui.demo.columns import money, numbered, only, texts
from huoshui.demo.draws import Numbers, chosen
from huoshui.demo.experience import Experience
from huoshui.demo.invention import World
from huoshui.demo.orders import PRICES, WALK_IN, Columns, Orders, further_products
from huoshui.demo.people import People
from huoshui.demo.seasons import DAY
from huoshui.kernel.texts import Text

FIRST_ORDER = 20_000_001
IN_STORE = len(SALES_CHANNELS) - 1
CHEAP = 150.0

LIST, SALE, COUPON = range(3)
_FACTORS = (Decimal(1), Decimal(catalogue.SALE_PRICE), Decimal(catalogue.CAMPAIGN_PRICE))
PRICE_LIST = [
    (Decimal(product.price) * factor).quantize(Decimal("0.01")) for product in PRODUCTS for factor in _FACTORS
]
"""Price by product and kind of price, at ``3 × product + kind``."""
CENTS = np.array([int(price * 100) for price in PRICE_LIST])


@dataclass(frozen=True, slots=True)
class Lines(Columns):
    """Lines, those of an order together: the place of the order, what, how many, at which place of `PRICE_LIST`, and
    when it came back (-1: never).
    """

    order: Numbers
    product: Numbers
    quantity: Numbers
    price: Numbers
    returned_at: Numbers


def order_number(places: Numbers) -> pa.Array:
    """The shop's number of the orders at ``places`` of all."""
    return numbered("D", FIRST_ORDER + places)


def lines_of(world: World, people: People, orders: Orders, lived: Experience) -> Lines:
    """What stands in the baskets, at which prices, and what of it comes back."""
    p, draw = world.parameters, world.draws.of("baskets")
    order = np.repeat(np.arange(len(orders)), 1 + draw.poisson(p.further_lines, len(orders)))
    first = np.concatenate([[True], order[1:] != order[:-1]]) if len(order) else np.empty(0, bool)
    product = np.where(first, orders.main[order], further_products(draw, len(order)))
    quantity = 1 + draw.poisson(0.35, len(order)) * (PRICES[product] < CHEAP)
    buyer = orders.buyer[order]
    business = (buyer >= 0) & (people.company[buyer] >= 0) if len(people) else buyer < -1
    quantity = quantity + np.where(business, draw.poisson(p.business_quantity, len(order)), 0)
    coupon = np.where(orders.campaign >= 0, COUPON, LIST)
    kind = np.where(world.season.on_sale(orders.at), SALE, coupon)
    draw = world.draws.of("returns")
    odds = np.where(first & lived.fault[order], p.fault_returned, p.returned)
    back = orders.at[order] + (lived.days[order] + draw.integers(1, 14, len(order))) * DAY
    returned_at = np.where(draw.random(len(order)) < odds, back, -1)
    return Lines(order, product, quantity, 3 * product + kind[order], returned_at)


def transactions_file(world: World, people: People, orders: Orders, lines: Lines, first: int) -> pa.Table:
    """The rows of the file ``transactions``: a row per line, and one with a negative quantity for what came back.

    ``orders`` stand in the order of their times; the first one has the place ``first`` among all.
    """
    draw = world.draws.of("sales channels")
    shares = np.array([share for _, share in SALES_CHANNELS])
    channel = np.where(orders.origin == WALK_IN, IN_STORE, chosen(draw, shares, len(orders)))
    store = draw.integers(0, len(STORES), len(orders))
    back = np.flatnonzero((lines.returned_at >= 0) & (lines.returned_at < world.end))
    row = np.concatenate([np.arange(len(lines)), back])
    at = np.concatenate([orders.at[lines.order], lines.returned_at[back]])
    sign = np.repeat([1, -1], [len(lines), len(back)])
    in_time = np.argsort(at, kind="stable")
    row, at, sign = row[in_time], at[in_time], sign[in_time]
    order, product, price = lines.order[row], lines.product[row], lines.price[row]
    campaign = orders.campaign[order]
    said = world.said
    coupons = [said(catalogue.SALE_COUPON), *(said(c.coupon) for c in CAMPAIGNS)]
    coupon = np.where(price % 3 == SALE, 0, 1 + campaign)
    return pa.table(
        {
            "订单编号": order_number(first + order),
            "会员编号": _buyers(people, orders.buyer[order]),
            "下单时间": world.clock(at),
            "商品编号": texts([p.number for p in PRODUCTS], product),
            "商品名称": texts([said(p.name) for p in PRODUCTS], product),
            "类目": texts([said(p.category) for p in PRODUCTS], product),
            "数量": pa.array(lines.quantity[row] * sign),
            "单价": money(PRICE_LIST, price),
            "成本": money([Decimal(p.cost) for p in PRODUCTS], product),
            "渠道": texts([said(name) for name, _ in SALES_CHANNELS], channel[order]),
            "门店": only(channel[order] == IN_STORE, texts(said(STORES), store[order])),
            "优惠券": only(price % 3 != LIST, texts(coupons, np.maximum(coupon, 0))),
            "活动": only(campaign >= 0, texts([said(c.name) for c in CAMPAIGNS], np.maximum(campaign, 0))),
        }
    )


def _buyers(people: People, buyer: Numbers) -> pa.Array:
    if not len(people):
        return pa.nulls(len(buyer), pa.string())
    return only(buyer >= 0, people.numbers.take(pa.array(np.maximum(buyer, 0))))


def products_file(world: World) -> pa.Table:
    """The rows of the file ``products``."""
    said = world.said
    return pa.table(
        {
            "商品编号": [p.number for p in PRODUCTS],
            "商品名称": [said(p.name) for p in PRODUCTS],
            "类目": [said(p.category) for p in PRODUCTS],
            "品牌": [said(catalogue.BRAND) for _ in PRODUCTS],
            "单价": [Decimal(p.price) for p in PRODUCTS],
            "成本": [Decimal(p.cost) for p in PRODUCTS],
        }
    )


def spend_file(world: World, messages: Numbers) -> pa.Table:
    """The rows of the file ``spend``: advertising per day and channel, and the messages of campaigns.

    Advertising of a day = CAC × newcomers expected through the channel on that day × noise (mean 1), so that spend
    divided by newcomers comes to the CAC. ``messages`` counts those sent for each of `CAMPAIGNS`.
    """
    invention, draw = world.invention, world.draws.of("advertising")
    newcomers = np.diff(world.arrivals[::24]) * invention.customers
    days = np.arange(invention.days) * DAY
    parts = []
    for channel in catalogue.CHANNELS:
        if not channel.cac:
            continue
        noise = draw.gamma(25.0, 1 / 25.0, invention.days)
        amount = channel.cac * channel.share * newcomers * noise
        shown = (amount * draw.uniform(35, 60, invention.days)).astype(int)
        clicks = (shown * draw.uniform(0.008, 0.02, invention.days)).astype(int)
        parts.append(_spent(world, days, channel.name, channel.campaign, amount, shown, clicks))
    for campaign, sent in zip(CAMPAIGNS, messages, strict=True):
        if sent:
            day = np.array([world.end - campaign.days_before * DAY])
            cost = np.array([sent * campaign.message_cost])
            count = np.array([sent])
            parts.append(_spent(world, day, campaign.channel, campaign.name, cost, count, count * 0))
    return pa.concat_tables(parts)


def _spent(
    world: World,
    at: Numbers,
    channel: Text | str,
    campaign: Text | str,
    amount: Numbers,
    shown: Numbers,
    clicks: Numbers,
) -> pa.Table:
    same = np.zeros(len(at), int)
    return pa.table(
        {
            "日期": world.clock(at).cast(pa.date32()),
            "渠道": texts((world.said(channel),), same),
            "活动": texts((world.said(campaign),), same),
            "费用": pa.array([Decimal(round(cents)) / 100 for cents in amount * 100], pa.decimal128(18, 2)),
            "曝光": pa.array(shown),
            "点击": pa.array(clicks),
        }
    )
