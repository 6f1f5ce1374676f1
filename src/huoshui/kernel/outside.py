"""Calling an address that a person typed, without being led into one's own network.

The rules (OWASP: server-side request forgery):

* ``https`` to a *name* on an allowed port. Numbers that mean an address, in whatever notation, are refused as such, so
  are names that only a local network knows, names and passwords in the address, and other schemes.
* The name is asked for once. Every address that it answers has to be of the public Internet, and the connection goes to
  one of exactly these: an answer that changes a moment later changes nothing.
* No redirect is followed and no proxy of the environment used; the whole exchange has one deadline, and only the
  beginning of the answer is read.
* What an operator names as ``inner`` (``host:port``) is exempt from where it lies, also with plain ``http``.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text

SECONDS = 15.0
"""How long an exchange may take from the first connection to the end of the answer."""

PORTS = frozenset({443, 8443})
LONGEST = 2000
MOST_READ = 4096
"""Bytes of an answer that are read."""

Resolve = Callable[[str, int], Sequence[str]]

NO_ADDRESS = Text("This is no address", "这不是有效的地址")
TOO_MUCH = Text(
    "An address that is called has no user, password or fragment", "地址中不能带用户名、密码或 # 片段"
)
ONLY_HTTPS = Text("Only https is called", "只支持 https 地址")
PORT = Text("This port is not called: 443 or 8443", "不支持该端口，仅限 443 或 8443")
NO_NAME = Text("The host is no name of the public Internet", "主机名不是公网域名")
INSIDE = Text("The name leads into a network that is not public", "该域名指向非公网地址")

_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_LOCAL = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "arpa",
    "test",
    "invalid",
)
_WIRE_SERVER = ipaddress.ip_address("168.63.129.16")
"""Public by its number, and the machine's own metadata service on Azure."""

_WORLD = ipaddress.ip_network("2000::/3")
# Addresses of the new kind that carry one of the old kind: 6to4, Teredo.
_CARRIERS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))


class AddressRefused(Said):
    """An address that is not called; ``words`` say why."""

    code = "address_refused"


class NoAnswer(HuoshuiError):
    """No whole answer came. ``went`` says whether the request may have arrived all the same."""

    code = "no_answer"
    says = Text("The other side did not answer", "对方没有应答")

    def __init__(self, problem: str, *, went: bool) -> None:
        self.went = went
        super().__init__(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address that keeps the rules of what can be seen without asking for the name."""

    scheme: str
    host: str
    port: int
    path: str
    inner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: ``text`` is the beginning of the body."""

    status: int
    text: str
    seconds: float


def read(url: str, *, inner: Collection[str] = ()) -> Target:
    """The parts of an address that may be called. Raises `AddressRefused`, and asks nobody for the name."""
    if len(url) > LONGEST or re.search(r"[\x00-\x20\x7f\\]", url):
        raise _refused(NO_ADDRESS, url)
    try:
        parts = urlsplit(url)
        port, typed = parts.port, parts.hostname or ""
        host = typed.rstrip(".").encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError) as error:
        raise _refused(NO_ADDRESS, url) from error
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _refused(TOO_MUCH, url)
    if parts.scheme not in ("https", "http"):
        raise _refused(ONLY_HTTPS, url)
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    if f"{host}:{port}" in inner:
        return _target(parts, host, port, inner=True)
    if parts.scheme != "https":
        raise _refused(ONLY_HTTPS, url)
    if port not in PORTS:
        raise _refused(PORT, url)
    if not _NAME.fullmatch(host) or len(host) > 253 or host.rpartition(".")[2] in _LOCAL:
        raise _refused(NO_NAME, url)
    return _target(parts, host, port, inner=False)


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a name, each once, as this machine finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, and carries none that is not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found not in _WORLD or any(found in network for network in _CARRIERS):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved and found != _WIRE_SERVER


def addresses(target: Target, *, resolve: Resolve = resolve_name) -> list[str]:
    """The IP addresses to connect to. Raises `AddressRefused` where one of them is not public, and `NoAnswer`."""
    try:
        found = list(resolve(target.host, target.port))
    except (OSError, UnicodeError) as error:
        raise NoAnswer("the name is not known", went=False) from error
    if not found:
        raise NoAnswer("the name is not known", went=False)
    if not target.inner and not all(map(is_public, found)):
        raise AddressRefused(
            INSIDE,
            received=target.host,
            valid="a host of the public Internet",
            next_step="An operator can allow a host of your own network with HUOSHUI_INNER_HOSTS",
        )
    return found


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    inner: Collection[str] = (),
    seconds: float = SECONDS,
    resolve: Resolve = resolve_name,
) -> Answer:
    """Send ``body`` to an address by POST and return the answer, whatever its status.

    Raises `AddressRefused` by the rules of this module, and `NoAnswer` where none came within ``seconds``.
    """
    began = time.monotonic()
    target = read(url, inner=inner)
    places = addresses(target, resolve=resolve)
    with _Line(target, places, seconds - (time.monotonic() - began)) as line:
        connection = line.connection
        try:
            connection.request("POST", target.path, body=body, headers={**headers, "Connection": "close"})
            response = connection.getresponse()
            text = response.read(MOST_READ).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException, ValueError) as error:
            because = "it took too long" if line.late or isinstance(error, TimeoutError) else "the line broke"
            raise NoAnswer(because, went=True) from error
    return Answer(status=response.status, text=text, seconds=time.monotonic() - began)


class _Line:
    """A connection that ends at its deadline, however slowly the other side speaks."""

    def __init__(self, target: Target, places: Sequence[str], seconds: float) -> None:
        self.late = False
        self._until = time.monotonic() + seconds
        self._socket = self._connected(target, places)
        self._timer = threading.Timer(max(0.0, self._until - time.monotonic()), self._end)
        self._timer.daemon = True
        self._timer.start()
        kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        self.connection: http.client.HTTPConnection = kind(target.host, target.port)
        try:
            if target.scheme == "https":
                context = ssl.create_default_context()
                self._socket = context.wrap_socket(self._socket, server_hostname=target.host)
        except OSError as error:
            self.__exit__()
            said = "its certificate is not valid" if isinstance(error, ssl.SSLError) else "the line broke"
            raise NoAnswer("it took too long" if self.late else said, went=False) from error
        self.connection.sock = self._socket

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        self._socket.close()

    def _connected(self, target: Target, places: Sequence[str]) -> socket.socket:
        last: OSError | None = None
        for place in places[:3]:
            try:
                return socket.create_connection(
                    (place, target.port), max(0.1, self._until - time.monotonic())
                )
            except OSError as error:
                last = error
        raise NoAnswer("it cannot be reached", went=False) from last

    def _end(self) -> None:
        self.late = True
        try:
            # Of the plain socket: that of TLS would want to say goodbye, and wait for the answer.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            return  # it ended by itself meanwhile


def _target(parts: SplitResult, host: str, port: int, *, inner: bool) -> Target:
    path = parts.path or "/"
    return Target(
        scheme=parts.scheme,
        host=host,
        port=port,
        path=f"{path}?{parts.query}" if parts.query else path,
        inner=inner,
    )


def _refused(words: Text, url: str) -> AddressRefused:
    return AddressRefused(
        words,
        received=repr(url[:120]),
        valid="https://host.example.com/path, on port 443 or 8443",
        next_step="An operator can allow a host of your own network with HUOSHUI_INNER_HOSTS",
    )
