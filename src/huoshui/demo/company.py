"""Inventing the company: people, their orders, and what else they did, as columns of the files a shop would have.

People arrive over the whole time, a little more every month. Each has a rhythm of buying of their own and a time
after which they do not come back; both are drawn once (a Poisson rate from a Gamma distribution, a lifetime from an
exponential one: the assumptions of Schmittlein, Morrison and Colombo, "Counting your customers", Management Science
33 (1), 1987). Promotions on 18 June and 11 November bring more orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huoshui.demo import catalogue
from huoshui.kernel.errors import HuoshuiError

Numbers = npt.NDArray[Any]

FIRST_PHONE = 199_0000_0000
DAY = 86_400
NEVER_BOUGHT = 0.10
PROMOTIONS = ((6, 18), (11, 11))
PROMOTION_PRICE = 0.85
EVENTS = ("Product Viewed", "Product Added", "App Opened", "Device Connected", "Page Viewed")


class NotADemoDay(HuoshuiError):
    """The last day of the demo cannot be this one."""

    code = "not_a_demo_day"


def check_until(until: date, *, today: date) -> None:
    """Raise `NotADemoDay` for a last day that is not over yet, or so early that its years cannot be loaded."""
    if not date(1990, 1, 1) <= until < today:
        raise NotADemoDay(
            "The demo cannot end on this day",
            received=until.isoformat(),
            valid=f"a day from 1990-01-01 to {today - timedelta(days=1)}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invention:
    """What a company is invented from: number of people, days of history, seed, last day."""

    customers: int
    days: int
    seed: int
    until: date

    @property
    def first_day(self) -> date:
        """The day on which the shop opened."""
        return self.until - timedelta(days=self.days - 1)


def invent(invention: Invention) -> dict[str, pa.Table]:
    """The files of the company by kind of import, in the order in which they are to be loaded.

    Times are local times of the house; all are on or before the last day.
    """
    made = _Company(invention)
    return {
        "products": made.products(),
        "customers": made.customers(),
        "transactions": made.transactions(),
        "events": made.events(),
        "answers": made.answers(),
        "consents": made.consents(),
        "spend": made.spend(),
    }


class _Company:
    """Draws the company once; each method writes one file of it."""

    def __init__(self, invention: Invention) -> None:
        self.invention = invention
        self.draw = np.random.default_rng([invention.seed, invention.until.toordinal(), invention.days])
        self.length = invention.days * DAY
        self.start = np.datetime64(invention.first_day.isoformat(), "s")
        n = invention.customers
        # A power below one of a uniform number: more arrive towards the end than at the start.
        self.joined = np.sort((self.draw.random(n) ** 0.7) * (self.length - 1)).astype(np.int64)
        self.numbers = np.char.add("K", (100_001 + np.arange(n)).astype(str))
        self._people(n)
        self._orders(n)

    # -- people --------------------------------------------------------------------------------------------------

    def _people(self, n: int) -> None:
        draw = self.draw
        self.rate = draw.gamma(0.9, 1 / 55.0, n)  # orders per day
        self.lifetime = draw.exponential(420.0, n) * DAY
        self.favourite = draw.integers(0, len(catalogue.PRODUCTS), n)
        weights = np.array([place[3] for place in catalogue.PLACES], float)
        self.place = draw.choice(len(catalogue.PLACES), n, p=weights / weights.sum())
        self.given_at = np.minimum(self.joined + draw.integers(0, 3_600, n), self.length - 1)

    def customers(self) -> pa.Table:
        """Who they are, with attributes; some left no e-mail, some no phone."""
        draw, n = self.draw, self.invention.customers
        surname = np.array(catalogue.SURNAMES)[draw.integers(0, len(catalogue.SURNAMES), n)]
        given = np.array(catalogue.GIVEN_NAMES)[draw.integers(0, len(catalogue.GIVEN_NAMES), n)]
        phones = np.char.add("+86", (FIRST_PHONE + np.arange(n)).astype(str))
        emails = np.char.add(np.char.lower(self.numbers), "@example.com")
        place = [np.array([p[i] for p in catalogue.PLACES])[self.place] for i in range(3)]
        born = np.clip(draw.normal(1988, 9, n), 1945, 2007).astype(int)
        return pa.table(
            {
                "会员编号": self.numbers,
                "姓名": np.char.add(surname, given),
                "手机": _where(draw.random(n) < 0.92, phones),
                "邮箱": _where(draw.random(n) < 0.65, emails),
                "注册时间": self._local(self.joined),
                "性别": np.array(["女", "男"])[(draw.random(n) < 0.47).astype(int)],
                "出生年份": _where(draw.random(n) < 0.8, born.astype(str)),
                "国家": np.full(n, "中国"),
                "省份": place[0],
                "城市": place[1],
                "城市等级": place[2],
                "职业": _where(
                    draw.random(n) < 0.6, np.array(catalogue.JOBS)[draw.integers(0, len(catalogue.JOBS), n)]
                ),
                "首次渠道": np.array(catalogue.FIRST_CHANNELS)[
                    draw.integers(0, len(catalogue.FIRST_CHANNELS), n)
                ],
                "标签": _where(draw.random(n) < 0.06, np.full(n, "VIP")),
            }
        )

    def consents(self) -> pa.Table:
        """What they agreed to when they joined; some took it back later."""
        draw, n = self.draw, self.invention.customers
        who, channel, state, given = [], [], [], []
        for name, granting, leaving in (("sms", 0.55, 0.15), ("email", 0.45, 0.2), ("wecom", 0.35, 0.1)):
            granted = np.flatnonzero(draw.random(n) < granting)
            left = granted[draw.random(len(granted)) < leaving]
            later = self.given_at[left] + (
                draw.random(len(left)) * (self.length - self.given_at[left])
            ).astype(int)
            for people, code, at in (
                (granted, "granted", self.given_at[granted]),
                (left, "withdrawn", later),
            ):
                who.append(people)
                channel.append(np.full(len(people), name))
                state.append(np.full(len(people), code))
                given.append(np.minimum(at, self.length - 1))
        everyone = np.concatenate(who)
        count = len(everyone)
        return pa.table(
            {
                "customer": self.numbers[everyone],
                "purpose": np.full(count, "marketing"),
                "channel": np.concatenate(channel),
                "state": np.concatenate(state),
                "given_at": self._local(np.concatenate(given)),
                "wording": np.full(count, "demo-1"),
                "origin": np.full(count, "demo form"),
                "evidence": np.char.add("invented form ", np.arange(1, count + 1).astype(str)),
            }
        )

    # -- orders --------------------------------------------------------------------------------------------------

    def _orders(self, n: int) -> None:
        draw = self.draw
        alive = np.minimum(self.lifetime, self.length - self.joined)
        buys = draw.random(n) >= NEVER_BOUGHT
        further = draw.poisson(self.rate * alive / DAY)
        who = np.repeat(np.arange(n), np.where(buys, 1 + further, 0))
        first = np.zeros(len(who), bool)
        first[np.flatnonzero(np.diff(who, prepend=-1))] = True
        share = np.where(first, draw.random(len(who)) * 0.01, draw.random(len(who)))
        at = self.joined[who] + (share * alive[who]).astype(np.int64)
        who, at = self._with_promotions(who, at, alive, buys)
        walk_ins = draw.integers(0, self.length, max(1, len(who) // 16))
        self.buyer = np.concatenate([who, np.full(len(walk_ins), -1)])
        bought = np.concatenate([self._by_day(at), self._by_day(walk_ins)])
        order = np.argsort(bought, kind="stable")
        self.buyer, self.bought = self.buyer[order], bought[order]
        self.order_numbers = np.char.add("D", (20_000_001 + np.arange(len(order))).astype(str))

    def _with_promotions(
        self, who: Numbers, at: Numbers, alive: Numbers, buys: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Further orders of people who are around on a day of promotion."""
        first = self.invention.first_day
        for year in range(first.year, self.invention.until.year + 1):
            for month, day in PROMOTIONS:
                start = (date(year, month, day) - first).days * DAY
                if not 0 <= start < self.length:
                    continue
                around = buys & (self.joined < start) & (start < self.joined + alive)
                coming = np.flatnonzero(around & (self.draw.random(len(around)) < 0.12))
                who = np.concatenate([who, coming])
                at = np.concatenate([at, np.full(len(coming), start)])
        return who, at

    def _by_day(self, at: Numbers) -> Numbers:
        """The same days, at hours when people shop."""
        hour = np.clip(self.draw.normal(15.5, 4.2, len(at)), 0.0, 23.9)
        return np.asarray(at // DAY * DAY + (hour * 3_600).astype(np.int64))

    def transactions(self) -> pa.Table:
        """One row per line, returns with negative quantity after them."""
        draw = self.draw
        lines = 1 + draw.poisson(0.65, len(self.bought))
        order = np.repeat(np.arange(len(self.bought)), lines)
        product = self._products_of(order)
        price = np.array([float(p.price) for p in catalogue.PRODUCTS])[product]
        days = (self.start + self.bought).astype("datetime64[D]")
        promoted = np.isin(days, self._promotion_days())[order]
        price = np.round(price * np.where(promoted, PROMOTION_PRICE, 1.0), 2)
        quantity = np.where(price < 150, 1 + draw.poisson(0.35, len(order)), 1)
        channel = np.array(catalogue.CHANNELS)[
            draw.choice(5, len(self.bought), p=[0.34, 0.24, 0.2, 0.14, 0.08])
        ]
        channel = np.where(self.buyer < 0, "门店", channel)
        store = np.array(catalogue.STORES)[draw.integers(0, len(catalogue.STORES), len(self.bought))]
        store = np.where(channel == "门店", store, "")
        coupon = np.where(promoted, "大促 85 折", "")

        returned = draw.random(len(order)) < 0.045
        back = self.bought[order] + (draw.integers(2, 20, len(order)) * DAY)
        returned &= back < self.length
        row = np.concatenate([np.arange(len(order)), np.flatnonzero(returned)])
        sign = np.concatenate([np.ones(len(order), int), -np.ones(int(returned.sum()), int)])
        at = np.concatenate([self.bought[order], back[returned]])
        in_time = np.argsort(at, kind="stable")
        row, sign, at = row[in_time], sign[in_time], at[in_time]
        buyer = self.buyer[order[row]]
        return pa.table(
            {
                "订单编号": self.order_numbers[order[row]],
                "会员编号": _where(buyer >= 0, self.numbers[np.maximum(buyer, 0)]),
                "下单时间": self._local(at),
                "商品编号": np.array([p.number for p in catalogue.PRODUCTS])[product[row]],
                "商品名称": np.array([p.name for p in catalogue.PRODUCTS])[product[row]],
                "类目": np.array([p.category for p in catalogue.PRODUCTS])[product[row]],
                "数量": quantity[row] * sign,
                "单价": price[row],
                "渠道": channel[order[row]],
                "门店": store[order[row]],
                "优惠券": coupon[row],
            }
        )

    def _products_of(self, order: Numbers) -> Numbers:
        """Half of the lines of a known customer come from the category they like."""
        draw = self.draw
        share = np.array([p.share for p in catalogue.PRODUCTS], float)
        drawn = draw.choice(len(share), len(order), p=share / share.sum())
        buyer = self.buyer[order]
        liked = self.favourite[np.maximum(buyer, 0)]
        return np.asarray(np.where((buyer >= 0) & (draw.random(len(order)) < 0.4), liked, drawn))

    def _promotion_days(self) -> Numbers:
        years = range(self.invention.first_day.year, self.invention.until.year + 1)
        return np.array([date(y, m, d) for y in years for m, d in PROMOTIONS], "datetime64[D]")

    def products(self) -> pa.Table:
        """The catalogue."""
        goods = catalogue.PRODUCTS
        return pa.table(
            {
                "商品编号": [p.number for p in goods],
                "商品名称": [p.name for p in goods],
                "类目": [p.category for p in goods],
                "品牌": [catalogue.BRAND for _ in goods],
                "单价": [p.price for p in goods],
                "成本": [p.cost for p in goods],
            }
        )

    # -- behaviour -----------------------------------------------------------------------------------------------

    def events(self) -> pa.Table:
        """What people did before they bought, and now and then without buying."""
        draw = self.draw
        bought = np.flatnonzero(self.buyer >= 0)
        before = np.repeat(bought, 1 + draw.poisson(1.8, len(bought)))
        idle = draw.integers(0, self.invention.customers, self.invention.customers * 6)
        who = np.concatenate([self.buyer[before], idle])
        since = self.joined[idle]
        alive = np.minimum(self.lifetime[idle] * 1.3, self.length - since)
        at = np.concatenate(
            [
                self.bought[before] - draw.integers(60, 3 * DAY, len(before)),
                since + (draw.random(len(idle)) * alive),
            ]
        ).astype(np.int64)
        at = np.clip(at, self.joined[who], self.length - 1)
        order = np.argsort(at, kind="stable")
        who, at = who[order], at[order]
        name = np.array(EVENTS)[draw.choice(len(EVENTS), len(who), p=[0.46, 0.14, 0.2, 0.08, 0.12])]
        about = np.array([p.number for p in catalogue.PRODUCTS])[
            draw.integers(0, len(catalogue.PRODUCTS), len(who))
        ]
        return pa.table(
            {
                "message_id": np.char.add("e-", np.arange(1, len(who) + 1).astype(str)),
                "customer": self.numbers[who],
                "event": name,
                "occurred_at": self._local(at),
                "product_id": _where(np.char.startswith(name, "Product"), about),
            }
        )

    def answers(self) -> pa.Table:
        """Would you recommend us, ten days after some orders."""
        draw = self.draw
        asked = np.flatnonzero((self.buyer >= 0) & (self.bought + 10 * DAY < self.length))
        asked = asked[draw.random(len(asked)) < 0.08]
        score = draw.choice(
            11, len(asked), p=[0.02, 0.01, 0.02, 0.02, 0.03, 0.05, 0.06, 0.13, 0.22, 0.23, 0.21]
        )
        return pa.table(
            {
                "answer_id": np.char.add("a-", np.arange(1, len(asked) + 1).astype(str)),
                "customer": self.numbers[self.buyer[asked]],
                "answered_at": self._local(self.bought[asked] + 10 * DAY),
                "survey": np.full(len(asked), "购后回访 After purchase"),
                "question": np.full(len(asked), "推荐意愿 Would you recommend us?"),
                "metric": np.full(len(asked), "nps"),
                "score": score,
            }
        )

    def spend(self) -> pa.Table:
        """Advertising per day and channel, more of it around promotions."""
        days = (self.start + np.arange(self.invention.days) * DAY).astype("datetime64[D]")
        near = np.isin(days, self._promotion_days()) * 2.0 + 1.0
        parts = []
        for channel, campaign, usual in catalogue.PAID_CHANNELS:
            amount = np.round(usual * near * self.draw.uniform(0.7, 1.3, len(days)), 2)
            shown = (amount * self.draw.uniform(35, 60, len(days))).astype(int)
            parts.append(
                pa.table(
                    {
                        "日期": days.astype(str),
                        "渠道": np.full(len(days), channel),
                        "活动": np.full(len(days), campaign),
                        "费用": amount,
                        "曝光": shown,
                        "点击": (shown * self.draw.uniform(0.008, 0.02, len(days))).astype(int),
                    }
                )
            )
        return pa.concat_tables(parts)

    def _local(self, seconds: Numbers) -> Numbers:
        """Seconds since the shop opened as local times, which name no zone."""
        return np.asarray(self.start + np.minimum(seconds, self.length - 1).astype("timedelta64[s]"))


def _where(condition: Numbers, values: Numbers) -> Numbers:
    """``values`` where the condition holds, else an empty text."""
    return np.where(condition, values, "")
