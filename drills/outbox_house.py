"""What the processes of `drills/outbox.py` do inside the house: found it, enqueue, withdraw, work, count."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

MARKETING, SERVICE = 1, 2
"""The numbers of the two errands."""

NAME = "Eve\r\nBcc: everybody@example.com"


def prepare() -> None:
    """Open the house of the settings, with an origin that writes one line."""
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=True)
    from huoshui.desk.mail import wire
    from huoshui.kernel.outreach import ORIGINS, Content, Origin, Said, Wanted
    from huoshui.kernel.texts import Text

    def write(origin_id: int, wanted: Collection[Wanted]) -> Mapping[str, Said]:
        # What is said is somebody else's trade: here it is one line with the number of the errand.
        faults = os.environ["DRILL_FAULTS"]
        return {
            one.key: Said(
                content=Content(subject=f"Errand {origin_id}", text="Hello"),
                language="en",
                name=NAME if faults else "",
            )
            for one in wanted
        }

    ORIGINS.declare(
        Origin(slug="drill", label=Text("Drill", "演练"), write=write, title=str, address=lambda _number: "/")
    )
    if os.environ["DRILL_FAULTS"]:
        from datetime import timedelta

        from huoshui.act.messages import settling

        wire.SECONDS, settling.FIRST_WAIT = 1.5, timedelta(seconds=1)


def make(people: int) -> list[int]:
    """Found it, with so many people who agreed and a message of marketing for each; returns their ids."""
    import pyarrow as pa
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from huoshui.act.channels import services as channels
    from huoshui.act.messages import tuning
    from huoshui.data.customers import services as customers
    from huoshui.data.privacy import services as privacy
    from huoshui.desk.organisation import services as organisation
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE

    now = clock.now()
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=now)
    numbers = pa.array([str(number) for number in range(people)])
    ids = customers.resolve(
        actor=CONSOLE, source="drill", kind="number", values=numbers, load_id=1, created_at=None, now=now
    )["customer_id"].combine_chunks()
    addresses = pa.array([f"p{number}@example.com" for number in range(people)])
    customers.update_profiles(
        actor=CONSOLE,
        load_id=1,
        table=pa.table({"customer_id": ids, "email": addresses}),
        valid_from=now,
        source="drill",
    )
    said = {
        "purpose": "marketing",
        "channel": "email",
        "state": "granted",
        "wording": "",
        "source": "drill",
        "evidence": "a form",
    }
    rows = pa.table(
        {
            "customer_id": ids,
            **{name: pa.repeat(value, people) for name, value in said.items()},
            "given_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), people),
        }
    )
    privacy.record_many(actor=CONSOLE, rows=rows, load_id=1, now=now)
    sender = channels.Draft(name="Drill", address="crm@example.org", contact="1 Drill Street")
    channels.make_usual(
        actor=CONSOLE, sender_id=channels.add_sender(actor=CONSOLE, draft=sender, now=now), now=now
    )
    tuning.set_rules(
        actor=CONSOLE, quiet_from=0, quiet_until=0, cap_day=None, cap_week=None, grace_minutes=120, now=now
    )
    enqueue(MARKETING, ids)
    found: list[int] = ids.to_pylist()
    return found


def enqueue(errand: int, customer_ids: Any) -> None:
    import pyarrow as pa
    from huoshui.act.messages import services
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE

    services.enqueue(
        actor=CONSOLE,
        origin="drill",
        origin_id=errand,
        channel="email",
        marketing=errand == MARKETING,
        rows=pa.table({"customer_id": pa.array(customer_ids, pa.int64())}),
        now=clock.now(),
    )


def leave(customer_ids: list[int]) -> None:
    """Withdraw, one person after another, and say when each was acknowledged."""
    from huoshui.data.customers import queries as customers
    from huoshui.data.privacy import services as privacy
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE

    addresses, told = customers.emails(customer_ids), []
    for customer_id in customer_ids:
        privacy.say(
            actor=CONSOLE,
            customer_id=customer_id,
            purpose="marketing",
            channel="email",
            state="withdrawn",
            wording="",
            source="drill",
            evidence="a link",
            now=clock.now(),
        )
        told.append((addresses[customer_id], time.monotonic()))
        time.sleep(0.05)
    print(json.dumps(told))


def work(name: str, *, finish: bool) -> None:
    from huoshui.act.messages import queries
    from huoshui.desk.jobs.working import Loop

    loop = Loop(name)
    if finish:

        def watch() -> None:
            while not all(queries.is_over(origin="drill", origin_id=one) for one in (MARKETING, SERVICE)):
                time.sleep(0.2)
            time.sleep(6)  # the lake is told every five seconds
            loop.stop()

        threading.Thread(target=watch, daemon=True).start()
    loop.run()


def count() -> None:
    from huoshui.act.messages import queries
    from huoshui.data.facts import queue
    from huoshui.kernel import clock
    from huoshui.lake import open_lake

    states = {
        number: dict(queries.counts(origin="drill", origin_id=number, now=clock.now()).by_state)
        for number in (MARKETING, SERVICE)
    }
    lake = open_lake()
    queue.drain(lake=lake, now=clock.now())
    tables = lake.snapshot()
    touches = tables.arrow(tables.table("touches").select("touch_id"))["touch_id"].to_pylist()
    print(json.dumps({"states": states, "touches": len(touches), "touched": len(set(touches))}))


def main() -> None:
    """Do what the words of the process say."""
    act, *words = sys.argv[1:]
    prepare()
    if act == "make":
        print(json.dumps({"ids": make(int(words[0]))}))
    elif act == "add":
        enqueue(SERVICE, json.loads(words[0]))
        print("{}")
    elif act == "leave":
        leave(json.loads(words[0]))
    elif act == "count":
        count()
    else:
        work(words[0], finish=act == "finish")


if __name__ == "__main__":
    main()
