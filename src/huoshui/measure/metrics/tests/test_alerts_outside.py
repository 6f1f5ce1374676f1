"""Alerts by the API: what its pages do, for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as people
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Right

pytestmark = pytest.mark.django_db

WRITER = (Right.CUSTOMERS_VIEW, Right.COMMENTS_WRITE)
ALERT = {"metric": "revenue", "kind": "below", "grain": "month", "bound": "1000.50"}


@pytest.fixture
def program(signed_in, tmp_path):
    """Makes clients of the API of a colleague in this role, with a token of these rights, in a house without data."""
    put = override_settings(
        HUOSHUI_HOME=tmp_path, HUOSHUI_LAKE=str(tmp_path / "lake"), HUOSHUI_STATED=frozenset()
    )
    with put:
        organisation.found(
            actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=clock.now(), name="活水商城"
        )

        def made(role: str, *rights: Right) -> Client:
            owner = users.actor_of(signed_in(role).user.pk)
            token = people.make_token(
                actor=owner, name="program", rights=rights, lifetime=timedelta(days=1), now=clock.now()
            )
            return Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {token}"})

        yield made


def ask(client: Client, body: Any) -> Any:
    return client.post("/api/alerts", body, content_type="application/json")


def test_an_alert_is_asked_for_listed_and_ended(program):
    client = program("analyst", *WRITER)
    made = ask(client, ALERT)
    assert made.status_code == 201, made.content.decode()
    one = client.get(made["Location"], headers={"accept-language": "zh-CN"}).json()
    assert (one["state"], one["bound"], one["slice"], one["task_id"]) == ("new", "1000.5", {}, None)
    assert one["rule"] == "一个月的净收入低于 ¥1,001", one["rule"]
    usual = ask(client, {"metric": "orders", "kind": "unusual", "mail": False})
    assert (usual.status_code, usual.json()["bound"], usual.json()["mail"]) == (201, None, False)
    assert [it["id"] for it in client.get("/api/alerts").json()["items"]] == [usual.json()["id"], one["id"]]
    assert [it["id"] for it in client.get("/api/alerts?metric=revenue").json()["items"]] == [one["id"]]
    assert [client.delete(made["Location"]).status_code for _ in range(2)] == [204, 404]
    assert client.get(made["Location"]).status_code == 404


def test_an_alert_is_changed_and_its_end_undone(program):
    client = program("analyst", *WRITER)
    address = ask(client, ALERT)["Location"]
    said = {"kind": "above", "grain": "week", "bound": "20", "mail": False}
    one = client.put(address, said, content_type="application/json").json()
    assert {name: one[name] for name in said} == said
    wrong = client.put(address, {**said, "bound": None}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "not_an_alert")
    assert client.delete(address).status_code == 204
    assert client.put(address, said, content_type="application/json").status_code == 404
    back = client.post(f"{address}/restore", {}, content_type="application/json")
    assert (back.status_code, back.json()["bound"]) == (200, "20")
    assert client.post(f"{address}/restore", {}, content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"metric": "nope"}, "no_such_metric"),
        ({"bound": None}, "not_an_alert"),
        ({"bound": "1e5"}, "wrong_values"),
        ({"kind": "x"}, "wrong_values"),
        ({"slice": {"nope": "x"}}, "not_an_alert"),
        ({"extra": 1}, "wrong_values"),
    ],
)
def test_what_is_no_alert_is_refused_and_nothing_is_kept(program, wrong, code):
    client = program("analyst", *WRITER)
    assert ask(client, ALERT | wrong).json()["code"] == code
    assert client.get("/api/alerts").json()["items"] == []


def test_nobody_asks_or_ends_for_others_without_the_right(program):
    one = ask(program("analyst", *WRITER), ALERT)["Location"]
    reader = program("analyst", Right.CUSTOMERS_VIEW)
    assert reader.get(one).status_code == 200
    assert [ask(reader, ALERT).status_code, reader.delete(one).status_code] == [403, 403]
    other = program("operator", *WRITER).delete(one)
    assert (other.status_code, other.json()["code"]) == (403, "not_your_alert")
    assert program("manager", *WRITER, Right.CAMPAIGNS_APPROVE).delete(one).status_code == 204
