"""The command line from an empty folder to the figures, in one process."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from huoshui import __version__
from huoshui.project.cli import huoshui


@pytest.mark.parametrize("name", ["", *huoshui.commands])
def test_every_command_has_a_manual(name, run):
    answer = run(*([name] if name else []), "--help")
    assert answer.code == 0
    assert len(answer.out) > 200
    assert answer.err == ""


def test_the_version_is_told(run):
    assert run("--version").out == f"huoshui {__version__}\n"


def test_init_founds_the_house_once(run, home):
    first = run("init", "--json")
    assert (first.code, first.json["currency"], first.json["time_zone"]) == (0, "GBP", "Europe/London")
    assert first.json["fresh"] is True
    again = run("init")
    assert again.code == 0
    assert "already" in again.err
    assert str(home) in again.out


def test_init_refuses_another_currency(run, settings):
    run("init")
    settings.HUOSHUI_CURRENCY = "USD"
    answer = run("init")
    assert (answer.code, answer.out) == (1, "")
    assert "USD" in answer.err
    assert "GBP" in answer.err


def test_a_first_import_founds_the_house_and_says_so(run, sales):
    answer = run("import", sales, "--as", "transactions")
    assert answer.code == 0
    assert "founded a house" in answer.err
    assert "load 1" in answer.out.lower()


def test_the_summary_adds_up_and_names_the_rules(run, sales):
    report = run("import", sales, "--as", "transactions", "--json").json
    assert report["rows"] == 5 == report["loaded"] + report["rejected"]
    assert report["rules"]["cancellation"] == 1
    assert report["rules"]["anonymous"] == 1
    assert report["facts"]["orders"] == 4
    assert report["facts"]["order_changes"] == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figures_are_the_same_on_every_way(run, sales, language):
    run("import", sales, "--as", "transactions")
    run("refresh", "--as-of", "2024-03-01")
    text = run("--language", language, "overview")
    assert text.code == 0
    assert "GBP 42.00" in text.out
    assert ("各月净收入" if language == "zh" else "Revenue by month") in text.out
    overview = run("overview", "--json").json
    assert overview["as_of"] == "2024-03-01T00:00:00+00:00"
    assert overview["totals"]["revenue"] == 42
    assert overview["totals"]["customers"] == 2
    assert sum(overview["customers_by_stage"].values()) == 2
    metric = run("metric", "revenue", "--json").json
    assert [cell["value"] for cell in metric["cells"]] == [42]
    both = "SELECT revenue FROM order_lines UNION ALL SELECT revenue FROM order_changes"
    assert run("sql", f"SELECT sum(revenue) AS r FROM ({both})", "--json").json == [{"r": 42}]


def test_a_customer_is_found_by_any_identity(run, sales):
    run("import", sales, "--as", "transactions")
    run("refresh", "--as-of", "2024-03-01")
    found = run("customer", "10", "--json").json
    assert {"source": "shop", "kind": "number", "value": "10"} in found["identities"]
    assert found["traits"]["recency"]["value"] == 28
    assert found["traits"]["frequency"]["value"] == 2
    assert found["traits"]["monetary"] == {
        "value": 31.5,
        "as_of": "2024-03-01T00:00:00+00:00",
        "computed_at": found["traits"]["recency"]["computed_at"],
    }
    assert found["attributes"] == {"country": "France"}
    assert [order["order_id"] for order in found["orders"]] == ["1002", "1001"]
    by_id = run("customer", str(found["customer_id"]), "--json").json
    assert by_id == found
    text = run("customer", "11")
    assert "C1004" in text.out
    assert "GBP -100.00" in text.out


def test_before_the_first_refresh_a_customer_has_no_traits(run, sales):
    run("import", sales, "--as", "transactions")
    assert run("customer", "10", "--json").json["traits"] == {}
    assert "huoshui refresh" in run("customer", "10").out
    assert "huoshui refresh" in run("overview").err


def test_the_same_file_again_changes_nothing_and_undo_restores_the_state_before(run, sales):
    run("init")
    count = ("sql", "SELECT (SELECT count(*) FROM orders) AS o, (SELECT count(*) FROM customers) AS c", "--json")
    assert run(*count).json == [{"o": 0, "c": 0}]
    load = run("import", sales, "--as", "transactions", "--json").json["load_id"]
    assert run("import", sales, "--as", "transactions", "--json").json["already"] == load
    assert run(*count).json == [{"o": 4, "c": 2}]
    undone = run("import", "--undo", str(load), "--json").json
    assert (undone["facts"]["orders"], undone["customers_removed"]) == (4, 2)
    assert run(*count).json == [{"o": 0, "c": 0}]
    assert [entry["state"] for entry in run("imports", "--json").json] == ["undone"]
    assert run("customer", "10").code == 1


def test_a_dry_run_loads_nothing(run, sales):
    report = run("import", sales, "--as", "transactions", "--dry-run", "--json").json
    assert (report["rows"], report["load_id"], report["facts"]["orders"]) == (5, None, 4)
    assert run("sql", "SELECT count(*) AS n FROM orders", "--json").json == [{"n": 0}]


def test_csv_shows_formulas_and_keeps_numbers(run, sales):
    run("import", sales, "--as", "transactions")
    answer = run("sql", "SELECT name, -1 AS minus FROM products ORDER BY name", "--format", "csv")
    assert list(csv.reader(io.StringIO(answer.out))) == [["name", "minus"], ["'=Lock", "-1"], ["灯 Lamp", "-1"]]


def test_json_of_sql_names_doubled_columns_apart_and_keeps_decimals(run):
    run("init")
    query = "SELECT 1 AS n, 2 AS n, 12345678901234567890.1234::DECIMAL(38,4) AS d, TIMESTAMPTZ '2024-07-01 12:00:00+00' AS t"
    answer = run("sql", query, "--json")
    assert "12345678901234567890.1234" in answer.out
    assert answer.json[0]["n_2"] == 2
    assert answer.json[0]["t"] == "2024-07-01T13:00:00+01:00"


def test_an_empty_answer_is_an_empty_list(run):
    run("init")
    assert run("sql", "SELECT * FROM orders", "--json").json == []


def test_metrics_are_split_and_sliced(run, sales):
    run("import", sales, "--as", "transactions")
    answer = run("metric", "gross_revenue", "--from", "2024-01-01", "--to", "2024-02-05", "--by", "month", "--json").json
    assert [(cell["month"], cell["value"]) for cell in answer["cells"]] == [("2024-01-01", 21), ("2024-02-01", 110.5)]
    france = run("metric", "orders", "--where", "country=France", "--json").json
    assert [cell["value"] for cell in france["cells"]] == [2]
    assert "revenue" in run("metric").out
    assert run("metric", "orders", "--by", "stage").code == 0


def test_an_empty_house_says_what_to_do_first(run):
    run("init")
    answer = run("overview")
    assert (answer.code, answer.out) == (0, "")
    assert "huoshui import" in answer.err
    assert run("overview", "--json").json["totals"]["customers"] == 0
    assert "huoshui import" in run("imports").err
    assert run("refresh").code == 0


def test_an_old_moment_can_be_computed_again(run, sales):
    run("import", sales, "--as", "transactions")
    run("refresh", "--as-of", "2024-01-15")
    assert run("customer", "10", "--json").json["traits"]["frequency"]["value"] == 1


def test_the_doctor_finds_a_good_house_in_order(run, sales):
    run("import", sales, "--as", "transactions")
    answer = run("doctor", "--json")
    assert answer.code == 0, answer.out
    assert {finding["what"] for finding in answer.json} >= {"versions", "home", "database", "house", "lake"}


def test_the_doctor_misses_a_file(run, sales, home):
    run("import", sales, "--as", "transactions")
    next((home / "lake" / "orders").glob("*.parquet")).unlink()
    answer = run("doctor")
    assert answer.code == 1
    assert "problem" in answer.out
    assert "backup" in answer.out


def test_the_doctor_tells_a_house_that_was_not_founded(run, home):
    answer = run("doctor")
    assert answer.code == 1
    assert "huoshui init" in answer.out


def test_progress_and_messages_stay_out_of_the_result(run, sales):
    answer = run("import", sales, "--as", "transactions", "--json")
    assert answer.json
    assert "making orders" in answer.err


def test_rejected_rows_wait_in_a_file(run, tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_text("invoice,customer,date,sku,quantity,price\n1,a,2024-01-01,x,1,5\n2,a,2024-01-02,x,1,NaN\n")
    answer = run("import", path, "--as", "transactions")
    assert answer.code == 0
    assert "load-1.csv" in answer.err
    assert "line 3" in answer.out
