"""Addresses in messages: where a click leads and who clicked, signed, so that nobody can send people elsewhere.

An address says the number of a `Target`, who the message was for and which message it was. The page it leads to is
looked up, never read from the address, and stays what the template said.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core import signing
from django.urls import reverse

from huoshui.act.templates.errors import NoSuchLink
from huoshui.act.templates.models import Target
from huoshui.kernel.ids import looks_like_id

SOURCE = "huoshui"
SALT = "huoshui.templates.links"


def _signer() -> signing.TimestampSigner:
    """It signs with the key of the house, which is read now: modules may be loaded before it is known."""
    return signing.TimestampSigner(salt=SALT)


class Addresses:
    """Makes the addresses of messages of one kind; looks each target up once, so keep one for a batch of messages."""

    def __init__(self, *, campaign: str = "", variant: str = "", channel: str = "") -> None:
        self._of, self._known = (channel, campaign, variant), dict[str, int]()

    def click(self, url: str, customer_id: int, key: str) -> str:
        """The address that stands for ``url`` in the message ``key`` to a customer; following it is recorded."""
        return _absolute("links:click", self._token(url, customer_id, key))

    def opened(self, customer_id: int, key: str) -> str:
        """The address of the picture that tells that the message ``key`` was opened."""
        return _absolute("links:opened", self._token("", customer_id, key))

    def _token(self, url: str, customer_id: int, key: str) -> str:
        if url not in self._known:
            channel, campaign, variant = self._of
            digest = hashlib.sha256("\n".join((*self._of, url)).encode()).hexdigest()
            said = {"url": url, "campaign": campaign, "variant": variant, "channel": channel}
            self._known[url] = int(Target.objects.get_or_create(digest=digest, defaults=said)[0].pk)
        return _signer().sign(f"{_in_36(self._known[url])}.{_in_36(customer_id)}.{key}")


def click_address(
    *, url: str, customer_id: int, key: str, campaign: str = "", variant: str = "", channel: str = ""
) -> str:
    """`Addresses.click` for one message."""
    return Addresses(campaign=campaign, variant=variant, channel=channel).click(url, customer_id, key)


def open_address(
    *, customer_id: int, key: str, campaign: str = "", variant: str = "", channel: str = ""
) -> str:
    """`Addresses.opened` for one message."""
    return Addresses(campaign=campaign, variant=variant, channel=channel).opened(customer_id, key)


class Followed:
    """What a signed address says: the target, who for, which message, and when it was written."""

    def __init__(self, token: str) -> None:
        """Read it. Raises `NoSuchLink`."""
        refusal = NoSuchLink("This link leads nowhere", received=token[:20])
        try:
            said = _signer().unsign(token)
            target, customer, self.key = said.split(".", 2)
            self.target_id, self.customer_id = int(target, 36), int(customer, 36)
            written = signing.b62_decode(token.rsplit(":", 2)[1])
        except (signing.BadSignature, ValueError) as error:
            raise refusal from error
        if not looks_like_id(str(self.customer_id)):
            raise refusal
        self.written_at = datetime.fromtimestamp(written, UTC)


def tagged(target: Target) -> str:
    """Where a target leads: its page with UTM, unless its address has some of its own."""
    parts = urlsplit(target.url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name.startswith("utm_") for name, _value in query):
        return target.url
    utm = [(name, value) for name, value in utm_of(target).items() if value]
    added = urlencode(utm)
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def utm_of(target: Target) -> dict[str, str]:
    """What UTM says of a message of this kind."""
    return {
        "utm_source": SOURCE,
        "utm_medium": target.channel,
        "utm_campaign": target.campaign,
        "utm_content": target.variant,
    }


def _absolute(page: str, token: str) -> str:
    return settings.HUOSHUI_URL.rstrip("/") + reverse(page, args=[token])


def _in_36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
