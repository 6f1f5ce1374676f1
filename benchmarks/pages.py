"""The pages at full size, asked of a real server: list, customer, search; alone, and by two browsers beside an import.

    python benchmarks/pages.py --home COPY              # a copy of a house with a million customers; it is changed
    python benchmarks/pages.py --home COPY --prepared   # the customer with 50,000 events is there, all is compacted

Goals at a million customers: list (two traits filtered, sorted; page 1 and page 1,000) p95 < 200 ms, customer p95
< 150 ms, also one with 50,000 events, whose timeline alone takes p95 <= 10 ms; search p95 < 150 ms; a number opened to
its customers p95 < 300 ms; overview p95 < 300 ms where it is known, else < 3 s; two browsers beside an import p95
< 2 x of that.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from measure import table

ROOT = Path(__file__).parents[1]
BUSY, EVENTS = "C0000007", 50_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
SIGNS = "梅伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文玉兰红晓燕小玲海云波辉鹏飞雪婷宇浩然子轩欣怡"
Ask = Callable[[], object]


def main() -> None:
    """Prepare, measure and print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True, help="a copy of a house, which is changed")
    parser.add_argument("--times", type=int, default=100, help="questions of each kind")
    parser.add_argument("--prepared", action="store_true", help="the house was prepared by an earlier run")
    parser.add_argument(
        "--events", type=int, default=3_000_000, help="rows of the import beside the browsers"
    )
    asked = parser.parse_args()
    os.environ["HUOSHUI_HOME"] = str(asked.home.resolve())
    port = _free_port()
    os.environ["HUOSHUI_URL"] = f"http://127.0.0.1:{port}"
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    if not asked.prepared:
        _prepare()
    cookie = _signed_in(port)
    rows = [*_timelines(asked.times)]
    with _server(port) as server:
        kinds = _questions(asked.times)
        browser = _Browser(port, cookie)
        for name, paths in kinds.items():
            rows.append(_taken(name, asked.times, lambda paths=paths: browser.get(next(paths)), browser))
        rows += _beside_an_import(port, cookie, kinds, asked.events)
        rows += [
            [f"memory of {name}", "", "", "", "", f"{mib:,.0f} MiB"] for name, mib in _memory(server.pid)
        ]
    print(f"load average {os.getloadavg()[0]:.1f} at the end")
    print(table(["what", "n", "p50 ms", "p95 ms", "max ms", ""], rows))


def _prepare() -> None:
    """By ordinary imports everybody gets a name, a phone and an e-mail, and one of them 50,000 events; then all that
    follows from it is computed, made findable and compacted."""
    with tempfile.TemporaryDirectory(dir=os.environ["HUOSHUI_HOME"]) as folder:
        people, events = _people(Path(folder)), _events(Path(folder), EVENTS, f"'{BUSY}'", "busy")
        _huoshui("import", str(people), "--as", "customers", "--source", "shop")
        _huoshui("import", str(events), "--as", "events", "--source", "shop")
    _huoshui("refresh")
    _huoshui("search-again")
    compact = "from drills.state import compact; compact()"
    subprocess.run([sys.executable, "-c", compact], cwd=ROOT, check=True)


def _people(folder: Path) -> Path:
    """A file of names, phones and e-mails of all whom the shop knows by a number."""
    from django.apps import apps

    known = apps.get_model("customers", "Identity").objects.filter(source="shop", kind="number")
    file = folder / "people.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("customer_id,name,phone,email\n")
        for at, number in enumerate(known.order_by("value").values_list("value", flat=True).iterator()):
            given = SIGNS[at * 7 % len(SIGNS)] + (SIGNS[at * 11 // 3 % len(SIGNS)] if at % 4 else "")
            name = SURNAMES[at * 13 % len(SURNAMES)] + given
            out.write(f"{number},{name},{13_800_000_000 + at * 37},{number.lower()}@example.com\n")
    return file


def _events(folder: Path, count: int, customer: str, prefix: str) -> Path:
    """A file of events ten minutes apart; ``customer`` is SQL that says whose the ``i``-th is."""
    import duckdb

    file = folder / "events.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT '{prefix}' || i AS message_id, {customer} AS customer_id, "
        "(['view', 'search', 'cart', 'login', 'share'])[1 + i % 5] AS event, "
        "TIMESTAMPTZ '2025-07-01 00:00:00+08' + INTERVAL (600 * (i % 50000)) SECOND AS occurred_at, "
        "'P' || lpad((i % 2000)::VARCHAR, 4, '0') AS product_id, (i % 90)::DECIMAL(10, 2) AS value, "
        f"'{{\"page\": \"/p/' || i % 2000 || '\"}}' AS properties FROM range({count}) AS t(i)) "
        f"TO '{file}' (FORMAT parquet)"
    )
    return file


def _huoshui(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "huoshui", *words], check=True, stdout=subprocess.DEVNULL)


