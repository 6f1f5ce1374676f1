"""What of the outbox stands still or waits for a person, for the home page and ``/healthz``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from huoshui.act.messages import lanes
from huoshui.act.messages.models import Errand, Lane, Message
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import CHANNELS, Channel
from huoshui.kernel.plugs import Panel
from huoshui.kernel.texts import Language, Text
from huoshui.kernel.watching import WATCHES, Trouble, Watch

UNSERVED = timedelta(minutes=3)
"""A lane that nobody has served for so long, and on which something is due, stands still."""
LATE = timedelta(minutes=2)

NOBODY = Text("no worker hands them over", "没有工作进程在发送")
PAGE = "outbox:list"


def look(now: datetime) -> Sequence[Trouble]:
    """Lanes that stand still though something is due, what is overdue, and what is uncertain."""
    found = [trouble for channel in CHANNELS if (trouble := _still(channel, now)) is not None]
    if overdue := Errand.objects.filter(over=False, stopped_at=None, waits_since__isnull=False).count():
        found.append(
            Trouble(
                text=Text(
                    f"Overdue, for somebody to say whether it still goes: {overdue:,}",
                    f"{overdue:,} 项发送已逾期，等待确认是否继续",
                ),
                url=PAGE,
            )
        )
    if unclear := Message.objects.filter(state="uncertain").count():
        found.append(
            Trouble(
                text=Text(
                    f"May have gone out or not, for somebody to decide: {unclear:,}",
                    f"{unclear:,} 条消息是否送出不确定，需要人工处理",
                ),
                url=PAGE,
            )
        )
    return found


def _still(channel: Channel, now: datetime) -> Trouble | None:
    """Why nothing leaves on a lane that should be at work; nothing where it is, or a colleague stopped it."""
    lane = Lane.objects.filter(pk=channel.slug).first()
    if lane is not None and lane.stopped_at is not None:
        return None
    going = Errand.objects.filter(channel=channel.slug, over=False, **lanes.GOING).values_list(
        "pk", flat=True
    )
    due = Message.objects.filter(errand__in=list(going), state="pending", not_before__lt=now - LATE)
    if not due.exists():
        return None
    why = lanes.why_not(lane or Lane(channel=channel.slug, served_at=now), channel, now)
    if why is None:
        if lane is not None and now - lane.served_at <= UNSERVED:
            return None
        why = NOBODY
    waiting, label = due.count(), channel.label
    return Trouble(
        text=Text(
            f"{label.en}: nothing leaves ({why.en}). Due: {waiting:,}",
            f"{label.zh}：{waiting:,} 条消息到期却未发出（{why.zh}）",
        ),
        url=PAGE,
    )


def _all(actor: Actor, _subject: str, language: Language) -> Mapping[str, Any]:
    now = clock.now()
    watches = [watch for watch in WATCHES if actor.may(watch.right)]
    return {
        "troubles": [
            (trouble.text.in_(language), reverse(trouble.url))
            for watch in watches
            for trouble in watch.look(now)
        ]
    }


WATCH = Watch(slug="outbox", right=Right.CUSTOMERS_VIEW, look=look)
PANEL = Panel(
    slug="troubles",
    label=Text("Stands still", "需要处理"),
    page="overview",
    width="narrow",
    place=1,
    template="outbox/troubles.html",
    context=_all,
)
