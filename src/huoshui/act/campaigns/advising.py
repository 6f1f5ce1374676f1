"""Words on how large the control group of a campaign should be."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from huoshui.act.campaigns.drafts import Draft
from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts.trials import SMALL
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule
from huoshui.lake.snapshot import Snapshot

MONEY = ("revenue", "margin")


def advice(draft: Draft, *, tables: Snapshot, zone: ZoneInfo, now: datetime) -> list[Text]:
    """What is known of these people, and what a control group of this share would show; nothing without an audience."""
    if draft.audience is None:
        return []
    as_of = segments.moment(tables=tables, zone=zone, now=now)
    try:
        people = segments.members(tables, as_of, segments.read(draft.audience))
    except BadRule:
        return []
    usual = holdouts.usual(tables, people, days=draft.horizon_days, as_of=as_of)
    said = [
        Text(
            f"Of these {usual.people:,} people {usual.conversion:.1%} bought in the last {draft.horizon_days} days.",
            f"这 {usual.people:,} 人中，最近 {draft.horizon_days} 天有 {usual.conversion:.1%} 下过单。",
        )
    ]
    found = (
        holdouts.advice(eligible=usual.people, share=draft.share, baseline=usual.conversion)
        if draft.choice == "draw" and 0 < usual.conversion < 1
        else None
    )
    if found is not None:
        said.append(
            Text(
                f"A control group of {found.control:,} shows a gain of a tenth with a chance of {found.power:.0%}.",
                f"留 {found.control:,} 人作对照，有 {found.power:.0%} 的机会看出一成的提升。",
            )
        )
        if found.detectable is not None:
            said.append(
                Text(
                    f"What it shows with a chance of 80 % is a gain of {found.detectable * 100:.1f} points or more.",
                    f"有八成机会看出的最小提升为 {found.detectable * 100:.1f} 个百分点。",
                )
            )
        if found.enough is not None and found.enough != found.control:
            said.append(
                Text(
                    f"{found.enough:,} people would be enough to show a gain of a tenth.",
                    f"要看出一成的提升，留 {found.enough:,} 人即可。",
                )
            )
    if usual.people < SMALL:
        said.append(
            Text(
                "They are few: choose a smaller control group, the global one only, or that it will not be known.",
                "人数较少：可以缩小对照组、只用全局对照组，或接受结果无法得知。",
            )
        )
    if usual.cap is not None and draft.goal in MONEY and draft.cap is None:
        said.append(
            Text(
                f"99.5 % of buyers stay below {usual.cap:,}: counting at most that tames single large orders.",
                f"99.5 % 的买家低于 {usual.cap:,}：以此为计入上限，可避免个别大额订单左右结果。",
            )
        )
    return said
