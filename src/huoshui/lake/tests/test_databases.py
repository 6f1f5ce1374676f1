"""House versions and checksums live in either database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.lake.errors import NoSuchVersion
from huoshui.lake.examining import find_damage
from huoshui.lake.models import HouseVersion, Seal
from huoshui.lake.tests.shop import die_writing, orders, put_orders, revenues


def test_versions_are_published_read_back_and_let_go(database, open_another):
    lake = open_another()
    put_orders(lake, {"a": 1})
    first = lake.snapshot().version
    put_orders(lake, {"a": 2}, load_id=2)
    with pytest.raises(KeyError), lake.write("fails") as tx:  # noqa: PT012
        tx.append("orders", orders({"b": 3}))
        raise KeyError
    die_writing(lake, "back", {"c": 4})
    assert lake.recover() == {"orders": "back"}
    assert revenues(lake.snapshot()) == {"a": 2}
    assert revenues(lake.snapshot(first)) == {"a": 1}
    assert set(lake.snapshot().versions) == {"orders"}
    assert find_damage(lake, deep=True) == []
    with lake.exclusive("erasure"):
        lake.vacuum(timedelta(0))
    assert revenues(lake.snapshot()) == {"a": 2}
    sealed = set(Seal.objects.values_list("path", flat=True))
    assert sealed >= {
        f"orders/{name}" for name in lake.folder("orders").place.listed() if name.endswith("parquet")
    }
    HouseVersion.objects.filter(version=first).delete()
    with pytest.raises(NoSuchVersion):
        lake.snapshot(first)
