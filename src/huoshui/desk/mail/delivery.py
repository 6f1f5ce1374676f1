"""One letter as a message, and handing it to a mail server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from html import escape

from huoshui.desk.mail.wire import Smtp, Wire
from huoshui.kernel.outreach import Outcome

LONGEST_ADDRESS = 254

PLAIN = policy.SMTP.clone(cte_type="7bit")
"""Nothing that a server on the way would have to write anew, which would break its signature (DKIM)."""

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]+@[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]+")
_LINK = re.compile(r"https?://[^\s<>\"']+")


class NotTaken(Exception):
    """The server did not take the message. ``lasting``: nor will it another time."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        super().__init__(text)
        self.lasting = lasting


def is_address(text: str) -> bool:
    """Whether this is one e-mail address and nothing else."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def message(
    *,
    sender: str,
    name: str,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    now: datetime,
    html: str = "",
    pictures: Mapping[str, bytes] | None = None,
    leave: str = "",
    to_name: str = "",
    reply_to: str = "",
    automatic: bool = True,
) -> EmailMessage:
    """The letter in plain text and HTML: ``html``, or the text in paragraphs.

    ``pictures`` are PNG by the name that the HTML calls them by (``cid:NAME``); a POST to the address ``leave`` ends
    the subscription (RFC 8058). ``automatic`` letters say so, that nobody's holiday answers them (RFC 3834). Names are
    brought to one line; raises ``ValueError`` for other headers of more than one.
    """
    letter = EmailMessage(PLAIN if (in_ascii(sender) + in_ascii(to)).isascii() else PLAIN.clone(utf8=True))
    letter["From"] = party(name, sender)
    letter["To"] = party(to_name, to)
    if reply_to:
        letter["Reply-To"] = party("", reply_to)
    letter["Subject"] = subject
    letter["Date"] = format_datetime(now)
    # The same for every attempt: who gets it twice after a crash can see that it is the same.
    letter["Message-ID"] = f"<{message_id}@{host_in_ascii(sender.rpartition('@')[2])}>"
    if automatic:
        letter["Auto-Submitted"] = "auto-generated"
    if leave:
        letter["List-Unsubscribe"] = f"<{leave}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(text)
    letter.add_alternative(html or html_of(text), subtype="html")
    if pictures:
        page = letter.get_body(("html",))
        assert isinstance(page, EmailMessage)  # noqa: S101 added just now
        for cid, content in pictures.items():
            page.add_related(
                content, "image", "png", cid=f"<{cid}>", disposition="inline", filename=f"{cid}.png"
            )
    return letter


def in_ascii(address: str) -> str:
    """An address as mail servers write it: the host in ASCII (RFC 5891); the name before it stays."""
    name, _at, host = address.rpartition("@")
    return f"{name}@{host_in_ascii(host)}"


def html_of(text: str) -> str:
    """Paragraphs with links, and nothing else that the text could bring along."""
    paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
    body = "\n".join(f"<p>{_with_links(part)}</p>" for part in paragraphs)
    style = "font:15px/1.6 system-ui,sans-serif;color:#1f2328;max-width:560px"
    return f'<!doctype html><html><meta charset="utf-8"><body style="{style}">\n{body}\n</body></html>\n'


def hand_over(letter: EmailMessage, smtp: Smtp, *, sender: str = "") -> None:
    """Send a message to its one recipient, on behalf of ``sender`` (empty: of the house).

    Raises `NotTaken`, which names no address. What may have gone out or not is sent again: two letters to a colleague
    are better than none.
    """
    [to] = getaddresses([letter["To"]])
    with Wire(smtp) as wire:
        handed = wire.carry(sender=in_ascii(sender or smtp.sender), to=to[1], letter=letter.as_bytes())
    if handed.outcome is not Outcome.SENT:
        raise NotTaken(handed.answer, lasting=handed.outcome is Outcome.REFUSED)


def party(name: str, address: str) -> Address:
    """Somebody in a header. Raises ``ValueError`` for what is no address."""
    local, _at, host = address.rpartition("@")
    return Address(one_line(name), local, host_in_ascii(host))


def one_line(name: str) -> str:
    """A name on one line, of signs that can be seen."""
    words = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(words.split())


def host_in_ascii(host: str) -> str:
    """The name of a host in ASCII (RFC 5891). Raises ``ValueError`` for what is none."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"this is no name of a host: {host!r}") from error


def _with_links(text: str) -> str:
    parts, last = [], 0
    for found in _LINK.finditer(text):
        address = escape(found.group())
        parts += [escape(text[last : found.start()]), f'<a href="{address}">{address}</a>']
        last = found.end()
    return "".join([*parts, escape(text[last:])]).replace("\n", "<br>\n")
