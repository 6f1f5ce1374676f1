"""The drills in small: ten kills of a house at work and of campaigns that start, writers killed, imports at once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drills import campaigns, kills, outbox
from drills.forking import run
from drills.sales import write_sales

ROOT = Path(__file__).parents[1]

ASKED = ("import", "undo", "refresh", "compaction", "upgrade")
"""What is killed here; the queue of facts and memberships have such tests of their own."""

pytestmark = pytest.mark.slow


def seed() -> int:
    """A new one for every run; the one in SEED to repeat a run."""
    return int(os.environ.get("SEED") or random.randrange(10**6))


def test_a_house_killed_ten_times_at_random_moments_is_whole_again(tmp_path):
    chosen = seed()
    told: list[str] = []
    wrong = kills.drill(tmp_path, kills=2, seed=chosen, lines=60, jobs=2, only=ASKED, say=told.append)
    assert wrong == [], f"repeat with SEED={chosen}"
    assert len([line for line in told if "killed at" in line]) == 10


def test_killed_writers_lose_nothing_and_repeat_nothing():
    words = [
        sys.executable,
        str(ROOT / "drills" / "writers.py"),
        "--rounds",
        "1",
        "--kills",
        "2",
        "--busy",
        "1",
    ]
    done = subprocess.run([*words, "--seed", str(seed())], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_imports_at_once_are_both_loaded_and_the_same_file_once(tmp_path):
    home = tmp_path / "home"
    files = [write_sales(tmp_path / f"{n}.csv", lines=40, first=1 + n * 1_000_000) for n in (0, 1)]
    kills.run_steps(home, ["init"])
    importing = [
        ("huoshui", "import", str(file), "--as", "transactions", "--json") for file in (*files, files[0])
    ]
    with ThreadPoolExecutor() as together:
        ended = list(together.map(lambda words: run(*words, environment=kills.environment(home)), importing))
    assert [process.returncode for process in ended] == [0, 0, 0], ended
    reports = [json.loads(process.stdout) for process in ended]
    assert len({report["load_id"] for report in reports} - {None}) == 2
    assert sum(report["load_id"] is None for report in reports) == 1
    [state] = kills.run_steps(home, "look")
    assert state["tables"]["order_lines"][0] == 80
    assert (state["strangers"], state["left"]) == (0, [])
    assert set(state["loads"].values()) == {"loaded"}


DIES = """
import os, signal, sys
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.executor import MigrationExecutor
from huoshui.project import setting_up
setting_up.prepare_django()
MigrationRecorder.record_applied = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
setting_up.bring_up_to_date(print)
"""


def test_an_upgrade_killed_before_it_is_noted_is_done_by_the_next_start(tmp_path):
    home = tmp_path / "home"
    kills.run_steps(home, ["init"], "age")
    died = run("-c", DIES, environment=kills.environment(home))
    assert died.returncode == -9, died.stderr
    [start] = kills.run_steps(home, ["imports"])
    assert start["code"] == 0, start["err"]
    assert "brought the database up to date" in start["err"]


def test_killed_workers_send_no_marketing_twice_and_lose_nothing_that_must_arrive(tmp_path):
    chosen = seed()
    told: list[str] = []
    wrong = outbox.drill(
        tmp_path / "home",
        rounds=2,
        people=120,
        seed=chosen,
        withdrawals=10,
        returning=outbox.WORKERS,
        say=told.append,
    )
    assert wrong == [], f"repeat with SEED={chosen}; {told}"


def test_campaigns_killed_ten_times_while_they_start_leave_everybody_one_fate(tmp_path):
    chosen = seed()
    told: list[str] = []
    wrong = campaigns.drill(tmp_path / "home", kills=10, people=60, seed=chosen, aimed=True, say=told.append)
    assert wrong == [], f"repeat with SEED={chosen}; {told}"
    assert "messages came" in told[-1]
