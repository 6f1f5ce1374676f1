"""The command line from an empty folder on: what it sets up, loads and takes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import override_settings

from huoshui import __version__
from huoshui.project.cli import huoshui

HEADER = "invoice,customer,date,sku,quantity,price\n"
COUNT = ("sql", "SELECT (SELECT count(*) FROM orders) AS o, (SELECT count(*) FROM customers) AS c", "--json")


@pytest.mark.parametrize("name", ["", *huoshui.commands])
def test_every_command_has_a_manual(name, command_line):
    answer = command_line(*([name] if name else []), "--help")
    assert answer.code == 0
    assert len(answer.out) > 200
    assert answer.err == ""


def test_the_version_is_told(command_line):
    assert command_line("--version").out == f"huoshui {__version__}\n"


def test_init_founds_the_house_once_and_for_all(run, home):
    first = run("init", "--json")
    assert (first.code, first.json["currency"], first.json["time_zone"]) == (0, "GBP", "Europe/London")
    assert first.json["fresh"] is True
    again = run("init")
    assert again.code == 0
    assert "already" in again.err
    assert str(home) in again.out
    with override_settings(HUOSHUI_CURRENCY="USD"):
        other = run("init")
    assert (other.code, other.out) == (1, "")
    assert "USD" in other.err
    assert "GBP" in other.err


def test_an_empty_house_says_what_to_do_first(run):
    run("init")
    answer = run("overview")
    assert (answer.code, answer.out) == (0, "")
    assert "huoshui import" in answer.err
    assert "huoshui import" in run("imports").err
    assert run("sql", "SELECT * FROM orders", "--json").json == []


def test_a_first_import_founds_the_house_and_its_summary_adds_up(run, tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_text(
        f"{HEADER}1,a,2024-01-01,x,1,5\n2,a,2024-01-02,x,1,NaN\nC3,a,2024-01-03,x,-1,5\n4,,2024-01-03,x,1,5\n"
    )
    answer = run("import", path, "--as", "transactions", "--json")
    assert answer.code == 0
    assert "founded a house" in answer.err
    assert "making orders" in answer.err
    assert "load-1.csv" in answer.err
    report = answer.json
    assert report["rows"] == 4 == report["loaded"] + report["rejected"]
    assert report["rules"]["cancellation"] == 1
    assert report["rules"]["anonymous"] == 1
    assert (report["facts"]["orders"], report["facts"]["order_changes"]) == (2, 1)
    assert "NaN" in Path(report["rejects_file"]).read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_the_same_file_again_changes_nothing_and_undo_restores_the_state_before(run, sales):
    run("init")
    assert run(*COUNT).json == [{"o": 0, "c": 0}]
    dry = run("import", sales, "--as", "transactions", "--dry-run", "--json").json
    assert (dry["rows"], dry["load_id"], dry["facts"]["orders"]) == (5, None, 4)
    assert run(*COUNT).json == [{"o": 0, "c": 0}]
    load = run("import", sales, "--as", "transactions", "--json").json["load_id"]
    assert run("import", sales, "--as", "transactions", "--json").json["already"] == load
    assert run(*COUNT).json == [{"o": 4, "c": 2}]
    undone = run("import", "--undo", str(load), "--json").json
    assert (undone["facts"]["orders"], undone["customers_removed"]) == (4, 2)
    assert run(*COUNT).json == [{"o": 0, "c": 0}]
    assert [entry["state"] for entry in run("imports", "--json").json] == ["undone"]
    assert run("customer", "10").code == 1


@pytest.mark.slow
def test_any_past_day_can_be_computed_again(run, sales):
    run("import", sales, "--as", "transactions")
    assert run("customer", "10", "--json").json["traits"] == {}
    assert "huoshui refresh" in run("customer", "10").out
    assert "huoshui refresh" in run("overview").err
    run("refresh", "--as-of", "2024-01-15")
    assert run("customer", "10", "--json").json["traits"]["frequency"]["value"] == 1


@pytest.mark.slow
def test_the_doctor_tells_a_good_house_from_one_that_misses_a_file(run, sales, home):
    nothing = run("doctor")
    assert nothing.code == 1
    assert "huoshui init" in nothing.out
    run("import", sales, "--as", "transactions")
    good = run("doctor", "--json")
    assert good.code == 0, good.out
    assert {finding["what"] for finding in good.json} >= {"versions", "home", "database", "house", "lake"}
    next((home / "lake" / "orders").glob("*.parquet")).unlink()
    answer = run("doctor")
    assert answer.code == 1
    assert "problem" in answer.out
    assert "backup" in answer.out
