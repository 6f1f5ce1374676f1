"""The program over the stores of a larger house: PostgreSQL, and a lake in a bucket."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from pyarrow import fs

from drills.forking import run
from huoshui.project.tests.conftest import SALES
from huoshui.project.tests.test_program import TOTAL, Program

KILLED_BEFORE_ITS_FIRST_COMMIT = """
import os, signal
from deltalake import DeltaTable
DeltaTable.create_write_transaction = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
from huoshui.project.cli import main
main()
"""


@pytest.mark.slow
def test_with_postgresql_and_a_bucket_it_goes_from_nothing_to_the_figures_and_back(tmp_path, postgres, s3):
    bucket = s3.new_bucket()
    huoshui = Program(
        tmp_path,
        HUOSHUI_CURRENCY="GBP",
        HUOSHUI_TIME_ZONE="Europe/London",
        HUOSHUI_DATABASE_URL=postgres.new_database(),
        HUOSHUI_LAKE_URL=f"s3://{bucket}/shop/lake",
        **s3.environment,
    )
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")

    def data_files() -> set[str]:
        found = s3.client().get_file_info(fs.FileSelector(bucket, recursive=True, allow_not_found=True))
        return {f.path for f in found if f.extension == "parquet" and "_delta_log" not in f.path}

    importing = ("import", "sales.csv", "--as", "transactions")
    dead = run(
        "-c", KILLED_BEFORE_ITS_FIRST_COMMIT, *importing, environment=huoshui.environment, folder=tmp_path
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    sent = data_files()
    assert sent, "it died between sending a file and naming it in a commit"
    loaded, _, overview, customer, total, doctor = huoshui.together(
        (*importing, "--json"),
        ("refresh", "--as-of", "2024-03-01"),
        ("overview",),
        ("customer", "10", "--json"),
        ("sql", TOTAL, "--format", "csv"),
        ("doctor", "--deep"),
    )
    load = json.loads(loaded)
    assert (load["rows"], load["loaded"]) == (5, 5)
    assert not sent & data_files(), "what no version names was swept by the next writer"
    assert "GBP 42.00" in overview
    assert json.loads(customer)["traits"]["monetary"]["value"] == 31.5
    assert total.split() == ["r", "42"]
    assert "postgresql" in doctor
    assert not list((tmp_path / "huoshui-home").rglob("*.sqlite3"))
    assert not list((tmp_path / "huoshui-home").rglob("_delta_log"))
    huoshui("import", "--undo", str(load["load_id"]))
    assert huoshui.json("sql", "SELECT count(*) AS n FROM customers") == [{"n": 0}]


@pytest.mark.slow
def test_a_store_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path):
    nobody = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
    }
    huoshui = Program(tmp_path, HUOSHUI_LAKE_URL="s3://bucket/lake", **nobody)
    huoshui("init")
    told = huoshui("doctor", code=1)
    assert "127.0.0.1:9" in told.stdout + told.stderr
    assert "AWS_ENDPOINT_URL" in told.stdout + told.stderr
    assert "s3cret" not in told.stdout + told.stderr
    assert "Traceback" not in told.stderr
