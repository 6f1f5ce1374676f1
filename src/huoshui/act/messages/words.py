"""States and reasons of messages, in the words of people."""

from __future__ import annotations

from huoshui.kernel.texts import Language, Text
from huoshui.web.lists import Tone

STATES: dict[str, tuple[Text, Tone]] = {
    "pending": (Text("waiting", "待发送"), "info"),
    "claimed": (Text("being handed over", "发送中"), "info"),
    "sent": (Text("sent", "已发送"), "good"),
    "uncertain": (Text("uncertain", "不确定"), "warn"),
    "failed": (Text("failed", "失败"), "bad"),
    "suppressed": (Text("left out", "未发送"), "warn"),
    "held_out": (Text("held out to compare", "对照组（不发送）"), "brand"),
}

REASONS: dict[str, Text] = {
    "under_14": Text("under 14 without a guardian's consent", "未满 14 周岁，无监护人同意"),
    "no_consent": Text("no consent", "未同意营销"),
    "no_address": Text("no address", "没有可用地址"),
    "expired": Text("too late: its time was over", "已过有效期"),
    "cap_day": Text("has had enough today", "已达每日上限"),
    "cap_week": Text("has had enough this week", "已达每周上限"),
    "quiet_hours": Text("quiet hours where they live", "当地免打扰时段"),
    "another_first": Text("another message goes first", "让优先级更高的消息先发"),
    "stopped": Text("stopped by a colleague", "已被同事终止"),
    "dropped": Text("dropped by a colleague", "同事决定不再发送"),
    "holdout": Text("held out to compare", "留作对照"),
    "global_control": Text("in the group that never gets any", "全局对照组"),
    "later": Text("not taken, tried again later", "对方暂未接收，稍后重试"),
    "gave_up": Text("not taken, given up after several times", "多次重试未成功，已放弃"),
    "refused": Text("refused by the other side", "被对方拒收"),
    "heard_back": Text("came back", "被退回"),
    "no_answer": Text("no answer after it was handed over", "交出后没有收到应答"),
    "no_word": Text("the worker ended while it handed it over", "交出时进程中断"),
    "nothing_to_say": Text("nothing was written for them", "没有对应内容"),
    "unwritten": Text("could not be written", "内容生成失败"),
    "no_value": Text("a field has no value for them", "模板字段没有值"),
    "no_customer": Text("the customer is gone", "客户已不存在"),
}

CHOICES: dict[str, Text] = {
    "sent": Text("count as sent", "视为已发送"),
    "again": Text("send again", "再发一次"),
    "drop": Text("do not send", "不再发送"),
}


def reason(code: str, language: Language) -> str:
    """What a reason means; a code of another room stands for itself."""
    return REASONS[code].in_(language) if code in REASONS else code
