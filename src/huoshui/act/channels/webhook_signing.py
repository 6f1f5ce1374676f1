"""Signatures of webhooks, as Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks, spec v1.

What is signed is ``id.timestamp.body`` by HMAC-SHA256; a signature is ``v1,`` and its Base64. While a secret is being
changed, both sign and both signatures stand in the header, so that a receiver may change at any moment.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
LENGTH = 32
"""Bytes of a secret; the standard asks for 24 to 64."""


def new_secret() -> str:
    """A secret as both sides write it: ``whsec_`` and Base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(LENGTH)).decode()


def headers(*, id_: str, timestamp: int, body: bytes, signed_with: Sequence[str]) -> dict[str, str]:
    """The three headers that say who speaks. ``timestamp`` is in seconds since 1970, ``signed_with`` secrets.

    Raises ``ValueError`` for an id with a dot: what is signed could be read in two ways.
    """
    if "." in id_ or not id_:
        raise ValueError("the id of a webhook has no dot")
    signatures = (_signature(secret, id_, timestamp, body) for secret in signed_with)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{id_}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
