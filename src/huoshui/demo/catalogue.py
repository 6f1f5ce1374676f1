"""What the shop sells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One product. Price and cost in the house currency; ``share`` of all lines, in parts."""

    number: str
    name: str
    category: str
    price: str
    cost: str
    share: int


BRAND = "栖木 Qimu"

PRODUCTS = (
    Product("QM-L01", "智能灯泡 Smart Bulb", "照明 Lighting", "59.00", "24.00", 16),
    Product("QM-L02", "智能吸顶灯 Ceiling Light", "照明 Lighting", "399.00", "188.00", 7),
    Product("QM-L03", "智能灯带 Light Strip", "照明 Lighting", "129.00", "52.00", 9),
    Product("QM-P01", "智能插座 Smart Plug", "电源 Power", "49.00", "19.00", 15),
    Product("QM-P02", "智能排插 Power Strip", "电源 Power", "119.00", "51.00", 7),
    Product("QM-S01", "门窗传感器 Door Sensor", "安防 Security", "69.00", "27.00", 9),
    Product("QM-S02", "人体传感器 Motion Sensor", "安防 Security", "89.00", "34.00", 7),
    Product("QM-S03", "智能摄像头 Camera", "安防 Security", "249.00", "121.00", 8),
    Product("QM-S04", "智能门锁 Smart Lock", "安防 Security", "1299.00", "640.00", 4),
    Product("QM-C01", "空气净化器 Air Purifier", "环境 Climate", "999.00", "502.00", 4),
    Product("QM-C02", "智能温控器 Thermostat", "环境 Climate", "459.00", "207.00", 4),
    Product("QM-C03", "净化器滤芯 Purifier Filter", "耗材 Supplies", "159.00", "48.00", 12),
    Product("QM-C04", "门锁电池 Lock Batteries", "耗材 Supplies", "29.00", "8.00", 8),
    Product("QM-H01", "智能网关 Hub", "中枢 Hubs", "299.00", "139.00", 6),
    Product("QM-H02", "智能音箱 Speaker", "中枢 Hubs", "349.00", "171.00", 7),
    Product("QM-R01", "扫地机器人 Robot Vacuum", "清洁 Cleaning", "2499.00", "1310.00", 2),
    Product("QM-R02", "扫地机耗材包 Vacuum Supplies", "耗材 Supplies", "99.00", "31.00", 6),
    Product("QM-D01", "电动窗帘 Curtain Motor", "遮阳 Shades", "699.00", "318.00", 3),
)

# Province, city, tier; the more people live there, the more often it is drawn.
PLACES = (
    ("上海", "上海", "一线", 12),
    ("北京", "北京", "一线", 11),
    ("广东", "深圳", "一线", 9),
    ("广东", "广州", "一线", 8),
    ("浙江", "杭州", "新一线", 8),
    ("四川", "成都", "新一线", 8),
    ("江苏", "南京", "新一线", 6),
    ("湖北", "武汉", "新一线", 6),
    ("陕西", "西安", "新一线", 5),
    ("江苏", "苏州", "新一线", 5),
    ("福建", "厦门", "二线", 4),
    ("山东", "青岛", "二线", 4),
    ("湖南", "长沙", "二线", 4),
    ("云南", "昆明", "二线", 3),
    ("河南", "洛阳", "三线", 3),
    ("广西", "桂林", "三线", 2),
    ("甘肃", "兰州", "三线", 2),
)

SURNAMES = (
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "林", "何", "郭", "马", "罗",
)  # fmt: skip
GIVEN_NAMES = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛",
    "明", "超", "霞", "平", "刚", "梓涵", "雨桐", "欣怡", "子轩", "浩然", "诗涵", "宇轩", "思远", "若曦", "一诺",
    "俊杰", "雅婷", "晓东", "佳怡", "建华", "慧敏", "志强", "婷婷", "文博", "嘉豪",
)  # fmt: skip
JOBS = ("工程师", "教师", "设计师", "医生", "公务员", "销售", "自由职业", "财务", "学生", "退休")
CHANNELS = ("天猫", "京东", "抖音", "微信小程序", "门店")
FIRST_CHANNELS = ("抖音", "小红书", "微信", "百度", "老客推荐", "门店")
PAID_CHANNELS = (
    ("抖音", "短视频投放", 420.0),
    ("小红书", "达人合作", 300.0),
    ("微信", "朋友圈广告", 260.0),
    ("百度", "搜索推广", 180.0),
)
STORES = ("上海静安店", "北京朝阳店", "深圳南山店", "成都锦江店")
