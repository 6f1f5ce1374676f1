"""Houses that earlier versions made open with this one: nothing is lost, and work in them goes on."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.houses.make import HERE, figures
from tests.houses.running import open_house

KEPT = sorted(HERE.glob("*.tar.gz"))


def test_there_is_a_house_to_open():
    assert KEPT


@pytest.mark.slow
@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name.removesuffix(".tar.gz"))
def test_a_house_of_an_earlier_version_opens_answers_the_same_and_goes_on_working(kept: Path, tmp_path: Path):
    with tarfile.open(kept) as archive:
        archive.extractall(tmp_path, filter="data")
    expected = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))
    database = tmp_path / "house" / "huoshui.sqlite3"
    knew_its_place = _has_column(database, "organisation_organisation", "place")
    wrote_words = _has_column(database, "customers_searchtext", "customer_id")
    with open_house(tmp_path / "house") as house:
        found = figures(house)
        for name, value in found.items():
            assert value == expected[name], name
        assert house.attempt("doctor").code == 0, house("doctor").out
        people = len(house.json("sql", "SELECT customer_id FROM customers"))
        # for a worker to make them findable
        assert (f"{people} customers wait" in house("doctor").out) != wrote_words
        house("search-again")
        assert "customers wait" not in house("doctor").out
        # What an upgrade finds is no copy; a house that knew where it stood was copied to here.
        assert ("sends nothing" in house("overview").err) == knew_its_place

        (tmp_path / "more.csv").write_text(
            "order no,customer,date,product id,price\nZ1,K01,2025-12-30 10:00,C1,599\n"
        )
        load = house.json("import", tmp_path / "more.csv", "--as", "transactions", "--source", "shop")
        assert (load["loaded"], load["customers_known"]) == (1, 1)
        house("refresh", "--as-of", expected["overview"]["as_of"][:10])
        house("refresh", "--as-of", "2026-01-01")
        more = house.json("overview")["totals"]
        assert more["orders"] == expected["overview"]["totals"]["orders"] + 1
        house("import", "--undo", str(load["load_id"]))
        first = next(entry[0] for entry in expected["loads"] if entry[1] == "corrected.csv")
        house("import", "--undo", str(first))  # what the earlier version had replaced counts again
        house("refresh", "--as-of", "2026-01-01")
        assert house.json("sql", "SELECT count(*) AS n FROM orders WHERE order_id IN ('A3', 'A200')") == [
            {"n": 1}
        ]


def _has_column(database: Path, table: str, column: str) -> bool:
    with closing(sqlite3.connect(database)) as opened:
        found = opened.execute("SELECT name FROM pragma_table_info(?)", [table]).fetchall()
    return (column,) in found


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
