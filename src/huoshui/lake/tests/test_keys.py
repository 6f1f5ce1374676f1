"""Knowing which files may hold a key: never wrong about those that do, and without reading a file twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.lake import keys
from huoshui.lake.keys import KnownKeys

FILES = st.lists(st.sets(st.integers(0, 60), max_size=20), min_size=1, max_size=6)


class Files:
    """Files of keys that say how often they were read."""

    def __init__(self, *contents):
        self.contents = {f"f{n}": sorted(content) for n, content in enumerate(contents)}
        self.read = []

    def ask(self, known, files, of, table="orders"):
        return known.may_hold(table, files, of, count=lambda f: len(self.contents[f]), read=self._read)

    def _read(self, file):
        self.read.append(file)
        return np.array(self.contents[file], dtype=np.uint64)

    def hold(self, wanted):
        return [file for file, content in self.contents.items() if set(content) & set(wanted)]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(keys, "MOST", 25)


@given(contents=FILES, wanted=st.sets(st.integers(0, 60), min_size=1, max_size=9))
def test_exactly_the_files_with_a_shared_key_are_named(contents, wanted):
    files = Files(*contents)
    expected = files.hold(wanted)
    names = list(files.contents)
    files.contents["new"] = sorted(wanted)
    known = KnownKeys()
    assert files.ask(known, names, ["new"]) == names  # the first question is not worth reading for
    assert files.read == []
    assert files.ask(known, names, ["new"]) == expected


@pytest.mark.usefixtures("small")
def test_files_beyond_what_is_kept_may_hold_anything_and_are_not_read():
    files = Files(range(20), range(100, 120), range(3))
    known = KnownKeys()
    files.ask(known, [], ["f2"])
    assert files.ask(known, ["f0", "f1"], ["f2"]) == ["f0", "f1"]
    assert files.ask(known, ["f0", "f1"], ["f2"]) == ["f0", "f1"]
    assert files.read == ["f2", "f0"]


@pytest.mark.usefixtures("small")
def test_files_that_are_gone_make_room_for_others():
    files = Files(range(20), range(100, 120), [1], [105])
    known = KnownKeys()
    files.ask(known, [], ["f2"])
    assert files.ask(known, ["f0"], ["f2"]) == ["f0"]
    assert files.ask(known, ["f1"], ["f2"]) == []
    assert files.ask(known, ["f1"], ["f3"]) == ["f1"]
    assert files.read == ["f2", "f0", "f1", "f3"]
