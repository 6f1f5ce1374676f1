"""Segments over a house with a few sales: on the command line and on their pages, built without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huoshui.desk.jobs import queries as jobs
from huoshui.desk.jobs import running
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import now
from huoshui.know.segments import lists, services
from huoshui.know.segments.errors import BadRule, SegmentChanged, SegmentInUse
from huoshui.project.tests.conftest import loaded
from tests.plugins.programs import program

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # a house is made, and all pages with it

SALES = """\
invoice,customer,date,sku,quantity,price
1,a,2024-01-01,x,1,5
2,a,2024-02-02,y,1,7
3,b,2024-02-03,x,1,5
4,c,2024-02-20,y,3,5
"""
TWICE = {"trait": "frequency", "op": ">=", "value": 2}
CLAUSE = {"0.join": "all", "0.0.field": "trait:frequency", "0.0.op": ">=", "0.0.value": "2"}


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with four sales of three customers, as of 2024-03-01."""
    folder = tmp_path_factory.mktemp("segments")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES) as home:
        yield home


@pytest.fixture
def run(house, command_line):
    """The command line over the house."""
    return command_line


@pytest.fixture
def rule(tmp_path):
    """Give a rule's JSON a file."""

    def write(written: Any) -> str:
        path = tmp_path / "rule.json"
        path.write_text(written if isinstance(written, str) else json.dumps(written, ensure_ascii=False))
        return str(path)

    return write


@pytest.fixture
def asked(house, pages):
    """A client of the house, signed in as an administrator."""
    return pages


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-2000:]
    text: str = answer.content.decode()
    return text


def test_a_segment_is_kept_counted_listed_and_explained(run, rule):
    bought_y = {"products": "times", "where": [{"property": "product_id", "op": "=", "value": "y"}]}
    added = run("segment", "add", "老客户", rule({"all": [TWICE, bought_y]}), "--json").json
    assert added["slug"] == "lao-ke-hu"
    counted = run("segment", "count", "老客户", "--json").json
    assert (counted["count"], counted["customers"], counted["as_of"]) == (1, 3, "2024-03-01T00:00:00+00:00")
    assert run("segment", "count", rule({"not": {"segment": "lao-ke-hu"}}), "--json").json["count"] == 2
    (member,) = run("segment", "members", "lao-ke-hu", "--json").json["customer_ids"]
    why = run("segment", "why", "老客户", "a", "--json").json
    assert (why["customer_id"], why["belongs"]) == (member, True)
    assert [(c["path"], c["holds"], c["value"]) for c in why["clauses"]] == [
        ("all[0]", True, 2),
        ("all[1]", True, 1),
    ]
    other = run("segment", "why", "老客户", "b", "--language", "zh").out
    assert "不属于" in other
    assert "消费频次不少于2" in other
    assert "lao-ke-hu" in run("segment", "list").out


def test_a_rule_that_means_nothing_names_its_clause(run, rule):
    answer = run(
        "segment", "count", rule({"all": [TWICE, {"any": [{"trait": "frequncy", "op": ">=", "value": 2}]}]})
    )
    assert (answer.code, answer.out) == (1, "")
    assert "all[1].any[0]" in answer.err
    assert "frequency" in answer.err
    assert "no JSON" in run("segment", "count", rule("{")).err
    assert "segment add" in run("segment", "count", "nobody").err


def test_a_value_that_nobody_has_is_told_on_the_command_line_in_the_form_and_to_programs(run, rule, asked):
    written = {"all": [TWICE, {"not": {"tag": "VPI"}}]}
    said = run("segment", "count", rule(written), "--language", "zh")
    assert (said.code, said.out) == (0, "1 位客户，共 3\n")
    assert "all[1].not: 没有客户的标签是“VPI”；目前没有任何取值" in said.err
    told = program().send("POST", "/api/segments/count", {"rule": written}).json()
    assert told["notices"] == ["all[1].not: Nobody has the tag “VPI”; it has no value yet"]
    form = CLAUSE | {"0.1.field": "tag:", "0.1.name": "VPI", "0.1.not": "on"}
    assert "Nobody has the tag “VPI”" in text_of(asked.post("/segments/new/", form))
    stage = rule({"any": [TWICE, {"trait": "stage", "op": "=", "value": "lst"}]})
    refused = run("segment", "count", stage)
    assert (refused.code, "(clause any[1])" in refused.err, "silent" in refused.err) == (1, True, True)


