"""The register of research by the API, up to the source in a plan that cites it."""

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

WRITER = (Right.CUSTOMERS_VIEW, Right.RESEARCH_EDIT, Right.PLANS_EDIT, Right.COMMENTS_WRITE)
ORIGIN = {"source": "年报 2025", "day": "2026-03-01", "confidence": "high", "link": "https://example.com/a"}
COMPETITOR = ORIGIN | {
    "kind": "competitor",
    "name": "甲公司",
    "scores": {"价格": {"score": 4, "remark": "低"}},
}
FIGURE = ORIGIN | {
    "kind": "figure",
    "name": "市场规模",
    "unit": "亿元",
    "values": [{"year": 2025, "value": "1250.5"}, {"year": 2024, "value": "1100"}],
}
NOTE = ORIGIN | {"kind": "note", "who": "王女士，37 岁", "words": "装修时才想到<b>", "heard": "focus_group"}


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


def ask(client: Client, method: str, path: str, body: Any = None, tag: str = "") -> Any:
    headers = {"If-Match": tag} if tag else {}
    return getattr(client, method)(path, body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("sent", [COMPETITOR, FIGURE, NOTE], ids=lambda one: one["kind"])
def test_an_entry_is_kept_read_and_changed_with_the_version_that_was_seen(program, sent):
    client = program(*WRITER)
    made = ask(client, "post", "/api/research", sent)
    assert made.status_code == 201, made.content.decode()
    one, tag = made["Location"], made["ETag"]
    kept = client.get(one).json()
    for name, value in sent.items():
        told = sorted(value, key=lambda it: it["year"]) if name == "values" else value
        assert kept[name] == told, name
    assert kept["key"] == f"{sent['kind']}:{kept['id']}"
    new = sent | {"source": "另一处"}
    assert ask(client, "put", one, new).status_code == 428
    changed = ask(client, "put", one, new, tag)
    assert (changed.status_code, changed.json()["source"]) == (200, "另一处")
    late = ask(client, "put", one, sent, tag)
    assert (late.status_code, late.json()["code"]) == (412, "research_changed")
    other = NOTE if sent["kind"] == "figure" else FIGURE
    assert ask(client, "put", one, other, changed["ETag"]).json()["code"] == "not_research"
    assert [
        it["key"] for it in client.get(f"/api/research?kind={sent['kind']}&q=另一处").json()["items"]
    ] == [kept["key"]]
    assert ask(client, "delete", one).status_code == 204
    assert client.get("/api/research").json()["items"] == []
    assert [it["retired"] for it in client.get("/api/research?retired=true").json()["items"]] == [True]
    assert ask(client, "post", f"{one}/restore", {}).json()["retired"] is False


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"kind": "nope"}, "#/"),
        ({"source": ""}, "#/source"),
        ({"values": []}, "#/values"),
        ({"values": [{"year": 1, "value": "3"}]}, "#/values/0/year"),
        ({"values": [{"year": 2024, "value": "NaN"}]}, "#/values/0/value"),
        ({"day": "2026-02-30"}, "#/day"),
        ({"who": "x"}, "#/who"),
        ({"link": "javascript:alert(1)"}, None),
        ({"name": "  "}, None),
    ],
)
def test_what_says_nothing_is_refused_and_the_wrong_field_is_named(program, wrong, pointer):
    client = program(*WRITER)
    answer = ask(client, "post", "/api/research", FIGURE | wrong)
    assert answer.status_code == (422 if pointer else 400), answer.content.decode()
    if pointer:
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert client.get("/api/research").json()["items"] == []


def test_criteria_are_said_and_a_plan_cites_an_entry_with_its_source(program):
    client = program(*WRITER)
    assert ask(client, "put", "/api/research/criteria", {"names": ["服务"]}).json() == {"names": ["服务"]}
    key = ask(client, "post", "/api/research", FIGURE).json()["key"]
    ask(client, "post", "/api/research", COMPETITOR)
    assert client.get("/api/research/criteria").json() == {"names": ["服务", "价格"]}
    cited = {one["key"]: one for one in client.get("/api/research/citations").json()["items"]}
    assert cited[key]["text"] == "市场规模: 1,250.5 亿元 (2025)"
    plan = {
        "title": "计划",
        "template": "growth",
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "language": "zh",
    }
    begun = ask(client, "post", "/api/plans", plan).json()
    number, part = begun["id"], begun["parts"][0]["slug"]
    block = {"kind": "finding", "values": {"text": "市场在增长", "cites": key}}
    added = ask(client, "post", f"/api/plans/{number}/parts/{part}/blocks", block)
    assert added.status_code == 201, added.content.decode()
    paper = client.get(f"/api/plans/{number}/paper", headers={"accept-language": "zh-CN"}).json()["paper"]
    assert [one for one in paper["sources"] if "年报 2025" in one]


def test_who_only_reads_is_refused_what_writes(program):
    one = ask(program(*WRITER), "post", "/api/research", NOTE)["Location"]
    reader = program(Right.CUSTOMERS_VIEW)
    assert reader.get(one).status_code == 200
    assert reader.get("/api/research/note/9999").status_code == 404
    assert reader.get("/api/research/nope/1").status_code == 404
    assert ask(reader, "post", "/api/research", NOTE).status_code == 403
    assert ask(reader, "put", one, NOTE, "*").status_code == 403
    assert ask(reader, "delete", one).status_code == 403
    assert ask(reader, "put", "/api/research/criteria", {"names": []}).status_code == 403
    assert program(Right.TASKS_WORK).get("/api/research").status_code == 403
