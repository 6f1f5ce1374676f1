"""A rule means the same wherever it is asked, is never SQL, and is never silently empty (SEG-03, SEG-04)."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlglot
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from sqlglot import exp

import huoshui
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import now
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import queries, services
from huoshui.know.segments.errors import BadRule
from huoshui.lake import open_lake
from huoshui.project.tests.conftest import loaded
from tests.plugins.programs import Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # a house is made, and its pages with it

SALES = """\
invoice,customer,date,sku,quantity,price,channel
1,a,2024-01-01,x,1,5,web
2,a,2024-02-02,y,1,7,shop
3,b,2024-02-03,x,1,5,web
4,c,2024-02-20,y,3,5,shop
5,d,2023-11-20,x,2,5,web
6,e,2024-02-21,x,9,5,web
"""
PEOPLE = """\
customer id,name,city,gender
a,Ann,上海,female
b,Bo,杭州,male
c,Cy,,female
d,Di,上海,
f,Flo,O'Brien,male
"""
EVENTS = """\
event id,customer id,event,occurred at,plan
1,a,Product Viewed,2024-02-20T10:00:00Z,gold
2,a,Product Viewed,2024-02-25T10:00:00Z,gold
3,b,Product Viewed,2024-01-02T10:00:00Z,blue
4,c,Cart Viewed,2024-02-28T10:00:00Z,
5,f,Product Viewed,2024-02-29T10:00:00Z,blue
"""
RULES: tuple[dict[str, Any], ...] = (
    {"trait": "frequency", "op": ">=", "value": 2},
    {"attribute": "city", "op": "in", "value": ["上海", "O'Brien"]},
    {"not": {"attribute": "gender", "op": "empty"}},
    {"did": "Product Viewed", "op": "=", "value": 0, "within_days": 30},
    {"did": "Product Viewed", "op": ">=", "value": 1, "where": [{"property": "plan", "op": "=", "value": "gold"}]},
    {"all": [{"attribute": "city", "op": "!=", "value": "杭州"}, {"orders": "amount", "op": ">", "value": 11}]},
    {"any": [{"did": "Cart Viewed", "op": ">=", "value": 1}, {"trait": "stage", "op": "=", "value": "lost"}]},
    {"all": [{"attribute": "gender", "op": "=", "value": "nobody"}, {"did": "Cart Viewed", "op": "=", "value": 0}]},
)  # fmt: skip


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with a few sales, people and events, as of 2024-03-01; the rules above are its segments ``rule-N``."""
    folder = tmp_path_factory.mktemp("rules")
    with (
        django_db_blocker.unblock(),
        loaded(folder, customers=PEOPLE, transactions=SALES, events=EVENTS) as home,
    ):
        for number, rule in enumerate(RULES):
            services.add(actor=CONSOLE, name=f"Rule {number}", rule=rule, now=now())
        yield home


@pytest.fixture
def api(house) -> Program:
    """A program with a token of an administrator."""
    return program()


@pytest.fixture
def asked(house, pages):
    """A client of the house, signed in as an administrator."""
    return pages


def count_of(rule: Any) -> int:
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=now())
    return queries.count(tables=tables, as_of=as_of, rule=queries.read(rule)).count


@contextmanager
def lake_queries() -> Iterator[list[str]]:
    """What the embedded engine was asked inside the block, as it wrote it down itself."""
    cursor = open_lake().engine.session().cursor
    asked_for: list[str] = []
    cursor.execute("CALL truncate_duckdb_logs()").fetchall()
    cursor.execute("CALL enable_logging('QueryLog')").fetchall()
    try:
        yield asked_for
    finally:
        log = cursor.execute("SELECT message FROM duckdb_logs WHERE type = 'QueryLog'").fetchall()
        asked_for += [text for (text,) in log if "duckdb_logs" not in text]
        cursor.execute("CALL disable_logging()").fetchall()


# -- one meaning -------------------------------------------------------------------------------------------------


