"""Start a house as the next command would, and say what is in it: ``python -m drills.state STEPS``.

STEPS is JSON: a list of steps, each a list of words for the command line, or one of ``"look"``, ``"compact"``,
``"follow"`` (bring memberships up to date), ``"enqueue"`` and ``"drain"`` (facts), ``"age"`` and ``"seconds"``, the
processor time of the process up to here. It prints, as JSON, what each step found.
With ``DRILL_WITHOUT`` some part of the recovery is left out, to show that the drill notices. With ``DRILL_DIE_AT`` the
process kills itself at that one of the moments that matter most: after facts of the queue are claimed, after a commit
of the lake, before the house version that names it, and after that; ``"moments"`` says how many passed.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

MOMENTS = itertools.count(1)
"""The moments of this process at which it may die."""
QUEUED = datetime(2024, 5, 1, tzinfo=UTC)
PASSING = ("customer_id", "load_id", "ingested_at", "received_at", "computed_at", "covers")


def main(steps: list[Any]) -> list[Any]:
    """Do ``steps`` in this process."""
    leave_out(os.environ.get("DRILL_WITHOUT", ""))
    if moment := os.environ.get("DRILL_DIE_AT"):
        die_at(int(moment))
    known: dict[str, Callable[[], Any]] = {
        "look": look,
        "compact": compact,
        "follow": follow,
        "enqueue": enqueue,
        "drain": drain,
        "age": age,
        "moments": passed,
        "seconds": time.process_time,
    }
    return [known[step]() if isinstance(step, str) else command(step) for step in steps]


def leave_out(part: str) -> None:
    """Break the recovery on purpose, for the rest of this process: to see that the drill notices."""
    ready()
    from huoshui.lake.house import Lake
    from huoshui.project import setting_up

    if part == "settling":
        patch.object(setting_up, "settle_interrupted", lambda *_: None).start()
    elif part == "recovery":
        patch.object(Lake, "recover", lambda _: {}).start()
    elif part == "sweeping":
        patch.object(Lake, "sweep", lambda _, **__: 0).start()
    elif part:
        raise SystemExit(f"there is no part named {part}")


def die_at(moment: int) -> None:
    """Kill this process at the given moment, counted from 1; at none when it is 0."""
    ready()
    from huoshui.data.facts import queue
    from huoshui.lake.writing import Write

    def pass_by() -> None:
        if next(MOMENTS) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    commit, publish, claim = Write._commit, Write.publish, queue._claim

    def commit_and_pass(*given: Any, **named: Any) -> None:
        commit(*given, **named)
        pass_by()

    def pass_and_publish(*given: Any, **named: Any) -> None:
        pass_by()
        publish(*given, **named)
        pass_by()

    def claim_and_pass(*given: Any) -> None:
        claim(*given)
        pass_by()

    patch.object(queue, "_claim", claim_and_pass).start()
    patch.object(Write, "_commit", commit_and_pass).start()
    patch.object(Write, "publish", pass_and_publish).start()


def passed() -> int:
    """How many moments this process has come by."""
    return next(MOMENTS) - 1


def command(words: list[str]) -> dict[str, Any]:
    """One command of the command line."""
    from huoshui.project.cli import huoshui, running

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = running.run(huoshui, words)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def compact() -> None:
    """Merge the files of every table, as the house does by itself when many have gathered."""
    ready()
    from huoshui.lake import care, open_lake

    care.compact(open_lake(), everything=True)


def follow() -> None:
    """Bring memberships up to date as the house does by itself, and tell who came and went: facts of this moment."""
    ready()
    from huoshui.data.traits import queries as traits
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.clock import AsOf, now
    from huoshui.kernel.plugs import HOUSE
    from huoshui.know.segments import refreshing
    from huoshui.lake import open_lake

    lake = open_lake()
    refreshed = traits.last_refresh(tables=lake.snapshot())
    if refreshed is None:
        raise SystemExit("memberships begin with the first traits")
    as_of = AsOf(at=refreshed[0], zone=HOUSE().zone)
    refreshing.follow(actor=CONSOLE, lake=lake, as_of=as_of, now=now(), cause="live")


def enqueue() -> None:
    """Queue facts of two tables, several parcels of each, as rooms do."""
    ready()
    import pyarrow as pa
    from huoshui.data.facts import queue
    from huoshui.kernel.clock import now

    several = 2 * queue.FACTS_OF_A_PARCEL + 1
    at = pa.scalar(QUEUED, pa.timestamp("us", "UTC"))
    ids = pa.array([f"q{number}" for number in range(several)])
    events = {
        "message_id": ids,
        "name": pa.repeat("Drilled", several),
        "occurred_at": pa.repeat(at, several),
        "received_at": pa.repeat(at, several),
    }
    answers = {
        "answer_id": ids,
        "answered_at": pa.repeat(at, several),
        "survey": pa.repeat("drill", several),
        "question": pa.repeat("1", several),
        "metric": pa.repeat("nps", several),
        "score": pa.array(range(several), pa.float64()),
    }
    for table, rows in (("events", events), ("answers", answers)):
        queue.enqueue(table=table, rows=pa.table(rows), now=now())


def drain() -> None:
    """Bring to the lake what is queued, as the house does each minute."""
    ready()
    from huoshui.data.facts import queue
    from huoshui.kernel.clock import now
    from huoshui.lake import open_lake

    queue.drain(lake=open_lake(), now=now())


def age() -> list[str]:
    """Take the newest changes of the database back, as in a house made by an older version."""
    ready()
    from django.core.management import call_command
    from huoshui.project import setting_up

    call_command("migrate", "privacy", "zero", verbosity=0)
    call_command("migrate", "lake", "0001", verbosity=0)
    return setting_up.pending_changes()


def look() -> dict[str, Any]:
    """What is in the house, and which files are there that nothing names."""
    ready()
    from django.apps import apps
    from django.conf import settings
    from huoshui.kernel.plugs import LAKE_TABLES
    from huoshui.lake import open_lake
    from huoshui.lake.house import Lake

    lake: Lake = open_lake()
    snapshot = lake.snapshot().embedded()
    answer: dict[str, Any] = {}
    for table in LAKE_TABLES:
        rows = snapshot.table(table.slug)
        # Ids are drawn anew with every import and moments pass; the number of rows and the other columns must fit.
        names = ", ".join(f'"{c}"' for c in sorted(rows.columns) if c not in PASSING)
        query = f"SELECT count(*) AS n, sum(hash({names}))::VARCHAR AS h FROM ({snapshot.session.sql(rows)})"
        [found] = snapshot.session.arrow(query).to_pylist()
        answer[table.slug] = [found["n"], found["h"]]
    people = set(apps.get_model("customers", "Customer").objects.values_list("pk", flat=True))
    in_lake = set(snapshot.table("customers").select("customer_id").to_pyarrow()["customer_id"].to_pylist())
    loads = apps.get_model("connectors", "Load").objects.order_by("load_id")
    return {
        "tables": answer,
        "people": len(people),
        "strangers": len(people ^ in_lake),
        "loads": {str(load.load_id): load.state for load in loads},
        "sizes": other_sizes(snapshot),
        "queued": apps.get_model("facts", "Parcel").objects.count()
        + apps.get_model("facts", "Batch").objects.filter(moved_at=None).count(),
        "left": left_behind(Path(settings.HUOSHUI_HOME), Path(settings.HUOSHUI_LAKE), lake),
    }


def other_sizes(snapshot: Any) -> dict[str, list[int]]:
    """Segments whose size in the database is another than how many belong to them in the lake: both."""
    from django.apps import apps
    from huoshui.know.segments import memberships

    rows = memberships.open_rows(snapshot.table("memberships"))
    members = snapshot.arrow(rows.group_by("segment").aggregate(size=rows.count())).to_pylist()
    counted = {row["segment"]: row["size"] for row in members}
    stored = dict(apps.get_model("segments", "Standing").objects.values_list("slug", "size"))
    either = stored.keys() | counted.keys()
    return {
        slug: [stored.get(slug, 0), counted.get(slug, 0)]
        for slug in sorted(either)
        if stored.get(slug, 0) != counted.get(slug, 0)
    }


def left_behind(home: Path, root: Path, lake: Any) -> list[str]:
    """Files that a killed process left and nobody needs."""
    left = []
    own = lake.engine._folder.path
    for folder in (home / "tmp").glob("*"):
        if folder != own:
            left.append(folder)
    for log in root.glob("*/_delta_log"):
        named = lake.folder(log.parent.name)._logged_files() if list(log.glob("*.json")) else set()
        left += [path for path in log.parent.iterdir() if path != log and path.name not in named]
        left += [path for path in log.iterdir() if "#" in path.name or path.name.endswith(".tmp")]
    rejects = {f"load-{n}.csv" for n in loaded_ids()}
    left += [path for path in (home / "rejects").glob("*") if path.name not in rejects]
    return sorted(str(path.relative_to(home)) for path in left)


def loaded_ids() -> list[int]:
    """Loads that may have a file of rejected rows."""
    from django.apps import apps

    loads = apps.get_model("connectors", "Load").objects.filter(state__in=("loaded", "undone"))
    return [load.pk for load in loads]


def ready() -> None:
    """Django and the declarations of all rooms."""
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=True)


if __name__ == "__main__":
    answer = main(json.loads(sys.argv[1]))
    print(json.dumps(answer), file=sys.__stdout__)  # the steps themselves print elsewhere
    from huoshui.project.cli.running import end

    end(0)