def test_a_rule_of_a_thousand_fields_is_one_form_and_a_larger_one_is_told_so(asked):
    clause = {
        "field": "orders:times",
        "op": ">=",
        "value": "1",
        "days": "30",
        "unit": "",
        "name": "",
        "then": "",
    }
    where = {f"w{n}.{name}": text for n in range(3) for name, text in
             (("property", "channel"), ("compared", "="), ("against", "web"))}  # fmt: skip
    form = {f"0.{n}.{name}": text for n in range(90) for name, text in (clause | where).items()}
    assert len(form) > 1000
    assert "of 3 customers" in text_of(asked.post("/segments/new/", {"0.join": "any", "do": "look", **form}))
    larger = {f"x{n}": "" for n in range(8001)}
    assert "This is too large" in text_of(asked.post("/segments/new/", larger), status=413)


def test_segments_never_lead_in_a_circle(run, rule):
    run("segment", "add", "one", rule(TWICE))
    run("segment", "add", "two", rule({"segment": "one"}))
    with pytest.raises(BadRule, match="circle"):
        services.change(
            actor=CONSOLE, slug="one", version=1, name="one", rule={"not": {"segment": "two"}}, now=now()
        )
    with pytest.raises(SegmentInUse, match="two"):
        services.retire(actor=CONSOLE, slug="one", now=now())
    assert services.change(actor=CONSOLE, slug="one", version=1, name="eins", rule=TWICE, now=now()) == 2
    with pytest.raises(SegmentChanged, match="version 2"):
        services.change(actor=CONSOLE, slug="one", version=1, name="uno", rule=TWICE, now=now())
    services.retire(actor=CONSOLE, slug="two", now=now())
    assert "two" not in run("segment", "list").out
    services.bring_back(actor=CONSOLE, slug="two", now=now())
    assert run("segment", "count", "two", "--json").json["count"] == 1


def test_the_schema_of_rules_knows_the_traits_of_the_house(run):
    written = json.dumps(json.loads(run("segment", "schema").out))
    assert '"frequency"' in written
    assert '"city"' in written


def test_an_empty_list_offers_rules_to_begin_with(asked):
    text = text_of(asked.get("/segments/"))
    assert "No segment yet" in text
    begun = text_of(asked.get("/segments/new/?from=first-time"))
    assert "First-time buyers" in begun
    assert re.search(r"<b>2</b> of 3 customers", begun)


def test_a_nested_rule_is_built_by_buttons_alone(asked):
    """No script: every button sends the form, and what was typed stays."""
    form = {**CLAUSE, "name": "Twice or y", "do": "nest:0"}
    text = text_of(asked.post("/segments/new/", form))
    assert 'name="0.1.join"' in text
    assert 'name="0.1.0.field"' in text
    assert "The rule is not complete yet" in text
    form |= {
        "0.1.join": "any",
        "0.1.not": "on",
        "0.1.0.field": "products:times",
        "0.1.0.op": ">=",
        "0.1.0.value": "1",
        "0.1.0.w0.property": "product_id",
        "0.1.0.w0.compared": "=",
        "0.1.0.w0.against": "y",
        "do": "look",
    }
    assert re.search(r"<b>0</b> of 3 customers", text_of(asked.post("/segments/new/", form)))
    del form["0.1.not"]
    assert re.search(r"<b>1</b> of 3 customers", text_of(asked.post("/segments/new/", form)))
    stored = asked.post("/segments/new/", {**form, "do": "save"})
    assert stored["Location"] == "/segments/twice-or-y/"
    shown = text_of(asked.get("/segments/twice-or-y/?customer=a"))
    assert "Belongs" in shown
    assert "&quot;product_id&quot;" in shown
    assert "Does not belong" in text_of(asked.get("/segments/twice-or-y/?customer=b"))
    assert "No customer was found" in text_of(asked.get("/segments/twice-or-y/?customer=zz"))
    assert "Twice or y" in text_of(asked.get("/customers/?in=segment:twice-or-y"))


def test_what_is_wrong_stands_beside_its_clause_and_nothing_is_lost(asked):
    form = {
        **CLAUSE,
        "0.1.field": "trait:monetary",
        "0.1.op": ">=",
        "0.1.value": "<b>much",
        "name": "x",
        "do": "save",
    }
    text = text_of(asked.post("/segments/new/", form), 400)
    wrong = text[text.index('id="part-0.1"') :]
    assert "This is not a number" in wrong[: wrong.index("</section>")]
    assert "&lt;b&gt;much" in text
    assert "<b>much" not in text


