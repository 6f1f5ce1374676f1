"""What the company knows of its market: invented competitors, figures and interviews, none about real firms."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from huoshui.kernel.texts import Text

INVENTED = Text("Invented for the demo", "演示用虚构数据")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A competitor, or the company itself, with scores of 1 to 5 in the order of `CRITERIA` and a remark for each."""

    name: Text
    about: Text
    scores: tuple[int, ...]
    remarks: tuple[Text, ...]
    ours: bool = False


CRITERIA = (
    Text("Price of single devices", "单品价格"),
    Text("Works as a whole", "全屋协同"),
    Text("Set-up and service", "安装与服务"),
    Text("Pictures stay at home", "画面不出家门"),
)
RIVALS = (
    Rival(
        name=Text("Qimu", "栖木 Qimu"),
        about=Text("Draws the home first, and answers for all of it", "先出全屋点位图，对整体负责"),
        scores=(3, 4, 5, 5),
        remarks=(
            Text("in the middle", "中等"),
            Text("four brands and our own", "自有加四个品牌"),
            Text("by video within a day", "当天视频调试"),
            Text("kept in the hub", "存在家里的网关"),
        ),
        ours=True,
    ),
    Rival(
        name=Text("Zhiju", "智居 Zhiju"),
        about=Text("Sells many devices cheaply, mostly online", "线上为主，单品多、价格低"),
        scores=(5, 2, 2, 1),
        remarks=(
            Text("a third below ours", "比我们低三分之一"),
            Text("own devices only", "只连自家设备"),
            Text("answers by robot", "机器人客服"),
            Text("pictures go to a cloud", "画面上传云端"),
        ),
    ),
    Rival(
        name=Text("Anqi", "安栖 Anqi"),
        about=Text("Safety for homes, sold by guards and estates", "主打安防，走物业渠道"),
        scores=(3, 3, 4, 3),
        remarks=(
            Text("rent by the month", "按月付费"),
            Text("safety only", "只做安防"),
            Text("somebody comes within a day", "当天上门"),
            Text("kept for thirty days", "云端存三十天"),
        ),
    ),
    Rival(
        name=Text("Yunzhai", "云宅 Yunzhai"),
        about=Text("Whole homes for builders, dear and slow", "面向开发商的全屋方案，贵而慢"),
        scores=(1, 5, 3, 4),
        remarks=(
            Text("from fifty thousand", "五万元起"),
            Text("one system for all", "一套系统"),
            Text("six weeks of waiting", "等待六周"),
            Text("a server at home", "家中自带服务器"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A figure of the market, year by year, in ``unit``."""

    name: Text
    unit: Text
    years: tuple[tuple[int, Decimal], ...]
    confidence: str


SIZES = (
    Size(
        name=Text(
            "Smart homes of the middle and upper class, our cities", "中高端智能家居市场规模（我们所在城市）"
        ),
        unit=Text("million yuan", "百万元"),
        years=((2022, Decimal(118)), (2023, Decimal(129)), (2024, Decimal(141)), (2025, Decimal(156))),
        confidence="medium",
    ),
    Size(
        name=Text("Homes renovated a year, our cities", "每年装修家庭数（我们所在城市）"),
        unit=Text("thousand homes", "千户"),
        years=((2022, Decimal(46)), (2023, Decimal(47)), (2024, Decimal(49)), (2025, Decimal(52))),
        confidence="low",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody said in an interview: ``who`` without a name, the slug of their ``group``."""

    who: Text
    group: str
    words: Text
    means: Text


INTERVIEWS = (
    Said(
        who=Text("W., 37, renovating, Hangzhou", "W 女士，37 岁，装修中，杭州"),
        group="whole-home",
        words=Text(
            "By the time the electrician came I had to know everything, and nobody could draw it for me.",
            "水电师傅来的时候，我什么都得定下来，可没有人能给我画出来。",
        ),
        means=Text(
            "The drawing decides, and it has to come before the wiring.", "点位图是关键，而且要赶在水电之前。"
        ),
    ),
    Said(
        who=Text("Z., 42, often away, Chengdu", "Z 先生，42 岁，常出差，成都"),
        group="security-first",
        words=Text(
            "I do not want to look at pictures. I want to know that all is well.",
            "我不想看画面，我只想知道家里没事。",
        ),
        means=Text("Say that all is well before showing pictures.", "先说“一切正常”，再给画面。"),
    ),
    Said(
        who=Text("C., 33, lawyer, Shenzhen", "C 女士，33 岁，律师，深圳"),
        group="time-savers",
        words=Text(
            "Twenty minutes by video, and it worked. I had put it off for a month.",
            "视频二十分钟就弄好了，我本来拖了一个月。",
        ),
        means=Text("Offer set-up by video on the day of delivery.", "送达当天就约视频调试。"),
    ),
)
