"""The cast: eight customers whose lives are written by hand, and three colleagues.

They are the first customers of every demo company, have the same numbers in each, and live relative to its last day,
so that tests, pictures and the guide can speak of them by name. `Member.becomes` says what the house finds out about
them, in a company of 24 months and some hundred customers; `lives` turns them into rows of the shop's files.
The colleagues are plain data: they become users when there are any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from huoshui.demo.places import MAN, WOMAN
from huoshui.kernel.actors import Role
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order ``days_before`` the last day. ``campaign`` is the slug of the one that caused it; ``returned`` the
    product that came back after a week.
    """

    days_before: int
    products: tuple[str, ...]
    campaign: str = ""
    returned: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """An event ``days_before`` the last day, with the product or the topic that it is about."""

    days_before: int
    event: str
    product: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A customer of the cast. Statements are (days before, channel, state), answers (days before, metric, score).

    City, occupation and channel are those of `places` and `catalogue`, by their English names.
    """

    role: str
    name: Text
    story: Text
    gender: Text
    born: int
    city: str
    occupation: str
    channel: str
    joined: int
    purchases: tuple[Purchase, ...]
    deeds: tuple[Deed, ...] = ()
    answers: tuple[tuple[int, str, int], ...] = ()
    statements: tuple[tuple[int, str, str], ...] = ()
    tag: Text | str = ""
    becomes: Mapping[str, Any]


def _regular(first: int, last: int, every: int, *products: tuple[str, ...]) -> tuple[Purchase, ...]:
    """Purchases from ``first`` to ``last`` days before the last day, products taken in turn."""
    days = range(first, last - 1, -every)
    return tuple(Purchase(day, products[place % len(products)]) for place, day in enumerate(days))


_ALL_CHANNELS = ("sms", "email", "wecom")


def _agreed(days_before: int, *channels: str) -> tuple[tuple[int, str, str], ...]:
    return tuple((days_before, channel, "granted") for channel in channels)


CAST = (
    Member(
        role="new",
        name=Text("Chen Chen", "陈晨"),
        story=Text(
            "Moved into a new flat, found the shop on Xiaohongshu, bought a lock and a lamp twelve days ago.",
            "刚搬进新家，从小红书找来，十二天前买了门锁和吸顶灯。",
        ),
        gender=WOMAN,
        born=1991,
        city="Hangzhou",
        occupation="designer",
        channel="Xiaohongshu",
        joined=12,
        purchases=(Purchase(12, ("QM-S04", "QM-L02")),),
        deeds=(
            Deed(12, "Product Viewed", "QM-S04"),
            Deed(3, "Product Viewed", "QM-S03"),
            Deed(2, "Product Viewed", "QM-S03"),
            Deed(1, "Product Viewed", "QM-S03"),
        ),
        statements=_agreed(12, "sms", "wecom"),
        becomes=MappingProxyType({"stage": "new", "value_class": "potential", "frequency": 1, "recency": 12}),
    ),
    Member(
        role="loyal",
        name=Text("Wang Fang", "王芳"),
        story=Text(
            "Buys every four weeks since she renovated her home two years ago, the last time nine days ago.",
            "两年前装修后每四周下一单，最近一次在九天前。",
        ),
        gender=WOMAN,
        born=1984,
        city="Shanghai",
        occupation="doctor",
        channel="Shop",
        joined=709,
        purchases=_regular(
            709,
            9,
            28,
            ("QM-D01", "QM-L02"),
            ("QM-R01",),
            ("QM-R02", "QM-L01"),
            ("QM-C01", "QM-C03"),
            ("QM-S04",),
            ("QM-H02", "QM-P01"),
        ),
        deeds=tuple(Deed(day, "Product Viewed", "QM-C02") for day in (40, 20, 10)),
        answers=((680, "nps", 9), (330, "nps", 9), (60, "nps", 10)),
        statements=_agreed(709, *_ALL_CHANNELS),
        tag="VIP",
        becomes=MappingProxyType(
            {
                "stage": "active",
                "value_class": "high",
                "rfm_segment": "champions",
                "frequency": 26,
                "recency": 9,
            }
        ),
    ),
    Member(
        role="leaving",
        name=Text("Zhou Min", "周敏"),
        story=Text(
            "Bought every month for a year. Her last complaint was not resolved; no order for eighty days.",
            "一年来每月下单；最近一次投诉未获解决，已八十天没有购买。",
        ),
        gender=WOMAN,
        born=1988,
        city="Shenzhen",
        occupation="banker",
        channel="Douyin",
        joined=440,
        purchases=_regular(440, 80, 30, ("QM-C01",), ("QM-C03", "QM-L03"), ("QM-H01", "QM-S02"), ("QM-L02",)),
        deeds=(Deed(75, "Order Delayed"), Deed(74, "Service Contacted", topic="delivery")),
        answers=((400, "nps", 9), (71, "csat", 1), (71, "ces", 2), (70, "nps", 3)),
        statements=_agreed(440, "sms", "email"),
        becomes=MappingProxyType({"stage": "silent", "value_class": "high", "recency": 80}),
    ),
    Member(
        role="won_back",
        name=Text("Liu Yang", "刘洋"),
        story=Text(
            "Gone for more than a year, came back with the coupon of the win-back campaign and has bought again since.",
            "沉默一年多，凭“老客回归礼”优惠券回来，之后又买了一次。",
        ),
        gender=MAN,
        born=1986,
        city="Chengdu",
        occupation="manager",
        channel="WeChat",
        joined=680,
        purchases=(
            *_regular(680, 520, 40, ("QM-S04",), ("QM-S03",), ("QM-H01",), ("QM-S02", "QM-S01")),
            Purchase(52, ("QM-L03",), campaign="win_back"),
            Purchase(24, ("QM-R01",)),
        ),
        deeds=(Deed(60, "Message Delivered"), Deed(53, "Message Link Clicked")),
        answers=((14, "nps", 8),),
        statements=_agreed(680, "sms"),
        becomes=MappingProxyType({"stage": "active", "value_class": "high", "recency": 24}),
    ),
    Member(
        role="silent",
        name=Text("Wu Jing", "吴静"),
        story=Text(
            "Five good orders in five months, never a complaint; then nothing at all for more than a year.",
            "五个月内五笔顺利的订单，从未投诉；此后一年多毫无音讯。",
        ),
        gender=WOMAN,
        born=1980,
        city="Nanjing",
        occupation="lecturer",
        channel="Baidu",
        joined=560,
        purchases=_regular(
            560, 440, 30, ("QM-R01",), ("QM-L02", "QM-L01"), ("QM-R02",), ("QM-C02", "QM-H02")
        ),
        deeds=(Deed(436, "Product Viewed", "QM-R02"),),
        answers=((500, "nps", 8),),
        statements=_agreed(560, "sms", "email"),
        becomes=MappingProxyType(
            {"stage": "lost", "value_class": "at_risk", "recency": 440, "marketable_sms": True}
        ),
    ),
    Member(
        role="complaining",
        name=Text("Li Qiang", "李强"),
        story=Text(
            "His robot vacuum stopped after a week. He sent it back, called twice and says what he thinks.",
            "扫地机器人一周就坏了；退货，两次致电，直言不满。",
        ),
        gender=MAN,
        born=1979,
        city="Wuhan",
        occupation="engineer",
        channel="Douyin",
        joined=170,
        purchases=(
            Purchase(170, ("QM-H02",)),
            Purchase(110, ("QM-L02", "QM-L01")),
            Purchase(34, ("QM-R01",), returned="QM-R01"),
        ),
        deeds=(
            Deed(28, "Service Contacted", topic="fault"),
            Deed(25, "Service Contacted", topic="fault"),
            Deed(5, "Product Viewed", "QM-P02"),
        ),
        answers=((25, "csat", 1), (25, "ces", 2), (24, "nps", 2)),
        statements=_agreed(170, "sms"),
        becomes=MappingProxyType({"stage": "active", "frequency": 3, "recency": 34, "returned": -2499}),
    ),
    Member(
        role="advocate",
        name=Text("Zhang Yutong", "张雨桐"),
        story=Text(
            "Shows her home to everybody, shares products, writes reviews and would recommend the shop with a ten.",
            "常晒家、爱分享、写评价，推荐意愿十分。",
        ),
        gender=WOMAN,
        born=1990,
        city="Beijing",
        occupation="founder",
        channel="Referral",
        joined=500,
        purchases=_regular(
            500, 20, 48, ("QM-D01", "QM-H02"), ("QM-L02", "QM-L03"), ("QM-S04", "QM-P01"), ("QM-C02",)
        ),
        deeds=(
            *(Deed(day, "Product Shared", "QM-D01") for day in (450, 300, 150, 12)),
            *(Deed(day, "Product Reviewed", "QM-S04") for day in (390, 190)),
        ),
        answers=((490, "nps", 10), (250, "nps", 10), (10, "nps", 10)),
        statements=_agreed(500, *_ALL_CHANNELS),
        tag=Text("Advocate", "推荐达人"),
        becomes=MappingProxyType({"stage": "active", "value_class": "high", "recency": 20}),
    ),
    Member(
        role="no_consent",
        name=Text("Sun Hao", "孙浩"),
        story=Text(
            "Buys now and then and wants no advertising: he took back the only consent he ever gave.",
            "不时购买，不要广告：唯一给过的同意也已撤回。",
        ),
        gender=MAN,
        born=1987,
        city="Qingdao",
        occupation="lawyer",
        channel="Baidu",
        joined=230,
        purchases=_regular(230, 20, 42, ("QM-P01", "QM-L01"), ("QM-S01",), ("QM-L03",)),
        statements=((230, "sms", "granted"), (150, "sms", "withdrawn")),
        becomes=MappingProxyType(
            {
                "stage": "active",
                "recency": 20,
                **{f"marketable_{channel}": False for channel in (*_ALL_CHANNELS, "phone")},
            }
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the company. ``looks_after`` names roles of the cast."""

    part: str
    name: Text
    email: str
    role: Role
    team: Text
    looks_after: tuple[str, ...] = ()


GROWTH, FINANCE = Text("Growth", "客户增长 Growth"), Text("Finance", "财务 Finance")

COLLEAGUES = (
    Colleague(
        "owner",
        Text("Lin Lan", "林岚"),
        "linlan@example.com",
        Role.MANAGER,
        GROWTH,
        ("loyal", "leaving", "won_back"),
    ),
    Colleague(
        "teammate", Text("He Yuan", "何远"), "heyuan@example.com", Role.OPERATOR, GROWTH, ("new", "advocate")
    ),
    Colleague("stranger", Text("Guo An", "郭安"), "guoan@example.com", Role.VIEWER, FINANCE),
)