def test_preview_count_list_export_and_api_have_the_same_members(asked, api):
    for number, rule in enumerate(RULES):
        slug = f"rule-{number}"
        tables = open_lake().snapshot()
        as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=now())
        members = set(
            tables.arrow(queries.members(tables, as_of, queries.rule_of(slug)))["customer_id"].to_pylist()
        )
        assert count_of(rule) == len(members)
        assert queries.counts(tables=tables, as_of=as_of, slugs=[slug])[slug].count == len(members)
        assert api.send("POST", "/api/segments/count", {"rule": rule}).json()["count"] == len(members)
        assert {int(i) for i in api.get(f"/api/segments/{slug}/members").json()["items"]} == members
        shown = asked.get(f"/customers/?in=segment:{slug}").content.decode()
        assert {int(i) for i in re.findall(r'href="/customers/(\d{6,})/', shown)} == members
        assert exported(asked, slug) == len(members)


def export(asked: Any, slug: str) -> Any:
    form = {"verb": "export", "format": "csv", "everything": "1", "query": f"in=segment:{slug}"}
    return asked.post("/customers/act/", form)


def exported(asked: Any, slug: str) -> int:
    answer = export(asked, slug)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return len(list(csv.reader(io.StringIO(text, newline="")))) - 1


# -- never SQL ---------------------------------------------------------------------------------------------------

MARK = "zq7x"
HOSTILE = tuple(
    text.replace("M", MARK)
    for text in (
        "M' OR '1'='1", "M'; DROP TABLE customers; --", 'M" OR ""="', "M') UNION SELECT * FROM traits --", "M\\'",
        "M`id`", "M; SELECT 1", "M/**/OR/**/1=1", "M%27 OR 1=1", "M\x1aOR", "$$M$$", "$1M", "%(M)s", "%sM", "{M}",
        "{{M}}", "${M}", "M::text", "M COLLATE nocase", "M->>'a'", "$.M[*]", "M$[0]", "properties.M", "M.name",
        "customers.M", "id__M", "M__in", "M__regex", "-M", "+M,1", "M desc", "M DESC; --", "M ASC NULLS FIRST",
        "1 AS M", "M\nUNION", "M--", "#M", "M|x", "M&y=1", "M\u2019 OR 1", "Ｍ＇M", "(a+)+$M", "M\u202e", "*M*", "_M%",
        "M(((((((", "SELECT M", "pg_sleep(9)M", "CASE WHEN M THEN 1 END", "read_parquet('M')", "getenv('M')",
        "COPY M TO 'x'", "ATTACH 'M'", "PRAGMA M", "0xM", "NULLM", "true;M", "M\t", "'M'", '"M"', "[M]", "M:1",
    )
)  # fmt: skip


def rules_with(text: str) -> list[Any]:
    """The text wherever a rule takes one."""
    count = {"op": ">=", "value": 1}
    return [
        {"attribute": "city", "op": "=", "value": text},
        {"attribute": "city", "op": "not_in", "value": [text, "上海"]},
        {"attribute": "city", "op": "contains", "value": text},
        {"attribute": text, "op": "=", "value": "x"},
        {"trait": text, **count},
        {"trait": "frequency", "op": text, "value": 1},
        {"trait": "frequency", "op": ">=", "value": text},
        {"did": text, **count},
        {"did": "Product Viewed", "then": text, "within_days": 3},
        {"did": "Product Viewed", **count, "where": [{"property": text, "op": "=", "value": text}]},
        {"did": "Product Viewed", **count, "where": [{"property": "plan", "op": text, "value": "x"}]},
        {"did": "Product Viewed", **count, "within_days": text},
        {"orders": text, **count},
        {"orders": "times", **count, "where": [{"property": "channel", "op": "=", "value": text}]},
        {"answer": text, **count},
        {"consent": text, "purpose": text},
        {"tag": text},
        {"segment": text},
        {text: "x"},
    ]


TEXTS = (*HOSTILE, *(f"'{text}'/*" for text in HOSTILE))
"""More of them, for what takes many at once."""


def in_a_form(clauses: list[dict[str, str]]) -> dict[str, str]:
    """Clauses, any of which may hold, as the form of a rule sends them."""
    fields = {f"0.{n}.{name}": typed for n, one in enumerate(clauses) for name, typed in one.items()}
    return {"0.join": "any", "do": "look", **fields}


