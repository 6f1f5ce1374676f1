"""What the company does, and what it means to spend."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from huoshui.demo.catalogue import BAIDU, DOUYIN, REFERRAL, SHOP, WECHAT, XIAOHONGSHU
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A measure: it ``begins`` so many days after the plan does and ``lasts`` so many; ``after`` are places in `STEPS`.

    ``proposition`` is the place of the value proposition that it supports. ``campaign`` is the slug of the finished
    campaign that carried it out.
    """

    name: Text
    note: Text
    kind: str
    proposition: int
    team: str
    begins: int
    lasts: int
    cost: Decimal = Decimal(0)
    channel: Text | str = ""
    state: str = "planned"
    done: int = 0
    after: tuple[int, ...] = ()
    metric: str = ""
    effect: str = ""
    campaign: str = ""


STEPS = (
    Step(
        name=Text("Train every colleague in drawing a home", "全员点位图培训"),
        note=Text("Two days, with a test at the end.", "两天，结业考核。"),
        kind="training",
        proposition=0,
        team="operations",
        begins=0,
        lasts=20,
        cost=Decimal(36_000),
        state="done",
        done=100,
    ),
    Step(
        name=Text("A drawing within two days, free of charge", "两天免费出全屋点位图"),
        note=Text("Online and in the four shops.", "线上与四家门店同步。"),
        kind="experience",
        proposition=0,
        team="sales",
        begins=21,
        lasts=300,
        cost=Decimal(120_000),
        state="running",
        done=45,
        after=(0,),
        metric="activation_rate",
        effect="+5",
    ),
    Step(
        name=Text("Short videos of real homes", "真实家庭短视频"),
        note=Text("Eight a month on Douyin and Xiaohongshu.", "抖音与小红书，每月八条。"),
        kind="advertising",
        proposition=0,
        team="marketing",
        begins=14,
        lasts=330,
        cost=Decimal(360_000),
        channel=DOUYIN,
        state="running",
        done=40,
        metric="new_customers",
        effect="+20 %",
    ),
    Step(
        name=Text("A gift for both sides of a recommendation", "老客推荐双方有礼"),
        note=Text("A lamp for who recommends and who comes.", "推荐人与新客各得一盏灯。"),
        kind="channel",
        proposition=2,
        team="marketing",
        begins=30,
        lasts=320,
        cost=Decimal(60_000),
        channel=REFERRAL,
        state="running",
        done=40,
        metric="cac",
        effect="-10 %",
    ),
    Step(
        name=Text("Win back who was not seen for three months", "三个月未见客户回归礼"),
        note=Text("By message, a fifth left out to compare.", "短信触达，留出五分之一作对照。"),
        kind="promotion",
        proposition=2,
        team="operations",
        begins=90,
        lasts=60,
        cost=Decimal(12_000),
        state="done",
        done=100,
        metric="win_back_rate",
        effect="+3",
        campaign="win_back",
    ),
    Step(
        name=Text("Members' day", "会员日"),
        note=Text("Once a quarter, for who has bought twice.", "每季度一次，面向两次以上购买的客户。"),
        kind="promotion",
        proposition=2,
        team="operations",
        begins=120,
        lasts=220,
        cost=Decimal(48_000),
        state="running",
        done=30,
        metric="repeat_rate",
        effect="+2",
    ),
    Step(
        name=Text("Set-up by video on the day of delivery", "送达当天视频调试"),
        note=Text("Until ten at night, by four consultants.", "四位顾问，服务到晚上十点。"),
        kind="experience",
        proposition=2,
        team="service",
        begins=45,
        lasts=310,
        cost=Decimal(96_000),
        state="running",
        done=35,
        metric="csat",
        effect="+6",
    ),
    Step(
        name=Text("A label: pictures stay at home", "“画面不出家门”品牌标识"),
        note=Text("On boxes, pages and in the shops.", "用于包装、页面与门店。"),
        kind="brand",
        proposition=1,
        team="marketing",
        begins=60,
        lasts=90,
        cost=Decimal(30_000),
        state="running",
        done=70,
        metric="nps",
        effect="+4",
    ),
    Step(
        name=Text("Evenings in the shops for renovators", "装修季门店体验夜"),
        note=Text("Thirty homes an evening, with a designer.", "每晚三十户，设计师在场。"),
        kind="channel",
        proposition=0,
        team="sales",
        begins=210,
        lasts=90,
        cost=Decimal(80_000),
        channel=SHOP,
        after=(0, 7),
        metric="new_customers",
        effect="+10 %",
    ),
)

BUDGET = (
    (DOUYIN, Decimal(30_000), Decimal(24_000)),
    (XIAOHONGSHU, Decimal(20_000), Decimal(16_000)),
    (WECHAT, Decimal(18_000), Decimal(18_000)),
    (BAIDU, Decimal(16_000), Decimal(12_000)),
    (REFERRAL, Decimal(5_000), Decimal(4_000)),
    (SHOP, Decimal(12_000), Decimal(6_000)),
)
"""Each month on each channel: planned, and committed once the month has begun."""
