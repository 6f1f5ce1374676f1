"""The outbox: an audience of a million put into it, and messages handed over to a mail server on this machine.

    python benchmarks/outbox.py [--people 1000000] [--messages 3000]

First, as many messages as asked for are handed over to an aiosmtpd in a thread of this process; prints how many a
second, and where the time went. Then everybody is taken through consent and caps (asked of the database a thousand at a
time), the lots, and into the outbox, in portions of 1,500 as a campaign does it. Prints seconds of the wall and of the
processor, how long the longest write transaction held the database, and the goals: under 60 s, and no transaction over
0.25 s.

A house of its own is made for it in a temporary folder, and removed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

PORTION, ASKED = 1_500, 1_000
GOAL_SECONDS, GOAL_TRANSACTION = 60.0, 0.25


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=3_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huoshui-outbox-") as folder:
        measure(Path(folder), asked.people, asked.messages)


def measure(folder: Path, people: int, messages: int) -> None:
    """Make a house in ``folder`` and print what it takes."""
    from drills import outbox as drill
    from drills import outbox_house

    recorder = drill.Recorder(faults=False)
    with drill.server(recorder) as port:
        os.environ |= {
            "HUOSHUI_HOME": str(folder / "home"),
            "HUOSHUI_TIME_ZONE": "Asia/Shanghai",
            "HUOSHUI_SMTP_URL": f"smtp://127.0.0.1:{port}?from=crm@example.org&tls=none",
            "DRILL_FAULTS": "",
        }
        outbox_house.prepare()
        ids = outbox_house.make(messages)
        hand_over(recorder, messages)
        enqueue(ids, people)


def enqueue(known: list[int], people: int) -> None:
    """Put ``people`` into the outbox: those who are ``known`` and have agreed, and strangers who cost as much."""
    import numpy as np
    import pyarrow as pa
    from django.db import transaction
    from huoshui.act.messages import queries, services
    from huoshui.data.privacy import queries as privacy
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.ids import draw_ids
    from huoshui.science.drawing import places

    strangers = draw_ids(max(0, people - len(known)))
    ids = np.concatenate([np.array(known[:people], dtype=np.int64), strangers])
    agree(strangers)
    now = clock.now()
    wall, used, longest, out = time.perf_counter(), time.process_time(), 0.0, 0
    for start in range(0, len(ids), PORTION):
        some = ids[start : start + PORTION]
        allowed: set[int] = set()
        capped: set[int] = set()
        for first in range(0, len(some), ASKED):
            part = some[first : first + ASKED].tolist()
            allowed |= privacy.allowed(part, purpose="marketing", channel="email")
            capped |= queries.capped(part, channel="email", now=now)
        held = places(some, "campaign:9") < 0.1
        why = [
            "no_consent"
            if one not in allowed
            else "cap_day"
            if one in capped
            else services.HOLDOUT
            if left
            else None
            for one, left in zip(some.tolist(), held.tolist(), strict=True)
        ]
        out += sum(one is not None for one in why)
        rows = pa.table({"customer_id": some, "suppressed": pa.array(why, pa.string())})
        began = time.perf_counter()
        with transaction.atomic():
            services.enqueue(
                actor=CONSOLE,
                origin="drill",
                origin_id=9,
                channel="email",
                marketing=True,
                rows=rows,
                now=now,
                paused=True,
            )
        longest = max(longest, time.perf_counter() - began)
    wall, used = time.perf_counter() - wall, time.process_time() - used
    began = time.perf_counter()
    found = queries.counts(origin="drill", origin_id=9, now=now)
    print(
        f"{people:,} people to {found.audience:,} rows ({out:,} of them left or held out): {wall:.1f} s, "
        f"{used:.1f} s of processor (goal {GOAL_SECONDS:.0f} s); "
        f"longest transaction {longest:.3f} s (goal {GOAL_TRANSACTION} s); "
        f"counting them {time.perf_counter() - began:.2f} s"
    )


def agree(customer_ids: Any) -> None:
    """Make customers of these ids who agreed to marketing by e-mail."""
    import pyarrow as pa
    from huoshui.data.customers.models import Customer
    from huoshui.data.privacy.models import Consent
    from huoshui.database.rows import insert, part, short_slices
    from huoshui.kernel import clock

    now = clock.now()
    rows = pa.table({"customer_id": customer_ids})
    said = {
        "purpose": "marketing",
        "channel": "email",
        "state": "granted",
        "source": "benchmark",
        "evidence": "a form",
        "given_at": now,
        "recorded_at": now,
        "load_id": 2,
    }
    for piece in short_slices(rows.num_rows):
        chosen = part(rows, piece)
        insert(Customer, chosen, {"created_at": now, "load_id": 2})
        insert(Consent, chosen, said)


def hand_over(recorder: Any, messages: int) -> None:
    """Hand everything that waits over, and say how fast and where the time went."""
    import huoshui.project.urls  # noqa: F401 loaded with the first signed link otherwise
    from huoshui.act.channels.mailing import MailLine
    from huoshui.act.messages import claiming
    from huoshui.act.messages.delivering import Serving

    spent = {"claiming": 0.0, "handing over": 0.0}
    serving = Serving("email")
    with timed(claiming, "claim", spent, "claiming"), timed(MailLine, "hand_over", spent, "handing over"):
        wall, used = time.perf_counter(), time.thread_time()
        while serving.look("benchmark", Event()):
            pass
        wall, used = time.perf_counter() - wall, time.thread_time() - used
    parts = ", ".join(f"{name} {seconds / wall:.0%}" for name, seconds in spent.items())
    print(
        f"{len(recorder.came):,} of {messages:,} messages handed over: {len(recorder.came) / wall:,.0f} a second; "
        f"{used / max(1, messages) * 1e3:.1f} ms of processor each; {parts}, the rest is writing them"
    )


@contextmanager
def timed(where: Any, name: str, spent: dict[str, float], what: str) -> Iterator[None]:
    """Count the seconds spent in the function ``name``."""
    usual = getattr(where, name)

    def measured(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return usual(*given, **named)
        finally:
            spent[what] += time.perf_counter() - began

    setattr(where, name, measured)
    try:
        yield
    finally:
        setattr(where, name, usual)


if __name__ == "__main__":
    main()
