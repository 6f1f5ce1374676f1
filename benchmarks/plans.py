"""A plan with thirty live blocks over a large house: its page cold and warm, a change of one block, its export.

    python benchmarks/plans.py --home /path/to/a/copy [--runs 20]

Begins a plan with thirty blocks of figures, charts, tables and segments, no two alike. *Cold* is its page in a process
that has answered nothing yet, and has no answer of an earlier process to find; *warm* are later ones. Pages are asked
for through all of the middleware, signed in as an administrator. A snapshot is made of what is shown, and exported in
each format, with its pictures. The house is written to: give it a copy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from measure import table

GOALS = {"page, cold": 4.0, "page, warm (p95)": 1.0, "export": 20.0}
METRICS = ("revenue", "orders", "active_customers", "new_customers", "average_order_value", "repeat_rate")
PERIODS = ("30d", "90d", "365d")
BLOCKS: tuple[tuple[str, dict[str, str]], ...] = (
    *(
        ("metrics", {"metrics": ",".join(METRICS), "period": p, "compare": c})
        for p in PERIODS
        for c in ("previous", "year")
    ),
    *(("chart", {"metric": m, "by": b, "period": "365d"}) for m in METRICS for b in ("month", "week")),
    *(("chart", {"metric": m, "by": "category", "period": "90d", "look": "bar"}) for m in METRICS[:2]),
    *(("table", {"metrics": ",".join(METRICS[:4]), "by": "stage", "period": p}) for p in PERIODS),
    *(("table", {"metrics": ",".join(METRICS[:2]), "by": "category", "period": p}) for p in PERIODS),
    *(
        ("segment", {"segment": s})
        for s in ("value-class-high", "value-class-potential", "stage-silent", "stage-lost")
    ),
)


def main() -> None:
    """Print what one plan takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", required=True, help="a house that nobody else uses")
    parser.add_argument("--runs", type=int, default=20)
    asked = parser.parse_args()
    os.environ["HUOSHUI_HOME"] = asked.home
    os.environ.setdefault("HUOSHUI_URL", "http://127.0.0.1:8000")
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.test import Client
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import open_lake
    from huoshui.plan.plans.document import editing, services

    now = clock.now()
    open_lake().snapshot()
    first = now.date().replace(month=1, day=1)
    plan = services.create(
        actor=CONSOLE,
        title=f"Benchmark {now:%H:%M:%S}",
        template="blank",
        first_day=first,
        last_day=first + timedelta(days=364),
        language="en",
        now=now,
    )
    part = editing.add_part(actor=CONSOLE, plan_id=plan, title="Figures", now=now)[1]
    for kind, values in BLOCKS:
        key = editing.add_block(actor=CONSOLE, plan_id=plan, part=part, kind=kind, values=values, now=now)[1]
    client = Client()
    client.force_login(_administrator(now))
    page = f"/plans/{plan}/"

    def get(path: str) -> None:
        answer = client.get(path, HTTP_HOST="127.0.0.1")
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")

    rows: list[list[str]] = []
    cold = timed("page, cold", rows, lambda: get(page))
    walls = [_wall(lambda: get(page)) for _ in range(asked.runs)]
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


def _wall(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _administrator(now: Any) -> Any:
    from django.apps import apps

    users = apps.get_model("users", "User")
    made, _new = users.objects.get_or_create(
        email="benchmark@example.com",
        defaults={"name": "Benchmark", "role": "administrator", "joined_at": now},
    )
    return made


def _export(plan: int, file: Path) -> None:
    from click.testing import CliRunner
    from huoshui.project.cli import huoshui as program

    answer = CliRunner().invoke(program, ["plan", "export", str(plan), "--to", str(file)])
    if answer.exit_code:
        raise RuntimeError(answer.output)


if __name__ == "__main__":
    main()
