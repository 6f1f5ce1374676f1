"""Looking at a house that is loaded: the same figures on every way, and questions without meaning refused."""

from __future__ import annotations

import csv
import io
import json

import pytest

from huoshui.project.tests.test_refusals import refused

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_overview_speaks_both_languages(shop, language):
    text = shop("--language", language, "overview")
    assert text.code == 0
    assert "GBP 42.00" in text.out
    assert ("各月净收入" if language == "zh" else "Revenue by month") in text.out
    assert text.err == ""


def test_the_figures_are_the_same_on_every_way(shop):
    overview = shop("overview", "--json").json
    assert overview["as_of"] == "2024-03-01T00:00:00+00:00"
    assert overview["totals"]["revenue"] == 42
    assert overview["totals"]["customers"] == 2
    assert sum(overview["customers_by_stage"].values()) == 2
    metric = shop("metric", "revenue", "--json").json
    assert [cell["value"] for cell in metric["cells"]] == [42]
    both = "SELECT revenue FROM order_lines UNION ALL SELECT revenue FROM order_changes"
    assert shop("sql", f"SELECT sum(revenue) AS r FROM ({both})", "--json").json == [{"r": 42}]
    stages = shop("sql", "SELECT stage, count(*) AS n FROM traits GROUP BY ALL", "--json").json
    assert {row["stage"]: row["n"] for row in stages}.items() <= overview["customers_by_stage"].items()


def test_a_customer_is_found_by_any_identity(shop):
    found = shop("customer", "10", "--json").json
    assert {"source": "shop", "kind": "number", "value": "10"} in found["identities"]
    assert found["traits"]["recency"]["value"] == 28
    assert found["traits"]["frequency"]["value"] == 2
    assert found["traits"]["monetary"]["value"] == 31.5
    assert found["traits"]["monetary"]["as_of"] == "2024-03-01T00:00:00+00:00"
    assert found["traits"]["monetary"]["computed_at"]
    assert found["attributes"] == {"country": "France"}
    assert [order["order_id"] for order in found["orders"]] == ["1002", "1001"]
    assert shop("customer", str(found["customer_id"]), "--json").json == found


def test_a_customer_is_shown_with_returns(shop):
    text = shop("customer", "11")
    assert "C1004" in text.out
    assert "GBP -100.00" in text.out
    assert "生命周期阶段" in shop("customer", "11", "--language", "zh").out


def test_csv_shows_formulas_and_keeps_numbers(shop):
    answer = shop("sql", "SELECT name, -1 AS minus FROM products ORDER BY name", "--format", "csv")
    assert list(csv.reader(io.StringIO(answer.out))) == [
        ["name", "minus"],
        ["'=Lock", "-1"],
        ["灯 Lamp", "-1"],
    ]


def test_json_of_sql_names_doubled_columns_apart_and_keeps_decimals(shop):
    query = (
        "SELECT 1 AS n, 2 AS n, 12345678901234567890.1234::DECIMAL(38,4) AS d, "
        "TIMESTAMPTZ '2024-07-01 12:00:00+00' AS t"
    )
    answer = shop("sql", query, "--json")
    assert "12345678901234567890.1234" in answer.out
    assert answer.json[0]["n_2"] == 2
    assert answer.json[0]["t"] == "2024-07-01T13:00:00+01:00"


def test_a_table_of_sql_is_cut_at_a_thousand_rows_and_says_so(shop):
    answer = shop("sql", "SELECT i FROM range(1500) AS r(i)")
    assert len(answer.out.splitlines()) == 1002
    assert "1,000 of 1,500" in answer.err
    assert len(shop("sql", "SELECT i FROM range(1500) AS r(i)", "--format", "csv").out.splitlines()) == 1501


def test_metrics_are_split_and_sliced(shop):
    answer = shop(
        "metric", "gross_revenue", "--from", "2024-01-01", "--to", "2024-02-05", "--by", "month", "--json"
    ).json
    assert [(cell["month"], cell["value"]) for cell in answer["cells"]] == [
        ("2024-01-01", 21),
        ("2024-02-01", 110.5),
    ]
    france = shop("metric", "orders", "--where", "country=France", "--json").json
    assert [cell["value"] for cell in france["cells"]] == [2]
    nobody = shop("metric", "orders", "--where", "country=", "--json").json
    assert [cell["value"] for cell in nobody["cells"]] == [1]
    assert "revenue" in shop("metric").out
    assert shop("metric", "orders", "--by", "stage").code == 0


