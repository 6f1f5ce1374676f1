"""What is refused, and that a refusal says what to do, leaves stdout empty and loads nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from huoshui.kernel.errors import HuoshuiError
from huoshui.project.cli.running import run as run_command

HEADER = "invoice,customer,date,sku,quantity,price\n"


def refused(answer, *words: str, code: int = 1) -> None:
    assert answer.code == code, (answer.out, answer.err)
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


@pytest.mark.parametrize(
    "arguments",
    [("overview",), ("customer", "1"), ("imports",), ("refresh",), ("sql", "SELECT 1"), ("metric",), ("import", "--undo", "1")],
)
def test_without_a_house_reading_is_refused(run, arguments):
    refused(run(*arguments), "no house", "huoshui init")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("import",),
        ("import", "x.csv"),
        ("import", "x.csv", "--as", "nonsense"),
        ("import", "x.csv", "--as", "orders", "--map", "nonsense"),
        ("import", "x.csv", "--as", "orders", "--undo", "1"),
        ("import", "x.csv", "--as", "orders", "--date-order", "ymd"),
        ("metric", "revenue", "--where", "nonsense"),
        ("sql",),
        ("sql", "SELECT 1", "--format", "xml"),
        ("demo", "--customers", "0"),
        ("demo", "--until", "nonsense"),
        ("--language", "fr", "overview"),
    ],
)
def test_a_command_typed_wrongly_ends_with_2(run, arguments):
    refused(run(*arguments), "Usage", code=2)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.csv", None, ("no file",)),
        ("empty.csv", b"", ("empty",)),
        ("sheet.csv", b"PK\x03\x04 and more", ("XLSX", "CSV")),
        ("broken.parquet", b"PAR1 and then nothing", ("cut short",)),
        ("text.parquet", HEADER.encode(), (".csv",)),
        ("zeros.csv", b"a,b\n\x001,2\n", ("zero bytes",)),
        ("latin.csv", b"name,price\ncaf\xe9 au lait,1\n", ("encoding", "UTF-8")),
        ("columns.csv", b"a,b,c\n1,2,3\n", ("--map", "ordered_at")),
        ("rows.csv", (HEADER + "1,a,2024-01-01,x,1,NaN\n").encode(), ("None of the 1 rows", "--dry-run")),
    ],
)
def test_a_bad_file_loads_nothing(run, tmp_path: Path, name, content, words):
    run("init")
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    refused(run("import", path, "--as", "transactions"), *words)
    assert run("sql", "SELECT count(*) AS n FROM orders", "--json").json == [{"n": 0}]


@pytest.mark.parametrize("cell", ["NaN", "inf", "1e999", "１００", "1_000", "many", "123456789012345678"])
def test_a_bad_number_rejects_its_row_only(run, tmp_path: Path, cell):
    path = tmp_path / "sales.csv"
    path.write_text(f"{HEADER}1,a,2024-01-01,x,1,5\n2,b,2024-01-01,x,1,{cell}\n", encoding="utf-8")
    report = run("import", path, "--as", "transactions", "--json").json
    assert (report["rows"], report["loaded"], report["rejected"]) == (2, 1, 1)
    assert report["first_rejects"][0]["line"] == 3
    assert report["first_rejects"][0]["column"] == "price"


@pytest.mark.parametrize("cell", ["2999-01-01", "1850-01-01", "2024-02-30", "yesterday", "0000-00-00"])
def test_a_bad_date_rejects_its_row_only(run, tmp_path: Path, cell):
    path = tmp_path / "sales.csv"
    path.write_text(f"{HEADER}1,a,2024-01-01,x,1,5\n2,b,{cell},x,1,5\n", encoding="utf-8")
    report = run("import", path, "--as", "transactions", "--json").json
    assert (report["loaded"], report["rejected"]) == (1, 1)


def test_strict_refuses_the_whole_file_for_one_bad_row(run, tmp_path: Path):
    path = tmp_path / "sales.csv"
    path.write_text(f"{HEADER}1,a,2024-01-01,x,1,5\n2,b,2024-01-01,x,1,NaN\n")
    refused(run("import", path, "--as", "transactions", "--strict"), "--strict", "line 3")
    assert run("sql", "SELECT count(*) AS n FROM orders", "--json").json == [{"n": 0}]
    assert run("sql", "SELECT count(*) AS n FROM customers", "--json").json == [{"n": 0}]


def test_a_missing_rate_loads_nothing_and_is_named(run, tmp_path: Path):
    path = tmp_path / "sales.csv"
    path.write_text(f"{HEADER}1,a,2024-01-01,x,1,5\n")
    refused(run("import", path, "--as", "transactions", "--currency", "USD"), "USD on 2024-01-01", "fx_rates")
    assert run("sql", "SELECT count(*) AS n FROM orders", "--json").json == [{"n": 0}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--map", "customer=nowhere"), ("nowhere", "invoice")),
        (("--map", "nonsense=price"), ("nonsense", "ordered_at")),
        (("--currency", "XXX"), ("ISO 4217",)),
        (("--time-zone", "Mars/Olympus"), ("time zone",)),
        (("--profile", "weekly"), ("no saved profiles", "--map")),
        (("--source", "!!!"), ("source",)),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(run, tmp_path: Path, arguments, words):
    run("init")
    path = tmp_path / "sales.csv"
    path.write_text(f"{HEADER}1,a,2024-01-01,x,1,5\n")
    refused(run("import", path, "--as", "transactions", *arguments), *words)


def test_a_lake_that_cannot_be_written_loads_nothing(run, home, sales):
    (home / "lake").write_text("a file in the place of the folder")
    refused(run("import", sales, "--as", "transactions"), "lake", "nothing was changed")
    assert run("doctor").code == 1


def test_an_unknown_load_is_not_undone(run):
    run("init")
    refused(run("import", "--undo", "7"), "no such load", "7")


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
def test_sql_that_does_more_than_reading_the_lake_is_refused(run, query):
    run("init")
    refused(run("sql", query))


def test_nobody_is_made_up(run, sales):
    run("import", sales, "--as", "transactions")
    refused(run("customer", "99999"), "99999")
    refused(run("customer", ""), "Nobody")


def test_of_several_customers_each_is_named(run, sales):
    run("import", sales, "--as", "transactions")
    refused(run("customer", "+44 7400 000001"), "Several", "shop", "huoshui customer ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("metric", "nonsense"), ("nonsense", "revenue")),
        (("metric", "revenue", "--by", "nonsense"), ("nonsense", "month")),
        (("metric", "revenue", "--by", "stage", "--where", "stage=nonsense"), ("nonsense", "active")),
        (("metric", "revenue", "--from", "nonsense"), ("YYYY-MM-DD",)),
        (("metric", "revenue", "--from", "2024-02-01", "--to", "2024-01-01"), ("no days",)),
        (("refresh", "--as-of", "2024-13-01"), ("YYYY-MM-DD",)),
    ],
)
def test_a_question_without_meaning_is_refused(run, sales, arguments, words):
    run("import", sales, "--as", "transactions")
    refused(run(*arguments), *words)


def test_with_json_a_refusal_is_json_on_stderr(run):
    answer = run("customer", "1", "--json")
    refused(answer)
    told = json.loads(answer.err.strip().splitlines()[-1])
    assert told["error"]["code"] == "not_founded"
    assert told["error"]["next_step"]


def failing(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


def test_the_unexpected_is_logged_without_what_it_said(home, capsys):
    assert run_command(failing(ValueError("mei@example.com")), []) == 70
    out, err = capsys.readouterr()
    assert out == ""
    (log,) = (home / "log").iterdir()
    assert str(log) in err
    assert "mei@example.com" not in err + log.read_text()
    assert "ValueError" in log.read_text()
    assert "test_refusals.py" in log.read_text()


def test_an_interruption_says_that_nothing_stays(capsys):
    assert run_command(failing(KeyboardInterrupt()), []) == 130
    assert "Nothing half loaded stays" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device", "/house/lake"), PermissionError(13, "Permission denied", "/house/lake")]
)
def test_a_full_or_closed_disk_is_told_in_a_sentence(error, capsys):
    assert run_command(failing(error), ["--json"] if isinstance(error, HuoshuiError) else []) == 1
    assert "/house/lake" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_told_in_a_sentence(capsys):
    from django.db import OperationalError

    assert run_command(failing(OperationalError("connection refused")), []) == 1
    assert "huoshui doctor" in capsys.readouterr().err
