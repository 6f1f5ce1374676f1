"""A campaign begins on PostgreSQL as it does on SQLite: everybody once, in portions, and it adds up."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.act.campaigns import sending
from huoshui.act.campaigns.tests.conftest import Street
from huoshui.act.messages.tests.conftest import Clock, Post, agree
from huoshui.data.customers.queries import births
from huoshui.data.customers.tests.factories import make_house
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
def test_a_campaign_begins_sends_and_adds_up(
    database: str, tmp_path: Any, engine: EngineSettings, post: Post, wall: Clock, monkeypatch
):
    monkeypatch.setattr(sending, "AT_ONCE", 5)
    make_house()
    lake = Lake(tmp_path / "lake", engine)
    monkeypatch.setattr(births, "open_lake", lambda: lake)
    street = Street(lake, post, wall)
    for who in street.people[:-1]:
        agree(who)
    number = street.started()
    street.follow()
    begun = street.progress(number)
    assert (begun.audience, begun.by_state["pending"]) == (12, 11)
    assert begun.by_reason == {"no_consent": 1}
    street.follow()
    street.deliver()
    assert sorted(post.to) == sorted(street.people[:-1])
    assert street.progress(number).by_state["sent"] == 11
    street.lake.close()
