"""Two colleagues at one plan at the same moment, each in a process of their own: nothing that either wrote is lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from drills.forking import begin, run
from tests.plugins.browser import environment_of

pytestmark = pytest.mark.slow

ROUNDS = 5
BEGINNING = """
import django; django.setup()
from django.core.management import call_command
from django.db import transaction
from datetime import date
from decimal import Decimal
from huoshui.desk.organisation import services as organisation
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.plan.plans.document import editing, services as documents
from huoshui.plan.plans.goals import services as goals
from huoshui.plan.plans.goals.setting import Draft as Goal
from huoshui.plan.plans.measures import services as measures
from huoshui.plan.plans.measures.drafting import Draft as Measure
call_command("migrate", verbosity=0)
now = clock.now()
days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)}
organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=now, name="活水")
plan = documents.create(actor=CONSOLE, title="P", template="blank", language="en", now=now, **days)
it = {"actor": CONSOLE, "plan_id": plan, "now": now}
_, block = editing.add_block(**it, part="overview", kind="text", values={"text": "shared"})
goal = goals.add(**it, draft=Goal(metric="revenue", target="1000", name="shared", **days))
measure = measures.add(**it, draft=Measure(name="shared", **days))
print(plan, block, goal, measure)
"""
WRITING = """
import sys, time
import django; django.setup()
from dataclasses import replace
from datetime import date
from decimal import Decimal
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.plan.plans.budget import queries as budgets, services as budget
from huoshui.plan.plans.budget.services import Entry
from huoshui.plan.plans.document import editing, queries as documents
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.goals import queries as goals_seen, services as goals
from huoshui.plan.plans.goals.setting import Draft as Goal
from huoshui.plan.plans.measures import queries as measures_seen, services as measures
from huoshui.plan.plans.measures.drafting import Draft as Measure