def test_a_hundred_and_twenty_texts_are_values_by_the_form_by_programs_and_on_the_command_line(
    asked, api, command_line, tmp_path
):
    file = tmp_path / "rule.json"
    assert len(TEXTS) >= 120
    with CaptureQueriesContext(connection) as database, lake_queries() as lake:
        for some in (TEXTS[:62], TEXTS[62:]):
            known = [text.replace("\n", " ").strip() for text in some]
            clauses: list[dict[str, Any]] = [
                {"attribute": "city", "op": "=", "value": text} for text in ("O'Brien", *known)
            ]
            file.write_text(json.dumps({"any": clauses}), encoding="utf-8")
            assert api.send("POST", "/api/segments/count", {"rule": {"any": clauses}}).json()["count"] == 1
            assert command_line("segment", "count", str(file), "--json").json["count"] == 1
            typed = [{"field": "attribute:city", "op": "=", "value": one["value"]} for one in clauses]
            assert (
                "<b>1</b> of 6 customers" in asked.post("/segments/new/", in_a_form(typed)).content.decode()
            )
            # As names, comparisons and what is measured they are refused beside the clause.
            places = (("attribute:{}", "=", "x"), ("trait:frequency", "{}", "1"), ("{}:times", ">=", "1"))
            for field, op, value in places:
                wrong = [{"field": field.format(t), "op": op.format(t), "value": value} for t in known]
                assert asked.post("/segments/new/", in_a_form(wrong)).status_code == 200
            refused = 0
            for text in known:
                named = {"attribute": text, "op": "=", "value": "x"}
                for rule in (named, {"trait": "frequency", "op": text, "value": 1}, {text: "x"}):
                    with pytest.raises(BadRule):
                        queries.read(rule)
                    refused += 1
            assert refused == 3 * len(known)
    for statement in (*lake, *(query["sql"] for query in database.captured_queries)):
        assert MARK not in code_of(statement), statement


def code_of(statement: str) -> str:
    """A statement without its texts: what the engine takes for more than a text, names in quotes among it."""
    return re.sub(r"'(?:[^']|'')*'", "''", statement)


def test_what_people_write_into_rules_is_text_and_never_code(api):
    before, refused, counted = count_of(RULES[0]), 0, 0
    with CaptureQueriesContext(connection) as database, lake_queries() as lake:
        for number, text in enumerate(HOSTILE):
            rules = rules_with(text)
            # Every text at two places of a rule, every place with several texts.
            for rule in (rules[number % len(rules)], rules[(7 * number + 3) % len(rules)]):
                answer = api.send("POST", "/api/segments/count", {"rule": rule})
                assert answer.status_code in (200, 400, 422), (rule, answer.content)
                refused += answer.status_code != 200
                counted += answer.status_code == 200
            for address in (
                "customers?sort=",
                "customers?in=segment:",
                "customers?in=",
                "customers?columns=",
            ):
                found = api.get(f"/api/{address}{quote(text)}")
                assert found.status_code in (200, 400, 404, 422), (address, text)
    assert min(refused, counted) > len(HOSTILE) / 4
    assert lake
    for statement in (*lake, *(query["sql"] for query in database.captured_queries)):
        assert MARK not in code_of(statement), statement
    assert count_of(RULES[0]) == before


def test_a_stored_rule_is_text_to_the_jobs_that_use_it_later(house, asked, command_line):
    for number, text in enumerate(HOSTILE[:12]):
        shown = "".join(c for c in text if c.isprintable())
        rule = {"any": [{"tag": shown}, {"did": shown, "op": ">=", "value": 1}]}
        services.add(actor=CONSOLE, name=f"{shown} {number}"[:100], rule=rule, now=now())
    with lake_queries() as lake:
        assert command_line("refresh", "--as-of", "2024-03-01").code == 0
        assert asked.get("/segments/").status_code == 200
    assert any(MARK in statement for statement in lake)
    for statement in lake:
        assert MARK not in code_of(statement), statement
    assert count_of(RULES[0]) == 1


def test_no_module_makes_sql_from_what_it_was_sent():
    """Neither raw SQL of the database, nor keywords that a request names."""
    wrong = []
    root = Path(huoshui.__file__).parent
    for path in root.rglob("*.py"):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (what := _makes_sql(node)) and str(path.relative_to(root)) not in OWN_SQL:
                wrong.append(f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}: {what}")
    assert not wrong, "\n".join(wrong)


OWN_SQL: frozenset[str] = frozenset()
"""Modules that make statements of names of their own."""


