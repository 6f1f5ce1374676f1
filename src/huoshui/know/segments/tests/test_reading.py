"""What is written is read, said in both languages, and refused in a sentence that names the clause."""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest

from huoshui.data.customers import services as customers
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import Text
from huoshui.know.segments import errors, queries, schema
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.reading import DEEPEST, MOST_CLAUSES, parse
from huoshui.know.segments.rules import clauses
from huoshui.know.segments.sentences import Words, sentence
from huoshui.know.segments.tests import people

ALL = {"all": [{"trait": "frequency", "op": ">=", "value": 2}]}
WORDS = Words(
    labels={
        "frequency": Text("orders", "购买次数"),
        "city": Text("city", "城市"),
        "stage": Text("stage", "阶段"),
        "birthday": Text("birthday", "生日"),
    },
    codes={"stage": {"lost": Text("lost", "流失")}},
    segments={"vips": "VIPs"},
)


def read(written: Any) -> Any:
    return parse(written, traits=people.TRAITS, attributes=people.ATTRIBUTES)


@pytest.mark.parametrize(
    ("written", "path", "said"),
    [
        (None, "", "object"),
        ([], "", "object"),
        ({}, "", "one thing"),
        ({"all": []}, "", "at least one"),
        ({"all": [], "any": []}, "", "one thing"),
        ({"all": [ALL["all"][0], {"trait": "nothing", "op": "=", "value": 1}]}, "all[1]", "no such trait"),
        ({"not": {"attribute": "frequency", "op": "=", "value": 1}}, "not", "no such attribute"),
        ({"trait": "frequency", "op": "contains", "value": 1}, "", "compared"),
        ({"trait": "frequency", "op": "= 1 or 1", "value": 1}, "", "compared"),
        ({"trait": "frequency", "op": ">=", "value": "2"}, "", "number"),
        ({"trait": "frequency", "op": ">=", "value": True}, "", "number"),
        ({"trait": "frequency", "op": ">=", "value": math.nan}, "", "too large"),
        ({"trait": "frequency", "op": ">=", "value": 10**30}, "", "too large"),
        ({"trait": "frequency", "op": ">="}, "", "what to compare"),
        ({"trait": "frequency", "op": "empty", "value": 1}, "", "Nothing is compared"),
        ({"trait": "frequency", "op": "between", "value": [2, 1]}, "", "lower one first"),
        ({"trait": "frequency", "op": "in", "value": []}, "", "list of values"),
        ({"trait": "frequency", "op": "in", "value": list(range(1001))}, "", "list of values"),
        ({"trait": "frequency", "op": "=", "value": 1, "sort": "x"}, "", "not understood"),
        ({"attribute": "city", "op": "=", "value": ""}, "", "no text"),
        ({"attribute": "city", "op": "=", "value": "a\0b"}, "", "no text"),
        ({"trait": "last_order_at", "op": "before", "value": "2024-02-30"}, "", "not a day"),
        ({"trait": "last_order_at", "op": "before", "value": 20240201}, "", "not a day"),
        ({"did": "x", "within_days": 0}, "", "number of days"),
        ({"did": "x", "within_days": "7"}, "", "number of days"),
        ({"did": "x", "then": "y"}, "", "within how many days"),
        ({"did": "x", "op": "empty"}, "", "compared"),
        ({"did": "x", "time": "second", "op": "before", "value": "2024-01-01"}, "", "first or last"),
        ({"did": "x", "where": [{"property": "a'; --", "op": "=", "value": 1}]}, "where[0]", "no such property"),
        ({"orders": "count"}, "", "measured"),
        ({"orders": "times", "where": [{"property": "name", "op": "=", "value": "x"}]}, "where[0]", "no such"),
        ({"did": "x", "within_days": 1, "within_hours": 1}, "", "days or hours"),
        ({"did": "x", "within_hours": 0}, "", "number of hours"),
        ({"attribute": "city", "part": "month", "op": "=", "value": 1}, "", "Only days"),
        ({"attribute": "birthday", "part": "week", "op": "=", "value": 1}, "", "Only days"),
        ({"attribute": "birthday", "part": "month", "op": "=", "value": "2024-01-01"}, "", "number"),
        ({"orders": "last", "op": ">=", "value": 1}, "", "compared"),
        ({"answer": "nps", "where": [{"property": "x", "op": "=", "value": 1}]}, "", "compared"),
        ({"list": "12"}, "", "no list"),
        ({"list": 0}, "", "no list"),
        ({"consent": "email", "value": "maybe"}, "", "granted or withdrawn"),
        ({"consent": "pigeon"}, "", "no such value"),
        ({"consent": "email", "purpose": "fun"}, "", "no purpose"),
        ({"any": [ALL, {"trait": "stage", "op": "in", "value": ["lost", "lst"]}]}, "any[1]", "no such value"),
        ({"trait": "stage", "op": "!=", "value": "Lost"}, "", "no such value"),
        ({"tag": ""}, "", "no name"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_by_the_clause(written, path, said):
    with pytest.raises(BadRule, match=said) as refused:
        read(written)
    assert refused.value.path == path


def test_every_refusal_has_its_words_in_both_languages():
    room = Path(errors.__file__).parent
    raised = {
        call.args[0].value
        for file in room.glob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "BadRule"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert len(raised) > 25
    assert raised <= set(errors.PROBLEMS)
    with pytest.raises(BadRule) as refused:
        read({"all": [{"attribute": "city", "op": "=", "value": ""}]})
    assert refused.value.words == Text(
        "This is no text to compare with: 1 to 200 letters; op empty finds those without a value",
        "没有填写要比较的文本：1 到 200 个字；没有值的客户用“没有值”比较",
    )


def test_too_deep_and_too_many_are_refused_before_they_cost():
    deep: Any = ALL
    for _ in range(50):
        deep = {"not": deep}
    with pytest.raises(BadRule, match="too deep"):
        read(deep)
    with pytest.raises(BadRule, match="too many"):
        read({"any": [ALL["all"][0]] * 200})
    assert DEEPEST < 50
    assert MOST_CLAUSES < 200


def test_clauses_are_found_by_their_paths():
    rule = read({"all": [ALL["all"][0], {"not": {"any": [{"tag": "a"}, {"tag": "b"}]}}]})
    assert [path for path, _ in clauses(rule)] == ["all[0]", "all[1].not.any[0]", "all[1].not.any[1]"]


@pytest.mark.parametrize(
    ("written", "en", "zh"),
    [
        (ALL, "orders is at least 2", "购买次数不少于2"),
        (
            {"all": [ALL, {"any": [{"attribute": "city", "op": "in", "value": ["上海", "杭州"]}, {"tag": "VIP"}]}]},
            "orders is at least 2 and (city is one of “上海”, “杭州” or tagged “VIP”)",
            "购买次数不少于2，并且（城市是“上海”、“杭州”之一，或者带有标签“VIP”）",
        ),
        ({"not": {"segment": "vips"}}, "not (in segment “VIPs”)", "不满足（属于分群“VIPs”）"),
        ({"trait": "stage", "op": "=", "value": "lost"}, "stage is lost", "阶段等于流失"),
        (
            {"did": "Product Viewed", "op": ">=", "value": 3, "within_days": 7},
            "“Product Viewed” at least 3 times in the last 7 days",
            "最近 7 天“Product Viewed”至少 3 次",
        ),
        (
            {"did": "Product Viewed", "op": "=", "value": 0},
            "no “Product Viewed”",
            "没有“Product Viewed”",
        ),
        (
            {"orders": "amount", "op": "between", "value": [10, 20.5], "within_days": 90},
            "amount of orders is from 10 to 20.5 in the last 90 days",
            "最近 90 天订单金额在10到20.5之间",
        ),
        (
            {"did": "A", "then": "B", "within_days": 2},
            "did “A” and within 2 days “B”",
            "做过“A”后 2 天内又做了“B”",
        ),
        (
            {"did": "A", "then": "B", "within_hours": 3},
            "did “A” and within 3 hours “B”",
            "做过“A”后 3 小时内又做了“B”",
        ),
        (
            {"attribute": "birthday", "part": "months_until", "op": "=", "value": 1},
            "birthday is next month",
            "生日在下月",
        ),
        (
            {"attribute": "birthday", "part": "days_until", "op": "<=", "value": 7},
            "days until birthday is at most 7",
            "距下次生日的天数不超过7",
        ),
        (
            {
                "products": "times",
                "where": [
                    {"property": "category", "op": "=", "value": "照明"},
                    {"property": "store", "op": "=", "value": "上海"},
                ],
            },
            "products bought (where category is “照明” and store is “上海”) at least once",
            "购买商品（品类等于“照明”，且门店等于“上海”）至少 1 次",
        ),
        ({"consent": "sms"}, "agreed to marketing by SMS", "同意通过短信用于营销"),
    ],
)  # fmt: skip
def test_rules_are_said_as_sentences(written, en, zh):
    assert sentence(read(written), WORDS) == Text(en, zh)


def test_every_random_rule_can_be_said():
    random = Random(3)
    for _ in range(500):
        said = sentence(read(people.rule_of(random)), WORDS)
        assert "{" not in said.en + said.zh


@pytest.mark.django_db
def test_the_schema_takes_what_is_read_and_refuses_what_is_not():
    customers.declare_attribute(
        actor=CONSOLE, slug="birthday", label_en="birthday", label_zh="生日", type="date"
    )
    checker = jsonschema_rs.validator_for(json.loads(json.dumps(schema.schema())))
    random = Random(4)
    for _ in range(300):
        written = json.loads(json.dumps(people.rule_of(random), default=float))
        queries.read(written)
        assert checker.is_valid(written), written
    for written in ({}, {"all": []}, {"trait": "nothing", "op": "=", "value": 1}, {"tag": "x", "y": 1}):
        assert not checker.is_valid(written)
