"""What of the lake belongs into a copy of the house."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from huoshui.lake import copying
from huoshui.lake.models import HouseVersion, Seal
from huoshui.lake.tests.shop import put_orders, revenues


def copy(lake, names, folder: Path) -> Path:
    """The files ``names`` below another folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(lake.root / name, folder / name)
    return folder


def in_place_of_the_lake(lake, folder: Path) -> None:
    shutil.rmtree(lake.root)
    folder.rename(lake.root)


@pytest.fixture(params=["log from the beginning", "log behind a checkpoint", "a checkpoint on top"])
def written(request, lake):
    """A lake with replaced orders, and files of older versions that a copy does not need."""
    put_orders(lake, {"a": 1, "b": 2})
    put_orders(lake, {"a": 5}, load_id=2)
    if request.param != "log from the beginning":
        DeltaTable(str(lake.root / "orders")).create_checkpoint()
    if request.param != "a checkpoint on top":
        put_orders(lake, {"c": 7}, load_id=3)
    return lake


def test_a_copy_reads_the_same_and_can_be_written(written, open_another, tmp_path):
    before = revenues(written.snapshot())
    names = list(copying.files(written.snapshot(), written.root))
    assert all(copying.NAME.fullmatch(name) for name in names)
    in_place_of_the_lake(written, copy(written, names, tmp_path / "copy"))
    copying.forget_what_was_left_out(names)
    lake = open_another()
    assert revenues(lake.snapshot()) == before
    assert lake.recover() == {}
    with lake.write("undo") as tx:
        tx.undo(2)
    assert revenues(lake.snapshot())["a"] == 1
    put_orders(lake, {"z": 9}, load_id=4)
    assert revenues(lake.snapshot())["z"] == 9
    with lake.exclusive("erasure"):
        lake.vacuum(retention=timedelta(0))
    assert revenues(lake.snapshot())["z"] == 9


def test_older_versions_and_what_is_not_published_are_left_out(written):
    (written.root / "orders" / "part-left-by-a-killed-writer.parquet").write_bytes(b"")
    names = set(copying.files(written.snapshot(), written.root))
    newest = {Path(file).name for file in written.snapshot().files("orders")}
    assert {
        Path(name).name for name in names if name.endswith(".parquet") and "_delta_log" not in name
    } == newest
    assert len(list((written.root / "orders").glob("*.parquet"))) > len(newest) + 1  # those of older versions
    assert all((written.root / name).is_file() for name in names)


def test_a_copy_forgets_versions_and_checksums_of_what_it_does_not_have(written):
    names = list(copying.files(written.snapshot(), written.root))
    newest = written.snapshot().version
    assert set(copying.checksums()) - set(names)
    copying.forget_what_was_left_out(names)
    assert [v.version for v in HouseVersion.objects.all()] == [newest]
    assert set(Seal.objects.values_list("path", flat=True)) <= set(names)
    assert copying.checksums()


@pytest.mark.parametrize(
    "name",
    [
        "../x.parquet",
        "/x.parquet",
        "orders/../x.parquet",
        "orders/a/b.parquet",
        "orders/x.sh",
        "orders/_delta_log/1.json",
    ],
)
def test_other_names_are_no_files_of_a_lake(name):
    assert not copying.NAME.fullmatch(name)
