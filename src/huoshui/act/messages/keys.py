"""The key of a message: its number and sixteen random digits, so that nobody can guess another one."""

from __future__ import annotations

import re

_KEY = re.compile(r"([0-9a-f]{1,15})-([0-9a-f]{16})")


def key_of(message_id: int, seal: str) -> str:
    """The key: at most 32 of ``0-9a-f-``. The same for every attempt; a restored house never makes it anew."""
    return f"{message_id:x}-{seal}"


def parts_of(key: str) -> tuple[int, str] | None:
    """Number and seal of a key, or nothing where it is none."""
    found = _KEY.fullmatch(key)
    return (int(found[1], 16), found[2]) if found else None
