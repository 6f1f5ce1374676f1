"""The audience of a campaign into the outbox: consent, addresses, lots, decisions and messages of everybody.

    python benchmarks/campaigns.py --home /path/to/a/new/folder [--people 1000000]

Makes a house of that many people, each with an e-mail address, nine of ten of whom agree to marketing by e-mail and 5 %
of whom are in the global control group; starts a campaign to all of them with 10 % held out and two variants, and lets
it settle. Prints seconds of the wall and of the processor by part, and the longest transaction. The goal is under 60 s
for a million people, and no transaction over 0.25 s.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any


def main() -> None:
    """Make the house, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", required=True, type=Path, help="a folder that is not there yet")
    parser.add_argument("--people", type=int, default=1_000_000)
    asked = parser.parse_args()
    asked.home.mkdir(parents=True)
    os.environ["HUOSHUI_HOME"] = str(asked.home)
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=True)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    longest = watched()
    number = prepared(asked.people)
    longest.clear()
    measure(number)
    print(f"{len(longest):,} transactions, the longest {max(longest):.3f} s")


def prepared(people: int) -> int:
    """A started campaign to so many people; its number."""
    import pyarrow as pa
    from huoshui.act.campaigns import services
    from huoshui.act.campaigns.drafts import Draft, VariantDraft
    from huoshui.act.holdouts import services as holdouts
    from huoshui.act.templates import services as templates
    from huoshui.act.templates.content import Content, Words
    from huoshui.data.customers import services as customers
    from huoshui.data.privacy import services as privacy
    from huoshui.desk.organisation import services as organisation
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.outreach import CHANNELS
    from huoshui.kernel.plugs import HOUSE, LAKE_TABLES
    from huoshui.know.segments import services as segments
    from huoshui.lake import open_lake
    from huoshui.lake.duck import arrow_schema

    now = clock.now()
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=now)
    addresses = [f"p{one}@example.com" for one in range(people)]
    with part("people"):
        found = customers.resolve(
            actor=CONSOLE,
            source="shop",
            kind="number",
            values=pa.array(addresses),
            load_id=1,
            created_at=None,
            now=now,
        )
        ids = found["customer_id"]
        told = pa.table({"customer_id": ids, "email": pa.array(addresses)})
        customers.update_profiles(actor=CONSOLE, load_id=1, table=told, valid_from=now, source="shop")
        rows = pa.table({"customer_id": ids, "city": pa.repeat(pa.scalar("x"), people)})
        schema = arrow_schema(LAKE_TABLES["customers"].all_columns)
        made = [
            rows[field.name]
            if field.name in rows.column_names
            else pa.repeat(pa.scalar(now, field.type), people)
            if field.name == "created_at"
            else pa.nulls(people, field.type)
            for field in schema
        ]
        with open_lake().write("people") as tx:
            tx.overwrite("customers", pa.table(made, schema=schema))
        said = {
            "purpose": "marketing",
            "channel": "email",
            "state": "granted",
            "wording": "v1",
            "source": "form",
            "given_at": now - timedelta(days=1),
            "evidence": "form",
        }
        agreed = ids.slice(0, people * 9 // 10)
        columns = {name: pa.repeat(pa.scalar(value), len(agreed)) for name, value in said.items()}
        statements = pa.table({"customer_id": agreed, **columns})
        privacy.record_many(
            actor=CONSOLE, rows=statements.select(privacy.ROWS.names).cast(privacy.ROWS), load_id=1, now=now
        )
    holdouts.set_group(actor=CONSOLE, share=0.05, now=now)
    everybody = segments.add(
        actor=CONSOLE, name="all", rule={"not": {"attribute": "city", "op": "=", "value": "y"}}, now=now
    )
    words = {
        "zh": Words(subject="广告 春季上新", body="你好"),
        "en": Words(subject="AD: spring", body="Hello"),
    }
    template = templates.create(actor=CONSOLE, content=Content(name="Spring", words=words), now=now)
    email = CHANNELS["email"]
    object.__setattr__(email, "unready", lambda: None)  # nothing is handed over here
    object.__setattr__(email, "problems", lambda _content, _marketing: ())
    variant = VariantDraft(template_id=template, template_version=1)
    draft = Draft(
        name="Spring",
        audience={"segment": everybody},
        channel="email",
        variants=[variant, variant],
        plan="now",
    )
    number = services.make(actor=CONSOLE, draft=draft, now=now)
    services.submit(actor=CONSOLE, number=number, expected=people, zone=HOUSE().zone, now=now)
    services.start(actor=CONSOLE, number=number, zone=HOUSE().zone, now=now)
    return number


def measure(number: int) -> None:
    """Let the campaign settle."""
    from huoshui.act.campaigns import following, queries, sending
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake

    now, zone = clock.now(), HOUSE().zone
    with part("both"):
        with part("freeze"):
            sending.freeze(
                number,
                tables=open_lake().snapshot(),
                house=zone,
                now=now,
                accepts=following.is_expected,
            )
        with part("settle"):
            sending.settle(number, actor=CONSOLE, house=zone, now=now)
    found = queries.progress(number, actor=CONSOLE, now=now)
    print(found, "adds up" if found.adds_up else "DOES NOT ADD UP")


@contextmanager
def part(name: str) -> Iterator[None]:
    """Print what a part takes."""
    began, used = time.perf_counter(), _processor()
    yield
    print(
        f"{name:8} {time.perf_counter() - began:8.1f} s wall {_processor() - used:8.1f} s processor",
        flush=True,
    )


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def watched() -> list[float]:
    """The seconds of each outermost transaction from now on."""
    from django.db import connection
    from django.db.transaction import Atomic

    seconds: list[float] = []
    enter, leave = Atomic.__enter__, Atomic.__exit__
    began: list[float] = []

    def entered(self: Atomic) -> None:
        outermost = not connection.in_atomic_block
        enter(self)
        if outermost:  # from when the lock is held
            began.append(time.perf_counter())

    def left(self: Atomic, *why: Any) -> None:
        leave(self, *why)
        if not connection.in_atomic_block and began:
            seconds.append(time.perf_counter() - began.pop())

    Atomic.__enter__, Atomic.__exit__ = entered, left  # type: ignore[method-assign]
    return seconds


if __name__ == "__main__":
    main()
