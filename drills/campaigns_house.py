"""What the processes of `drills/campaigns.py` do in the house: found it, start a campaign, go on, deliver, count."""

from __future__ import annotations

import csv
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

CHANNEL = "drill"
PORTION = 10
"""People of a portion: few, so that there are many moments to die between."""
COST = 7
"""What a campaign costs whatever it sends: booked once."""
EVERY_SILENT, EVERY_NOWHERE = 7, 11
"""Of so many people one never agreed, and one has no address."""


def prepare() -> None:
    """Open the house of the settings, with a channel that writes down who it was to reach."""
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=True)
    from huoshui.act.campaigns import sending
    from huoshui.kernel.outreach import CHANNELS, Channel, Handed, Outcome, Outgoing
    from huoshui.kernel.texts import Text

    came = Path(os.environ["HUOSHUI_HOME"]) / "came"

    class Line:
        def hand_over(self, message: Outgoing) -> Handed:
            with came.open("a", encoding="utf-8") as file:
                file.write(f"{message.key} {message.customer_id}\n")
            return Handed(outcome=Outcome.SENT, answer="taken")

    @contextmanager
    def opened() -> Iterator[Line]:
        yield Line()

    def addresses(ids: Any) -> dict[int, str]:
        known = _numbers()
        return {one: f"p{known[one]}@example.com" for one in ids if known[one] % EVERY_NOWHERE}

    CHANNELS.declare(
        Channel(
            slug=CHANNEL,
            label=Text("Drill", "演练"),
            consent="email",
            addresses=addresses,
            problems=lambda _content, _marketing: (),
            unready=lambda: None,
            open=opened,
        )
    )
    sending.AT_ONCE = PORTION
    if moment := int(os.environ["DRILL_DIE_AT"]):
        die_at(moment)
    if os.environ["DRILL_WITHOUT"] == "transactions":
        patch.object(sending, "transaction", SimpleNamespace(atomic=nullcontext)).start()


def die_at(moment: int) -> None:
    """Kill this process at the given moment, counted from 1: before or after one of the steps of a start."""
    from huoshui.act.campaigns import sending, services
    from huoshui.act.holdouts import services as holdouts
    from huoshui.act.messages import services as messages
    from huoshui.data.facts import queue

    moments = itertools.count(1)

    def pass_by() -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def passing(step: Callable[..., Any]) -> Callable[..., Any]:
        def passed(*given: Any, **named: Any) -> Any:
            pass_by()
            answer = step(*given, **named)
            pass_by()
            return answer

        return passed

    for room, name in (
        (services, "_told"),
        (sending, "_packed"),
        (sending, "_book"),
        (messages, "enqueue"),
        (holdouts, "fix"),
        (holdouts, "record"),
        (queue, "enqueue"),
    ):
        setattr(room, name, passing(getattr(room, name)))


def _numbers() -> dict[int, int]:
    """The number that the shop gave each customer, by id."""
    from django.apps import apps

    rows = apps.get_model("customers", "Identity").objects.filter(kind="number")
    return {pk: int(value[1:]) for pk, value in rows.values_list("customer_id", "value")}


