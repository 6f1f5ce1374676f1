"""Secrets that the house hands out and keeps only as digests."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "hs_"  # noqa: S105 the beginning of every token, by which scanners of leaks recognise it


def digest(secret: str) -> str:
    """SHA-256 as 64 hexadecimal digits. Enough for secrets of 128 bits and more; passwords are kept by Argon2."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_secret() -> str:
    """256 random bits as text that stands in an address."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """A token of the API."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_recovery_code() -> str:
    """Fifty random bits that people can copy from paper, as ``abcde-fghij``; no letter looks like another."""
    letters = "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def plain_code(typed: str) -> str:
    """A code as it was typed, without spaces and hyphens."""
    return "".join(typed.split()).replace("-", "").lower()
