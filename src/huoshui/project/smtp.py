"""The address of a mail server, as an operator writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

VALID = "smtp://user:password@host:587?from=crm@example.com, or smtps://…:465; special characters as %40"
HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Where mail is handed over. ``tls`` is ``start`` (on port 587), ``whole`` (465) or ``none``, within a machine."""

    host: str
    port: int
    user: str
    password: str
    tls: Literal["start", "whole", "none"]
    sender: str

    @property
    def host_is_here(self) -> bool:
        """Whether it runs on this machine."""
        return self.host in HERE

    def __repr__(self) -> str:
        return f"Smtp({self.host}:{self.port}, from {self.sender})"


def parse(text: str) -> Smtp:
    """What ``smtp://user:password@host:587?from=…`` says. Raises ``ValueError`` that says why and no password."""
    try:
        parts = urlsplit(text)
        host, port, query = parts.hostname or "", parts.port, dict(parse_qsl(parts.query))
    except ValueError as error:
        raise ValueError("this is no address of a mail server") from error
    sender = query.pop("from", "")
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path not in ("", "/"):
        raise ValueError("this is no address of a mail server")
    if not re.fullmatch(r"[^\s@<>,;:\"()]+@[A-Za-z0-9.-]+", sender):
        raise ValueError("it does not say from whom mail comes, or not by one address")
    plain = query.pop("tls", "") == "none"
    if query or (plain and parts.scheme == "smtps"):
        raise ValueError("it says more than from= and tls=none")
    if plain and parts.username and host not in HERE:
        raise ValueError("a password is not sent over a network without TLS")
    whole = parts.scheme == "smtps"
    return Smtp(
        host=host,
        port=port or (465 if whole else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls="whole" if whole else "none" if plain else "start",
        sender=sender,
    )
