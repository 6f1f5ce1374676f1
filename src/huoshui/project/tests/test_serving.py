"""The programs that stay: real processes, killed in the ways processes are killed."""

from __future__ import annotations

import functools
import http.cookiejar
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from drills.forking import begin, run
from huoshui.project.serving import supervising
from huoshui.project.serving.proxies import BehindProxies, networks

SLOW_WORKER = "huoshui.project.tests.slow_worker"
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


class Machine:
    """Starts programs over one house on disk, and kills what is left."""

    def __init__(self, folder: Path, **settings: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HUOSHUI_", "DJANGO_"))}
        self.environment = {**kept, "LC_ALL": "C.UTF-8", **settings}
        self.folder = folder
        self.running: list[subprocess.Popen[str] | ForkServerProcess] = []

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """How ``python -m WORDS`` ends, begun as a fork."""
        ended = run(*words, environment=self.environment, folder=self.folder)
        assert ended.returncode == code, ended.stderr
        return ended

    def begin(self, *words: str) -> ForkServerProcess:
        """``python -m WORDS``, begun as a fork."""
        process = begin(*words, environment=self.environment, folder=self.folder)
        self.running.append(process)
        return process

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """``python ARGUMENTS``, started as whoever types it starts it."""
        with (self.folder / "out").open("w") as out, (self.folder / "err").open("w") as err:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=err,
                text=True,
            )
        self.running.append(process)
        return process

    def out(self) -> str:
        return (self.folder / "out").read_text(encoding="utf-8")

    def err(self) -> str:
        return (self.folder / "err").read_text(encoding="utf-8")

    def end(self) -> None:
        for process in self.running:
            process.kill()
            if isinstance(process, subprocess.Popen):
                process.wait()
            else:
                process.join()


def children_of(pid: int) -> dict[int, str]:
    """The processes that ``pid`` started, and those that they started, with their command lines."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if parent == pid:
            found[int(folder.name)] = command
            found |= children_of(int(folder.name))
    return found


def lives(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def state_of(port: int) -> dict[str, object]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))
    except OSError:
        return {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a founded house, made once."""
    folder: Path = tmp_path_factory.mktemp("served")
    Machine(folder).run("huoshui", "init")
    return folder


@pytest.fixture
def machine(folder) -> Iterator[Machine]:
    made = Machine(folder)
    yield made
    made.end()


