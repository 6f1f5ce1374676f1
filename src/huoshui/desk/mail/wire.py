"""A connection to the mail server that carries many messages, and says of each what came of it.

SMTP has one moment that decides (RFC 5321, 4.1.1.4): until the client ends the message with a line of one dot, nothing
was handed over; once it has, only the answer tells whether it was. So whatever breaks before the dot is *later*, and
whatever breaks between the dot and its answer is *unknown*. Every wait is bounded, also against a server that sends one
byte at a time.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from time import monotonic
from types import TracebackType
from typing import Any, Final, Literal, Protocol

from huoshui.kernel.outreach import Handed, Outcome

SECONDS = 20.0
"""How long the mail server may take for each answer."""
WHOLE = 60.0
"""How long it may take for one message in all."""
LONGEST_ANSWER = 160

CUT: Final = 16 * 1024
_ENHANCED = re.compile(r"^\d{3} ?(\d\.\d{1,3}\.\d{1,3})?")
_QUEUED = re.compile(r"queued as ([\w.-]{1,64})", re.IGNORECASE)


class Smtp(Protocol):
    """What is known of the mail server (``project.configuration.Smtp``)."""

    @property
    def host(self) -> str:
        """Its name."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def user(self) -> str:
        """Who signs in; empty for nobody."""

    @property
    def password(self) -> str:
        """With what."""

    @property
    def tls(self) -> Literal["start", "whole", "none"]:
        """How the way there is closed."""

    @property
    def sender(self) -> str:
        """From whom letters come."""


class Wire:
    """The connection; opened with the first message, kept for the next ones, opened again when it was lost."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._server: _Server | None = None

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.until = monotonic() + SECONDS
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()

    def carry(self, *, sender: str, to: str, letter: bytes) -> Handed:
        """Hand ``letter``, a message in lines that end with CR LF, over for ``to``; ``sender`` gets what comes back.

        Never raises for what the server does, and takes no longer than `WHOLE`. The answer names no address.
        """
        until = monotonic() + WHOLE
        kept = self._server is not None
        try:
            handed = self._carry(sender, to, letter, until)
        except _Stale as error:
            # A server ends a connection when it likes, after a hundred messages or some minutes; nothing went out.
            handed = error.handed
            if kept:
                try:
                    handed = self._carry(sender, to, letter, until)
                except _Stale as again:
                    handed = again.handed
        return handed

    def _carry(self, sender: str, to: str, letter: bytes, until: float) -> Handed:
        begun = ended = False
        try:
            server = self._opened(until)
            options = [] if (sender + to).isascii() else ["SMTPUTF8"]
            if options and not server.has_extn("smtputf8"):
                return Handed(outcome=Outcome.REFUSED, answer="the server takes no addresses beyond ASCII")
            code, said = server.mail(sender, options)
            if code == 421:
                self._drop()
                raise _Stale(_handed(Outcome.LATER, code, said, to))
            if code != 250:
                # The server does not want this sender, or not now: no word about the person, so others wait as well.
                # A message that is too large will be so another time (RFC 1870).
                return self._refused(Outcome.REFUSED if code == 552 else Outcome.LATER, code, said, to)
            begun = True
            code, said = server.rcpt(to)
            if code not in (250, 251, 252):
                return self._refused(_outcome(code), code, said, to)
            code, said = server.docmd("DATA")
            if code != 354:
                return self._refused(_outcome(code), code, said, to)
            server.send(stuffed(letter))
            ended = True
            server.send(b".\r\n")
            code, said = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            if ended:
                return Handed(outcome=Outcome.UNKNOWN, answer=f"no answer to the message ({_kind(error)})")
            lost = _lost(error)
            if begun:
                return lost
            raise _Stale(lost) from error
        if code // 100 == 2:
            queued = _QUEUED.search(_text(said))
            return _handed(Outcome.SENT, code, said, to, queued.group(1) if queued else "")
        if code // 100 in (4, 5):
            return self._refused(_outcome(code), code, said, to)
        self._drop()
        return _handed(Outcome.UNKNOWN, code, said, to)

    def _opened(self, until: float) -> _Server:
        if self._server is not None:
            self._server.until = until
            return self._server
        smtp = self._smtp
        kind = _Closed if smtp.tls == "whole" else _Open
        server: _Server = kind(smtp.host, smtp.port, until)
        try:
            if smtp.tls == "start":
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if smtp.user:
                server.login(smtp.user, smtp.password)
            # The dot goes out by itself: it must not wait for the other side to acknowledge what stood before it.
            assert server.sock is not None  # noqa: S101 it has just answered
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            server.close()
            raise
        self._server = server
        return server

    def _refused(self, outcome: Outcome, code: int, said: bytes, to: str) -> Handed:
        """The answer as it is; the connection is made ready for the next message, or dropped."""
        try:
            if code == 421 or self._server is None or self._server.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()
        return _handed(outcome, code, said, to)

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def stuffed(letter: bytes) -> bytes:
    """``letter`` with whole lines and without a line that would end it (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", letter)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def without_person(text: str, address: str) -> str:
    """What a server says, in one short line and without the address of the person."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = re.sub(r"\S*@\S*", "…", line)
    name = address.rpartition("@")[0]
    if len(name) > 2:
        line = re.sub(rf"\b{re.escape(name)}\b", "…", line, flags=re.IGNORECASE)
    return line[:LONGEST_ANSWER]


def code_of(answer: str) -> str:
    """The code of an answer: the enhanced one of RFC 3463 where the server gives it ("5.1.1"), else that of SMTP."""
    found = _ENHANCED.match(answer)
    return (found.group(1) or answer[:3]) if found else ""


# -- inside ------------------------------------------------------------------------------------------------------


class _Stale(Exception):
    """The connection was of no use before anything was said of the message."""

    def __init__(self, handed: Handed) -> None:
        super().__init__(handed.answer)
        self.handed = handed


class _Bounded:
    """What smtplib lacks: an end to each answer as a whole, and to everything about one message."""

    sock: Any
    file: Any
    command_encoding: str

    def prepare(self, until: float) -> None:
        """Everything ends at ``until``, in the time of ``monotonic``."""
        self.until = until
        self.answer_until = monotonic() + SECONDS

    def left(self) -> float:
        """Seconds that are left for what is waited for. Raises ``TimeoutError``."""
        seconds = min(self.answer_until, self.until) - monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def send(self, s: Any) -> None:
        """Send all of it, in the time for one answer."""
        self.answer_until = monotonic() + SECONDS
        whole = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else bytes(s))
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("please run connect() first")
        for start in range(0, len(whole), CUT):
            self.sock.settimeout(self.left())
            self.sock.sendall(whole[start : start + CUT])

    def getreply(self) -> tuple[int, bytes]:
        """The next answer, read by `_Lines`."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(self)
        return smtplib.SMTP.getreply(self)  # type: ignore[arg-type]  # it is one, see below


class _Open(_Bounded, smtplib.SMTP):
    def __init__(self, host: str, port: int, until: float) -> None:
        self.prepare(until)
        smtplib.SMTP.__init__(self, host, port, timeout=SECONDS)


class _Closed(_Bounded, smtplib.SMTP_SSL):
    def __init__(self, host: str, port: int, until: float) -> None:
        self.prepare(until)
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=SECONDS, context=ssl.create_default_context())


