"""What colleagues are written, in their language."""

from __future__ import annotations

from datetime import datetime

from huoshui.desk.mail import services as mail
from huoshui.desk.users.models import User
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Language, Text

INVITED = Text("You are invited to Huoshui", "邀请你加入活水")
INVITATION = Text(
    "Hello {name},\n\n{by} has invited you to work in Huoshui. Choose your password here within seven days:\n\n"
    "{address}\n\nIf you did not expect this, leave it: nothing happens.\n",
    "{name}，你好！\n\n{by} 邀请你使用活水。请在七天内打开下面的链接，设置密码：\n\n{address}\n\n"
    "如果这不是你预期的邮件，忽略即可，不会有任何变化。\n",
)
FORGOTTEN = Text("A new password for Huoshui", "重设活水密码")
RESET = Text(
    "Hello {name},\n\nsomebody, probably you, asked for a new password. Choose it here within an hour:\n\n"
    "{address}\n\nIf it was not you, leave it: your password stays what it is.\n",
    "{name}，你好！\n\n有人（应该是你）申请重设密码。请在一小时内打开下面的链接设置新密码：\n\n{address}\n\n"
    "如果不是你本人操作，忽略即可，原密码不变。\n",
)


def invitation(user: User, *, address: str, by: Actor, now: datetime) -> bool:
    """Send an invitation; says whether the house can send mail."""
    return _send(user, INVITED, INVITATION, now, address=address, by=by.name)


def reset(user: User, *, address: str, now: datetime) -> bool:
    """Send a link for a new password; says whether the house can send mail."""
    return _send(user, FORGOTTEN, RESET, now, address=address)


def _send(user: User, subject: Text, text: Text, now: datetime, **said: str) -> bool:
    language: Language = "zh" if user.language.startswith("zh") else "en"
    name = " ".join(user.name.split())
    body = text.in_(language).format(name=name, **said)
    return mail.send(to=user.email, subject=subject.in_(language), text=body, now=now)
