"""Columns of files: Arrow arrays made of numbers, without a Python object per row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.demo.draws import Numbers
from huoshui.kernel.texts import Language, Text

HOUSEHOLD_INCOME = Text("Household income a year", "家庭年收入")
HOME_SIZE = Text("Size of the home in m²", "住房面积")
RENOVATION = Text("Stage of renovation", "装修阶段")

HEADS = (
    Text("Customer number", "会员编号"),
    Text("Name", "姓名"),
    Text("Mobile", "手机"),
    Text("Email", "邮箱"),
    Text("Registered at", "注册时间"),
    Text("Company", "公司"),
    Text("Gender", "性别"),
    Text("Birth year", "出生年份"),
    Text("Province", "省份"),
    Text("City", "城市"),
    Text("City tier", "城市等级"),
    Text("Occupation", "职业"),
    Text("First channel", "首次渠道"),
    HOUSEHOLD_INCOME,
    HOME_SIZE,
    RENOVATION,
    Text("Tags", "标签"),
    Text("Order number", "订单编号"),
    Text("Ordered at", "下单时间"),
    Text("Product code", "商品编号"),
    Text("Product name", "商品名称"),
    Text("Category", "类目"),
    Text("Brand", "品牌"),
    Text("Quantity", "数量"),
    Text("Unit price", "单价"),
    Text("Unit cost", "成本"),
    Text("Channel", "渠道"),
    Text("Store", "门店"),
    Text("Coupon", "优惠券"),
    Text("Campaign", "活动"),
    Text("Day", "日期"),
    Text("Spend", "费用"),
    Text("Impressions", "曝光"),
    Text("Clicks", "点击"),
)
"""Heads of columns of the shop's files. Inside the demo, rows go by the Chinese ones."""


def headed(table: pa.Table, language: Language) -> pa.Table:
    """``table`` with the heads of its columns in ``language``."""
    heads = {head.zh: head.in_(language) for head in HEADS}
    return table.rename_columns([heads.get(name, name) for name in table.column_names])


def texts(values: Sequence[str], places: Numbers) -> pa.Array:
    """The text at each of ``places``."""
    return pa.array(values, pa.string()).take(pa.array(places))


def numbered(prefix: str, numbers: Numbers, suffix: str = "") -> pa.Array:
    """Texts such as K100001."""
    digits = pa.array(numbers).cast(pa.string())
    return pc.binary_join_element_wise(prefix, digits, suffix, "")


def only(condition: Numbers, values: Any) -> pa.Array:
    """``values`` where the condition holds, else empty cells."""
    return pc.if_else(pa.array(np.asarray(condition, bool)), values, pa.scalar(None, values.type))


def money(values: Sequence[Decimal], places: Numbers) -> pa.Array:
    """The amount at each of ``places``."""
    return pa.array(values, pa.decimal128(18, 2)).take(pa.array(places))
