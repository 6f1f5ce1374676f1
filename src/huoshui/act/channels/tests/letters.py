"""Messages and reports on them, as mail servers of several makers write them (RFC 3464, RFC 5965)."""

from __future__ import annotations

from dataclasses import replace

from huoshui.kernel.outreach import Content, Outgoing

LEAVE = "https://crm.example.com/leave/x.y"

MESSAGE = Outgoing(
    key="1f-0123456789abcdef",
    customer_id=482113095127844,
    address="mei.wang@example.com",
    name="王梅",
    language="zh",
    marketing=True,
    content=Content(subject="春季上新", text="你好，王梅！\n\n新品：https://shop.example.com/new"),
    leave=LEAVE,
    preferences="https://crm.example.com/preferences/x.y",
)


def message(**changes) -> Outgoing:
    """`MESSAGE` with changes."""
    return replace(MESSAGE, **changes)


def returned(
    named: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnosis: str = "smtp; 550 5.1.1 <mei.wang@example.com>: Recipient address rejected: User unknown",
    address: str = "mei.wang@example.com",
    identity: str = "20260301@mx.example.com",
    headers: bool = True,
) -> bytes:
    """What a mail server returns; ``headers``: with those of the message."""
    tail = (
        f"--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: shop@example.org\r\nTo: <{address}>\r\n"
        f"Message-ID: <{named}@example.org>\r\nSubject: x\r\n\r\n"
    )
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.com (Mail Delivery System)\r\n"
        f"To: bounces+{named.upper()}@example.org\r\nMessage-ID: <{identity}>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r\n\r\n'
        "--b1\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you …\r\n\r\n"
        "--b1\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.com\r\nArrival-Date: Sun, 1 Mar 2026 17:30:00 +0800\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnosis}\r\n\r\n{tail if headers else ''}--b1--\r\n"
    ).encode()


def complaint(named: str, *, kind: str = "abuse", address: str = "mei.wang@example.com") -> bytes:
    """What a mailbox provider sends when somebody says that a message is spam."""
    return (
        "From: <staff@hotmail.example>\r\nTo: <abuse@example.org>\r\nMessage-ID: <arf1@hotmail.example>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b2"\r\n\r\n'
        "--b2\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n\r\n"
        "--b2\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
        f"Original-Mail-From: <bounces+{named}@example.org>\r\nOriginal-Rcpt-To: <{address}>\r\n\r\n"
        "--b2\r\nContent-Type: message/rfc822\r\n\r\nFrom: <shop@example.org>\r\nReceived: from x\r\n"
        f"To: <{address}>\r\nMessage-ID: <{named}@example.org>\r\nSubject: x\r\n\r\nHello\r\n\r\n--b2--\r\n"
    ).encode()


HOLIDAY = (
    "From: mei.wang@example.com\r\nTo: shop@example.org\r\nMessage-ID: <h1@example.com>\r\n"
    "In-Reply-To: <{named}@example.org>\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nI am away.\r\n"
)
