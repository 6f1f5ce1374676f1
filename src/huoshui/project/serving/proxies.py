"""What proxies say of a request, believed only of those that the operator has named."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

SAID_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)


class BehindProxies:
    """A WSGI application that sees who really asks: the last address that is none of the ``trusted`` proxies, and
    https where the proxy beside us says so. What anybody else says in these headers is thrown away."""

    def __init__(self, application: Application, trusted: Sequence[Network]) -> None:
        self.application, self.trusted = application, trusted

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer the request."""
        said = {name: environ.pop(name, "") for name in SAID_BY_PROXIES}
        if self._trusts(environ.get("REMOTE_ADDR", "")):
            for address in reversed([part.strip() for part in said["HTTP_X_FORWARDED_FOR"].split(",")]):
                if _address(address) is None:
                    break
                environ["REMOTE_ADDR"] = address
                if not self._trusts(address):
                    break
            if said["HTTP_X_FORWARDED_PROTO"].strip().lower() == "https":
                environ["wsgi.url_scheme"] = "https"
        return self.application(environ, start_response)

    def _trusts(self, text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in network for network in self.trusted)


def networks(text: str) -> list[Network]:
    """Addresses and networks separated by commas. Raises ``ValueError``."""
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
