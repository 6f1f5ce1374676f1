"""Where a campaign can be, what can be done to it there, and why one stands still, in words."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.act.campaigns.errors import NotNow
from huoshui.kernel.texts import Text
from huoshui.web.lists import Tone

RECORD = "record"
"""What is done to a campaign of the past, once."""
STATES: Mapping[str, tuple[Text, Tone]] = {
    "draft": (Text("draft", "草稿"), ""),
    "submitted": (Text("to be approved", "待审批"), "warn"),
    "approved": (Text("approved", "已批准"), "info"),
    "scheduled": (Text("scheduled", "已排期"), "info"),
    "sending": (Text("sending", "发送中"), "brand"),
    "paused": (Text("paused", "已暂停"), "warn"),
    "stopped": (Text("stopped", "已停止"), ""),
    "finished": (Text("finished", "已完成"), "good"),
}
FROM: Mapping[str, tuple[str, ...]] = {
    "change": ("draft",),
    "submit": ("draft",),
    "approve": ("submitted",),
    "return": ("submitted",),
    "reopen": ("submitted", "approved"),
    "start": ("approved",),
    "begin": ("scheduled",),
    "pause": ("scheduled", "sending"),
    "resume": ("paused",),
    "stop": ("scheduled", "sending", "paused"),
    "finish": ("sending",),
}
"""From which states each act leads on."""
ACTS: Mapping[str, Text] = {
    "make": Text("made it", "新建"),
    "copy": Text("copied it from another", "由其他活动复制"),
    "change": Text("changed it", "修改"),
    "submit": Text("submitted it", "提交审批"),
    "approve": Text("approved it", "批准"),
    "return": Text("sent it back", "退回"),
    "reopen": Text("took it back to change it", "撤回修改"),
    "start": Text("started it", "启动"),
    "begin": Text("began, by the clock", "按时开始"),
    "pause": Text("paused it", "暂停"),
    "resume": Text("resumed it", "继续"),
    "stop": Text("stopped it", "停止"),
    "finish": Text("came to its end", "全部完成"),
    RECORD: Text("wrote it down after it had ended elsewhere", "补录（活动此前已在别处完成）"),
    "brake": Text("paused by itself", "自动暂停"),
}
PAUSES: Mapping[str, Text] = {
    "person": Text("Somebody paused it.", "由同事暂停。"),
    "empty": Text(
        "The audience was empty when it was to begin; {expected} people were expected. Nothing was sent.",
        "开始时受众为空，而预期有 {expected} 人。没有发送任何消息。",
    ),
    "grown": Text(
        "The audience had {found} people when it was to begin, twice the {expected} expected or more. "
        "Nothing was sent. Resuming says that this is right.",
        "开始时受众有 {found} 人，达到预期 {expected} 人的两倍以上。没有发送任何消息。点击“继续”即确认无误。",
    ),
    "too_many": Text(
        "There are {found} messages for {expected} people: more than one each. Nothing more leaves.",
        "{expected} 人却有 {found} 条消息，超过每人一条。不再发送。",
    ),
    "overdue": Text(
        "It was due {hours} hours ago while nothing ran here. Somebody has to say that it is still wanted.",
        "到期时系统未运行，已过去 {hours} 小时。需要有人确认是否仍要发送。",
    ),
    "purpose": Text(
        "It uses something of its people that may not be used for marketing any more. Nothing more leaves.",
        "它用到了已不再允许用于营销的客户属性，不再发送。",
    ),
    "rule": Text("The rule of its audience means nothing any more: {problem}", "受众规则已失效：{problem}"),
}
ENDED = ("stopped", "finished")
BEGUN = ("sending", "paused", "stopped", "finished")


def require(act: str, state: str) -> None:
    """Raise `NotNow` unless ``act`` can be done to a campaign in ``state``."""
    if state in FROM[act]:
        return
    where, wanted = STATES[state][0], [STATES[one][0] for one in FROM[act]]
    raise NotNow(
        Text(
            f"This cannot be done: the campaign is {where.en} (it would have to be "
            f"{' or '.join(one.en for one in wanted)})",
            f"无法执行：活动当前为“{where.zh}”（须为{'或'.join(f'“{one.zh}”' for one in wanted)}）",
        ),
        received=state,
        valid=", ".join(FROM[act]),
    )


def may(act: str, state: str) -> bool:
    """Whether ``act`` can be done to a campaign in ``state``."""
    return state in FROM[act]
