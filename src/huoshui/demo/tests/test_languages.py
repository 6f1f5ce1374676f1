"""The company speaks the language it was asked for: other words, the same people, orders, effects and figures."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from drills.forking import run
from huoshui.demo import board, company, services
from huoshui.demo.catalogue import CAMPAIGNS
from huoshui.demo.columns import HEADS
from huoshui.demo.planning.groups import GROUPS
from huoshui.demo.saying import said
from huoshui.demo.tests.conftest import FEW_PEOPLE, DemoHouse, Shop, huoshui
from huoshui.demo.tests.test_company import SMALL, write
from huoshui.kernel.texts import LANGUAGES, Text
from tests.plugins.browser import environment_of

CHINESE = re.compile("[\u3400-\u9fff]")
PAGES = (
    "/",
    "/customers/",
    "/segments/",
    "/segments/renovators-of-a-whole-home/",
    "/research/",
    "/research/figure/",
    "/research/note/",
    "/plans/",
    "/plans/1/",
    "/plans/1/goals/",
    "/plans/1/measures/",
    "/plans/1/budget/",
    "/plans/1/reviews/",
    "/campaigns/",
    "/experiments/",
    "/boards/1/",
    "/metrics/",
    "/imports/",
    "/imports/1/",
    "/imports/2/",
)
FIGURES = (
    "SELECT stage, value_class, rfm_segment, count(*) AS n FROM traits GROUP BY ALL ORDER BY ALL",
    "SELECT product_id, count(*) AS n, sum(revenue) AS r FROM order_lines GROUP BY ALL ORDER BY ALL",
    "SELECT count(*) AS n, sum(cost) AS cost FROM touches",
    "SELECT count(*) AS n FROM memberships WHERE left_at IS NULL GROUP BY segment ORDER BY n",
)
LOOK = """
import html, json, re, sys
import django
django.setup()
from tests.plugins.signed_in import sign_in
from huoshui.data.customers import queries
someone, found = sign_in(name="Reader"), {}
person = queries.find("K100002")[0].customer_id
for path in (*sys.argv[1:], *(f"/customers/{person}/{page}" for page in ("", "orders/", "traits/", "about/"))):
    answer = someone.get(path, follow=True)
    text = re.sub(r"<(script|style|template)\\b.*?</\\1>", " ", answer.content.decode(), flags=re.S)
    found[path] = [answer.status_code, html.unescape(re.sub(r"<[^>]+>", " ", text))]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Shop]:
    """The same small company as files, in each language."""
    folder = tmp_path_factory.mktemp("languages")
    return {one: write(folder, replace(SMALL, language=one), one) for one in LANGUAGES}


@pytest.fixture(scope="module")
def english(tmp_path_factory) -> DemoHouse:
    """The company of `house` in English, in a house of its own."""
    folder = tmp_path_factory.mktemp("english")
    done = huoshui(folder, *FEW_PEOPLE, "--language", "en")
    assert done.returncode == 0, done.stderr
    return DemoHouse(folder, json.loads(done.stdout), done.stderr)


@pytest.fixture(scope="module")
def plan(english) -> dict[str, Any]:
    """The plan of the English company as its page shows it."""
    return shown(english, 1)


def shown(house: DemoHouse, plan: int) -> dict[str, Any]:
    done = huoshui(house.folder, "--language", "en", "plan", "show", str(plan), "--json", home="huoshui-demo")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def elements(paper: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        one
        for part in paper["parts"]
        for block in part["blocks"]
        for one in block["elements"]
        if one["is"] == kind
    ]


def figures(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fact["label"], fact["value"]) for fact in facts["facts"]]


@pytest.mark.parametrize("kind", [*company.KINDS, "truth/customers", "truth/orders", "truth/assignments"])
def test_both_languages_tell_the_same_facts_in_other_words(files, kind):
    """Numbers, times and ids are equal; a name stands wherever the same name stands in the other language."""
    subject, truth = kind.removeprefix("truth/"), kind.startswith("truth/")
    zh, en = (files[one].truth(subject) if truth else files[one].file(subject) for one in ("zh", "en"))
    heads = {head.zh: head.en for head in HEADS}
    assert en.column_names == [heads.get(name, name) for name in zh.column_names]
    for chinese, other in zip(zh.columns, en.columns, strict=True):
        told = chinese.combine_chunks(), other.combine_chunks()
        if pa.types.is_string(chinese.type) and any(
            CHINESE.search(one) for one in pc.drop_null(told[0]).to_pylist()
        ):
            named = [one.dictionary_encode() for one in told]
            assert named[0].indices.equals(named[1].indices)
            assert len(named[0].dictionary) == len(named[1].dictionary)
        else:
            assert told[0].equals(told[1])


