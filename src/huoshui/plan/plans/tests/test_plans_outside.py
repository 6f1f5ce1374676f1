"""Plans by the API and on the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client, override_settings

from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as people
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Right
from huoshui.kernel.papers import Block, Grid, Notice, Paper, Part, Points, Run
from huoshui.plan.plans.document import telling

pytestmark = pytest.mark.django_db


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


WRITER = (Right.CUSTOMERS_VIEW, Right.PLANS_EDIT, Right.COMMENTS_WRITE)
PLAN = {"title": "计划", "template": "blank", "first_day": "2024-01-01", "last_day": "2024-12-31"}


def test_a_programme_begins_reads_and_writes_a_plan(program):
    client = program(*WRITER)
    made = client.post("/api/plans", PLAN, content_type="application/json")
    assert made.status_code == 201, made.content
    number, tag = made.json()["id"], made["ETag"]
    block = made.json()["parts"][0]["blocks"][0]
    path = f"/api/plans/{number}/blocks/{block['key']}"
    words = {"values": {"text": "**新**"}}
    missing = client.put(path, words, content_type="application/json")
    assert missing.status_code == 428
    written = client.put(path, words, content_type="application/json", headers={"If-Match": tag})
    assert written.status_code == 200
    late = client.put(
        path, {"values": {"text": "x"}}, content_type="application/json", headers={"If-Match": tag}
    )
    assert (late.status_code, late.json()["code"]) == (412, "plan_changed")
    added = client.post(
        f"/api/plans/{number}/parts/value/blocks",
        {"kind": "quote", "values": {"text": "好"}},
        content_type="application/json",
    )
    assert added.status_code == 201
    answer = client.get(f"/api/plans/{number}/paper", headers={"accept-language": "zh-CN"})
    assert answer.status_code == 200, answer.content.decode()
    paper = answer.json()["paper"]
    assert paper["parts"][0]["title"] == "概述"
    (element,) = paper["parts"][0]["blocks"][0]["elements"]
    assert (element["is"], element["words"][0]["text"], element["words"][0]["bold"]) == (
        "paragraph",
        "新",
        True,
    )
    assert [one["id"] for one in client.get("/api/plans").json()["items"]] == [number]


def test_a_programme_is_refused_what_its_token_may_not(program):
    reader = program(Right.CUSTOMERS_VIEW)
    assert reader.post("/api/plans", PLAN, content_type="application/json").status_code == 403
    assert reader.get("/api/plans/7").status_code == 404
    writer = program(*WRITER)
    for wrong in ({"template": "nope"}, {"last_day": "2023-01-01"}, {"title": " "}, {"extra": 1}):
        answer = writer.post("/api/plans", PLAN | wrong, content_type="application/json")
        assert answer.status_code in (400, 404, 422), wrong
    assert not apps.get_model("plans", "Plan").objects.exists()


def test_a_paper_is_told_in_lines_of_text():
    paper = Paper(
        title="计划",
        subtitle="",
        organisation="活水",
        language="zh",
        facts=(("周期", "2024"),),
        parts=(
            Part(
                slug="a",
                title="概述",
                blocks=(
                    Block(
                        key="k",
                        elements=(
                            Points(items=((Run(text="一"),),)),
                            Grid(title="表", head=("a", "b"), rows=(("1", "2"),)),
                            Notice(text="没有数据"),
                        ),
                    ),
                ),
            ),
        ),
        sources=("统计局",),
    )
    assert telling.lines(paper) == [
        "计划",
        "活水",
        "周期: 2024",
        "",
        "1 概述",
        "  - 一",
        "表",
        "  a | b",
        "  1 | 2",
        "! 没有数据",
        "",
        "[1] 统计局",
    ]
