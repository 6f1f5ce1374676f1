"""A plan with thirty live blocks over a large house: its page cold and warm, a change of one block, its export.

    python benchmarks/plans.py --home /path/to/a/copy [--runs 20]

Begins a plan of the template for development, whose goals set themselves, and adds to it until thirty blocks live.
*Unready* is its page as soon as facts have changed: nothing of it was evaluated. Its words come first, and ask for
themselves again with the figures. A worker makes plans ready within two minutes; *cold* is the page after that in a
process that has answered nothing yet, *warm* are later ones.
Pages are asked for through all of the middleware, signed in as a manager. A snapshot is made of what is shown, and
exported in each format, with its pictures. The house is written to: give it a copy.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import table

if TYPE_CHECKING:
    from django.test import Client

ROOT = Path(__file__).parents[1]

GOALS = {"page, cold": 4.0, "page, warm (p95)": 1.0, "export": 20.0}
BLOCKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("table", {"metrics": "revenue,orders", "by": "category", "period": "90d"}),
    ("chart", {"metric": "active_customers", "by": "week", "period": "365d"}),
    ("segment", {"segment": "stage-silent"}),
)
"""What is added to the template, so that thirty blocks live."""


def main() -> None:
    """Print what one plan takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", required=True, help="a house that nobody else uses")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument(
        "--page", help="only time this page, once: for the process that has answered nothing yet"
    )
    asked = parser.parse_args()
    os.environ["HUOSHUI_HOME"] = asked.home
    os.environ.setdefault("HUOSHUI_URL", "http://127.0.0.1:8000")
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from django.core.management import call_command

    if asked.page:
        client = _manager()
        print(_wall(lambda: _get(client, asked.page)))
        return
    call_command("migrate", verbosity=0)
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.plugs import HOUSE, LAKE_TABLES
    from huoshui.lake import open_lake
    from huoshui.lake.duck import arrow_schema
    from huoshui.plan.plans import ready
    from huoshui.plan.plans.document import editing, services
    from huoshui.plan.plans.goals import services as goals
    from huoshui.plan.plans.goals.usual import KPIS, MISSION

    now = clock.now()
    open_lake().snapshot()
    first = now.date().replace(month=1, day=1)
    plan = services.create(
        actor=CONSOLE,
        title=f"Benchmark {now:%H:%M:%S}",
        template="development",
        first_day=first,
        last_day=first + timedelta(days=364),
        language="en",
        now=now,
    )
    goals.add_usual(
        CONSOLE, plan, (slug for slug in (*MISSION, *KPIS) if slug != "share_in_three_years"), now
    )
    part = editing.add_part(actor=CONSOLE, plan_id=plan, title="Figures", now=now)[1]
    for kind, values in BLOCKS:
        key = editing.add_block(actor=CONSOLE, plan_id=plan, part=part, kind=kind, values=values, now=now)[1]
    client = _manager()
    page = f"/plans/{plan}/"

    rows: list[list[str]] = []
    with open_lake().write("benchmark of plans") as tx:
        tx.put("spend", arrow_schema(LAKE_TABLES["spend"].all_columns).empty_table(), load_id=0)
    timed("page, unready: its words", rows, lambda: _get(client, page))
    timed("page, unready: with figures", rows, lambda: _get(client, f"{page}?counted=1"))
    for _ in range(2):  # it leaves new facts alone for once
        ready.prepare(tables=open_lake().snapshot(), house=HOUSE(), now=clock.now())
    again = [sys.executable, __file__, "--home", asked.home, "--page", page]
    cold = float(subprocess.run(again, capture_output=True, check=True, text=True).stdout.split()[-1])
    rows.append(["page, cold", f"{cold:.2f}", ""])
    walls = [_wall(lambda: _get(client, page)) for _ in range(asked.runs)]
    warm = statistics.quantiles(walls, n=20)[-1] if len(walls) > 1 else walls[0]
    rows.append([f"page, warm: median of {asked.runs}", f"{statistics.median(walls):.2f}", ""])
    rows.append(["page, warm: p95", f"{warm:.2f}", ""])
    timed(
        "one block moved",
        rows,
        lambda: editing.move_block(actor=CONSOLE, plan_id=plan, key=key, by=-1, now=now),
    )
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("docx", "pdf", "pptx"):
            file = Path(folder) / f"plan.{ending}"
            took = timed(f"export as {ending}", rows, lambda file=file: _export(plan, file))
            slowest = max(slowest, took)
            rows[-1][0] += f", {file.stat().st_size / 1e6:.1f} MB"
    print(table(["step", "wall s", "processor s"], rows))
    for name, found in (("page, cold", cold), ("page, warm (p95)", warm), ("export", slowest)):
        print(
            f"{name}: {found:.2f} s, goal {GOALS[name]:g} s: {'reached' if found <= GOALS[name] else 'missed'}"
        )


def timed(name: str, rows: list[list[str]], work: Callable[[], Any]) -> float:
    """Seconds of the wall that ``work`` took, and a line with them and those of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    took = time.perf_counter() - wall
    rows.append([name, f"{took:.2f}", f"{time.process_time() - processor:.2f}"])
    return took


def _get(client: Client, path: str) -> None:
    answer = client.get(path, HTTP_HOST="127.0.0.1")
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def _wall(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _manager() -> Client:
    """The browser of a new colleague who may read and write plans."""
    sys.path.insert(0, str(ROOT))
    from tests.plugins.signed_in import sign_in

    client: Client = sign_in("manager", email=f"{secrets.token_hex(8)}@example.com")
    return client


def _export(plan: int, file: Path) -> None:
    from click.testing import CliRunner
    from huoshui.project.cli import huoshui as program

    answer = CliRunner().invoke(program, ["plan", "export", str(plan), "--to", str(file)])
    if answer.exit_code:
        raise RuntimeError(answer.output)


if __name__ == "__main__":
    main()
