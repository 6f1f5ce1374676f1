"""``huoshui serve`` and ``huoshui worker``."""

from __future__ import annotations

import signal
import socket
import sys
from typing import NoReturn
from urllib.parse import urlsplit

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.project.cli.options import open_house

DEMO_LINK = "sign in with this address; it works once, within 15 minutes:"
FIRST_LINK = "nobody can sign in yet. The first administrator is made here, once, within an hour:"


class PortTaken(HuoshuiError):
    """Something else listens where the pages should."""

    code = "port_taken"


class NoDemoInProduction(HuoshuiError):
    """An invented company is not shown at an address that others reach."""

    code = "no_demo_in_production"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port (default: that of HUOSHUI_URL).")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Requests answered at a time."
)
@click.option(
    "--workers",
    type=click.IntRange(0, 8),
    default=1,
    show_default=True,
    help="Processes for background jobs.",
)
def serve(host: str, port: int | None, threads: int, workers: int) -> None:
    """Serve the pages and work background jobs off, until Ctrl+C or SIGTERM.

    Brings the database up to date first. What dies is started again; when this process goes, everything goes. A house
    without an administrator prints an address where the first one chooses a name and a password.

    \b
    Examples:
      huoshui serve
      huoshui serve --host 0.0.0.0 --port 9000
    """
    open_house()
    serve_house(host=host, port=port, threads=threads, workers=workers)


@click.command()
@click.option("--name", hidden=True, help="Its name, given by huoshui serve.")
def worker(name: str | None) -> None:
    """Work background jobs off, until Ctrl+C or SIGTERM: exports, mail, what the clock starts.

    `huoshui serve` starts one by itself. Run more of them on machines that see the same database and the same home.
    """
    from huoshui.project.serving import lifeline

    if lifeline.is_supervised():
        lifeline.end_with_parent(signal.SIGTERM)
    open_house()
    from huoshui.desk.jobs.working import Loop, new_name

    Loop(name or new_name()).run()


def serve_house(
    *, host: str = "127.0.0.1", port: int | None = None, threads: int = 4, workers: int = 1
) -> NoReturn:
    """Turn this process into the supervisor of the open house. Raises `PortTaken`, `NoDemoInProduction`."""
    from django.conf import settings
    from django.db import connection

    from huoshui.desk.jobs.working import new_name
    from huoshui.desk.organisation import queries
    from huoshui.desk.users import services as users
    from huoshui.lake import close_lakes
    from huoshui.project.serving.supervising import Plan, become, python

    address, demo = settings.HUOSHUI_URL, queries.current().demo
    if demo:
        refuse_demo_elsewhere(address)
    port = port or urlsplit(address).port or 8000
    if "url" not in settings.HUOSHUI_STATED:
        address = settings.HUOSHUI_URL = f"http://127.0.0.1:{port}"
    _require_free(host, port)
    link = users.welcome_link(actor=CONSOLE, now=clock.now()) or ""
    said = [f"the pages are at {address}/ (stop with Ctrl+C)"]
    if link:
        said.append(DEMO_LINK if demo else FIRST_LINK)
    connection.close()
    close_lakes()
    sys.stdout.flush()
    sys.stderr.flush()
    become(
        Plan(
            children=[
                ("web server", python("huoshui.project.serving.web", host, str(port), str(threads))),
                *(("worker", python("huoshui", "worker", "--name", new_name())) for _ in range(workers)),
            ],
            environment={"HUOSHUI_URL": address},
            host={"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host),  # noqa: S104 compared only
            port=port,
            said=said,
            link=link,
        )
    )


def refuse_demo_elsewhere(address: str) -> None:
    """Raise `NoDemoInProduction` for an address that others reach."""
    from huoshui.project.allowed import LOOPBACK

    if urlsplit(address).scheme == "https" or urlsplit(address).hostname not in LOOPBACK:
        raise NoDemoInProduction(
            "A demo house is only shown on this machine",
            received=f"HUOSHUI_URL={address}",
            next_step="Leave HUOSHUI_URL out for the demo, or set up a house of your own with huoshui init",
        )


def _require_free(host: str, port: int) -> None:
    try:
        [(family, kind, protocol, _name, place), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise PortTaken(
            f"The pages cannot be served there: {error.strerror or error}",
            received=f"{host}:{port}",
            next_step="Choose another with --port, or stop what listens there",
        ) from error
