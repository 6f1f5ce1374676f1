"""What is refused, and that a refusal says what to do, leaves stdout empty and loads nothing."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

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
    [
        ("overview",),
        ("customer", "1"),
        ("imports",),
        ("refresh",),
        ("sql", "SELECT 1"),
        ("metric",),
        ("import", "--undo", "1"),
    ],
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


BAD_NUMBERS = ("NaN", "inf", "1e999", "１００", "1_000", "many", "123456789012345678")
BAD_DATES = ("2999-01-01", "1850-01-01", "2024-02-30", "yesterday", "0000-00-00")


def test_a_bad_cell_rejects_its_row_only(run, tmp_path: Path):
    path = tmp_path / "sales.csv"
    rows = [f"n{i},b,2024-01-01,x,1,{cell}" for i, cell in enumerate(BAD_NUMBERS)]
    rows += [f"d{i},b,{cell},x,1,5" for i, cell in enumerate(BAD_DATES)]
    path.write_text(HEADER + "1,a,2024-01-01,x,1,5\n" + "\n".join(rows) + "\n", encoding="utf-8")
    report = run("import", path, "--as", "transactions", "--json").json
    assert (report["rows"], report["loaded"], report["rejected"]) == (len(rows) + 1, 1, len(rows))
    assert (report["first_rejects"][0]["line"], report["first_rejects"][0]["column"]) == (3, "price")


def test_a_lake_that_cannot_be_written_loads_nothing(run, home, sales):
    (home / "lake").write_text("a file in the place of the folder")
    refused(run("import", sales, "--as", "transactions"), "lake", "nothing was changed")
    assert run("doctor").code == 1


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
    "error",
    [
        OSError(28, "No space left on device", "/house/lake"),
        PermissionError(13, "Permission denied", "/house/lake"),
    ],
)
def test_a_full_or_closed_disk_is_told_in_a_sentence(error, capsys):
    assert run_command(failing(error), []) == 1
    assert "/house/lake" in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_told_in_a_sentence(capsys):
    from django.db import OperationalError

    assert run_command(failing(OperationalError("connection refused")), []) == 1
    assert "huoshui doctor" in capsys.readouterr().err
