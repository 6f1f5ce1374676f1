"""Where people live, what they are called and what they do. All names are put together at random."""

from __future__ import annotations

from dataclasses import dataclass

from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True)
class Place:
    """A city with its tier; ``weight`` in choosing where somebody lives."""

    province: Text
    city: Text
    tier: Text
    weight: int


FIRST, NEW_FIRST = Text("First tier", "一线"), Text("New first tier", "新一线")
SECOND, THIRD = Text("Second tier", "二线"), Text("Third tier", "三线")

PLACES = (
    Place(Text("Shanghai", "上海"), Text("Shanghai", "上海"), FIRST, 12),
    Place(Text("Beijing", "北京"), Text("Beijing", "北京"), FIRST, 11),
    Place(Text("Guangdong", "广东"), Text("Shenzhen", "深圳"), FIRST, 9),
    Place(Text("Guangdong", "广东"), Text("Guangzhou", "广州"), FIRST, 8),
    Place(Text("Zhejiang", "浙江"), Text("Hangzhou", "杭州"), NEW_FIRST, 8),
    Place(Text("Sichuan", "四川"), Text("Chengdu", "成都"), NEW_FIRST, 8),
    Place(Text("Jiangsu", "江苏"), Text("Nanjing", "南京"), NEW_FIRST, 6),
    Place(Text("Hubei", "湖北"), Text("Wuhan", "武汉"), NEW_FIRST, 6),
    Place(Text("Shaanxi", "陕西"), Text("Xi'an", "西安"), NEW_FIRST, 5),
    Place(Text("Jiangsu", "江苏"), Text("Suzhou", "苏州"), NEW_FIRST, 5),
    Place(Text("Fujian", "福建"), Text("Xiamen", "厦门"), SECOND, 4),
    Place(Text("Shandong", "山东"), Text("Qingdao", "青岛"), SECOND, 4),
    Place(Text("Hunan", "湖南"), Text("Changsha", "长沙"), NEW_FIRST, 4),
    Place(Text("Yunnan", "云南"), Text("Kunming", "昆明"), SECOND, 3),
    Place(Text("Henan", "河南"), Text("Luoyang", "洛阳"), THIRD, 3),
    Place(Text("Guangxi", "广西"), Text("Guilin", "桂林"), THIRD, 2),
    Place(Text("Gansu", "甘肃"), Text("Lanzhou", "兰州"), THIRD, 2),
)

DELIVERY_DAYS = {FIRST: 0.8, NEW_FIRST: 1.0, SECOND: 1.3, THIRD: 1.8}
"""Mean of the days that a parcel takes longer than one (Poisson), by tier."""

INCOME = (
    Text("under CNY 300,000", "30 万以下"),
    Text("CNY 300,000–500,000", "30–50 万"),
    Text("CNY 500,000–800,000", "50–80 万"),
    Text("over CNY 800,000", "80 万以上"),
)
INCOME_SHARES = {
    FIRST: (0.15, 0.35, 0.30, 0.20),
    NEW_FIRST: (0.25, 0.40, 0.24, 0.11),
    SECOND: (0.35, 0.40, 0.18, 0.07),
    THIRD: (0.50, 0.35, 0.11, 0.04),
}
"""Shares of the bands of household income a year, by tier."""

SURNAMES = (
    Text("Wang", "王"), Text("Li", "李"), Text("Zhang", "张"), Text("Liu", "刘"), Text("Chen", "陈"),
    Text("Yang", "杨"), Text("Zhao", "赵"), Text("Huang", "黄"), Text("Zhou", "周"), Text("Wu", "吴"),
    Text("Xu", "徐"), Text("Sun", "孙"), Text("Hu", "胡"), Text("Zhu", "朱"), Text("Gao", "高"),
    Text("Lin", "林"), Text("He", "何"), Text("Guo", "郭"), Text("Ma", "马"), Text("Luo", "罗"),
)  # fmt: skip
GIVEN_NAMES = (
    Text("Wei", "伟"), Text("Fang", "芳"), Text("Na", "娜"), Text("Min", "敏"), Text("Jing", "静"),
    Text("Li", "丽"), Text("Qiang", "强"), Text("Lei", "磊"), Text("Yang", "洋"), Text("Yan", "艳"),
    Text("Yong", "勇"), Text("Jun", "军"), Text("Jie", "杰"), Text("Juan", "娟"), Text("Tao", "涛"),
    Text("Ming", "明"), Text("Chao", "超"), Text("Xia", "霞"), Text("Ping", "平"), Text("Gang", "刚"),
    Text("Zihan", "梓涵"), Text("Yutong", "雨桐"), Text("Xinyi", "欣怡"), Text("Zixuan", "子轩"),
    Text("Haoran", "浩然"), Text("Shihan", "诗涵"), Text("Yuxuan", "宇轩"), Text("Siyuan", "思远"),
    Text("Ruoxi", "若曦"), Text("Yinuo", "一诺"), Text("Junjie", "俊杰"), Text("Yating", "雅婷"),
    Text("Xiaodong", "晓东"), Text("Jiayi", "佳怡"), Text("Jianhua", "建华"), Text("Huimin", "慧敏"),
    Text("Zhiqiang", "志强"), Text("Tingting", "婷婷"), Text("Wenbo", "文博"), Text("Jiahao", "嘉豪"),
)  # fmt: skip
JOBS = (
    Text("engineer", "工程师"), Text("doctor", "医生"), Text("designer", "设计师"), Text("manager", "企业管理"),
    Text("banker", "金融"), Text("lawyer", "律师"), Text("lecturer", "高校教师"),
    Text("civil servant", "公务员"), Text("founder", "创业者"), Text("accountant", "财务"),
)  # fmt: skip
WOMAN, MAN = Text("female", "女"), Text("male", "男")

COMPANY_PLACES = (
    Text("Yunqi", "云栖"), Text("Nanshan", "南山"), Text("Jing'an", "静安"), Text("Jinjiang", "锦江"),
    Text("Binhu", "滨湖"), Text("Xinghe", "星河"), Text("Donghu", "东湖"), Text("Qujiang", "曲江"),
)  # fmt: skip
COMPANY_TRADES = (
    Text("Hotel", "酒店"), Text("Apartments", "公寓"), Text("Design Studio", "设计工作室"),
    Text("Interiors", "装饰公司"), Text("Co-working", "联合办公"), Text("Property Care", "物业"),
)  # fmt: skip

NAME = Text("{} {}", "{}{}")
"""Surname and given name."""
COMPANY_NAME = Text("{site} {trade} (sample {number})", "{site}{trade}示例 {number} 号")
"""A number keeps companies of one site and trade apart."""
