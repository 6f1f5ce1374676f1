"""What the shop sells, what follows on what, who its people are, and where it finds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from huoshui.kernel.texts import Text

HOUSE = Text("Demo", "Demo 演示")
"""What the house of the company is called."""
BRAND = Text("Qimu", "栖木 Qimu")

LIGHTING = Text("Lighting", "照明 Lighting")
POWER = Text("Power", "电源 Power")
SECURITY = Text("Security", "安防 Security")
CLIMATE = Text("Climate", "环境 Climate")
SUPPLIES = Text("Supplies", "耗材 Supplies")
HUBS = Text("Hubs", "中枢 Hubs")
CLEANING = Text("Cleaning", "清洁 Cleaning")
SHADES = Text("Shades", "遮阳 Shades")


@dataclass(frozen=True, slots=True)
class Product:
    """One product. Price and cost in house currency; ``weight`` in choosing the main product of an order; ``further``
    in choosing further lines; ``fault`` is the odds that one does not work.
    """

    number: str
    name: Text
    category: Text
    price: str
    cost: str
    weight: float
    further: float
    fault: float


PRODUCTS = (
    Product("QM-L01", Text("Smart Bulb", "智能灯泡 Smart Bulb"), LIGHTING, "59.00", "24.00", 14, 16, 0.008),
    Product(
        "QM-L02", Text("Ceiling Light", "智能吸顶灯 Ceiling Light"), LIGHTING, "399.00", "188.00", 8, 0, 0.010
    ),
    Product("QM-L03", Text("Light Strip", "智能灯带 Light Strip"), LIGHTING, "129.00", "52.00", 8, 9, 0.012),
    Product("QM-P01", Text("Smart Plug", "智能插座 Smart Plug"), POWER, "49.00", "19.00", 12, 15, 0.006),
    Product("QM-P02", Text("Power Strip", "智能排插 Power Strip"), POWER, "119.00", "51.00", 7, 7, 0.006),
    Product("QM-S01", Text("Door Sensor", "门窗传感器 Door Sensor"), SECURITY, "69.00", "27.00", 8, 9, 0.010),
    Product(
        "QM-S02", Text("Motion Sensor", "人体传感器 Motion Sensor"), SECURITY, "89.00", "34.00", 6, 7, 0.010
    ),
    Product("QM-S03", Text("Camera", "智能摄像头 Camera"), SECURITY, "249.00", "121.00", 5, 0, 0.015),
    Product("QM-S04", Text("Smart Lock", "智能门锁 Smart Lock"), SECURITY, "1299.00", "640.00", 7, 0, 0.030),
    Product(
        "QM-C01", Text("Air Purifier", "空气净化器 Air Purifier"), CLIMATE, "999.00", "502.00", 6, 0, 0.025
    ),
    Product("QM-C02", Text("Thermostat", "智能温控器 Thermostat"), CLIMATE, "459.00", "207.00", 5, 0, 0.015),
    Product(
        "QM-C03",
        Text("Purifier Filter", "净化器滤芯 Purifier Filter"),
        SUPPLIES,
        "159.00",
        "48.00",
        1,
        0,
        0.004,
    ),
    Product(
        "QM-C04", Text("Lock Batteries", "门锁电池 Lock Batteries"), SUPPLIES, "29.00", "8.00", 1, 0, 0.004
    ),
    Product("QM-H01", Text("Hub", "智能网关 Hub"), HUBS, "299.00", "139.00", 7, 0, 0.012),
    Product("QM-H02", Text("Speaker", "智能音箱 Speaker"), HUBS, "349.00", "171.00", 7, 5, 0.010),
    Product(
        "QM-R01", Text("Robot Vacuum", "扫地机器人 Robot Vacuum"), CLEANING, "2499.00", "1310.00", 6, 0, 0.040
    ),
    Product(
        "QM-R02",
        Text("Vacuum Supplies", "扫地机耗材包 Vacuum Supplies"),
        SUPPLIES,
        "99.00",
        "31.00",
        1,
        0,
        0.004,
    ),
    Product(
        "QM-D01", Text("Curtain Motor", "电动窗帘 Curtain Motor"), SHADES, "699.00", "318.00", 5, 0, 0.020
    ),
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Who buys ``first`` as the main product of an order buys ``then`` within ``days``, with ``probability``.

    The lag is ``days`` × Beta(``early``, ``late``), at least a day; who has left by then does not buy.
    """

    first: str
    then: str
    probability: float
    days: int
    early: float
    late: float


FOLLOW_UPS = (
    FollowUp("QM-S04", "QM-S03", 0.60, 90, 1.5, 3.0),
    FollowUp("QM-S04", "QM-C04", 0.35, 365, 6.0, 2.0),
    FollowUp("QM-R01", "QM-R02", 0.70, 90, 5.0, 2.0),
    FollowUp("QM-R02", "QM-R02", 0.45, 120, 6.0, 2.0),
    FollowUp("QM-C01", "QM-C03", 0.65, 180, 6.0, 2.0),
    FollowUp("QM-C03", "QM-C03", 0.45, 200, 6.0, 2.0),
    FollowUp("QM-H01", "QM-S02", 0.40, 60, 1.5, 3.0),
    FollowUp("QM-D01", "QM-H02", 0.25, 120, 2.0, 3.0),
)
"""Products bought in sequence. None of them is the further line of an order and a beginning of one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of people who want the same; ``tastes`` multiply the weights of categories, ``response`` the effect of
    campaigns.
    """

    slug: str
    label: Text
    share: float
    response: float
    tastes: Mapping[Text, float]
    renovation: Text


