"""Silent damage: any file of a table that is changed, cut short or gone is found, and its table and days are named."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from deltalake import DeltaTable

from huoshui.lake.examining import find_damage
from huoshui.lake.models import HouseVersion, Seal
from huoshui.lake.publishing import publish
from huoshui.lake.tests.shop import orders, put_orders, revenues

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def table(lake):
    """The folder of a table with some loads, one of which replaced rows of another."""
    for load_id in (1, 2, 3):
        put_orders(lake, {"a": load_id, f"o{load_id}": 9}, load_id=load_id)
    return lake.root / "orders"


def flip(path: Path, share: float = 0.5) -> None:
    """Change one bit in a file."""
    content = bytearray(path.read_bytes())
    content[int((len(content) - 1) * share)] ^= 1
    path.write_bytes(bytes(content))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def remove(path: Path) -> None:
    path.unlink()


def data_file(lake) -> Path:
    return Path(lake.snapshot().files("orders")[0])


def test_a_sound_lake_has_no_damage(lake, table):
    assert find_damage(lake) == []
    assert find_damage(lake, deep=True) == []


def test_every_file_of_a_table_has_a_checksum(lake, table):
    files = {f"orders/{p.relative_to(table)}" for p in table.rglob("*") if p.is_file()}
    sealed = dict(Seal.objects.values_list("path", "sha256"))
    assert sealed == {path: sha256((lake.root / path).read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.5, 0.7, 0.99, 1])
def test_a_flipped_bit_anywhere_in_a_data_file_is_found(lake, table, share):
    path = data_file(lake)
    flip(path, share)
    assert find_damage(lake) == []  # its size is right
    [damage] = find_damage(lake, deep=True)
    assert (damage.table, damage.kind) == ("orders", "changed")
    assert damage.files == (f"orders/{path.name}",)


@pytest.mark.parametrize(("harm", "kind"), [(cut, "cut short"), (remove, "missing")])
def test_a_data_file_cut_short_or_gone_is_found_without_reading_it(lake, table, harm, kind):
    harm(data_file(lake))
    for deep in (False, True):
        [damage] = find_damage(lake, deep=deep)
        assert (damage.table, damage.kind, len(damage.files)) == ("orders", kind, 1)


def test_the_days_of_what_is_damaged_are_days_of_the_house(lake):
    put_orders(lake, {"a": 1, "b": 4})  # the 9th and the 6th of March at 16:00 in Shanghai
    flip(data_file(lake))
    [damage] = find_damage(lake, deep=True)
    assert damage.days == (date(2024, 3, 6), date(2024, 3, 9))
    assert damage.came_with == ("load 1",)


@pytest.mark.parametrize("harm", [flip, cut, remove])
@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_damage_of_any_entry_of_the_log_is_found(lake, table, open_another, harm, number):
    harm(table / "_delta_log" / f"{number:020}.json")
    found = find_damage(open_another(), deep=True)
    assert {damage.table for damage in found} == {"orders"}
    assert found[0].kind in ("log changed", "log unreadable", "commits lost")


@pytest.mark.parametrize("harm", [flip, cut, remove])
@pytest.mark.parametrize("which", ["_last_checkpoint", f"{4:020}.checkpoint.parquet"])
def test_damage_of_a_checkpoint_or_its_pointer_is_found(lake, table, open_another, harm, which):
    DeltaTable(str(table)).create_checkpoint()
    put_orders(lake, {"z": 5}, load_id=4)
    newest = HouseVersion.objects.latest("version")
    last = DeltaTable(str(table)).version()
    DeltaTable(str(table)).create_checkpoint()
    publish(lake.storage, before={"orders": last - 1}, tables={"orders": last}, reason="a checkpoint")
    path = table / "_delta_log" / which.replace(f"{4:020}", f"{last:020}")
    assert path.is_file()
    assert newest.tables == {"orders": last}
    harm(path)
    found = find_damage(open_another(), deep=True)
    assert [damage.table for damage in found] == ["orders"] * len(found)
    assert found, "nobody noticed"


def test_a_table_that_lost_its_newest_commit_is_found_without_reading_it(lake, table, open_another):
    newest = max((table / "_delta_log").glob("*.json"))
    newest.unlink()
    [damage] = find_damage(open_another())
    assert damage.kind == "commits lost"


def test_files_from_before_there_were_checksums_are_decoded_completely(lake, table):
    Seal.objects.all().delete()
    assert find_damage(lake, deep=True) == []
    path = data_file(lake)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(200) + content[204:])
    [damage] = find_damage(lake, deep=True)
    assert (damage.kind, damage.table) == ("unreadable", "orders")
    assert damage.detail


def test_files_that_are_removed_on_purpose_are_missed_by_nobody(lake, table):
    with lake.exclusive("erasure"):
        assert lake.vacuum(timedelta(0)) > 0
    assert find_damage(lake, deep=True) == []
    sealed = set(Seal.objects.values_list("path", flat=True))
    assert sealed == {f"orders/{p.relative_to(table)}" for p in table.rglob("*") if p.is_file()}


def test_files_of_a_write_that_was_taken_back_are_gone_and_missed_by_nobody(lake, table):
    before = {p.name for p in table.glob("*.parquet")}
    with pytest.raises(KeyError), lake.write("fails") as tx:  # noqa: PT012
        tx.put("orders", orders({"x": 7}, load_id=9), load_id=9)
        raise KeyError
    assert {p.name for p in table.glob("*.parquet")} == before
    assert find_damage(lake, deep=True) == []
    assert revenues(lake.snapshot()) == {"a": 3, "o1": 9, "o2": 9, "o3": 9}


def test_looking_changes_nothing(lake, table):
    flip(data_file(lake))
    before = {p: p.read_bytes() for p in lake.root.rglob("*") if p.is_file()}
    versions = HouseVersion.objects.count()
    find_damage(lake, deep=True)
    assert {p: p.read_bytes() for p in lake.root.rglob("*") if p.is_file()} == before
    assert HouseVersion.objects.count() == versions