def test_nobody_is_made_up(shop):
    refused(shop("customer", "99999"), "99999")
    refused(shop("customer", ""), "Nobody")


def test_of_several_customers_each_is_named(shop):
    for people in ("07400 123456", "+44 7400 123456"):
        refused(shop("customer", people), "Several", "shop", "huoshui customer ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("metric", "nonsense"), ("nonsense", "revenue")),
        (("metric", "revenue", "--by", "nonsense"), ("nonsense", "month")),
        (("metric", "revenue", "--by", "stage", "--where", "stage=nonsense"), ("nonsense", "active")),
        (("metric", "revenue", "--from", "nonsense"), ("YYYY-MM-DD",)),
        (("metric", "revenue", "--from", "2024-02-01", "--to", "2024-01-01"), ("no days",)),
        (("refresh", "--as-of", "2024-13-01"), ("YYYY-MM-DD",)),
        (("import", "--undo", "7"), ("no such load", "7")),
    ],
)
def test_a_question_without_meaning_is_refused(shop, arguments, words):
    refused(shop(*arguments), *words)


@pytest.mark.parametrize(
    "query",
    [
        "COPY orders TO '/tmp/out.csv'",
        "ATTACH '/tmp/x.db'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "PRAGMA version",
        "SELECT 1; SELECT 2",
        "DROP TABLE orders",
        "SELECT getenv('HOME')",
        "SELEC 1",
        "",
    ],
)
def test_sql_that_does_more_than_reading_the_lake_is_refused(shop, query):
    refused(shop("sql", query))


HEADER = "invoice,customer,date,sku,quantity,price\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.csv", None, ("no file",)),
        ("empty.csv", b"", ("empty",)),
        ("sheet.csv", b"PK\x03\x04 and more", ("XLSX", "cut short")),
        ("broken.parquet", b"PAR1 and then nothing", ("cut short",)),
        ("text.parquet", HEADER.encode(), (".csv",)),
        ("zeros.csv", b"a,b\n" + b"\x00\xff\x01" * 40, ("zero bytes",)),
        ("riddle.csv", b"name,price\n\xb5\xd8\xc7\xf8\xaa,1\n", ("encoding", "UTF-8")),
        ("columns.csv", b"a,b,c\n1,2,3\n", ("--map", "ordered_at")),
        ("rows.csv", (HEADER + "1,a,2024-01-01,x,1,NaN\n").encode(), ("None of the 1 rows", "--dry-run")),
    ],
)
def test_a_bad_file_loads_nothing(shop, tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    before = shop("sql", "SELECT count(*) AS n, max(load_id) AS m FROM orders", "--json").json
    refused(shop("import", path, "--as", "transactions"), *words)
    assert shop("sql", "SELECT count(*) AS n, max(load_id) AS m FROM orders", "--json").json == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--map", "customer=nowhere"), ("nowhere", "invoice")),
        (("--map", "nonsense=price"), ("nonsense", "ordered_at")),
        (("--currency", "XXX"), ("ISO 4217",)),
        (("--time-zone", "Mars/Olympus"), ("time zone",)),
        (("--profile", "weekly"), ("no such profile", "weekly", "imports --profiles")),
        (("--source", "!!!"), ("source",)),
        (("--currency", "USD"), ("USD on 2024-01-01", "fx_rates")),
        (("--strict",), ("--strict", "line 3")),
    ],
)
def test_a_file_that_cannot_be_loaded_as_told_is_refused(shop, tmp_path, arguments, words):
    path = tmp_path / "more.csv"
    path.write_text(f"{HEADER}1,a,2024-01-01,x,1,5\n2,b,2024-01-01,x,1,NaN\n")
    before = shop("sql", "SELECT count(*) AS n FROM customers", "--json").json
    refused(shop("import", path, "--as", "transactions", *arguments), *words)
    assert shop("sql", "SELECT count(*) AS n FROM customers", "--json").json == before


def test_with_json_a_refusal_is_json_on_stderr(shop):
    answer = shop("customer", "99999", "--json")
    refused(answer)
    told = json.loads(answer.err.strip().splitlines()[-1])
    assert told["error"]["code"] == "nobody_found"
    assert told["error"]["received"] == "'99999'"
