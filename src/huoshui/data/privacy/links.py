"""The addresses in a message at which a person ends such messages, or decides on all of them, without signing in.

What stands in an address is signed: whoever has the message may decide for its receiver, and for nobody else. It names
nobody but by their random id, and it holds for ever: a refusal must still be possible years later.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

_LEAVING, _DECIDING = "huoshui.privacy.leave", "huoshui.privacy.preferences"


class NoSuchLink(HuoshuiError):
    """An address that no message of the house had, or that was cut on its way."""

    code = "no_such_link"
    says = Text(
        "This link is not of one of our messages, or a part of it is missing",
        "这个链接不是我们发出的，或者链接不完整",
    )


@dataclass(frozen=True, slots=True)
class Link:
    """What an address says: whose it is, in which message (``key``) it stood, and on which channel that came."""

    customer_id: int
    channel: str
    key: str


def leave_address(customer_id: int, channel: str, key: str) -> str:
    """Where a POST ends marketing to the customer on ``channel`` (RFC 8058), and a GET asks whether to."""
    return _absolute("privacy:leave", _signer(_LEAVING).sign_object([customer_id, channel, key]))


def preferences_address(customer_id: int, key: str) -> str:
    """Where the customer sees and changes what they agree to."""
    return _absolute("privacy:preferences", _signer(_DECIDING).sign_object([customer_id, "", key]))


def of_leaving(token: str) -> Link:
    """What an address of `leave_address` says. Raises `NoSuchLink`."""
    return _read(_LEAVING, token)


def of_preferences(token: str) -> Link:
    """What an address of `preferences_address` says. Raises `NoSuchLink`."""
    return _read(_DECIDING, token)


def _absolute(name: str, token: str) -> str:
    return f"{settings.HUOSHUI_URL.rstrip('/')}{reverse(name, args=[token])}"


def _signer(salt: str) -> Signer:
    """It signs with the key of the house, which is read now: modules may be loaded before it is known."""
    return Signer(salt=salt, sep=".")


def _read(salt: str, token: str) -> Link:
    try:
        customer_id, channel, key = _signer(salt).unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise NoSuchLink("This link is not of one of our messages", received=repr(token[:40])) from error
    return Link(customer_id, channel, key)
