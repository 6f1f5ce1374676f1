"""How entries hang together: the digest of each is made of its content and of the digest before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def canonical(detail: Mapping[str, Any] | None) -> str:
    """``detail`` as JSON that is the same text for the same content; empty for nothing."""
    if not detail:
        return ""
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(
    *,
    previous: str,
    number: int,
    at: datetime,
    actor: str,
    user_id: int | None,
    act: str,
    subject: str,
    detail: str,
) -> str:
    """SHA-256 of an entry and the digest before it, as 64 hexadecimal digits."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = json.dumps([previous, number, moment, actor, user_id, act, subject, detail], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
