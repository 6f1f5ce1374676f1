"""Webhooks that do not answer, and deliveries that were given up, for the home page and ``/healthz``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q

from huoshui.act.channels.webhook_models import Endpoint
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Text
from huoshui.kernel.watching import Trouble, Watch

PAGE = "webhooks:list"


def look(_now: datetime) -> Sequence[Trouble]:
    """Endpoints that fail again and again or said that they are gone, and how much was given up."""
    found = []
    kept = Q(deliveries__state="dead") & ~Q(deliveries__body="")
    for one in Endpoint.objects.annotate(dead=Count("deliveries", filter=kept)).order_by("pk"):
        gone = one.because == Endpoint.Because.GONE
        failing = one.disabled_at is None and one.resumes_at is not None
        if not (gone or failing or one.dead):
            continue
        en, zh = (
            ("says that it is gone", "已声明停用（410）")
            if gone
            else ("does not answer", "无法送达")
            if failing
            else ("answers again", "已恢复应答")
        )
        found.append(
            Trouble(
                text=Text(
                    f"The webhook {one.name} {en}. Given up: {one.dead:,}",
                    f"Webhook「{one.name}」{zh}；已放弃投递 {one.dead:,} 条",
                ),
                url=PAGE,
            )
        )
    return found


WATCH = Watch(slug="webhooks", right=Right.HOUSE_MANAGE, look=look)
