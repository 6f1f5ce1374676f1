"""What a mail server sends back about a message, read as it comes: RFC 3464 (it came back, it waits) and RFC 5965
(somebody complained). Anything else, such as a holiday notice, says nothing about an address."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from typing import Literal

from huoshui.act.channels import verp
from huoshui.desk.mail.wire import code_of, without_person

Kind = Literal["gone", "failed", "waits", "complaint", "other"]

LARGEST = 512 * 1024
"""Bytes of a report that are read."""

# About the address itself (RFC 3463): it does not exist, is closed, or takes no messages; 5.0.0 and 5.5.0 are what
# servers say without more. Full mailboxes (x.2.2), sizes, networks and policies are about something else.
_GONE = re.compile(r"5\.1\.[01236]|5\.1\.10|5\.2\.1|5\.0\.0")
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A report as it was read. ``names`` are names of messages that stand in it, ``addresses`` those it is about, as it
    says: both are believed when they fit each other. ``answer`` names nobody."""

    digest: str
    kind: Kind
    answer: str
    names: tuple[verp.Named, ...]
    addresses: tuple[str, ...]


def read(raw: bytes) -> Read:
    """A message that came to the bounce address. Never raises for what stands in it."""
    message = message_from_bytes(raw[:LARGEST], policy=policy.compat32)
    names = tuple(verp.names_in([raw[:LARGEST].decode("utf-8", "replace"), *_texts(message)]))
    identity = str(message.get("Message-ID", "")).strip()
    first = names[0] if names else None
    # The way here adds lines, so the same report can come in other bytes.
    said = f"{identity}\n{first}".encode() if identity and first else raw
    digest = hashlib.sha256(said).hexdigest()
    fields = _fields(message, "message/feedback-report")
    if fields is not None:
        return _complaint(digest, fields, names, message)
    for recipient in _recipients(message):
        return _returned(digest, recipient, names, message)
    return Read(digest=digest, kind="other", answer="", names=names, addresses=())


def is_gone(answer: str) -> bool:
    """Whether an answer of a mail server means that there is nobody at an address, now and later."""
    code = code_of(answer)
    return _GONE.fullmatch(code) is not None or code in ("550", "551", "553")


# -- inside ------------------------------------------------------------------------------------------------------


def _complaint(digest: str, fields: Message, names: tuple[verp.Named, ...], message: Message) -> Read:
    kind = str(fields.get("Feedback-Type", "")).strip().lower()
    addresses = [*_addresses(fields, "Original-Rcpt-To", "Removal-Recipient"), *_to(message)]
    return Read(
        digest=digest,
        # Reports of other kinds (authentication, "not spam") are about mail servers, or the contrary.
        kind="complaint" if kind in ("abuse", "fraud", "opt-out", "other", "miscategorized") else "other",
        answer=without_person(f"feedback report: {kind or '?'}", ""),
        names=names,
        addresses=tuple(dict.fromkeys(addresses)),
    )


def _returned(digest: str, fields: Message, names: tuple[verp.Named, ...], message: Message) -> Read:
    action = str(fields.get("Action", "")).strip().lower()
    status = _STATUS.search(str(fields.get("Status", "")))
    diagnosis = str(fields.get("Diagnostic-Code", "")).partition(";")[2] or str(
        fields.get("Diagnostic-Code", "")
    )
    addresses = [*_addresses(fields, "Original-Recipient", "Final-Recipient"), *_to(message)]
    # What the last server said tells more than the status, which often only repeats "5.0.0".
    own = _STATUS.search(diagnosis)
    code = own.group() if own else status.group() if status else ""
    kind: Kind = "other"
    if action == "failed":
        kind = "gone" if _GONE.fullmatch(code) else "failed"
    elif action == "delayed":
        kind = "waits"
    said = diagnosis.replace(code, "", 1) if code else diagnosis
    return Read(
        digest=digest,
        kind=kind,
        answer=without_person(f"{code} {said}".strip() or action, addresses[0] if addresses else ""),
        names=names,
        addresses=tuple(dict.fromkeys(addresses)),
    )


def _recipients(message: Message) -> Iterator[Message]:
    """The groups of fields of a report on delivery that are about one recipient each."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for group in part.get_payload() if part.is_multipart() else ():
                if isinstance(group, Message) and "Action" in group:
                    yield group


def _fields(message: Message, kind: str) -> Message | None:
    for part in message.walk():
        if part.get_content_type() == kind:
            inside = part.get_payload()
            if isinstance(inside, list) and inside and isinstance(inside[0], Message):
                return inside[0]
    return None


def _texts(message: Message) -> Iterator[str]:
    """Parts that are not readable as they lie: returned messages in Base64 hold the Message-ID of ours."""
    for part in message.walk():
        if part.get("Content-Transfer-Encoding", "").strip().lower() in ("base64", "quoted-printable"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content.decode("utf-8", "replace")


def _to(message: Message) -> Iterator[str]:
    """Whom the returned message was for."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            inside = part.get_payload()
            if isinstance(inside, list):
                yield from (a for one in inside if isinstance(one, Message) for a in _addresses(one, "To"))
            elif isinstance(inside, str):
                yield from _addresses(message_from_bytes(inside.encode("utf-8", "replace")), "To")


def _addresses(fields: Message, *headers: str) -> Iterator[str]:
    for header in headers:
        for value in fields.get_all(header, ()):
            for found in _ADDRESS.findall(str(value).rpartition(";")[2]):
                yield found.lower()