@pytest.fixture(params=["sqlite", "postgres"])
def workshop(request, tmp_path) -> Iterator[Machine]:
    """A house with `slow_worker`, on each kind of database."""
    settings = {"WRITTEN": str(tmp_path / "written")}
    if request.param == "postgres":
        settings["HUOSHUI_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    made = Machine(tmp_path, **settings)
    made.run("huoshui", "init")
    yield made
    made.end()


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux
@pytest.mark.slow
def test_asked_to_stop_it_stops_everything_and_ends_well(machine):
    port = free_port()
    supervisor = machine.start("-m", "huoshui", "serve", "--port", str(port))
    until(lambda: "the pages are at" in machine.err())
    taken = machine.run("huoshui", "serve", "--port", str(port), code=1)
    assert taken.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in taken.stderr
    family = children_of(supervisor.pid)
    yields = {"worker" in command: os.getpriority(os.PRIO_PROCESS, pid) for pid, command in family.items()}
    assert yields[True] == yields[False] + 10  # the pages go first
    supervisor.terminate()
    assert supervisor.wait(15) == 0
    assert not any(lives(pid) for pid in family)


@linux
@pytest.mark.slow
def test_the_demo_ends_in_the_browser_and_what_dies_of_it_is_started_again(tmp_path):
    machine, port = Machine(tmp_path), free_port()
    supervisor = machine.start(
        *("-m", "huoshui", "demo", "--customers", "40", "--days", "40", "--months", "0", "--port", str(port))
    )

    def child(of: str) -> int:
        return next((pid for pid, command in children_of(supervisor.pid).items() if of in command), 0)

    try:
        until(lambda: "/account/link/" in machine.out(), 300)
        assert f"http://127.0.0.1:{port}/" in machine.err()
        link = machine.out().split()[-1]
        assert link not in " ".join(children_of(supervisor.pid).values())
        page = sign_in(link, port)
        assert "hs-rail" in page
        assert "hs-demo" in page
        well = {"ok": True, "database": "ok", "lake": "ok", "worker": "ok", "sending": "ok"}
        until(lambda: state_of(port) == well)
        for kind in ("huoshui worker", "serving.web"):
            first = child(kind)
            os.kill(first, signal.SIGKILL)
            until(functools.partial(lambda kind, first: child(kind) not in (0, first), kind, first))
        until(lambda: state_of(port).get("ok"))
        family = children_of(supervisor.pid)
        assert len(family) == 3
        supervisor.kill()
        until(lambda: not any(lives(pid) for pid in family))
    finally:
        machine.end()


def sign_in(link: str, port: int) -> str:
    """The overview as a browser without scripts gets to it by a link of the console."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(link).read().decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    if token:  # it asks first: a link that is only looked at (by a preview of a chat) must not be used up
        opener.open(
            urllib.request.Request(link, headers={"Referer": link}), f"csrfmiddlewaretoken={token}".encode()
        )
    return str(opener.open(f"http://127.0.0.1:{port}/").read().decode())


def test_a_demo_is_not_served_where_others_reach_it(tmp_path):
    for address in ("https://crm.example.com", "https://127.0.0.1"):
        ended = Machine(tmp_path, HUOSHUI_URL=address).run("huoshui", "demo", code=1)
        assert "demo" in ended.stderr
        assert address in ended.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_job_of_a_killed_worker_is_run_again_and_ends_once(workshop):
    workshop.run(SLOW_WORKER, "start", "3", "0.6")
    written = Path(workshop.environment["WRITTEN"])
    first = workshop.begin(SLOW_WORKER, "work")
    until(lambda: written.exists() and "\n" in written.read_text())
    first.kill()
    first.join()
    workers = [workshop.begin(SLOW_WORKER, "work") for _ in range(2)]
    assert workshop.run(SLOW_WORKER, "wait").stdout.split() == ["done"] * 3
    attempts = [line.split() for line in written.read_text().splitlines()]
    assert [attempt for job, attempt in attempts if job == "1"] == ["1", "2"]
    assert sorted(job for job, _attempt in attempts) == ["1", "1", "2", "3"]
    for worker in workers:
        worker.terminate()
        worker.join(15)
        assert worker.exitcode == 0


@pytest.mark.slow
def test_two_processes_write_one_audit_log(workshop):
    writers = [workshop.begin(SLOW_WORKER, "audit", "60") for _ in range(3)]
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    findings = json.loads(workshop.run("huoshui", "doctor", "--json").stdout)
    [log] = [finding for finding in findings if finding["what"] == "audit"]
    assert log["ok"] is True
    assert "180" in log["text"]


# -- the supervisor alone ----------------------------------------------------------------------------------------


def test_a_child_that_cannot_live_ends_the_supervisor(monkeypatch):
    monkeypatch.setattr(supervising, "FIRST_WAIT", 0.01)
    said: list[str] = []
    child = supervising.Child("web server", [sys.executable, "-c", "raise SystemExit(3)"])
    keep = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert supervising.Supervisor([child], said.append).run() == 1
    finally:
        for number, handler in keep.items():
            signal.signal(number, handler)
    assert len(said) == supervising.STILLBORN
    assert "code 3" in said[0]


# -- proxies -----------------------------------------------------------------------------------------------------


def seen(trusted: str, remote: str, **headers: str) -> dict[str, str]:
    environ: dict[str, str] = {"REMOTE_ADDR": remote, "wsgi.url_scheme": "http", **headers}
    BehindProxies(lambda _environ, _start: [], networks(trusted))(environ, None)
    return environ


FORWARDED = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7, 10.0.0.2", "HTTP_X_FORWARDED_PROTO": "https"}


def test_only_named_proxies_are_believed():
    stranger = seen("", "198.51.100.1", **FORWARDED)
    assert (stranger["REMOTE_ADDR"], stranger["wsgi.url_scheme"]) == ("198.51.100.1", "http")
    assert not any(name.startswith("HTTP_X_FORWARDED") for name in stranger)
    behind = seen("10.0.0.0/8", "10.0.0.1", **FORWARDED)
    assert (behind["REMOTE_ADDR"], behind["wsgi.url_scheme"]) == ("198.51.100.7", "https")
    assert "HTTP_X_FORWARDED_FOR" not in behind


@pytest.mark.parametrize("said", ["", "unknown", "203.0.113.9, unknown", "<script>", "127.0.0.1:80"])
def test_a_proxy_that_says_nothing_useful_stays_who_asks(said):
    found = seen("10.0.0.1,::1", "10.0.0.1", HTTP_X_FORWARDED_FOR=said, HTTP_X_FORWARDED_PROTO="ftp")
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("10.0.0.1", "http")
