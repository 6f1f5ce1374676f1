"""The name of a message in its envelope and headers, by which a report about it says whose it was (VERP).

It stands in the address to which a mail server returns what it cannot deliver, and in the Message-ID, which is the same
for every attempt. It is signed for one message, customer and address: a report about it can be made up only by who had
the message, and says nothing about another address.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "huoshui.act.channels.verp"
LONGEST_LOCAL = 64
"""Characters before the @ (RFC 5321, 4.5.3.1.1)."""
SIGNS = 10
MOST = 64
"""Names that are looked at in one report."""

_NAME = re.compile(r"(?<![0-9a-z])([0-9a-z][0-9a-z-]{0,31})\.([0-9a-z]{1,13})\.([a-z2-7]{10})(?![0-9a-z])")
KEY = re.compile(r"[0-9a-z][0-9a-z-]{0,31}")


@dataclass(frozen=True, slots=True)
class Named:
    """A name as it was found: still to be believed (`is_of`)."""

    key: str
    customer_id: int
    signs: str

    def is_of(self, address: str) -> bool:
        """Whether this names a message of ours to ``address``."""
        return constant_time_compare(self.signs, _signs(self.key, self.customer_id, address))


def name(*, key: str, customer_id: int, address: str) -> str:
    """The name of a message, in small letters and digits: mail servers change the case of what they return."""
    return f"{key}.{np.base_repr(customer_id, 36).lower()}.{_signs(key, customer_id, address)}"


def envelope(bounce_address: str, named: str, *, plus: bool) -> str:
    """Where a message comes back to: ``bounces+NAME@example.com``, or the address as it is where that is too long."""
    local, _at, host = bounce_address.rpartition("@")
    whole = f"{local}+{named}"
    return f"{whole}@{host}" if plus and len(whole) <= LONGEST_LOCAL else bounce_address


def names_in(texts: Iterable[str]) -> list[Named]:
    """What looks like a name of a message in ``texts``, each once, in their order."""
    found: dict[Named, None] = {}
    for text in texts:
        for key, number, signs in _NAME.findall(text.lower()):
            found[Named(key, int(number, 36), signs)] = None
            if len(found) == MOST:
                return list(found)
    return list(found)


def _signs(key: str, customer_id: int, address: str) -> str:
    digest = salted_hmac(SALT, f"{key}\n{customer_id}\n{address.lower()}", algorithm="sha256").digest()
    return base64.b32encode(digest)[:SIGNS].decode().lower()
