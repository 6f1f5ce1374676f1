"""The program as it is installed: a process of its own, from an empty folder to the figures and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from drills.forking import run
from huoshui.project.tests.conftest import SALES
from huoshui.web.figures import short_money

NOVEMBER = """
SELECT sum(revenue) AS r
FROM (SELECT revenue, ordered_at AS moment FROM orders UNION ALL SELECT revenue, occurred_at FROM order_changes)
WHERE moment >= '2011-11-01' AND moment < '2011-12-01'
"""
EVERYWHERE = """
import django, json, re
django.setup()
from tests.plugins.programs import program
from tests.plugins.signed_in import sign_in
person = sign_in("manager")
api = program(of=person.user)
days = {"since": "2011-11-01", "until": "2011-11-30"}
overview = api.get("/api/overview", days).json()["values"]["revenue"]
metric = api.get("/api/metrics/revenue", days).json()["periods"][0]["cells"][0]["value"]
page = person.get("/", {"period": "2011-11-01..2011-11-30"}).content.decode()
tile = re.search("metric%3Arevenue%2F2011-11-01..2011-12-01.*?</a>", page, re.S)[0]
print(json.dumps([[overview["amount"], metric["amount"]], tile]))
"""
"""Asks for the revenue of a month: the API for the overview and for the metric, and the page."""
TOTAL = "SELECT sum(revenue) AS r FROM (SELECT revenue FROM order_lines UNION ALL SELECT revenue FROM order_changes)"


class Program:
    """Runs ``huoshui`` in a folder of its own: a fork that finds its libraries loaded, or a real start."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUOSHUI_")}
        self.environment = {**kept, **settings, "LC_ALL": "C.UTF-8"}

    def __call__(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = run("huoshui", *arguments, environment=self.environment, folder=self.folder)
        assert done.returncode == code, done.stderr
        return done

    def started(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """The same as whoever types it has it: Python is started, and nothing is loaded yet."""
        done = subprocess.run(
            [sys.executable, "-m", "huoshui", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == code, done.stderr
        return done

    def json(self, *arguments: str):
        return json.loads(self(*arguments, "--json").stdout)

    def asked(self, program: str):
        """What a Python program over the house prints, as JSON."""
        settings = {**self.environment, "DJANGO_SETTINGS_MODULE": "huoshui.project.settings"}
        done = run("-c", program, environment=settings, folder=self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def together(self, *commands: Sequence[str]) -> list[str]:
        """What ``commands`` write, one after the other in one further process, where the start is not the promise."""
        steps = [["--language", "en", *command] for command in commands]
        done = run("drills.state", json.dumps(steps), environment=self.environment, folder=self.folder)
        assert done.returncode == 0, done.stderr
        answers = json.loads(done.stdout.splitlines()[-1])
        assert [answer["err"] for answer in answers if answer["code"]] == []
        return [answer["out"] for answer in answers]


@pytest.mark.slow
def test_from_an_empty_folder_to_the_figures_and_back(tmp_path: Path):
    huoshui = Program(tmp_path, HUOSHUI_CURRENCY="GBP", HUOSHUI_TIME_ZONE="Europe/London")
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")
    refused = huoshui.started("overview", code=1)
    assert (refused.stdout, "huoshui init" in refused.stderr) == ("", True)
    assert not (tmp_path / "huoshui-home").exists()
    load = json.loads(huoshui.started("import", "sales.csv", "--as", "transactions", "--json").stdout)
    assert (load["rows"], load["loaded"]) == (5, 5)
    huoshui("refresh", "--as-of", "2024-03-01")
    assert huoshui.json("customer", "10")["traits"]["monetary"]["value"] == 31.5
    assert huoshui("sql", TOTAL, "--format", "csv").stdout == "r\n42\n"
    huoshui("import", "--undo", str(load["load_id"]))
    nobody = huoshui.started("sql", "SELECT count(*) AS n FROM customers", "--json")
    assert json.loads(nobody.stdout) == [{"n": 0}]


RARELY_NEEDED = ("matplotlib", "ninja", "pandas", "pypinyin", "scipy", "xlsxwriter")
LOADED = f"""
import sys
from huoshui.project import setting_up
import huoshui.project.cli
setting_up.prepare_django()
import pyarrow
pyarrow.array([1])
print([name for name in {RARELY_NEEDED} if name in sys.modules])
"""


def test_a_command_does_not_wait_for_what_few_of_them_need(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env=Program(tmp_path).environment,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_setting_that_means_nothing_is_refused_in_one_sentence(tmp_path: Path):
    done = Program(tmp_path, HUOSHUI_TIME_ZONE="Mars/Olympus")("init", code=1)
    assert done.stdout == ""
    assert "HUOSHUI_TIME_ZONE" in done.stderr
    assert "Asia/Shanghai" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_made_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    done = Program(tmp_path, HUOSHUI_HOME="file/home")("init", code=1)
    assert "HUOSHUI_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_touches_no_folder_with_something_else_in_it(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    done = Program(tmp_path, HUOSHUI_HOME="mine")("demo", code=1)
    assert "thesis.txt" in done.stderr
    assert [f.name for f in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_a_reader_that_goes_away_gets_no_traceback(tmp_path: Path):
    program = Program(tmp_path)
    program("init")
    command = (
        f"{sys.executable} -m huoshui sql 'SELECT i FROM range(300000) AS r(i)' --format csv | head -n 1"
    )
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=program.environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.stdout.strip() == "i"
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_tour_over_the_real_shop(tmp_path: Path, test_data):
    file = test_data("online_retail/online_retail.parquet")
    huoshui = Program(tmp_path, HUOSHUI_CURRENCY="GBP", HUOSHUI_TIME_ZONE="Europe/London")
    importing = ("import", str(file), "--as", "transactions", "--json")
    loaded, _, customer, overview, total, month, metric = huoshui.together(
        importing,
        ("refresh", "--as-of", "2011-12-10"),
        ("customer", "12347", "--json"),
        ("overview", "--json"),
        ("sql", TOTAL, "--json"),
        ("sql", NOVEMBER, "--json"),
        ("metric", "revenue", "--from", "2011-11-01", "--to", "2011-11-30", "--json"),
    )
    load = json.loads(loaded)
    assert (load["rows"], load["loaded"], load["rejected"], load["customers_new"]) == (
        541_909,
        541_909,
        0,
        4_372,
    )
    assert load["rules"]["cancellation"] == 9_288
    traits = json.loads(customer)["traits"]
    assert (traits["recency"]["value"], traits["frequency"]["value"]) == (2, 7)
    assert round(traits["monetary"]["value"], 2) == 4310.00
    figures = json.loads(overview)
    assert figures["totals"]["customers"] == 4_372
    assert round(figures["totals"]["revenue"], 2) == 9_747_747.93
    assert figures["totals"]["active_customers"] == 4_338
    assert round(json.loads(total)[0]["r"], 2) == 9_747_747.93
    november = json.loads(month)[0]["r"]
    assert json.loads(metric)["cells"][0]["value"] == november
    by_programs, on_the_page = huoshui.asked(EVERYWHERE)
    assert [float(amount) for amount in by_programs] == [november] * 2
    assert short_money(november, "GBP", "en").digits in on_the_page
    again, undone, orders = huoshui.together(
        importing,
        ("import", "--undo", str(load["load_id"]), "--json"),
        ("sql", "SELECT count(*) AS n FROM orders", "--json"),
    )
    assert json.loads(again)["already"] == load["load_id"]
    assert json.loads(undone)["customers_removed"] == 4_372
    assert json.loads(orders) == [{"n": 0}]
