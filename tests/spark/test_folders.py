"""Spark keeps its temporary files in the house, whatever the folder of the house is called."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from huoshui.data.connectors.tests.house import founded
from huoshui.lake.errors import EngineMissing
from huoshui.lake.spark import without_commas

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_rows_that_are_exchanged_lie_in_the_house_although_its_path_has_a_comma(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    folder = tmp_path / "Robots, lamps: 活水, Ltd"
    folder.mkdir()
    with founded(folder) as made:
        made.load("order id,customer,order date,amount\n1,a,2024-03-01,10\n2,b,2024-03-02,5\n", "orders")
        picture = made.lake.snapshot()
        orders = picture.table("orders")
        assert picture.arrow(orders.group_by("order_id").aggregate(n=orders.count())).num_rows == 2
        assert list((folder / "home" / "tmp").glob("engine-*/**/blockmgr-*"))
    assert list(elsewhere.iterdir()) == []
    assert list((folder / "home" / "tmp").glob("engine-*/**/blockmgr-*")) == []


def test_a_path_without_commas_is_used_as_it_is(tmp_path: Path):
    folder = tmp_path / "a b"
    folder.mkdir()
    with without_commas(folder) as listed:
        assert listed == folder


def test_the_link_to_a_path_with_commas_goes_and_what_it_leads_to_stays(tmp_path: Path):
    folder = tmp_path / "a,b"
    folder.mkdir()
    with without_commas(folder) as listed:
        assert "," not in str(listed)
        (listed / "kept").write_text("here")
    assert not listed.is_symlink()
    assert not listed.parent.exists()
    assert (folder / "kept").read_text() == "here"


def test_where_every_folder_has_a_comma_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "a,b"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with pytest.raises(EngineMissing, match="comma"), without_commas(folder):
        pass
    assert list(folder.iterdir()) == []
