from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import huoshui
from huoshui.desk.audit import services, words
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Actor

NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # the second of March in Shanghai
PAGE = "/settings/audit/"


@pytest.fixture
def house(db):
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)


def write(count, **said):
    for number in range(count):
        services.record(
            **{
                "actor": CONSOLE,
                "act": "customer.viewed",
                "subject": f"customer:{number}",
                "now": NOW,
                **said,
            }
        )


def test_the_log_is_shown_in_the_time_of_the_house_newest_first(house, pages):
    write(1, act="customers.exported", subject="job:9", detail={"rows": 12})
    text = pages.get(PAGE).content.decode()
    assert "2026-03-02" in text
    assert "Customers exported" in text
    assert "rows: 12" in text
    text = pages.get(PAGE, headers={"accept-language": "zh-hans"}).content.decode()
    assert "客户导出" in text
    assert "行数：12" in text


def test_every_act_and_detail_that_the_house_writes_has_words_in_both_languages():
    acts: set[str] = set()
    details: set[str] = set()
    for path in sorted(Path(huoshui.__file__).parent.rglob("*.py")):
        source = path.read_text("utf-8")
        if "tests" in path.parts or "audit.record" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.keyword) and node.arg in ("act", "detail"):
                names, value = {node.arg}, node.value
            elif isinstance(node, ast.Assign):
                names, value = {ast.unparse(target) for target in node.targets}, node.value
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("_note", "_record"):
                names, value = {"act"}, ast.List([one for one in node.args if isinstance(one, ast.Constant)])
            else:
                continue
            if names & {"act", "verb"}:
                said = {str(one.value) for one in ast.walk(value) if isinstance(one, ast.Constant)}
                acts |= {one for one in said if re.fullmatch(r"[a-z_]+\.[a-z_]+", one)}
            elif names & {"detail", "told"} and isinstance(value, ast.Dict):
                details |= {str(key.value) for key in value.keys if isinstance(key, ast.Constant)}
    assert len(acts) > 50
    assert len(details) > 30
    assert [act for act in sorted(acts) if words.said(act, "zh") == act] == []
    assert sorted(details - set(words.DETAILS)) == []


def test_codes_of_a_detail_are_told_in_words():
    detail = {"role": ["viewer", "manager"], "mailed": True, "contacts": "masked", "columns": ["city"]}
    assert words.told(detail, "zh") == "角色：查看者、经理 · 已发邮件：是 · 联系方式：脱敏 · 列：city"
    assert (
        words.told(detail, "en")
        == "role: viewer, manager · sent by mail: yes · contacts: masked · columns: city"
    )


def test_it_is_narrowed_down_by_who_what_whom_and_day(house, pages):
    write(2)
    write(
        1,
        actor=Actor(name="mei@example.org", rights=frozenset(), user_id=3),
        act="customer.edited",
        subject="customer:77",
    )
    for query in (
        "who=mei",
        "act=customer.edited",
        "subject=customer:77",
        "who=MEI&from=2026-03-02&to=2026-03-02",
    ):
        text = pages.get(f"{PAGE}?{query}").content.decode()
        assert "customer:77" in text, query
        assert "customer:1<" not in text, query
    assert "No entry like this" in pages.get(f"{PAGE}?from=2026-03-03&to=2026-03-03").content.decode()
    assert "customer:77" in pages.get(f"{PAGE}?from=2026-03-02&to=2026-03-02").content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "The command line"), ("zh-hans", "命令行")])
def test_what_the_command_line_did_is_said_and_found_by_its_words(house, pages, language, words):
    write(1)
    write(1, actor=Actor(name="Mei", rights=frozenset()), subject="customer:9")
    pages.cookies["huoshui_language"] = language
    for who in (words, "console"):
        text = pages.get(PAGE, {"who": who}).content.decode()
        assert f">{words}<" in text
        assert ">console<" not in text
        assert ">Mei<" not in text


def test_older_entries_are_a_page_further(house, pages):
    write(60)
    text = pages.get(f"{PAGE}?act=customer").content.decode()
    assert "?act=customer&amp;before=" in text
    before = text.partition("before=")[2].partition('"')[0]
    older = pages.get(f"{PAGE}?act=customer&before={before}").content.decode()
    assert "customer:0<" in older
    assert "before=" not in older.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2026-13-01", "before=x", "before=-1", "from=9999-12-31&to=0001-01-01"]
)
def test_what_is_no_day_and_no_page_is_refused_in_a_sentence(house, pages, query):
    answer = pages.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert "<h1" in answer.content.decode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "%00", "' OR 1=1 --", "x" * 5000])
def test_hostile_text_is_text(house, pages, text):
    write(1, subject="<img src=x onerror=alert(1)>")
    answer = pages.get(PAGE, {"who": text, "act": text, "subject": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert "<img src=x" not in pages.get(PAGE).content.decode()


def test_only_who_may_sees_it(house, signed_in):
    assert signed_in("manager").get(PAGE).status_code == 403
    assert signed_in("administrator").get(PAGE).status_code == 200


def test_acts_have_words_and_unknown_ones_are_shown_as_they_are():
    assert words.said("user.signed_in", "en") == "Colleague signed in"
    assert words.said("user.signed_in", "zh") == "同事登录"
    assert words.said("moon.landed", "zh") == "moon.landed"


def test_a_page_asks_little_of_the_database(house, pages, django_assert_max_num_queries):
    write(50, now=NOW + timedelta(seconds=1))
    pages.get(PAGE)
    with django_assert_max_num_queries(12):
        pages.get(PAGE)
