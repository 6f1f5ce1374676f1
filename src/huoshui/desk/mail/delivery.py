"""One letter as a message, and handing it to a mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Literal, Protocol

SECONDS = 20.0
"""How long the mail server may take for each answer."""

_LINK = re.compile(r"https?://[^\s<>\"']+")


class Smtp(Protocol):
    """What is known of the mail server (``project.configuration.Smtp``)."""

    @property
    def host(self) -> str:
        """Its name."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def user(self) -> str:
        """Who signs in; empty for nobody."""

    @property
    def password(self) -> str:
        """With what."""

    @property
    def tls(self) -> Literal["start", "whole", "none"]:
        """How the way there is closed."""

    @property
    def sender(self) -> str:
        """From whom letters come."""


class NotTaken(Exception):
    """The server did not take the message. ``lasting``: nor will it another time."""

    def __init__(self, text: str, *, lasting: bool) -> None:
        super().__init__(text)
        self.lasting = lasting


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
) -> EmailMessage:
    """The letter in plain text and HTML: ``html``, or the text in paragraphs.

    ``pictures`` are PNG by the name that the HTML calls them by (``cid:NAME``); a POST to the address ``leave`` ends
    the subscription (RFC 8058). Raises ``ValueError`` for headers of more than one line.
    """
    local, _, domain = sender.rpartition("@")
    letter = EmailMessage()
    letter["From"] = Address(" ".join(name.split()), local, domain)
    to_local, _, to_domain = to.rpartition("@")
    letter["To"] = Address("", to_local, to_domain)
    letter["Subject"] = subject
    letter["Date"] = format_datetime(now)
    # The same for every attempt: who gets it twice after a crash can see that it is the same.
    letter["Message-ID"] = f"<{message_id}@{domain}>"
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


def html_of(text: str) -> str:
    """Paragraphs with links, and nothing else that the text could bring along."""
    paragraphs = [part for part in text.strip().split("\n\n") if part.strip()]
    body = "\n".join(f"<p>{_with_links(part)}</p>" for part in paragraphs)
    style = "font:15px/1.6 system-ui,sans-serif;color:#1f2328;max-width:560px"
    return f'<!doctype html><html><meta charset="utf-8"><body style="{style}">\n{body}\n</body></html>\n'


def hand_over(letter: EmailMessage, smtp: Smtp) -> None:
    """Send a message to its one recipient. Raises `NotTaken`, which names no address."""
    try:
        with _connected(smtp) as server:
            if smtp.user:
                server.login(smtp.user, smtp.password)
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, _said)] = list(error.recipients.values())[:1] or [(0, b"")]
        raise NotTaken(f"the server refuses this recipient ({code})", lasting=code >= 500) from error
    except smtplib.SMTPAuthenticationError as error:
        raise NotTaken(f"the server refuses user and password ({error.smtp_code})", lasting=False) from error
    except smtplib.SMTPResponseException as error:
        raise NotTaken(
            f"the server refuses it ({error.smtp_code})", lasting=error.smtp_code >= 500
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotTaken("the server offers no TLS, sign-in or Unicode addresses", lasting=False) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(f"the server could not be reached ({type(error).__name__})", lasting=False) from error


def _connected(smtp: Smtp) -> smtplib.SMTP:
    if smtp.tls == "whole":
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=SECONDS)
    if smtp.tls == "start":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _with_links(text: str) -> str:
    parts, last = [], 0
    for found in _LINK.finditer(text):
        address = escape(found.group())
        parts += [escape(text[last : found.start()]), f'<a href="{address}">{address}</a>']
        last = found.end()
    return "".join([*parts, escape(text[last:])]).replace("\n", "<br>\n")