PLANNING = Text("planning", "筹备中")
FITTING_OUT = Text("fitting out", "装修中")
MOVED_IN = Text("moved in", "已入住")
"""How far people are with their home."""

SEGMENTS = (
    Segment(
        "renovators",
        Text("Renovators of a whole home", "全屋装修家庭"),
        0.28,
        1.0,
        MappingProxyType({LIGHTING: 1.6, SHADES: 3.0, POWER: 1.4}),
        FITTING_OUT,
    ),
    Segment(
        "security_minded",
        Text("Families who want to be safe", "安防优先家庭"),
        0.24,
        1.4,
        MappingProxyType({SECURITY: 3.0, HUBS: 1.2}),
        MOVED_IN,
    ),
    Segment(
        "time_savers",
        Text("Busy people who save time", "省时省心族"),
        0.22,
        1.8,
        MappingProxyType({CLEANING: 4.0, CLIMATE: 1.5}),
        MOVED_IN,
    ),
    Segment(
        "comfort_seekers",
        Text("Lovers of comfort and healthy air", "舒适健康族"),
        0.16,
        0.5,
        MappingProxyType({CLIMATE: 3.5, HUBS: 1.5, LIGHTING: 1.2}),
        MOVED_IN,
    ),
    Segment(
        "beginners",
        Text("Curious beginners", "入门尝鲜族"),
        0.10,
        0.0,
        MappingProxyType({POWER: 2.0, LIGHTING: 1.5, CLEANING: 0.3}),
        PLANNING,
    ),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """A way by which people come. ``cac`` is what one newcomer costs in advertising; 0 for those that are free."""

    name: Text
    campaign: Text | str
    share: float
    cac: float


DOUYIN, XIAOHONGSHU = Text("Douyin", "抖音"), Text("Xiaohongshu", "小红书")
WECHAT, BAIDU = Text("WeChat", "微信"), Text("Baidu", "百度")
REFERRAL, SHOP = Text("Referral", "老客推荐"), Text("Shop", "门店")
MINI_PROGRAM = Text("Mini app", "微信小程序")

CHANNELS = (
    Channel(DOUYIN, Text("Short videos", "短视频投放"), 0.26, 118.0),
    Channel(XIAOHONGSHU, Text("Creators", "达人合作"), 0.20, 92.0),
    Channel(WECHAT, Text("Moments ads", "朋友圈广告"), 0.16, 135.0),
    Channel(BAIDU, Text("Search ads", "搜索推广"), 0.12, 164.0),
    Channel(REFERRAL, "", 0.15, 0.0),
    Channel(SHOP, "", 0.11, 0.0),
)

SALES_CHANNELS = (
    (Text("Tmall", "天猫"), 0.34),
    (Text("JD.com", "京东"), 0.24),
    (DOUYIN, 0.20),
    (MINI_PROGRAM, 0.14),
    (SHOP, 0.08),
)
STORES = (
    Text("Shanghai Jing'an", "上海静安店"),
    Text("Beijing Chaoyang", "北京朝阳店"),
    Text("Shenzhen Nanshan", "深圳南山店"),
    Text("Chengdu Jinjiang", "成都锦江店"),
)
SALE_COUPON = Text("Festival 15 % off", "大促 85 折")
SALE_PRICE = "0.85"
CAMPAIGN_PRICE = "0.90"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign ``days_before`` the last day: those who may be written to on ``channel``, by ``audience``.

    ``effect`` is the odds of a further order within ``window`` days that a treated person of response 1 gets;
    ``message_cost`` in house currency.
    """

    slug: str
    name: Text
    channel: str
    audience: str
    days_before: int
    effect: float
    coupon: Text
    message_cost: float
    window: int = 14


_AUTUMN = Text("Autumn gift 10 % off", "秋季礼 9 折")
_CARE = Text("Care gift 10 % off", "关怀礼 9 折")
_COME_BACK = Text("Welcome back 10 % off", "回归礼 9 折")
_MEMBERS = Text("Members' gift 10 % off", "会员礼 9 折")

CAMPAIGNS = (
    Campaign("autumn_news", Text("New in autumn", "秋季新品"), "email", "buyers", 620, 0.03, _AUTUMN, 0.01),
    Campaign("winter_care", Text("Winter care", "冬日关怀"), "wecom", "buyers", 500, 0.05, _CARE, 0.10),
    Campaign(
        "win_back_spring",
        Text("Spring welcome-back", "春季老客回归"),
        "sms",
        "silent",
        400,
        0.06,
        _COME_BACK,
        0.06,
    ),
    Campaign("member_day", Text("Members' day", "会员日"), "sms", "buyers", 290, 0.04, _MEMBERS, 0.06),
    Campaign(
        "win_back", Text("Welcome-back gift", "老客回归礼"), "sms", "silent", 60, 0.08, _COME_BACK, 0.06
    ),
)
SILENT_DAYS = 90
"""A person is silent, for the campaigns, who has bought before and not within this many days."""
