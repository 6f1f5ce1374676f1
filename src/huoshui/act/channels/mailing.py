"""E-mail to customers: who it comes from, what it must say, and handing it to the mail server.

Every marketing message can be ended by one click (RFC 8058), and says at its end who sends it, how they are reached and
where to leave: the channel writes that itself, so no template can forget it. DKIM is the mail server's to sign; both
headers of RFC 8058 are in every message before it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from html import escape

from django.conf import settings

from huoshui.act.channels import hearing, queries, reports, verp
from huoshui.act.channels.queries import Identity, Mailing
from huoshui.data.customers import queries as customers
from huoshui.desk.mail import delivery, writing
from huoshui.desk.mail.wire import Wire
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock
from huoshui.kernel.outreach import Channel, Content, Handed, Line, Outcome, Outgoing
from huoshui.kernel.texts import Text

LONGEST_SUBJECT = 150
LARGEST_HTML = 100_000
"""Bytes; Gmail cuts what is longer than 102 KB, and with it the way to leave."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_END = re.compile(r"</body\s*>", re.IGNORECASE)

WHY = Text(
    "You receive this because you agreed to e-mail from us.", "您收到这封邮件，是因为您同意接收我们的邮件。"
)
LEAVE = Text("Leave", "退订")
PREFERENCES = Text("Your choices", "管理偏好")


def unready() -> Text | None:
    """Why no e-mail can go out now."""
    smtp = settings.HUOSHUI_SMTP
    if smtp is None:
        return Text(
            "No mail server is set. Set HUOSHUI_SMTP_URL.", "还没有设置邮件服务器。请设置 HUOSHUI_SMTP_URL。"
        )
    if organisation.fence() is not None:
        return Text(
            "This house is a copy or was restored, and sends nothing.",
            "这是副本或恢复出来的系统，不发送任何邮件。",
        )
    if organisation.current().demo and not smtp.host_is_here:
        return Text(
            "A demo house sends only to a mail server on the same machine.",
            "演示系统只会发给同一台机器上的邮件服务器。",
        )
    return None


def addresses(customer_ids: Sequence[int]) -> Mapping[int, str]:
    """Where customers are reached: whose address is known, is one, and did not turn out to be unreachable."""
    found = customers.emails(customer_ids)
    closed = queries.unreachable_among(found.values())
    return {
        number: address
        for number, address in found.items()
        if address not in closed and delivery.is_address(address)
    }


def problems(content: Content, marketing: bool) -> Sequence[Text]:
    """What is wrong with a message, and what to do."""
    found = []
    if not content.subject.strip():
        found.append(Text("The subject is empty.", "主题为空。"))
    if _CONTROL.search(content.subject):
        found.append(Text("The subject has more than one line.", "主题只能是一行。"))
    if len(content.subject) > LONGEST_SUBJECT:
        found.append(
            Text(
                f"The subject is longer than {LONGEST_SUBJECT} characters.",
                f"主题超过 {LONGEST_SUBJECT} 个字符。",
            )
        )
    if not content.text.strip():
        found.append(Text("The message says nothing.", "邮件没有内容。"))
    if len(content.html.encode()) > LARGEST_HTML:
        found.append(
            Text(
                "The message is larger than 100 KB: mail programmes cut it, and the way to leave with it.",
                "邮件超过 100 KB：邮箱会截断它，退订入口也会被截掉。",
            )
        )
    if marketing and not queries.usual_sender().contact:
        found.append(
            Text(
                "A marketing message says who sends it and how they are reached. Write this down with the sender.",
                "营销邮件须写明发送者及其联系方式。请在发件人处填写。",
            )
        )
    return found


@contextmanager
def opened() -> Iterator[Line]:
    """A line to the mail server of the house. It connects with the first message."""
    smtp = settings.HUOSHUI_SMTP
    if smtp is None:
        yield _Nowhere()
        return
    with Wire(smtp) as wire:
        yield MailLine(wire, queries.identities(), queries.mailing())