def _makes_sql(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in ("extra", "RawSQL", "raw") and isinstance(node.func, ast.Attribute | ast.Name):
        return name
    if name in ("filter", "exclude", "annotate", "values", "order_by", "alias"):
        for keyword in node.keywords:
            if keyword.arg is None and re.search(r"\b(request|GET|POST|body)\b", ast.unparse(keyword.value)):
                return f"{name}(**{ast.unparse(keyword.value)})"
    return ""


# -- never too much ----------------------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    rule: Any = {"trait": "frequency", "op": ">=", "value": 1}
    for _ in range(depth):
        rule = {"not": rule}
    return rule


@pytest.mark.parametrize(
    "rule",
    [
        {"all": [{"trait": "frequency", "op": ">=", "value": n} for n in range(200)]},
        nested(50),
        nested(3000),
        {"attribute": "city", "op": "contains", "value": "(a+)+$" * 30},
        {"attribute": "city", "op": "in", "value": [str(n) for n in range(100_000)]},
        {"trait": "frequency", "op": ">=", "value": 10**400},
        {"did": "x" * 100_000, "op": ">=", "value": 1},
        {"all": [{"any": [{"did": f"e{n}{m}", "op": ">=", "value": 1} for n in range(9)]} for m in range(9)]},
    ],
    ids=["200 clauses", "depth 50", "depth 3000", "regex", "long list", "number", "long name", "81 events"],
)
def test_a_costly_rule_is_refused_or_answered_soon(house, rule):
    began = time.process_time()
    refusals: list[BadRule] = []
    try:
        count_of(rule)
    except BadRule as refused:
        refusals.append(refused)
    assert all(refused.problem and refused.valid for refused in refusals)
    assert time.process_time() - began < 2


# -- never silently empty ----------------------------------------------------------------------------------------


def test_a_broken_segment_is_said_to_be_broken_wherever_it_is_used(house, asked, api, command_line):
    slug = services.add(actor=CONSOLE, name="Soon broken", rule=RULES[0], now=now())
    gone = {"trait": "frequenzy", "op": ">=", "value": 2}
    apps.get_model("segments", "Segment").objects.filter(slug=slug).update(rule=gone)
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=now())
    with pytest.raises(BadRule, match="no such trait"):
        queries.members(tables, as_of, queries.rule_of(slug))
    assert queries.counts(tables=tables, as_of=as_of, slugs=[slug]) == {}
    sentence = "no such trait"
    for page in (
        asked.get(f"/customers/?in=segment:{slug}"),
        export(asked, slug),
    ):
        assert page.status_code == 400
        assert "This rule cannot be understood" in page.content.decode()
        assert "frequenzy" in page.content.decode()
    for answer in (
        api.get(f"/api/segments/{slug}/members"),
        api.get(f"/api/customers?in=segment:{slug}"),
        api.send("POST", "/api/segments/count", {"rule": {"not": {"segment": slug}}}),
    ):
        assert answer.status_code in (400, 422), answer.content[:300]
        assert sentence in answer.content.decode(), answer.content[:300]
    assert sentence in asked.get("/segments/").content.decode()
    assert sentence in api.get(f"/api/segments/{slug}").json()["problem"]
    for command in (("segment", "count", slug), ("segment", "members", slug)):
        said = command_line(*command)
        assert (said.code, said.out) == (1, "")
        assert sentence in said.err


# -- nothing is read that is not shown ---------------------------------------------------------------------------


def test_opening_a_segment_never_reads_its_members(asked):
    """Of the customers of a rule a page asks how many, or for a few: every question gathers or is cut off."""
    pages = ("/segments/", "/segments/rule-5/", "/segments/rule-5/edit/", "/segments/new/")
    for page in pages:  # what is held of everybody is read once after each refresh
        assert asked.get(page).status_code == 200
    with lake_queries() as lake:
        for page in pages:
            asked.get(page)
    assert not [statement for statement in lake if '"memberships@' in statement]
    asked_for = [sqlglot.parse_one(statement, dialect="duckdb") for statement in lake]
    selects = [one for one in asked_for if isinstance(one, exp.Select)]
    assert selects
    for select in selects:
        gathered = all(one.find(exp.AggFunc, exp.Subquery) for one in select.expressions)
        assert gathered or select.args.get("group") or select.args.get("limit"), select.sql()