# -- in process --------------------------------------------------------------------------------------------------


def _timelines(times: int) -> Iterator[list[str]]:
    """The newest of what a customer did, by the product and by a query written by hand over the same files."""
    import duckdb
    from huoshui.lake import open_lake, pointing
    from huoshui.measure.dashboards.queries.person import PAST

    tables = open_lake().snapshot()
    bare = duckdb.connect(config={"python_enable_replacements": False})
    bare.execute("SET parquet_metadata_cache = true")

    def by_hand(customer_id: int) -> int:
        of = {
            slug: "', '".join(pointing.candidates(tables, slug, "customer_id", [customer_id]))
            for slug in ("events", "orders")
        }
        text = (
            "SELECT * FROM ("
            f"(SELECT occurred_at AS moment, name AS what, product_id AS which, properties AS more FROM "
            f"read_parquet(['{of['events']}']) WHERE customer_id = {customer_id} ORDER BY moment DESC LIMIT 31) "
            f"UNION ALL (SELECT ordered_at, 'order', order_id, revenue::VARCHAR FROM read_parquet(['{of['orders']}']) "
            f"WHERE customer_id = {customer_id} ORDER BY ordered_at DESC LIMIT 31)) ORDER BY moment DESC LIMIT 31"
        )
        return int(bare.sql(text).to_arrow_table().num_rows)

    def by_us(customer_id: int) -> int:
        parts = list(PAST.values())
        return len(pointing.newest(tables, parts, by="customer_id", value=customer_id, most=31))

    # Warm: every second one is asked before, so that the ends of all files were read.
    usual, busy = _some_customers(2 * times), _busy()
    kinds = (
        ("usual customers", usual[::2], usual[1::2]),
        (f"a customer with {EVENTS:,} events", [busy] * 5, [busy]),
    )
    for name, before, ids in kinds:
        for who, ask in (("product", by_us), ("by hand", by_hand)):
            for one in before:
                ask(one)
            given = itertools.cycle(ids)
            yield _taken(f"timeline query, {name}, {who}", times, lambda a=ask, g=given: a(next(g)))


def _some_customers(count: int) -> list[int]:
    from django.apps import apps

    rows = apps.get_model("customers", "Customer").objects.filter(deleted_at=None).order_by("pk")
    step = max(1, rows.count() // (count + 1))
    return list(rows.values_list("pk", flat=True)[: step * count : step])


def _busy() -> int:
    from django.apps import apps

    known = apps.get_model("customers", "Identity").objects.get(source="shop", kind="number", value=BUSY)
    return int(known.customer_id)


# -- of the server -----------------------------------------------------------------------------------------------


def _signed_in(port: int) -> str:
    """The cookie of a new colleague who may see everything."""
    sys.path.insert(0, str(ROOT))
    from django.conf import settings
    from tests.plugins.signed_in import sign_in

    client = sign_in("manager", email=f"{secrets.token_hex(8)}@example.com")
    return f"huoshui_session{port}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "huoshui", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            time.sleep(0.1)
            try:
                _Browser(port, "").get("/healthz")
                break
            except OSError:
                continue
        yield process
    finally:
        process.terminate()
        process.wait(30)


class _Browser:
    """One connection that stays open."""

    def __init__(self, port: int, cookie: str) -> None:
        self._there = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookie, "Accept-Language": "zh-CN", "Accept-Encoding": "gzip"}

    def get(self, path: str) -> int:
        """Length of the page. Raises ``RuntimeError`` for another status than 200."""
        self._there.request("GET", path, headers=self._headers)
        answer = self._there.getresponse()
        length = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        return length