def test_an_english_company_writes_no_chinese(files):
    made = files["en"]
    for file in sorted(made.files.iterdir()):
        table = made.file(file.stem)
        texts = [
            one for column in table.columns if pa.types.is_string(column.type) for one in column.unique()
        ]
        assert [str(one) for one in texts if CHINESE.search(str(one))] == [], file.name
        assert not CHINESE.search("".join(table.column_names))
    assert not CHINESE.search((made.truths / "truth.json").read_text(encoding="utf-8"))


def test_what_is_said_keeps_its_shape_and_every_word_is_declared_in_both_languages():
    rule = {"where": [{"value": [Text("yes", "是"), 1]}], Text("key", "键"): None}
    assert said(rule, "zh") == {"where": [{"value": ["是", 1]}], "键": None}
    assert said(rule, "en") == {"where": [{"value": ["yes", 1]}], "key": None}
    for campaign in CAMPAIGNS:
        assert said(campaign, "zh")["name"] == campaign.name.zh
    for group in GROUPS:
        assert not CHINESE.search(json.dumps(said(group, "en"), ensure_ascii=False))
    zh, en = (board.content(one) for one in ("zh", "en"))
    assert [one.kind for one in zh.blocks] == [one.kind for one in en.blocks]
    assert not CHINESE.search(str(en))
    assert CHINESE.search(zh.title)


@pytest.mark.slow
def test_the_figures_of_both_houses_are_the_same(english, house, plan):
    for name in ("totals", "as_of", "customers"):
        assert english.figures.get(name) == house.figures.get(name)
    for query in FIGURES:
        assert english.sql(query) == house.sql(query), query
    # The second plan of the company that speaks Chinese is in English.
    both = plan, shown(house, services.PLANS["zh"].index("en") + 1)
    told = [[figures(one) for one in elements(paper, "facts")] for paper in both]
    assert told[0] == told[1]
    assert sum(map(len, told[0])) > 15
    # Rows stand by name in some tables, and the names are in another order.
    grids = [
        [sorted(map(str, (row[1:] for row in one["rows"]))) for one in elements(paper, "grid")]
        for paper in both
    ]
    assert grids[0] == grids[1]


@pytest.mark.slow
def test_the_company_speaks_chinese_unless_it_is_asked(house):
    assert json.loads((house.folder / "huoshui-demo" / "demo.json").read_text())["language"] == "zh"
    (row, *_) = house.sql("SELECT DISTINCT category FROM order_lines ORDER BY ALL")
    assert CHINESE.search(row["category"])
    assert "陈晨 (new)" in house.told


@pytest.mark.slow
def test_the_pages_of_an_english_company_are_english(english):
    environment = environment_of(english.folder / "huoshui-demo", "http://127.0.0.1")
    asked = run("-c", LOOK, *PAGES, environment=environment)
    assert asked.returncode == 0, asked.stderr[-2000:]
    found = json.loads(asked.stdout.splitlines()[-1])
    assert "Welcome-back gift" in found["/campaigns/"][1]
    assert "First tier" in found["/segments/"][1]
    for path, (status, text) in found.items():
        assert status == 200, path
        # The switch of the language is in the other one.
        left = [line.strip() for line in text.splitlines() if CHINESE.search(line.replace("中文", ""))]
        assert left == [], path


@pytest.mark.slow
def test_the_plan_of_an_english_company_is_english_on_paper(english, plan, tmp_path):
    assert not CHINESE.search(json.dumps(plan, ensure_ascii=False))
    file = tmp_path / "plan.docx"
    words = ("plan", "export", "1", "--to", str(file), "--language", "en")
    done = huoshui(english.folder, *words, home="huoshui-demo")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(file) as packed:
        read = "".join(packed.read(one).decode() for one in packed.namelist() if one.endswith(".xml"))
    assert "Renovators of a whole home" in read
    # Between tags, and as the description of a picture: what people read. Fonts have Chinese names, too.
    assert re.findall(r'(?:>|descr=")[^<"]*[\u3400-\u9fff]', read) == []


@pytest.mark.slow
def test_the_same_company_in_the_same_language_is_there_already(english):
    again = huoshui(english.folder, *FEW_PEOPLE, "--language", "en")
    assert "already" in again.stderr
    assert json.loads(again.stdout)["computed_at"] == english.figures["computed_at"]
