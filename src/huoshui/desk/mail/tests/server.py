"""A real mail server for tests, which does what is asked of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Literal

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Smtp:
    """A mail server on this machine, as the settings have it."""

    port: int
    host: str = "127.0.0.1"
    user: str = ""
    password: str = ""
    tls: Literal["start", "whole", "none"] = "none"
    sender: str = "crm@example.org"
    host_is_here: bool = True


class Server:
    """Keeps what it takes, as ``(envelope, message)``. By recipient, ``answers`` are given to RCPT and ``verdicts`` to
    DATA; ``drop`` instead of an answer ends the connection, ``hang`` lets it wait."""

    def __init__(self):
        self.taken = []
        self.answers = {}
        self.verdicts = {}
        self.connections = 0

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802 aiosmtpd calls it
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802
        answer = await _done(server, self.answers.get(address, "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        answer = await _done(server, self.verdicts.get(envelope.rcpt_tos[0], "250 OK: queued as 7A1B"))
        if answer.startswith("250"):
            self.taken.append((envelope, message_from_bytes(envelope.content, policy=policy.default)))
        return answer


async def _done(server, answer: str) -> str:
    if answer == "drop":
        server.transport.abort()
        return "421 gone"
    if answer == "hang":
        await asyncio.sleep(20)
    return answer


@contextmanager
def serving(**named) -> Iterator[tuple[Server, int]]:
    """A server that runs, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=port, **named)
    controller.start()
    try:
        yield server, port
    finally:
        controller.stop()