def _questions(times: int) -> dict[str, Iterator[str]]:
    """Addresses to ask, by kind, without end."""
    from django.apps import apps

    rows = apps.get_model("customers", "Customer").objects.filter(deleted_at=None).exclude(name="")
    people = list(rows.order_by("pk").values_list("name", "phone")[: 50 * times : 50])

    def address(stage: str, bound: float, sort: str, page: int) -> str:
        said = [("stage", stage), ("stage", "active"), ("least", f"frequency:{bound:.4f}"), ("sort", sort)]
        return f"/customers/?{urlencode([*said, ('page', page)])}"

    def fresh(page: int) -> Iterator[str]:
        """Another bound each time, so that no answer is kept from the one before."""
        for number in itertools.count(page):
            stage = ("new", "silent", "lost")[number % 3]
            sort = ("-last_order_at", "-net_monetary", "frequency")[number // 3 % 3]
            yield address(stage, 1 + (number % 2999) / 3000, sort, page)

    def searches() -> Iterator[str]:
        for name, phone in itertools.cycle(people):
            for words in (name, name[1:], phone[-4:], phone.removeprefix("+86")[:7], "wang", "lixia", "zw"):
                yield f"/search/?{urlencode({'q': words})}"

    def opened() -> Iterator[str]:
        """The customers behind a figure, of another day each time."""
        for number in itertools.count():
            slug = ("revenue", "new_customers", "active_customers", "repeat_rate")[number % 4]
            day = date(2026, 6, 1) - timedelta(days=number % 300)
            yield f"/customers/?in=metric:{slug}/{day}..{day + timedelta(days=1)}"

    def days() -> Iterator[str]:
        """The overview of other days each time."""
        for number in itertools.count():
            last = date(2026, 6, 30) - timedelta(days=number % 300)
            yield f"/?period={last - timedelta(days=29)}..{last}"

    usual = _some_customers(times)
    far = max(1, min(1_000, rows.count() // 500))  # a smaller house has fewer pages
    return {
        "list, page 1, other conditions each time": fresh(1),
        f"list, page {far:,}, other conditions each time": fresh(far),
        "list, page 1, the same conditions": itertools.repeat(address("silent", 1, "-net_monetary", 1)),
        f"list, page {far:,}, the same conditions": itertools.repeat(
            address("silent", 1, "-net_monetary", far)
        ),
        "customer page": (f"/customers/{pk}/" for pk in itertools.cycle(usual)),
        f"customer page, {EVENTS:,} events": itertools.repeat(f"/customers/{_busy()}/"),
        "search": searches(),
        "a number opened to its customers": opened(),
        "overview, the usual": itertools.repeat("/"),
        "overview, other days each time": days(),
    }


def _beside_an_import(
    port: int, cookie: str, kinds: dict[str, Iterator[str]], events: int
) -> Iterator[list[str]]:
    """Two browsers that ask for all kinds in turn, for as long as an import runs."""
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    with tempfile.TemporaryDirectory(dir=os.environ["HUOSHUI_HOME"]) as folder:
        whose = "'C' || lpad((1 + i * 7919 % 900000)::VARCHAR, 7, '0')"
        file = _events(Path(folder), events, whose, secrets.token_hex(4))
        command = [sys.executable, "-m", "huoshui", "import", str(file), "--as", "events", "--source", "shop"]
        loading = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lock, began = threading.Lock(), time.perf_counter()

        def browse() -> None:
            browser = _Browser(port, cookie)
            while loading.poll() is None:
                for name, paths in kinds.items():
                    with lock:
                        path = next(paths)
                    start = time.perf_counter()
                    browser.get(path)
                    taken[name].append(1000 * (time.perf_counter() - start))

        browsers = [threading.Thread(target=browse) for _ in range(2)]
        for one in browsers:
            one.start()
        for one in browsers:
            one.join()
        if loading.returncode:
            raise RuntimeError("the import failed")
        yield [f"import of {events:,} events", "", "", "", "", f"{time.perf_counter() - began:.0f} s"]
    for name, found in taken.items():
        yield [f"two browsers beside it: {name}", *_figures(found), ""]


def _memory(parent: int) -> list[tuple[str, float]]:
    """Resident MiB of the processes below ``parent``, with what they are."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended
        children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    found, waiting = [], [parent]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        said = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        held = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
        found.append((" ".join(said[1:5])[:50], held))
    return found


def _taken(name: str, times: int, ask: Ask, browser: Any = None) -> list[str]:
    if browser is not None:
        ask()  # what is asked for the first time since the server started
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - start))
    return [name, *_figures(taken), ""]


def _figures(taken: list[float]) -> list[str]:
    ranked = sorted(taken)
    if not ranked:
        return ["0", "", "", ""]
    at = [ranked[len(ranked) // 2], ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], ranked[-1]]
    return [str(len(ranked)), *(f"{one:.1f}" for one in at)]


if __name__ == "__main__":
    main()