class MailLine:
    """A line that writes messages as e-mail; senders and settings are those of when it was opened."""

    def __init__(self, wire: Wire, identities: Mapping[str, Identity], mailing: Mailing) -> None:
        self._wire = wire
        self._identities = identities
        self._mailing = mailing

    def hand_over(self, message: Outgoing) -> Handed:
        """Hand one message over; an address at which nobody is gets none after this."""
        identity = self._identities.get(message.sender)
        if identity is None:
            return Handed(outcome=Outcome.LATER, answer=f"there is no sender {message.sender!r} any more")
        if message.marketing and not message.leave:
            return Handed(outcome=Outcome.REFUSED, answer="a marketing message without a way to leave")
        if message.marketing and not identity.contact:
            return Handed(outcome=Outcome.LATER, answer="the sender does not say how they are reached")
        if not delivery.is_address(message.address) or not verp.KEY.fullmatch(message.key):
            return Handed(outcome=Outcome.REFUSED, answer="this is no address of e-mail")
        now = clock.now()
        named = verp.name(key=message.key, customer_id=message.customer_id, address=message.address)
        bounce = self._mailing.bounce_address
        envelope = verp.envelope(bounce, named, plus=self._mailing.plus) if bounce else identity.address
        try:
            letter = written(message, identity, message_id=named, now=now)
            to = delivery.in_ascii(message.address)
        except ValueError:
            return Handed(outcome=Outcome.REFUSED, answer="this cannot be written as a message")
        handed = self._wire.carry(sender=delivery.in_ascii(envelope), to=to, letter=letter)
        if handed.outcome is Outcome.REFUSED and reports.is_gone(handed.answer):
            hearing.refused(message, answer=handed.answer, now=now)
        return handed


def written(message: Outgoing, identity: Identity, *, message_id: str, now: datetime) -> bytes:
    """The message as it goes out. Raises ``ValueError`` for what would write headers of its own."""
    content = message.content
    if _CONTROL.search(content.subject + message.leave):
        raise ValueError("a header is one line")
    return writing.written(
        sender=identity.address,
        name=identity.name,
        reply_to=identity.reply_to,
        to=message.address,
        to_name=message.name,
        subject=content.subject,
        text=content.text + (_text_foot(message, identity) if message.marketing else ""),
        html=_with_foot(content.html or delivery.html_of(content.text), message, identity),
        leave=message.leave if message.marketing else "",
        message_id=message_id,
        now=now,
    )


class _Nowhere:
    """The line of a house without a mail server."""

    def hand_over(self, message: Outgoing) -> Handed:
        """Nothing goes out."""
        return Handed(outcome=Outcome.LATER, answer="no mail server is set")


def _text_foot(message: Outgoing, identity: Identity) -> str:
    language = message.language
    lines = [
        f"{identity.name} · {identity.contact}",
        WHY.in_(language),
        f"{LEAVE.in_(language)}: {message.leave}",
    ]
    if message.preferences:
        lines.append(f"{PREFERENCES.in_(language)}: {message.preferences}")
    return "\n\n-- \n" + "\n".join(lines) + "\n"


def _with_foot(html: str, message: Outgoing, identity: Identity) -> str:
    if not message.marketing:
        return html
    language = message.language
    links = [(LEAVE, message.leave), (PREFERENCES, message.preferences)]
    shown = " · ".join(
        f'<a href="{escape(address)}" style="color:#57606a">{escape(label.in_(language))}</a>'
        for label, address in links
        if address
    )
    style = (
        "margin:32px auto 0;padding-top:12px;border-top:1px solid #d0d7de;max-width:560px;"
        "font:12px/1.6 system-ui,sans-serif;color:#57606a"
    )
    foot = (
        f'<div style="{style}">{escape(identity.name)} · {escape(identity.contact)}<br>'
        f"{escape(WHY.in_(language))} {shown}</div>\n"
    )
    ends = list(_END.finditer(html))
    cut = ends[-1].start() if ends else len(html)
    return html[:cut] + foot + html[cut:]


CHANNEL = Channel(
    slug="email",
    label=Text("E-mail", "邮件"),
    consent="email",
    addresses=addresses,
    problems=problems,
    unready=unready,
    open=opened,
)
