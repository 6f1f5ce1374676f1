"""Words and tones of the page of a customer."""

from __future__ import annotations

from huoshui.kernel.texts import Text
from huoshui.web.lists import Tone

TONES: dict[str, Tone] = {
    "new": "info",
    "active": "good",
    "silent": "warn",
    "lost": "bad",
    "high": "brand",
    "at_risk": "warn",
}
KINDS = {
    "number": Text("number", "编号"),
    "phone": Text("phone", "手机号"),
    "email": Text("e-mail", "邮箱"),
    "wecom": Text("WeCom", "企业微信"),
    "openid": Text("WeChat openid", "微信 openid"),
    "unionid": Text("WeChat unionid", "微信 unionid"),
}
CHANGES = {
    "refund": Text("Refund", "退款"),
    "return": Text("Return", "退货"),
    "cancellation": Text("Cancellation", "取消"),
    "correction": Text("Correction", "更正"),
}
STATES: dict[str, tuple[Text, Tone]] = {
    "granted": (Text("agreed", "同意"), "good"),
    "withdrawn": (Text("withdrawn", "已撤回"), "warn"),
}
FIELDS = {
    "name": Text("Name", "姓名"),
    "phone": Text("Phone", "手机号"),
    "email": Text("E-mail", "邮箱"),
    "account": Text("Company", "公司"),
    "owner": Text("Looked after by", "负责人"),
}
RELATIONS = {
    "purchases": Text("orders with revenue above zero", "金额大于零的订单"),
    "changes": Text("returns, refunds and corrections", "退货、退款与更正"),
    "purchase_lines": Text("lines of orders", "订单明细"),
    "behaviour": Text("behaviour", "行为记录"),
    "consent_states": Text("what the customer agreed to", "客户的同意记录"),
}
"""What a trait is computed over, in words."""
PAST = {
    "": Text("All", "全部"),
    "orders": Text("Orders", "订单"),
    "events": Text("Behaviour", "行为"),
    "touches": Text("Contacts", "触达"),
    "answers": Text("Answers", "答卷"),
}
