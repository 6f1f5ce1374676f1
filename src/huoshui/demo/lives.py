"""The lives of the cast as rows of the shop's files and of the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from huoshui.demo.cast import CAST, Member, Purchase
from huoshui.demo.catalogue import CAMPAIGN_PRICE, CAMPAIGNS, CHANNELS, MINI_PROGRAM, PRODUCTS
from huoshui.demo.experience import QUESTIONS
from huoshui.demo.invention import Invention
from huoshui.demo.people import FIRST_NUMBER, FIRST_PHONE
from huoshui.demo.places import JOBS, PLACES
from huoshui.demo.sales import FIRST_ORDER
from huoshui.demo.saying import said

RETURNED_AFTER = 7
_GOODS = {product.number: product for product in PRODUCTS}
_CAMPAIGNS = {campaign.slug: campaign for campaign in CAMPAIGNS}
_SURVEYS = {metric: (survey, question) for metric, survey, question in QUESTIONS}
_PLACES = {place.city.en: place for place in PLACES}
_JOBS = {job.en: job for job in JOBS}
_CHANNELS = {channel.name.en: channel.name for channel in CHANNELS}

Row = dict[str, Any]


def members(invention: Invention) -> Sequence[Member]:
    """Who of the cast is in the company: all, unless it has fewer customers."""
    return CAST[: invention.customers]


def number(place: int) -> str:
    """The shop's number of the member at ``place``."""
    return f"K{FIRST_NUMBER + place}"


def files_of_cast(invention: Invention) -> dict[str, list[Row]]:
    """Rows of each of the shop's files, and of the truth under ``truth/…``.

    What would have happened before the first day is left out: the lives need 24 months.
    """
    rows: dict[str, list[Row]] = {
        kind: [] for kind in ("customers", "transactions", "events", "answers", "consents", "truth/customers")
    }
    rows["truth/orders"] = []
    for place, member in enumerate(members(invention)):
        _Life(invention, place, member, rows).write()
    rows["transactions"].sort(key=lambda row: row["下单时间"])
    return rows


class _Life:
    def __init__(self, invention: Invention, place: int, member: Member, rows: dict[str, list[Row]]) -> None:
        self.invention, self.place, self.member, self.rows = invention, place, member, rows
        self.number = number(place)

    def write(self) -> None:
        self._profile()
        bought = [p for p in self.member.purchases if self._lies_within(p.days_before)]
        for purchase in bought:
            self._order(purchase)
        for minute, deed in enumerate(self.member.deeds):
            about = {"product_id": deed.product or None}
            if deed.topic:
                about["properties"] = f'{{"topic": "{deed.topic}"}}'
            self._put("events", deed.days_before, "occurred_at", minute, event=deed.event, **about)
        for metric_place, (day, metric, score) in enumerate(self.member.answers):
            survey, question = _SURVEYS[metric]
            told = {
                "survey": self._said(survey),
                "question": self._said(question),
                "metric": metric,
                "score": score,
            }
            self._put("answers", day, "answered_at", 60 + metric_place, **told)
        for day, channel, state in self.member.statements:
            proof = {
                "wording": "demo-1",
                "origin": "registration form",
                "evidence": f"written for {self.number}, {channel} {state}",
            }
            stated = {"purpose": "marketing", "channel": channel, "state": state, **proof}
            self._put("consents", day, "given_at", 5, **stated)
        revenue = sum(
            (row["单价"] * row["数量"] for row in self.rows["transactions"] if self._bought(row)), Decimal(0)
        )
        self.rows["truth/customers"].append(
            {
                "customer": self.number,
                "role": self.member.role,
                "joined_at": self._joined(),
                "buys": True,
                "channel": self._said(_CHANNELS[self.member.channel]),
                "alive": self.member.role != "silent",
                "orders": len(bought),
                "revenue": float(revenue),
            }
        )

    def _bought(self, row: Mapping[str, Any]) -> bool:
        return bool(row["会员编号"] == self.number and row["数量"] > 0)

    def _profile(self) -> None:
        member, place = self.member, _PLACES[self.member.city]
        self.rows["customers"].append(
            {
                "会员编号": self.number,
                "姓名": self._said(member.name),
                "手机": f"+86{FIRST_PHONE + self.place}",
                "邮箱": f"{self.number.lower()}@example.com",
                "注册时间": self._joined(),
                "性别": self._said(member.gender),
                "出生年份": member.born,
                "省份": self._said(place.province),
                "城市": self._said(place.city),
                "城市等级": self._said(place.tier),
                "职业": self._said(_JOBS[member.occupation]),
                "首次渠道": self._said(_CHANNELS[member.channel]),
                "标签": self._said(member.tag) or None,
            }
        )

    def _order(self, purchase: Purchase) -> None:
        campaign = _CAMPAIGNS.get(purchase.campaign)
        orders = self.rows["truth/orders"]
        order = f"D{FIRST_ORDER + len(orders)}"
        origin = "campaign" if campaign else "own"
        fault = bool(purchase.returned)
        experience = {
            "delivery_days": 2,
            "late": False,
            "fault": fault,
            "complained": fault,
            "resolved": False,
        }
        orders.append({"order": order, "origin": origin, "campaign": purchase.campaign or None, **experience})
        for product, quantity, days in (
            *((p, 1, purchase.days_before) for p in purchase.products),
            *(
                (p, -1, purchase.days_before - RETURNED_AFTER)
                for p in purchase.products
                if p == purchase.returned
            ),
        ):
            goods = _GOODS[product]
            price = Decimal(goods.price) * Decimal(CAMPAIGN_PRICE if campaign else 1)
            self.rows["transactions"].append(
                {
                    "订单编号": order,
                    "会员编号": self.number,
                    "下单时间": self._at(days, 30),
                    "商品编号": product,
                    "商品名称": self._said(goods.name),
                    "类目": self._said(goods.category),
                    "数量": quantity,
                    "单价": price.quantize(Decimal("0.01")),
                    "成本": Decimal(goods.cost),
                    "渠道": self._said(MINI_PROGRAM),
                    "优惠券": self._said(campaign.coupon) if campaign else None,
                    "活动": self._said(campaign.name) if campaign else None,
                }
            )

    def _put(self, kind: str, days_before: int, time_of: str, minutes: int, **cells: Any) -> None:
        if self._lies_within(days_before):
            at = self._at(days_before, minutes)
            name = {"events": "message_id", "answers": "answer_id"}.get(kind)
            ids = {name: f"{self.member.role}-{len(self.rows[kind]) + 1}"} if name else {}
            self.rows[kind].append({**ids, "customer": self.number, time_of: at, **cells})

    def _said(self, value: Any) -> Any:
        return said(value, self.invention.language)

    def _lies_within(self, days_before: int) -> bool:
        return days_before < self.invention.days

    def _joined(self) -> datetime:
        return self._at(min(self.member.joined, self.invention.days - 1), 0)

    def _at(self, days_before: int, minutes: int) -> datetime:
        day = self.invention.until - timedelta(days=days_before)
        return datetime.combine(day, time(10, 30)) + timedelta(minutes=minutes)


def as_table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    """``rows`` with the columns of ``schema``; cells that a row leaves out are empty."""
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)
