"""Tags, on a real lake."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.data.customers import services
from huoshui.data.customers.tests.factories import NOW
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake

ANN, BOB = 111_111_111_111_111, 222_222_222_222_222
LATER = NOW + timedelta(days=3)


@pytest.fixture
def lake(tmp_path, db):
    lake = Lake(
        tmp_path / "lake",
        EngineSettings(memory="500MiB", threads=1, time_zone="Europe/London", temporary=tmp_path / "tmp"),
    )
    yield lake
    lake.close()


def tag(lake, ids, name="VIP", load_id=1, now=NOW):
    return services.tag(actor=CONSOLE, customer_ids=ids, tag=name, now=now, lake=lake, load_id=load_id)


def untag(lake, ids, name="VIP", load_id=2, now=LATER):
    return services.untag(actor=CONSOLE, customer_ids=ids, tag=name, now=now, lake=lake, load_id=load_id)


def rows(lake):
    snapshot = lake.snapshot()
    tags = snapshot.table("customer_tags").order_by("customer_id", "tag", "valid_from")
    return [
        (row["customer_id"], row["tag"], row["valid_from"], row["valid_to"])
        for row in snapshot.arrow(tags).to_pylist()
    ]


def test_a_tag_is_given_once_and_counts_who_did_not_have_it(lake):
    assert tag(lake, [ANN, ANN]) == 1
    assert tag(lake, [ANN, BOB], load_id=2, now=LATER) == 1
    assert rows(lake) == [(ANN, "VIP", NOW, None), (BOB, "VIP", LATER, None)]


def test_taking_a_tag_away_closes_its_row_and_keeps_since_when_it_held(lake):
    tag(lake, [ANN, BOB])
    tag(lake, [ANN], name="new", load_id=3)
    assert untag(lake, [ANN]) == 1
    assert rows(lake) == [(ANN, "VIP", NOW, LATER), (ANN, "new", NOW, None), (BOB, "VIP", NOW, None)]
    assert untag(lake, [ANN], load_id=4) == 0


def test_undoing_the_load_that_took_a_tag_away_gives_it_back(lake):
    tag(lake, [ANN])
    untag(lake, [ANN], load_id=2)
    with lake.write("undo") as tx:
        tx.undo(2)
    assert rows(lake) == [(ANN, "VIP", NOW, None)]


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb"])
def test_what_cannot_be_a_tag_is_refused(lake, name):
    with pytest.raises(services.NotATag):
        tag(lake, [ANN], name=name)


def test_who_may_only_look_gives_no_tags(lake):
    with pytest.raises(NotAllowed):
        services.tag(
            actor=actor_of_role("mei", Role.VIEWER),
            customer_ids=[ANN],
            tag="x",
            now=NOW,
            lake=lake,
            load_id=1,
        )
