"""The doctor: damage in words with days and a next step, half-finished work as such, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from django.apps import apps

from huoshui.lake.examining import Damage, Kind
from huoshui.project.findings import WORDS, explain

pytestmark = pytest.mark.slow


@pytest.fixture
def house(run, sales, home):
    """The lake of a house with some sales and traits."""
    assert run("import", sales, "--as", "transactions").code == 0
    assert run("refresh", "--as-of", "2024-03-01").code == 0
    return home / "lake"


def flip(house: Path, table: str) -> None:
    """Change one bit in the data of a table."""
    path = next((house / table).glob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def test_a_flipped_bit_is_found_and_explained_with_its_days(run, house):
    assert run("doctor", "--deep").code == 0
    flip(house, "orders")
    assert run("doctor").code == 0
    english, chinese = (
        run("doctor", "--deep", "--language", "en"),
        run("doctor", "--deep", "--language", "zh"),
    )
    assert english.code == chinese.code == 1
    for answer in (english.out, chinese.out):
        assert "orders" in answer
        assert "2024-01-01" in answer
        assert "2024-02-07" in answer
        assert "import of sales.csv" in answer
        assert "huoshui restore" in answer
    assert "not as they were written" in english.out
    assert "与写入时不一致" in chinese.out
    [finding] = [f for f in run("doctor", "--deep", "--json").json if not f["ok"]]
    assert (finding["what"], bool(finding["next_step"])) == ("lake", True)


def test_a_damaged_table_of_traits_is_computed_anew_as_the_doctor_says(run, house):
    next((house / "traits").glob("*.parquet")).unlink()
    answer = run("doctor")
    assert answer.code == 1
    assert "huoshui refresh" in answer.out
    assert run("refresh", "--as-of", "2024-03-01").code == 0
    assert run("doctor", "--deep").code == 0


def test_half_finished_work_is_told_and_settled_by_the_next_command(run, house):
    loads = apps.get_model("connectors", "Load").objects
    done = loads.get()
    done.pk, done.state, done.fingerprint = None, "loading", "another"
    done.save()
    (house / ".writer.lock").write_text("import of more.csv")
    english, chinese = run("doctor", "--language", "en"), run("doctor", "--language", "zh")
    assert english.code == 0
    assert "killed in the middle of: import of more.csv" in english.out
    assert "interrupted while it was being loaded" in english.out
    assert "中途被终止：import of more.csv" in chinese.out
    assert loads.get(pk=done.pk).state == "loading"
    assert "settled what an interrupted command had left: import of more.csv" in run("imports").err
    assert loads.get(pk=done.pk).state == "failed"
    assert "killed" not in run("doctor").out
    assert "settled" not in run("imports").err


def test_people_in_one_store_only_are_found(run, house):
    apps.get_model("customers", "Customer").objects.order_by("pk")[:1].get().delete()
    assert run("doctor").code == 0
    answer = run("doctor", "--deep", "--language", "en")
    assert answer.code == 1
    assert "1 are in one store only" in answer.out


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_of_damage_has_words_in_both_languages_and_a_next_step(kind):
    finding = explain(Damage(table="orders", kind=kind, files=("orders/x.parquet",)))
    assert WORDS[kind].en.split("{")[0] in finding.text.en
    assert "orders" in finding.text.zh
    assert not finding.in_order
    assert finding.next_step is not None
