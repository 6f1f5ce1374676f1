"""The letter of `delivery.message` as bytes, for who writes very many, in a small part of the time.

What letters have in common (sender, subject, marks) is folded once and kept; what is a person's own is written as it
is where that is safe, and by the `email` package otherwise. A test holds both ways to the same letter.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache

from huoshui.desk.mail import delivery
from huoshui.desk.mail.delivery import PLAIN

LONGEST_LINE = 78
_TOKEN = re.compile(r"[\x21-\x7e]{1,900}")
_WORD = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
"""Addresses that need no quotes."""
_ENCODED_AT_ONCE = 45
"""Bytes of a name that fit into one encoded word (RFC 2047: 75 characters)."""
_DENSE = 6
"""With more than every sixth byte beyond ASCII, base64 is shorter than quoted-printable."""


def written(
    *,
    sender: str,
    name: str,
    to: str,
    to_name: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    now: datetime,
    leave: str = "",
    reply_to: str = "",
) -> bytes:
    """The letter as it goes out, with lines that end with CR LF. Arguments as of `delivery.message`; raises as that."""
    host = delivery.host_in_ascii(sender.rpartition("@")[2])
    identity = f"<{message_id}@{host}>"
    plain = (sender + to + reply_to).isascii() and _WORD.fullmatch(to) and _TOKEN.fullmatch(identity)
    if not plain or (leave and not _TOKEN.fullmatch(leave)):
        letter = delivery.message(
            sender=sender,
            name=name,
            to=to,
            to_name=to_name,
            subject=subject,
            text=text,
            html=html,
            message_id=message_id,
            now=now,
            leave=leave,
            reply_to=reply_to,
        )
        return letter.as_bytes()
    boundary = f"=_{secrets.token_hex(16)}"
    head = [_shared("From", sender, name), _to(to, to_name)]
    if reply_to:
        head.append(_shared("Reply-To", reply_to, ""))
    head += [
        _line("Subject", subject),
        f"Date: {format_datetime(now)}\r\nMessage-ID: {identity}\r\nAuto-Submitted: auto-generated\r\n".encode(),
    ]
    if leave:
        head.append(
            f"List-Unsubscribe: <{leave}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode()
        )
    head.append(
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode()
    )
    mark = f"--{boundary}".encode()
    parts = [mark, b"\r\n", *_part("plain", text), mark, b"\r\n", *_part("html", html), mark, b"--\r\n"]
    return b"".join([*head, *parts])


def _part(kind: str, text: str) -> tuple[bytes, bytes]:
    """A part of the letter: its head, and its lines in the shortest way that no server on the way writes anew."""
    whole = b"".join(line + b"\r\n" for line in text.encode("utf-8").splitlines())
    beyond = len(whole) - len(whole.decode("utf-8").encode("ascii", "ignore"))
    if beyond * _DENSE > len(whole):
        way, body = "base64", base64.encodebytes(whole).replace(b"\n", b"\r\n")
    elif beyond or any(len(line) > LONGEST_LINE for line in whole.splitlines()) or b"\x00" in whole:
        way, body = "quoted-printable", binascii.b2a_qp(whole, istext=True)
    else:
        way, body = "7bit", whole
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {way}\r\n\r\n'
    return head.encode(), body


def _to(address: str, name: str) -> bytes:
    shown = delivery.one_line(name)
    coded = shown.encode("utf-8")
    if not shown:
        return f"To: {address}\r\n".encode()
    if shown.isascii() or len(coded) > _ENCODED_AT_ONCE or len(address) > 200:
        return _folded("To", delivery.party(name, address))
    word = base64.b64encode(coded).decode()
    return f"To: =?utf-8?b?{word}?=\r\n <{address}>\r\n".encode()


@lru_cache(maxsize=256)
def _shared(header: str, address: str, name: str) -> bytes:
    return _folded(header, delivery.party(name, address))


@lru_cache(maxsize=256)
def _line(header: str, text: str) -> bytes:
    return _folded(header, text)


def _folded(header: str, value: str | Address) -> bytes:
    """A header as the package writes it. Raises ``ValueError`` for more than one line."""
    stored_name, stored = PLAIN.header_store_parse(header, value)
    return PLAIN.fold_binary(stored_name, stored)
