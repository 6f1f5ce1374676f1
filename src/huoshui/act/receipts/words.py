"""States and reasons of messages as sentences to the person they were meant for."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.kernel.texts import Text

STATES: Mapping[str, tuple[Text, str]] = {
    "pending": (Text("waiting", "待发送"), "info"),
    "claimed": (Text("going out", "发送中"), "info"),
    "sent": (Text("sent", "已发送"), "good"),
    "uncertain": (Text("uncertain", "不确定"), "warn"),
    "failed": (Text("failed", "失败"), "bad"),
    "suppressed": (Text("not sent, on purpose", "按规则未发"), ""),
    "held_out": (Text("left out to compare", "留作对照"), ""),
}

SAYS: Mapping[str, Text] = {
    "pending": Text("It waits for its time.", "正在等待发送时间。"),
    "claimed": Text("It is being handed over this moment.", "正在发送。"),
    "sent": Text("It was handed over; the other side took it.", "已交给对方系统并被接收。"),
    "uncertain": Text(
        "The line broke while it was handed over: nobody can say whether it went out. It is not sent again by itself.",
        "发送时连接中断，无法确定是否发出。系统不会自动重发。",
    ),
    "failed": Text("It could not be delivered.", "未能送达。"),
    "suppressed": Text("A rule kept it from going out.", "按规则没有发送。"),
    "held_out": Text(
        "By lot, the person belongs to the people left out, so that what the message adds can be measured.",
        "按随机抽样，该客户被留作对照，用来衡量触达带来的增量。",
    ),
}
"""What a state means, where no reason says it better."""

REASONS: Mapping[str, Text] = {
    "under_14": Text(
        "The person is under fourteen, and no guardian agrees.", "该客户未满 14 周岁，且监护人未同意。"
    ),
    "no_consent": Text(
        "The person does not agree to marketing on this channel.", "该客户未同意通过此渠道接收营销信息。"
    ),
    "no_address": Text("There is no address for this channel.", "没有此渠道的联系方式。"),
    "cap_day": Text(
        "The person had as many messages that day as the house allows.", "当天的触达次数已达上限。"
    ),
    "cap_week": Text(
        "The person had as many messages within seven days as the house allows.", "七天内的触达次数已达上限。"
    ),
    "quiet_hours": Text(
        "It is held during the quiet hours where the person lives.", "客户当地为免打扰时段，暂缓发送。"
    ),
    "another_first": Text("Another message to the person goes first.", "同一客户有另一条消息先发。"),
    "expired": Text("Its time was over before it could go out.", "未能在有效期内发出。"),
    "stopped": Text("The campaign was stopped before.", "活动在此之前已停止。"),
    "global_control": Text(
        "The person belongs to the global control group, which gets no campaign.",
        "该客户属于全局对照组，不参与任何营销活动。",
    ),
    "no_value": Text(
        "A field of the message has no value for this person.", "消息中的字段对该客户没有内容。"
    ),
    "no_customer": Text("The person was no customer any more.", "该客户已不存在。"),
    "later": Text("The other side asked to come again later.", "对方系统要求稍后再试。"),
    "gave_up": Text(
        "The other side did not take it however often it was tried.", "多次尝试后对方系统仍未接收。"
    ),
    "refused": Text("The other side refused it.", "对方系统拒绝接收。"),
    "no_answer": Text("The other side did not answer whether it took it.", "对方系统没有回复是否接收。"),
    "heard_back": Text("It was taken and came back later.", "接收后被退回。"),
    "no_word": Text("The program that handed it over ended before it could say.", "发送程序中断，结果未知。"),
    "dropped": Text("A colleague decided not to send it again.", "同事决定不再发送。"),
}


def says(state: str, reason: str) -> Text:
    """Why a message is in its state, in a sentence."""
    if state == "held_out":
        return SAYS[state]
    if reason in REASONS:
        return REASONS[reason]
    plain = SAYS.get(state, SAYS["pending"])
    return Text(f"{plain.en} ({reason})", f"{plain.zh}（{reason}）") if reason else plain
