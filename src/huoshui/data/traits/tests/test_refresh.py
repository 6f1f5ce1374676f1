"""Refreshing and reading back, on a real lake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from huoshui.data.traits import queries, services
from huoshui.data.traits.tests.shop import as_of, at, rows_for
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import TRAITS
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake

ANN, BOB = 111_111_111_111_111, 222_222_222_222_222
NOW = datetime(2024, 5, 1, 8, tzinfo=UTC)


def order(customer, order_id, when, revenue):
    facts = {
        "customer_id": customer,
        "order_id": order_id,
        "ordered_at": at(when),
        "revenue": Decimal(revenue),
    }
    return {**facts, "source": "till", "load_id": 1, "ingested_at": NOW}


@pytest.fixture
def lake(tmp_path, db):
    made = Lake(
        tmp_path / "lake",
        EngineSettings(memory="500MiB", threads=1, time_zone="Europe/London", temporary=tmp_path / "tmp"),
    )
    with made.write("a small shop") as tx:
        people = [{"customer_id": who, "created_at": at("2020-01-01")} for who in (ANN, BOB)]
        tx.overwrite("customers", rows_for("customers", people))
        orders = [order(ANN, "1", "2024-04-01", 10), order(ANN, "2", "2024-04-29", 5)]
        tx.append("orders", rows_for("orders", orders))
    yield made
    made.close()


def refresh(lake, day="2024-05-01", now=NOW, actor=CONSOLE):
    return services.refresh(actor=actor, lake=lake, as_of=as_of(day), now=now)


def history(lake):
    snapshot = lake.snapshot()
    rows = snapshot.arrow(snapshot.table("traits_history")).to_pylist()
    return {(row["customer_id"], row["as_of"].astimezone(UTC)): row for row in rows}


def test_there_is_nothing_to_read_before_the_first_refresh(lake):
    assert queries.current(tables=lake.snapshot(), customer_id=ANN) == {}
    assert queries.last_refresh(tables=lake.snapshot()) is None


def test_each_value_says_as_of_when_and_from_what_it_was_computed(lake):
    done = refresh(lake)
    assert (done.customers, done.traits, done.as_of) == (2, len(TRAITS), at("2024-05-01"))
    ann = queries.current(tables=lake.snapshot(), customer_id=ANN)
    assert list(ann) == list(TRAITS.slugs())
    assert (ann["recency"].value, ann["monetary"].value) == (2, 15)
    assert (ann["monetary"].as_of, ann["monetary"].computed_at) == (at("2024-05-01"), NOW)
    assert ann["last_order_at"].value == at("2024-04-29")
    assert ann["net_monetary"].computed_from == ("monetary", "returned")
    assert queries.current(tables=lake.snapshot(), customer_id=BOB)["frequency"].value == 0
    assert queries.last_refresh(tables=lake.snapshot()) == (at("2024-05-01"), NOW)


def test_somebody_unknown_has_no_traits(lake):
    refresh(lake)
    assert queries.current(tables=lake.snapshot(), customer_id=333_333_333_333_333) == {}


@pytest.mark.slow
def test_the_history_keeps_a_row_for_each_day(lake):
    refresh(lake, "2024-04-20")
    refresh(lake, "2024-05-01")
    found = history(lake)
    assert {key[1] for key in found} == {at("2024-04-20"), at("2024-05-01")}
    assert found[ANN, at("2024-04-20")]["frequency"] == 1
    assert found[ANN, at("2024-05-01")]["frequency"] == 2


def test_the_same_day_computed_again_replaces_its_rows(lake):
    refresh(lake, "2024-05-01")
    refresh(lake, "2024-05-01", now=NOW + timedelta(hours=1))
    found = history(lake)
    assert len(found) == 2
    assert {row["computed_at"].astimezone(UTC) for row in found.values()} == {NOW + timedelta(hours=1)}


@pytest.mark.slow
def test_days_that_need_not_be_kept_are_taken_out(lake, monkeypatch):
    monkeypatch.setattr(services, "WAIT_BEFORE_PRUNING", 2)
    for day in ("2024-01-02", "2024-01-09", "2024-01-10"):
        refresh(lake, day)
    done = refresh(lake, "2024-05-01")
    assert done.pruned == 2
    assert {moment for _, moment in history(lake)} == {at("2024-01-10"), at("2024-05-01")}


def test_a_refresh_that_fails_changes_nothing(lake, monkeypatch):
    refresh(lake, "2024-04-20")
    monkeypatch.setattr(services, "moments_to_prune", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh(lake, "2024-05-01")
    assert queries.last_refresh(tables=lake.snapshot()) == (at("2024-04-20"), NOW)
    assert {moment for _, moment in history(lake)} == {at("2024-04-20")}


def test_who_may_not_refresh_is_refused(lake):
    with pytest.raises(NotAllowed):
        refresh(lake, actor=actor_of_role("Vera", Role.VIEWER))