plan, key, goal, measure, name, rounds = sys.argv[1:]
plan, goal, measure, rounds = int(plan), int(goal), int(measure), int(rounds)
me = Actor(name=name, rights=frozenset(Right))
days = {"first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)}
it = {"actor": me, "plan_id": plan}
refused = 0

def until_kept(attempt):
    # As people do: who is told that somebody was quicker looks again, and saves again.
    global refused
    while True:
        try:
            return attempt()
        except PlanChanged:
            refused += 1

def seen_as(what):
    # The first look is from before the signal: both have seen the same, and one of them is too late.
    return before.pop(what) if what in before else LOOKS[what]()

def shared_block():
    there = seen_as("words")
    text = there.content.block(key)["text"]
    time.sleep(0.02)
    editing.edit_block(**it, key=key, values={"text": f"{text}\\n{name} {n}"}, seen=there.number, now=clock.now())

def shared_goal():
    seen = seen_as("goal")
    time.sleep(0.02)
    draft = Goal(metric="revenue", target=str(seen.target + 1), name="shared", **days)
    goals.change(**it, goal_id=goal, version=seen.version, draft=draft, now=clock.now())

def shared_measure():
    seen = seen_as("measure")
    time.sleep(0.02)
    draft = Measure(name="shared", done=seen.done + 1, **days)
    measures.change(**it, measure_id=measure, version=seen.version, draft=draft, now=clock.now())

def cell(channel, month, add):
    every = seen_as("budget") if channel == "shared" else budgets.entered(**it)
    rows = {(one.channel, one.month): one for one in every}
    there = rows.get((channel, month))
    was = (there.planned, there.committed) if there else (Decimal(0), Decimal(0))
    time.sleep(0.02)
    entry = Entry(channel=channel, month=month, planned=was[0] + add, committed=was[1], was=was)
    budget.keep(**it, entries=[entry], now=clock.now())

LOOKS = {
    "words": lambda: documents.document(**it),
    "goal": lambda: goals_seen.goal(**it, goal_id=goal),
    "measure": lambda: measures_seen.measure(**it, measure_id=measure),
    "budget": lambda: budgets.entered(**it),
}
before = {what: look() for what, look in LOOKS.items()}
print("ready", flush=True)
sys.stdin.readline()
for n in range(rounds):
    now = clock.now()
    editing.add_block(**it, part="value", kind="text", values={"text": f"{name} {n}"}, now=now)
    goals.add(**it, draft=Goal(metric="revenue", target=str(n + 1), name=f"{name} {n}", **days), now=now)
    measures.add(**it, draft=Measure(name=f"{name} {n}", **days), now=now)
    until_kept(lambda: cell(name, date(2026, n + 1, 1), Decimal(n + 1)))
    # Not the same amount from both: who enters what stands there already is not told of it.
    until_kept(lambda: cell("shared", date(2026, 1, 1), Decimal({"mei": 1, "tom": 100}[name])))
    until_kept(shared_block)
    until_kept(shared_goal)
    until_kept(shared_measure)
print(refused)
"""
READING = """
import json, sys
import django; django.setup()
from django.apps import apps
from huoshui.kernel.actors import CONSOLE
from huoshui.plan.plans import queries
from huoshui.plan.plans.budget import queries as budgets
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.goals import queries as goals
from huoshui.plan.plans.measures import queries as measures
plan, key = int(sys.argv[1]), sys.argv[2]
it = {"actor": CONSOLE, "plan_id": plan}
there = documents.document(**it)
print(json.dumps({
    "blocks": [one["text"] for one in there.content.part("value").blocks if one.kind == "text" and one["text"]],
    "shared": there.content.block(key)["text"].split("\\n"),
    "words": there.number,
    "goals": {one.name: str(one.target) for one in goals.goals(**it)},
    "measures": {one.name: one.done for one in measures.measures(**it)},
    "budget": {f"{one.channel} {one.month:%m}": str(one.planned) for one in budgets.entered(**it)},
    "version": apps.get_model("plans", "Plan").objects.get(pk=plan).version,
    "story": list(apps.get_model("plans", "Change").objects.filter(plan_id=plan).values_list("by", "act")),
}))
"""
Ask = Callable[..., str]


@pytest.fixture(params=["sqlite", "postgres"])
def environment(request: pytest.FixtureRequest, tmp_path: Any) -> dict[str, str]:
    """That of programs over a new house, whose database is a file or a server."""
    around = environment_of(tmp_path / "house", "http://127.0.0.1:1")
    if request.param == "postgres":
        around["HUOSHUI_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    (tmp_path / "house").mkdir()
    return around


def test_two_who_write_at_the_same_moment_lose_nothing(environment, tmp_path):
    def ask(script: str, *said: str) -> str:
        done = run("-c", script, *said, environment=environment)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    plan = ask(BEGINNING).split()
    names = ("mei", "tom")
    writers, lines = [], []
    for name in names:
        here, there = socket.socketpair()
        words = ("-c", WRITING, *plan, name, str(ROUNDS))
        with here, there, (tmp_path / f"{name}.err").open("wb") as wrong:
            writers.append(begin(*words, environment=environment, given=there, out=there, err=wrong))
            lines.append(here.makefile("rw"))
    try:
        for one in lines:
            assert one.readline() == "ready\n"
        for one in lines:
            one.write("go\n")
            one.flush()
        told = [one.read() for one in lines]
        for writer in writers:
            writer.join(60)
    finally:
        for writer, one in zip(writers, lines, strict=True):
            writer.kill()
            one.close()
    wrong = [(tmp_path / f"{name}.err").read_text("utf-8")[-3000:] for name in names]
    assert [one.exitcode for one in writers] == [0, 0], wrong
    assert sum(map(int, told)) >= 4, "one of them was too late for each of the four"

    found = json.loads(ask(READING, plan[0], plan[1]))
    theirs = {f"{name} {n}" for name in names for n in range(ROUNDS)}
    assert sorted(one for one in found["blocks"] if one in theirs) == sorted(theirs)
    assert found["shared"][0] == "shared"
    assert sorted(found["shared"][1:]) == sorted(theirs), "both wrote on in one block"
    assert {one: float(target) for one, target in found["goals"].items()} == {
        "shared": 1000.0 + 2 * ROUNDS,
        **{f"{name} {n}": n + 1.0 for name in names for n in range(ROUNDS)},
    }
    assert found["measures"] == {"shared": 2 * ROUNDS, **dict.fromkeys(theirs, 0)}
    assert {cell: float(amount) for cell, amount in found["budget"].items()} == {
        "shared 01": 101.0 * ROUNDS,
        **{f"{name} {n + 1:02}": n + 1.0 for name in names for n in range(ROUNDS)},
    }
    for name in names:
        acts = [act for by, act in found["story"] if by == name]
        for act in ("goal.added", "goal.changed", "measure.added", "measure.changed"):
            assert acts.count(act) == ROUNDS, (name, act)
        assert acts.count("budget.changed") == 2 * ROUNDS
