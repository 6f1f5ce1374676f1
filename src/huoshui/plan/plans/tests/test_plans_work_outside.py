"""Measures, budget and reviews by the API: a programme does what the pages do, and overwrites nobody."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, override_settings

from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as people
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Right
from huoshui.plan.plans.document import services as documents
from huoshui.plan.plans.goals import services as goals

pytestmark = pytest.mark.django_db

WRITER = (Right.CUSTOMERS_VIEW, Right.PLANS_EDIT, Right.TASKS_WORK)
GOAL = {"metric": "revenue", "target": "1200000"}
MEASURE = {"name": "展会", "first_day": "2030-01-01", "last_day": "2030-03-01", "cost": "1200.50"}


@pytest.fixture
def program(signed_in, tmp_path):
    """Makes clients of the API with a token of these rights, in a house without data."""
    put = override_settings(
        HUOSHUI_HOME=tmp_path, HUOSHUI_LAKE=str(tmp_path / "lake"), HUOSHUI_STATED=frozenset()
    )
    with put:
        organisation.found(
            actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=clock.now(), name="活水商城"
        )

        def made(*rights: Right) -> Client:
            owner = users.actor_of(signed_in("manager").user.pk)
            token = people.make_token(
                actor=owner, name="program", rights=rights, lifetime=timedelta(days=1), now=clock.now()
            )
            return Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {token}"})

        yield made


@pytest.fixture
def plan(program) -> int:
    """A plan that begins in the year that is and ends in 2030."""
    now = clock.now()
    return documents.create(
        actor=CONSOLE,
        title="计划",
        template="blank",
        first_day=now.date().replace(day=1),
        last_day=now.date().replace(day=1) + timedelta(days=400),
        language="zh",
        now=now,
    )


def ask(client: Client, method: str, path: str, body: Any = None, tag: str = "") -> Any:
    headers = {"If-Match": tag} if tag else {}
    return getattr(client, method)(path, body, content_type="application/json", headers=headers)


def test_a_measure_is_added_read_and_changed_with_the_version_that_was_seen(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/measures"
    made = ask(client, "post", at, MEASURE)
    assert made.status_code == 201, made.content.decode()
    one = made["Location"]
    assert (made.json()["cost"], made.json()["state"]) == ("1200.50", "planned")
    tag = client.get(one)["ETag"]
    assert ask(client, "put", one, {"done": 40}).status_code == 428
    changed = ask(client, "put", one, {"done": 40, "state": "running"}, tag)
    assert changed.status_code == 200, changed.content.decode()
    assert (changed.json()["name"], changed.json()["done"]) == ("展会", 40)
    late = ask(client, "put", one, {"done": 80}, tag)
    assert (late.status_code, late.json()["code"]) == (412, "plan_changed")
    assert [it["done"] for it in client.get(at).json()["items"]] == [40]
    for wrong in ({"cost": "-1"}, {"cost": "NaN"}, {"state": "x"}, {"after": [999]}, {"extra": 1}):
        assert ask(client, "post", at, MEASURE | wrong).status_code in (400, 422), wrong
    assert client.get(f"{at}/999999").status_code == 404


def test_cells_of_a_budget_are_saved_and_never_over_somebody_elses(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/budget"
    month = clock.now().date().replace(day=1).isoformat()
    cell = {"channel": "网店", "month": month, "planned": "500", "committed": "20.5"}
    saved = ask(client, "post", at, {"cells": [cell]})
    assert saved.status_code == 200, saved.content.decode()
    assert saved.json()["lines"][0] | {"measure_id": None} == {
        "channel": "网店",
        "month": month,
        "measure_id": None,
        "planned": "500.00",
        "committed": "20.50",
    }
    assert saved.json()["total"]["spent"] is None
    late = ask(client, "post", at, {"cells": [cell | {"planned": "7"}]})
    assert (late.status_code, late.json()["code"]) == (412, "plan_changed")
    for wrong in ({"planned": "-1"}, {"planned": "1e3"}, {"month": "2001-01-01"}, {"channel": ""}):
        assert ask(client, "post", at, {"cells": [cell | wrong]}).status_code in (400, 422), wrong
    assert client.get(at).json()["total"]["planned"] == "500.00"


def test_reviews_are_set_held_once_and_never_changed_after(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/reviews"
    tag = client.get(at)["ETag"]
    assert client.get(at).json()["items"] == []
    listed = ask(client, "put", at, {"weekday": 0}, tag)
    assert listed.status_code == 200, listed.content.decode()
    first, second = listed.json()["items"][:2]
    assert ask(client, "put", at, {"weekday": 1}, tag).status_code == 412
    one = f"{at}/{first['id']}"
    body = {"minutes": "谈了目标", "decisions": [{"text": "加大投放"}]}
    tag = client.get(one)["ETag"]
    held = ask(client, "post", f"{one}/hold", body, tag)
    assert held.status_code == 200, held.content.decode()
    assert (held.json()["state"], held.json()["decisions"][0]["text"]) == ("held", "加大投放")
    again = ask(client, "post", f"{one}/hold", body, held["ETag"])
    assert (again.status_code, again.json()["code"]) == (409, "review_closed")
    other = f"{at}/{second['id']}"
    moved = {"to": (clock.now().date() + timedelta(days=30)).isoformat(), "reason": "出差"}
    answer = ask(client, "post", f"{other}/postpone", moved, client.get(other)["ETag"])
    assert answer.status_code in (200, 400), answer.content.decode()
    assert client.get(f"{at}/999999").status_code == 404


def test_who_only_reads_is_refused_what_writes(program, plan):
    reader, at = program(Right.CUSTOMERS_VIEW), f"/api/plans/{plan}"
    assert [reader.get(f"{at}/{part}").status_code for part in ("measures", "budget", "reviews")] == [200] * 3
    assert ask(reader, "post", f"{at}/measures", MEASURE).status_code == 403
    assert ask(reader, "post", f"{at}/budget", {"cells": []}).status_code in (403, 422)
    assert ask(reader, "put", f"{at}/reviews", {"weekday": 0}, '"0"').status_code == 403
    assert reader.get("/api/plans/999999/budget").status_code == 404


def test_goals_are_read_as_their_page_shows_them(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/goals"
    assert client.get(at).json() == {"items": [], "problems": []}
    made = goals.add_usual(CONSOLE, plan, ["monthly_sales", "market_share"], clock.now())
    found = {one["id"]: one for one in client.get(at).json()["items"]}
    assert set(found) == set(made)
    for one in found.values():
        # Nothing was sold or entered: nobody knows, and it is never 0.
        assert (one["actual"], one["forecast"], one["probability"]) == (None, None, None), one
        assert one["pace"] in ("unknown", "not_begun")
    assert client.get("/api/plans/9999/goals").status_code == 404


def test_a_goal_is_set_changed_and_taken_out_with_the_version_that_was_seen(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/goals"
    made = ask(client, "post", at, GOAL)
    assert made.status_code == 201, made.content.decode()
    one, tag = made["Location"], made["ETag"]
    over = client.get(f"/api/plans/{plan}").json()
    assert {name: made.json()[name] for name in ("said", "target", "baseline", "owner", "path")} == {
        "said": "1200000",
        "target": "1200000",
        "baseline": None,
        "owner": "",
        "path": "linear",
    }
    assert (made.json()["first_day"], made.json()["last_day"]) == (over["first_day"], over["last_day"])
    assert made.json()["name"]  # its metric's, in the language of who asked
    assert ask(client, "patch", one, {"target": "1300000"}).status_code == 428
    changed = ask(client, "patch", one, {"target": "+20 %", "note": "n", "reason": "旺季"}, tag)
    assert changed.status_code == 200, changed.content.decode()
    # Nothing was sold, so a relative target waits for its baseline, and is never 0.
    assert (changed.json()["target"], changed.json()["said"]) == (None, "+20 %")
    assert changed.json()["metric"] == "revenue"
    late = ask(client, "patch", one, {"target": "7"}, tag)
    assert (late.status_code, late.json()["code"]) == (412, "plan_changed")
    whole = client.get(one)
    assert (whole["ETag"], whole.json()["note"]) == (changed["ETag"], "n")
    assert whole.json()["outlook"]
    assert whole.json()["why"]
    assert ask(client, "delete", one, tag=tag).status_code == 412
    assert ask(client, "delete", one, tag=changed["ETag"]).status_code == 204
    assert (client.get(one).status_code, client.get(at).json()["items"]) == (404, [])
    assert ask(client, "post", f"{one}/restore", {}).status_code == 200
    assert [line["id"] for line in client.get(at).json()["items"]] == [whole.json()["id"]]


def test_a_goal_is_split_and_a_part_stands_within_it(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/goals"
    one = ask(client, "post", at, GOAL)["Location"]
    parts = ask(client, "post", f"{one}/split", {"by": "quarter"})
    assert parts.status_code == 201, parts.content.decode()
    whole, *quarters = parts.json()["items"]
    assert sum(Decimal(part["target"]) for part in quarters) == Decimal(whole["target"])
    assert {(part["parent_id"], part["part"]) for part in quarters} == {(whole["id"], "quarter")}
    assert parts.json()["problems"] == []
    again = ask(client, "post", f"{one}/split", {"by": "quarter"})
    assert (again.status_code, again.json()["code"]) == (400, "cannot_split")
    part = {"parent_id": whole["id"], "part": "channel", "slice": {"channel": "web"}, "target": "700000"}
    made = ask(client, "post", at, GOAL | part)
    assert made.status_code == 201, made.content.decode()
    assert (made.json()["slice"], made.json()["depth"]) == ({"channel": "web"}, 1)
    freed = ask(client, "patch", made["Location"], {"parent_id": None}, made["ETag"])
    assert (freed.json()["parent_id"], freed.json()["part"]) == (None, "")
    days = {"path": "own", "points": [{"day": whole["last_day"], "value": "1200000"}]}
    own = ask(client, "patch", one, days, f'"{whole["version"]}"')
    assert own.json()["points"] == days["points"], own.content.decode()
    based = ask(client, "post", f"{one}/rebase", {})
    assert (based.status_code, based.json()["baseline"]) == (200, None)


def test_usual_goals_are_set_once(program, plan):
    client, at = program(*WRITER), f"/api/plans/{plan}/goals/usual"
    wanted = {"usual": ["monthly_sales", "market_share"]}
    assert [len(ask(client, "post", at, wanted).json()["items"]) for _ in range(2)] == [2, 2]
    unknown = ask(client, "post", at, {"usual": ["nope"]})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "not_a_goal")


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": "nope"},
        {"target": "much"},
        {"target": "1\u0000"},
        {"name": "a\u0000"},
        {"slice": {"nope": "x"}},
        {"last_day": "2001-01-01"},
        {"path": "own"},
        {"path": "own", "points": [{"day": "2001-01-01", "value": "3"}]},
        {"points": [{"day": "2001-01-01", "value": "3\n2002-01-01 4"}]},
        {"owner_id": 999999},
        {"part": "quarter"},
        {"baseline_kind": "x"},
        {"extra": 1},
    ],
)
def test_a_goal_that_cannot_be_is_refused_and_nothing_is_kept(program, plan, wrong):
    client, at = program(*WRITER), f"/api/plans/{plan}/goals"
    answer = ask(client, "post", at, GOAL | wrong)
    assert answer.status_code in (400, 422), answer.content.decode()
    assert client.get(at).json()["items"] == []


def test_who_only_reads_sets_no_goal(program, plan):
    one = ask(program(*WRITER), "post", f"/api/plans/{plan}/goals", GOAL)["Location"]
    reader = program(Right.CUSTOMERS_VIEW)
    assert reader.get(one).status_code == 200
    assert ask(reader, "post", f"/api/plans/{plan}/goals", GOAL).status_code == 403
    assert ask(reader, "patch", one, {"target": "1"}, '"1"').status_code == 403
    assert ask(reader, "delete", one, tag="*").status_code == 403
    assert [
        ask(reader, "post", f"{one}/{act}", {}).status_code for act in ("restore", "split", "rebase")
    ] == [403] * 3
    assert ask(reader, "post", f"/api/plans/{plan}/goals/usual", {"usual": ["cac"]}).status_code == 403
    assert ask(program(*WRITER), "post", "/api/plans/9999/goals", GOAL).status_code == 404