def make(people: int) -> None:
    """Found it, with so many people in one city and half as many in another; most of them agreed."""
    import pyarrow as pa
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from huoshui.act.messages import tuning
    from huoshui.act.templates import services as templates
    from huoshui.act.templates.content import Content, Words
    from huoshui.data.connectors.services import ImportOptions, import_file
    from huoshui.data.privacy import services as privacy
    from huoshui.desk.organisation import services as organisation
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.texts import Language
    from huoshui.lake import open_lake

    now = clock.now()
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=now)
    path = Path(os.environ["HUOSHUI_HOME"]) / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("customer id", "city"))
        rows.writerows(
            (f"C{number}", "north" if number <= people else "south")
            for number in range(1, people + people // 2 + 1)
        )
    options = ImportOptions(source="drill", strict=True)
    import_file(actor=CONSOLE, lake=open_lake(), path=path, kind="customers", options=options, now=now)
    willing = [pk for pk, number in sorted(_numbers().items()) if number % EVERY_SILENT]
    said = {
        "purpose": "marketing",
        "channel": "email",
        "state": "granted",
        "wording": "",
        "source": "drill",
        "evidence": "a form",
    }
    consents = pa.table(
        {
            "customer_id": pa.array(willing, pa.int64()),
            **{name: pa.repeat(value, len(willing)) for name, value in said.items()},
            "given_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), len(willing)),
        }
    )
    privacy.record_many(actor=CONSOLE, rows=consents, load_id=1, now=now)
    tuning.set_rules(
        actor=CONSOLE, quiet_from=0, quiet_until=0, cap_day=None, cap_week=None, grace_minutes=120, now=now
    )
    words: dict[Language, Words] = {"en": Words(subject="AD: drill", body="Hello")}
    templates.create(actor=CONSOLE, content=Content(name="Drill", words=words), now=now)


def new() -> int:
    """A draft of a campaign to those in the north; its number."""
    from decimal import Decimal

    from huoshui.act.campaigns import services
    from huoshui.act.campaigns.drafts import Draft, VariantDraft
    from huoshui.act.templates import queries as templates
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE

    [template] = templates.templates()
    draft = Draft(
        name="Drill",
        audience={"attribute": "city", "op": "=", "value": "north"},
        channel=CHANNEL,
        variants=[VariantDraft(template_id=template.id, template_version=1, weight=w) for w in (1.0, 2.0)],
        share=0.3,
        plan="now",
        fixed_cost=Decimal(COST),
    )
    return services.make(actor=CONSOLE, draft=draft, now=clock.now())


def go(number: int, people: int, mark: Path) -> None:
    """Say how the campaign stands, then start it, unless it was, and go on until everybody is settled."""
    from huoshui.act.campaigns import following, queries, services
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.kernel.plugs import HOUSE
    from huoshui.lake import open_lake

    lake, zone = open_lake(), HOUSE().zone
    mark.with_suffix(".new").write_text(json.dumps(stands(number)), encoding="utf-8")
    mark.with_suffix(".new").rename(mark)
    state = queries.campaign(number, actor=CONSOLE).state
    if state == "draft":
        state = services.submit(actor=CONSOLE, number=number, expected=people, zone=zone, now=clock.now())
    if state == "approved":
        services.start(actor=CONSOLE, number=number, zone=zone, now=clock.now())
    while stands(number)["unsettled"]:
        following.follow(actor=CONSOLE, lake=lake, now=clock.now())


def stands(number: int) -> dict[str, Any]:
    """Where the people of a campaign are, whether they add up, and how many are not settled (of a draft: 1)."""
    from huoshui.act.campaigns import queries
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE

    one = queries.campaign(number, actor=CONSOLE)
    found = queries.progress(number, actor=CONSOLE, now=clock.now())
    left = found.audience - found.settled if one.frozen else 1
    return {
        "state": one.state,
        "audience": found.audience,
        "by_state": dict(found.by_state),
        "adds_up": found.adds_up,
        "unsettled": left,
    }


def finish() -> None:
    """Deliver everything, and let each campaign come to its end."""
    from huoshui.act.campaigns import following, queries
    from huoshui.act.messages import delivering
    from huoshui.data.facts import queue
    from huoshui.kernel import clock
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import open_lake

    lake, serving, until = open_lake(), delivering.Serving(CHANNEL), time.monotonic() + 60
    while any(one.state == "sending" for one in queries.campaigns(actor=CONSOLE)):
        if time.monotonic() > until:
            break
        serving.look("worker", Event())
        following.follow(actor=CONSOLE, lake=lake, now=clock.now())
    _tell()
    queue.drain(lake=lake, now=clock.now())


def _tell() -> None:
    from huoshui.act.messages import settling
    from huoshui.kernel import clock

    while settling.tell(now=clock.now()):
        pass


def count() -> dict[str, Any]:
    """The fate of each person of each campaign, in all the places that tell it."""
    import numpy as np
    from django.apps import apps
    from huoshui.act.campaigns import queries
    from huoshui.act.holdouts import queries as trials
    from huoshui.act.holdouts.trials import assign
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import open_lake

    tables, numbers = open_lake().snapshot(), _numbers()
    decisions = tables.arrow(tables.table("decisions").select("customer_id", "what", "holdout")).to_pylist()
    touches = tables.arrow(tables.table("touches").select("customer_id", "campaign")).to_pylist()
    spend = tables.arrow(tables.table("spend").select("campaign", "amount")).to_pylist()
    rows = apps.get_model("outbox", "Message").objects
    found = {}
    for one in queries.campaigns(actor=CONSOLE):
        what = f"campaign:{one.number}"
        mine = rows.filter(errand__origin="campaign", errand__origin_id=one.number)
        drawn = [row["customer_id"] for row in decisions if row["what"] == what]
        lots = assign(trials.trial(what), np.array(sorted(set(drawn)), dtype=np.int64))
        found[one.number] = {
            **stands(one.number),
            "fates": [
                [numbers[who], state, reason]
                for who, state, reason in mine.values_list("customer_id", "state", "reason")
            ],
            "decisions": [
                [numbers[row["customer_id"]], row["holdout"]] for row in decisions if row["what"] == what
            ],
            "lots": [
                [numbers[who], held]
                for who, held in zip(lots.customer_ids.tolist(), lots.held.tolist(), strict=True)
            ],
            "touches": [numbers[row["customer_id"]] for row in touches if row["campaign"] == what],
            "booked": [float(row["amount"]) for row in spend if row["campaign"] == what],
            "portions": apps.get_model("campaigns", "Portion").objects.filter(campaign_id=one.number).count(),
        }
    came = Path(os.environ["HUOSHUI_HOME"]) / "came"
    keys = (
        {line.split()[0] for line in came.read_text(encoding="utf-8").splitlines()}
        if came.exists()
        else set()
    )
    lines = len(came.read_text(encoding="utf-8").splitlines()) if came.exists() else 0
    return {"campaigns": found, "came": lines, "keys": len(keys)}


def main() -> None:
    """Do what the words of the process say."""
    act, *words = sys.argv[1:]
    prepare()
    answer: Any = {}
    if act == "make":
        make(int(words[0]))
        answer = new()
    elif act == "new":
        answer = new()
    elif act == "go":
        began = time.process_time()
        go(int(words[0]), int(words[1]), Path(words[2]))
        answer = time.process_time() - began
    elif act == "finish":
        finish()
        answer = count()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
