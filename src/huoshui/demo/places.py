"""Where people live, what they are called and what they do. All names are put together at random."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A city with its tier; ``weight`` in choosing where somebody lives."""

    province: str
    city: str
    tier: str
    weight: int


PLACES = (
    Place("上海", "上海", "一线", 12),
    Place("北京", "北京", "一线", 11),
    Place("广东", "深圳", "一线", 9),
    Place("广东", "广州", "一线", 8),
    Place("浙江", "杭州", "新一线", 8),
    Place("四川", "成都", "新一线", 8),
    Place("江苏", "南京", "新一线", 6),
    Place("湖北", "武汉", "新一线", 6),
    Place("陕西", "西安", "新一线", 5),
    Place("江苏", "苏州", "新一线", 5),
    Place("福建", "厦门", "二线", 4),
    Place("山东", "青岛", "二线", 4),
    Place("湖南", "长沙", "新一线", 4),
    Place("云南", "昆明", "二线", 3),
    Place("河南", "洛阳", "三线", 3),
    Place("广西", "桂林", "三线", 2),
    Place("甘肃", "兰州", "三线", 2),
)

DELIVERY_DAYS = {"一线": 0.8, "新一线": 1.0, "二线": 1.3, "三线": 1.8}
"""Mean of the days that a parcel takes longer than one (Poisson), by tier."""

INCOME = ("30 万以下", "30–50 万", "50–80 万", "80 万以上")
INCOME_SHARES = {
    "一线": (0.15, 0.35, 0.30, 0.20),
    "新一线": (0.25, 0.40, 0.24, 0.11),
    "二线": (0.35, 0.40, 0.18, 0.07),
    "三线": (0.50, 0.35, 0.11, 0.04),
}
"""Shares of the bands of household income a year, by tier."""

SURNAMES = (
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "林", "何", "郭", "马", "罗",
)  # fmt: skip
GIVEN_NAMES = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛",
    "明", "超", "霞", "平", "刚", "梓涵", "雨桐", "欣怡", "子轩", "浩然", "诗涵", "宇轩", "思远", "若曦", "一诺",
    "俊杰", "雅婷", "晓东", "佳怡", "建华", "慧敏", "志强", "婷婷", "文博", "嘉豪",
)  # fmt: skip
JOBS = (
    "工程师", "医生", "设计师", "企业管理", "金融", "律师", "高校教师", "公务员", "创业者", "财务",
)  # fmt: skip

COMPANY_PLACES = ("云栖", "南山", "静安", "锦江", "滨湖", "星河", "东湖", "曲江")
COMPANY_TRADES = ("酒店", "公寓", "设计工作室", "装饰公司", "联合办公", "物业")