def test_a_clause_about_a_trait_that_is_gone_stays_and_is_named(asked):
    gone = {"0.1.field": "trait:gone", "0.1.op": ">=", "0.1.value": "2", "do": "look"}
    text = text_of(asked.post("/segments/new/", {**CLAUSE, **gone}))
    assert '<option value="trait:gone" selected>gone</option>' in text
    wrong = text[text.index('id="part-0.1"') :]
    assert "There is no such trait" in wrong[: wrong.index("</section>")]
    assert re.search(r"1 customers</span>", text)  # the other clause is counted all the same


def test_two_people_who_change_one_segment_lose_nothing(asked):
    services.add(actor=CONSOLE, name="Two", rule=TWICE, now=now())
    form = {**CLAUSE, "name": "Two", "version": "1", "do": "save"}
    assert asked.post("/segments/two/edit/", {**form, "0.0.value": "3"}).status_code == 302
    late = text_of(asked.post("/segments/two/edit/", {**form, "0.0.value": "1"}), 400)
    assert "was changed since you opened it" in late
    assert 'value="1"' in late
    assert "is at least 3" in text_of(asked.get("/segments/two/"))
    changed = text_of(asked.get("/segments/two/versions/"))
    assert re.search(r"<del>[^<]*is at least 2</del>.*<ins>[^<]*is at least 3</ins>", changed, re.DOTALL)
    assert "<del>" not in text_of(asked.get("/segments/two/versions/?old=2&new=2"))
    assert asked.get("/segments/two/versions/?old=9").status_code == 404


def test_a_segment_is_put_away_and_brought_back(asked):
    services.add(actor=CONSOLE, name="Gone", rule=TWICE, now=now())
    asked.post("/segments/gone/retire/")
    assert "/segments/gone/bring-back/" in text_of(asked.get("/segments/"))
    assert asked.get("/segments/gone/").status_code == 404
    asked.post("/segments/gone/bring-back/")
    assert asked.get("/segments/gone/").status_code == 200


def test_a_viewer_reads_and_changes_nothing(house, signed_in):
    viewer = signed_in("viewer")
    services.add(actor=CONSOLE, name="Seen", rule=TWICE, now=now())
    assert "Seen" in text_of(viewer.get("/segments/"))
    assert viewer.get("/segments/new/").status_code == 403
    assert viewer.post("/segments/seen/retire/").status_code == 403


def test_a_page_of_segments_asks_the_database_a_fixed_number_of_times(asked, django_assert_max_num_queries):
    for number in range(3):
        services.add(actor=CONSOLE, name=f"Number {number}", rule=TWICE, now=now())
    asked.get("/segments/")
    with django_assert_max_num_queries(40):
        asked.get("/segments/")


def test_a_form_offers_real_values_and_counts_each_part(asked):
    form = {**CLAUSE, "0.1.field": "products:times", "0.1.op": ">=", "0.1.value": "1"}
    form |= {"0.1.w0.property": "product_id", "0.1.w0.compared": "=", "0.1.w0.against": "x", "do": "look"}
    text = text_of(asked.post("/segments/new/", form))
    assert '<option value="x">2</option>' in text
    assert [int(n) for n in re.findall(r"(\d+) customers</span>", text)] == [1, 2]
    assert 'name="0.1.w1.property"' in text  # a further condition on the same lines
    form |= {"0.1.w1.property": "quantity", "0.1.w1.compared": ">", "0.1.w1.against": "1"}
    again = text_of(asked.post("/segments/new/", form))
    assert "where product is “x” and quantity is above 1" in again
    assert re.search(r"<b>0</b> of 3 customers", again)


def test_a_part_is_moved_and_the_focus_goes_with_it(asked):
    form = {**CLAUSE, "0.1.field": "tag:", "0.1.name": "VIP", "do": "in:0.1"}
    text = text_of(asked.post("/segments/new/", form))
    assert 'name="0.1.0.name"' in text
    assert re.search(r'id="f-0\.1\.0\.moves" autofocus', text)
    dropped = text_of(asked.post("/segments/new/", {**form, "do": "move:0.1>0:0"}))
    assert re.search(r'name="0\.0\.name"[^>]* value="VIP"', dropped)


def test_a_script_gets_the_form_and_is_sent_to_the_segment(asked):
    script = {"HX-Request": "true"}
    form = {**CLAUSE, "name": "By script", "do": "save"}
    assert asked.post("/segments/new/", form, headers=script)["HX-Redirect"] == "/segments/by-script/"
    refused = asked.post("/segments/new/", form, headers=script)
    assert "is there already" in text_of(refused)


