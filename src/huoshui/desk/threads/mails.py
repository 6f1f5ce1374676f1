"""Letters to colleagues who were named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from huoshui.desk.mail import services as mail
from huoshui.desk.threads import queries
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Language, Text

SUBJECT = Text("{by} mentioned you", "{by} 提到了你")
# What was said and about whom stays in the house: a letter passes through hands that may not see it.
TEXT = Text(
    "{by} mentioned you in a comment. Read it here:\n\n{address}\n\nYou can switch these letters off on that page.",
    "{by} 在评论里提到了你。请在这里查看：\n\n{address}\n\n可在该页面关闭这类邮件。",
)


def tell(*, by: Actor, user_ids: Sequence[int], now: datetime) -> int:
    """Put a letter into the outbox for each of the colleagues who wants one; answers how many."""
    wanted = [user_id for user_id in user_ids if queries.wants_mail(user_id)]
    if not wanted:
        return 0
    name = " ".join(users.name_of(by.user_id).split()) if by.user_id else by.name
    address = f"{settings.HUOSHUI_URL.rstrip('/')}{reverse('threads:inbox')}"
    for user_id in wanted:
        reader = users.colleague(user_id)
        language: Language = "zh" if reader.language.startswith("zh") else "en"
        mail.send(
            to=reader.email,
            subject=SUBJECT.in_(language).format(by=name),
            text=TEXT.in_(language).format(by=name, address=address),
            now=now,
        )
    return len(wanted)
