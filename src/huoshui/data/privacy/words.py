"""Consent in words."""

from __future__ import annotations

from huoshui.kernel.texts import Text

PURPOSES: dict[str, Text] = {
    "marketing": Text("Marketing", "营销"),
    "service": Text("Service", "服务"),
    "profiling": Text("Profiling", "画像分析"),
    "research": Text("Research", "调研"),
    "third_party": Text("Passing on to third parties", "提供给第三方"),
    "abroad": Text("Sending abroad", "个人信息出境"),
    "guardian": Text("A guardian, for a child under 14", "监护人（未满 14 周岁）"),
}

CHANNELS: dict[str, Text] = {
    "email": Text("e-mail", "邮件"),
    "sms": Text("SMS", "短信"),
    "phone": Text("phone", "电话"),
    "wecom": Text("WeCom", "企业微信"),
    "post": Text("post", "邮寄"),
    "push": Text("push messages", "推送"),
    "any": Text("all channels", "全部渠道"),
}

STATES: dict[str, Text] = {"granted": Text("Agreed", "已同意"), "withdrawn": Text("Withdrawn", "已撤回")}