def test_what_would_make_a_rule_too_large_is_refused_and_nothing_is_lost(asked):
    form = {
        "0.join": "all",
        **{f"0.{n}.field": "tag:" for n in range(99)},
        **{f"0.{n}.name": "x" for n in range(99)},
    }
    text = text_of(asked.post("/segments/new/", {**form, "do": "add:0"}), 400)
    assert "too many clauses" in text
    assert 'name="0.98.name"' in text


def test_who_sees_some_customers_is_offered_and_counted_those(house, signed_in):
    mei = signed_in("operator", scope="own")
    text = text_of(mei.post("/segments/new/", {**CLAUSE, "do": "look"}))
    assert "of the 0 customers whom you see" in text
    assert "<datalist" not in text or '<option value="x"' not in text


def test_every_template_can_be_begun_with_or_says_what_is_lacking(asked):
    text = text_of(asked.get("/segments/"))
    begun = re.findall(r"/segments/new/\?from=([a-z-]+)", text)
    assert {"first-time", "sleeping", "no-second-order", "unhappy", "email"} <= set(begun)
    assert "birthday" not in begun
    assert "an attribute of type date" in text
    for slug in begun:
        page = text_of(asked.get(f"/segments/new/?from={slug}"))
        assert "The rule is not complete yet" not in page, slug


def job_of(answer) -> tuple[jobs.Work, str]:
    """The job that a form started, at its end, and the sentence of it."""
    number = int(answer["Location"].strip("/").rpartition("/")[2])
    running.run_now(number)
    done = jobs.job(actor=CONSOLE, job_id=number)
    return done, done.note.en if done.note else ""


def test_a_pasted_list_becomes_a_segment_and_what_is_left_over_a_file(asked, run, tmp_path):
    told = {"name": "Told by hand", "pasted": "a, b;nobody\na\n=1+1"}
    done, note = job_of(asked.post("/segments/new/list/", told))
    assert done.state == "done", note
    assert note == "2 customers found; 2 not found, 0 mean several customers"
    assert run("segment", "count", "told-by-hand", "--json").json["count"] == 2
    assert "on the list “Told by hand”" in text_of(asked.get("/segments/told-by-hand/"))
    left = b"".join(asked.get(f"/jobs/{done.id}/file/").streaming_content).decode("utf-8-sig")
    assert left.splitlines() == ["given,why", "nobody,not found", "'=1+1,not found"]
    form = {
        "0.join": "all",
        "0.0.field": "segment:",
        "0.0.name": "told-by-hand",
        "0.0.not": "on",
        "do": "look",
    }
    assert re.search(r"<b>1</b> of 3 customers", text_of(asked.post("/segments/new/", form)))


def test_a_file_gives_a_list_by_the_column_that_finds_most(asked, run):
    rows = "region,member\nnorth,a\nsouth,c\nsouth,zz\n"
    file = SimpleUploadedFile("members.csv", rows.encode())
    _done, note = job_of(asked.post("/segments/new/list/", {"name": "From a file", "file": file}))
    assert note == "2 customers found; 1 not found, 0 mean several customers"
    wrong = SimpleUploadedFile("members.csv", rows.encode())
    failed, note = job_of(
        asked.post("/segments/new/list/", {"name": "Else", "file": wrong, "column": "phone"})
    )
    assert failed.state == "failed"
    assert "no such column" in note


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": "x", "pasted": " "}, "The list is empty"),
        ({"name": "", "pasted": "a"}, "no name of a segment"),
        ({"name": "x", "pasted": "a", "file": SimpleUploadedFile("e.csv", b"a")}, "Both a file and"),
    ],
)
def test_a_list_that_means_nothing_is_refused(asked, told, said):
    assert said in text_of(asked.post("/segments/new/list/", told), 400)


def test_a_list_finds_only_customers_whom_its_maker_sees(house, signed_in):
    mei = signed_in("operator", scope="own")
    done, note = job_of(mei.post("/segments/new/list/", {"name": "Not mine", "pasted": "a"}))
    assert done.state == "failed"
    assert "No customer was found" in note


def test_a_list_that_is_too_long_is_refused_with_the_limit(house, monkeypatch):
    monkeypatch.setattr(lists, "MOST", 2)
    with pytest.raises(lists.NoList, match="at most 2 texts"):
        lists.make(actor=CONSOLE, name="Long", texts=["a", "b", "c"], now=now())
