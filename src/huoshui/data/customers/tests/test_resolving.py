"""Resolving: from what a source calls people to our ids."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from huoshui.data.customers import queries, services
from huoshui.data.customers.models import Customer, Identity
from huoshui.data.customers.services import resolving
from huoshui.data.customers.tests.factories import NOW, make_customers
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.ids import HIGHEST, LOWEST


def resolve(values, *, load_id=1, created_at=None, kind="number", source="shop", progress=None):
    return services.resolve(
        actor=CONSOLE,
        source=source,
        kind=kind,
        values=pa.array(values, pa.string()),
        load_id=load_id,
        created_at=created_at,
        now=NOW,
        progress=progress,
    )


def test_new_values_become_customers_and_answers_keep_the_order_asked(database):
    asked = ["b", "é", "a", "上海", "A"]
    answer = resolve(asked)
    assert answer.column("value").to_pylist() == asked
    assert answer.column("created").to_pylist() == [True] * 5
    ids = answer.column("customer_id").to_pylist()
    assert len(set(ids)) == 5
    assert all(LOWEST <= number <= HIGHEST for number in ids)
    named = dict(Identity.objects.values_list("value", "customer_id"))
    assert named == dict(zip(asked, ids, strict=True))


def test_the_same_person_gets_the_same_id_from_another_load(database):
    first = make_customers("a", "b", load_id=1)
    answer = resolve(["c", "b", "a"], load_id=2)
    assert answer.column("created").to_pylist() == [True, False, False]
    assert answer.column("customer_id").to_pylist()[1:] == [first[1], first[0]]


def test_the_same_number_of_another_source_or_kind_is_somebody_else(database):
    ids = {
        *make_customers("7", source="shop"),
        *make_customers("7", source="app"),
        *make_customers("7", source="shop", kind="openid"),
    }
    assert len(ids) == 3


def test_repeating_a_load_makes_nobody_twice(database):
    first = resolve(["a", "b"])
    again = resolve(["a", "b"])
    assert again.equals(first)
    assert Customer.objects.count() == 2


def test_customers_left_by_a_crash_before_they_had_identities_go_when_the_load_is_repeated(database):
    resolve(["a"])
    Identity.objects.all().delete()
    resolve(["a", "b"])
    assert Customer.objects.count() == 2
    assert Identity.objects.count() == 2


def test_new_customers_are_known_since_the_moment_given_or_now(database):
    since = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
    answer = resolve(["z", "a", "m"], created_at=pa.array([since, None, since], pa.timestamp("us", "UTC")))
    moments = dict(Customer.objects.values_list("pk", "created_at"))
    assert [moments[pk] for pk in answer.column("customer_id").to_pylist()] == [since, NOW, since]


def test_ids_tell_nothing_of_the_order_of_the_values(database):
    answer = resolve([f"{n:06d}" for n in range(2_000)])
    ids = answer.column("customer_id").to_numpy()
    assert abs(np.corrcoef(np.arange(2_000), ids)[0, 1]) < 0.15


def test_an_id_that_is_taken_is_drawn_again(database, monkeypatch):
    taken = make_customers("a", load_id=1)
    draws = [np.array([taken[0], taken[0] + 1]), np.array([taken[0] + 2])]
    monkeypatch.setattr(
        resolving, "draw_ids", lambda count: draws.pop(0) if count else np.array([], np.int64)
    )
    ids = make_customers("b", "c", load_id=2)
    assert sorted(ids) == [taken[0] + 1, taken[0] + 2]
    assert Customer.objects.count() == 3


def test_progress_counts_every_value_once(database):
    make_customers("a", "b")
    told: list[int] = []
    resolve(["a", "b", "c", "d", "e"], load_id=2, progress=told.append)
    assert sum(told) == 5


@pytest.mark.parametrize("values", [["a", "a"], ["a", None]])
def test_values_that_come_twice_or_are_missing_are_a_mistake_of_the_caller(db, values):
    with pytest.raises(ValueError, match="distinct"):
        resolve(values)


def test_nobody_to_resolve_is_no_error(database):
    assert resolve([]).num_rows == 0


def test_who_may_not_import_may_not_make_customers(db):
    viewer = actor_of_role("mei", Role.VIEWER)
    with pytest.raises(NotAllowed):
        services.resolve(
            actor=viewer,
            source="s",
            kind="number",
            values=pa.array(["a"]),
            load_id=1,
            created_at=None,
            now=NOW,
        )


def test_known_says_who_is_there_and_makes_nobody(database):
    ids = make_customers("a", "b")
    answer = queries.known(source="shop", kind="number", values=pa.array(["b", "c", "a"]))
    assert answer.column("customer_id").to_pylist() == [ids[1], None, ids[0]]
    assert sorted(queries.created_by(1).to_pylist()) == sorted(ids)
    assert Customer.objects.count() == 2


def test_base_rows_are_all_the_lake_may_know(database):
    ids = make_customers("a", "b", load_id=9)
    rows = queries.base_rows()
    assert rows.schema == queries.BASE_SCHEMA
    assert rows.to_pylist() == [{"customer_id": pk, "created_at": NOW, "load_id": 9} for pk in sorted(ids)]


def test_base_rows_of_an_empty_house_have_their_types(database):
    assert queries.base_rows().schema == queries.BASE_SCHEMA