_Server = _Open | _Closed


class _Lines:
    """Lines from a socket within the time that is left: what ``getreply`` reads from."""

    def __init__(self, server: _Bounded) -> None:
        self._server = server
        self._got = b""

    def readline(self, most: int) -> bytes:
        """A line with its end, at most ``most`` bytes of it; empty at the end of the connection."""
        while b"\n" not in self._got and len(self._got) < most:
            self._server.sock.settimeout(self._server.left())
            piece = self._server.sock.recv(4096)
            if not piece:
                break
            self._got += piece
        end = self._got.find(b"\n") + 1 or len(self._got)
        end = min(end, most)
        line, self._got = self._got[:end], self._got[end:]
        return line

    def close(self) -> None:
        """The socket is closed by who opened it."""


def _outcome(code: int) -> Outcome:
    """What a refusal of a person or a message means. A server that asks to sign in first says nothing of either."""
    return Outcome.REFUSED if code // 100 == 5 and code not in (503, 530, 535, 538) else Outcome.LATER


def _handed(outcome: Outcome, code: int, said: bytes, to: str, reference: str = "") -> Handed:
    return Handed(
        outcome=outcome, answer=without_person(f"{code} {_text(said)}", to), reference=reference[:64]
    )


def _lost(error: smtplib.SMTPException | OSError) -> Handed:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        answer = f"the server refuses user and password ({error.smtp_code})"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        answer = "the server offers no TLS or sign-in"
    elif isinstance(error, smtplib.SMTPResponseException) and not isinstance(
        error, smtplib.SMTPServerDisconnected
    ):
        answer = f"the server refuses the connection ({error.smtp_code})"
    else:
        answer = f"the server could not be reached ({_kind(error)})"
    return Handed(outcome=Outcome.LATER, answer=answer)


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace")
