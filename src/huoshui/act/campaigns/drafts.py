"""What a campaign is to be, as plain values: checked on its own, and whether it may go on."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.act.campaigns import purposes, timing
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.channels import queries as channels
from huoshui.act.holdouts.trials import CHOICES, GOALS, LARGEST_SHARE, LONGEST_HORIZON, MOST_VARIANTS
from huoshui.act.templates import checking
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule

LONGEST_NAME, LONGEST_NOTE = 120, 500
MOST_WAVES = 30
DEAREST = Decimal(10) ** 9
PLANS: dict[str, Text] = {
    "now": Text("as soon as it is started", "启动后立即发送"),
    "house": Text("at a set time", "按公司时间定时"),
    "recipient": Text("at a time of each recipient", "按收件人当地时间"),
}
LETTERS = "ABCDEFGH"
EMAIL = "email"
"""The channel that knows several senders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """One message of a campaign: a version of a template, and its weight among the others."""

    template_id: int
    template_version: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a campaign is to be. ``audience`` is a rule of segments, as JSON. ``sender`` is who it comes from on the
    channel, empty for the usual one. ``day`` and ``time`` are local.

    Holdout and goal are as in `act/holdouts`: ``share`` is 0 unless ``choice`` is ``draw``. Costs are in house money.
    """

    name: str
    note: str = ""
    audience: Any = None
    channel: str = ""
    sender: str = ""
    variants: Sequence[VariantDraft] = ()
    choice: str = "draw"
    share: float = 0.1
    goal: str = "conversion"
    horizon_days: int = 14
    cap: Decimal | None = None
    plan: str = ""
    day: date | None = None
    time: time | None = None
    waves: int = 1
    message_cost: Decimal = Decimal(0)
    fixed_cost: Decimal = Decimal(0)


KEPT = (
    *("name", "note", "audience", "channel", "sender", "choice", "share", "goal", "horizon_days", "cap"),
    *("plan", "day", "time", "waves", "message_cost", "fixed_cost"),
)
"""What of a draft stands in the row of its campaign; its variants have rows of their own."""


def checked(draft: Draft, *, among: Container[str] = CHANNELS) -> Draft:
    """The draft as it may be kept, complete or not, on one of the channels ``among`` which it chooses.

    Raises `NotACampaign`, `BadRule` for its audience.
    """
    name = unicodedata.normalize("NFC", draft.name).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise NotACampaign(
            "name",
            Text("A campaign needs a name", "营销活动需要名称"),
            received=repr(draft.name[:60]),
            valid=f"1 to {LONGEST_NAME} characters in one line",
        )
    if len(draft.note) > LONGEST_NOTE or "\0" in draft.note:
        raise NotACampaign(
            "note", Text(f"A note has at most {LONGEST_NOTE} characters", f"说明最多 {LONGEST_NOTE} 个字")
        )
    if draft.audience is not None:
        segments.read(draft.audience)
    _require(not draft.channel or draft.channel in among, "channel", NO_CHANNEL, draft.channel)
    _require(len(draft.variants) <= MOST_VARIANTS, "variants", TOO_MANY, len(draft.variants))
    _require(all(0 < one.weight <= 1000 for one in draft.variants), "variants", NO_WEIGHT, "")
    _require(draft.choice in CHOICES, "choice", NO_CHOICE, draft.choice)
    _require(draft.goal in GOALS, "goal", NO_GOAL, draft.goal)
    share = draft.share if draft.choice == "draw" else 0.0
    _require(draft.choice != "draw" or 0 < share <= LARGEST_SHARE, "share", NO_SHARE, f"{draft.share:.1%}")
    _require(1 <= draft.horizon_days <= LONGEST_HORIZON, "horizon_days", NO_HORIZON, draft.horizon_days)
    _require(draft.cap is None or 0 < draft.cap < DEAREST, "cap", NO_MONEY, draft.cap)
    _require(0 <= draft.message_cost < DEAREST, "message_cost", NO_MONEY, draft.message_cost)
    _require(0 <= draft.fixed_cost < DEAREST, "fixed_cost", NO_MONEY, draft.fixed_cost)
    _require(draft.plan in ("", *PLANS), "plan", NO_PLAN, draft.plan)
    _require(1 <= draft.waves <= MOST_WAVES, "waves", NO_WAVES, draft.waves)
    dated = draft.plan in ("house", "recipient")
    _require(not dated or None not in (draft.day, draft.time), "day", NO_DAY, "")
    return replace(
        draft,
        name=name,
        note=draft.note.strip(),
        share=share,
        day=draft.day if dated else None,
        time=draft.time if dated else None,
    )


def missing(draft: Draft, *, now: datetime, zone: ZoneInfo) -> list[Text]:
    """What keeps a campaign from going on, in words; nothing where it is complete."""
    found = []
    if draft.audience is None:
        found.append(Text("Say who is to get it.", "请选择受众。"))
    else:
        try:
            segments.read(draft.audience)
        except BadRule as error:
            found.append(Text(f"The audience means nothing any more: {error}", f"受众规则已失效：{error}"))
    if not draft.channel:
        found.append(Text("Choose a channel.", "请选择渠道。"))
    elif draft.channel not in CHANNELS:
        found.append(NO_CHANNEL)
    elif unready := CHANNELS[draft.channel].unready():
        found.append(unready)
    if draft.channel == EMAIL and (problem := silent_sender(draft.sender)):
        found.append(problem)
    if not draft.variants:
        found.append(Text("Choose what is said.", "请选择消息模板。"))
    for one in draft.variants if draft.channel in CHANNELS else ():
        problems = checking.checks(
            template_id=one.template_id, version=one.template_version, channel=draft.channel, marketing=True
        )
        found += [problem.words for problem in problems if problem.stops]
    messages = [(one.template_id, one.template_version) for one in draft.variants]
    found += purposes.outside(audience=draft.audience, messages=messages)
    if not draft.plan:
        found.append(Text("Say when it is due.", "请选择发送时间。"))
    elif draft.day is not None and draft.time is not None:
        last = timing.due("house", day=draft.day, at=draft.time, wave=0, zone=zone, began=now, house=zone)
        if last < now:
            found.append(Text("The time it is due at is over.", "设定的发送时间已过。"))
    return found


def silent_sender(slug: str) -> Text | None:
    """Why nothing can be sent as this sender of e-mail: it is gone, or does not say how it is reached."""
    sender = channels.identities().get(slug)
    if sender is None:
        return NO_SENDER
    # Of the usual sender the channel itself says it.
    return NO_CONTACT if slug and not sender.contact else None


NO_CHANNEL = Text("There is no such channel any more.", "这个渠道已不存在。")
NO_SENDER = Text("There is no such sender any more: choose another one.", "所选发件人已不存在，请重新选择。")
NO_CONTACT = Text(
    "A marketing message says how its sender is reached, and this one does not: write it down with the sender.",
    "营销邮件须写明发件人的联系方式，所选发件人没有填写：请在发件人处补充。",
)
NOT_THEIRS = Text("You may not write as this sender", "你不能以这个发件人的名义发送")
TOO_MANY = Text(f"A campaign compares at most {MOST_VARIANTS} messages", f"最多比较 {MOST_VARIANTS} 个变体")
NO_WEIGHT = Text("The weight of a variant is above 0 and at most 1000", "变体权重须大于 0 且不超过 1000")
NO_CHOICE = Text("There is no such control group", "没有这种对照组方式")
NO_GOAL = Text("There is no such goal", "没有这种目标")
NO_SHARE = Text(
    "The control group is more than 0 % and at most 50 % of the people", "对照组须大于 0 % 且不超过 50 %"
)
NO_HORIZON = Text(f"The result counts for 1 to {LONGEST_HORIZON} days", f"观察期为 1 到 {LONGEST_HORIZON} 天")
NO_MONEY = Text("This is no amount of money", "这不是有效金额")
NO_PLAN = Text("There is no such schedule", "没有这种排期方式")
NO_WAVES = Text(f"It goes out in 1 to {MOST_WAVES} daily waves", f"可分 1 到 {MOST_WAVES} 天发送")
NO_DAY = Text("Say the day and the time", "请填写日期和时间")


def _require(holds: bool, field: str, words: Text, received: object) -> None:
    if not holds:
        raise NotACampaign(field, words, received=str(received)[:80])
