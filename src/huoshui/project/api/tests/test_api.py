"""What the API answers over a real house, to whom, and with how many queries."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from huoshui.desk.jobs import running
from huoshui.kernel.actors import Right, Role
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.periods import Period
from huoshui.project.api.examples import EXAMPLES, Example
from huoshui.project.api.root import api as the_api
from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run as run_command
from huoshui.project.tests.conftest import SALES, loaded
from huoshui.project.tests.test_program import TOTAL
from huoshui.project.wsgi import application
from huoshui.web import figures
from tests.plugins.programs import Program, program

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE = """\
Customer ID,Name,Phone,Email,City
10,王梅,+44 7400 123456,mei@example.com,巴黎
11,Rose Tyler,+44 7400 654321,rose@example.com,London
"""


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with sales and people, as of 2024-03-01."""
    folder = tmp_path_factory.mktemp("api")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES, customers=PEOPLE) as home:
        yield home


@pytest.fixture
def api(house: Path, db: None) -> Program:
    return program()


def ids() -> dict[str, int]:
    rows = apps.get_model("customers", "Customer").objects.exclude(name="").values_list("name", "pk")
    return dict(rows)


def test_all_customers_are_read_page_by_page_whoever_comes_in_between(api):
    seen: list[int] = []
    cursor = ""
    for _page in range(9):
        page = api.get(f"/api/customers?limit=1&cursor={cursor}").json()
        seen += [row["customer_id"] for row in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
        made = api.send("POST", "/api/customers", {"name": f"came in {cursor[:9]}"})
        assert made.status_code == 201
        if len(seen) > 5:
            break
    assert seen == sorted(set(seen))
    assert set(ids().values()) >= set(seen)
    both = api.get("/api/customers?columns=net_monetary").json()
    assert both["total"] == len(both["items"]) == apps.get_model("customers", "Customer").objects.count()


def test_a_list_has_the_conditions_of_the_page(api):
    mei = ids()["王梅"]
    for asked in (
        "stage=active",
        "least=frequency:2",
        "q=wang mei",
        "columns=city&has=city:巴",
    ):
        found = api.get(f"/api/customers?{asked}").json()
        assert [row["customer_id"] for row in found["items"]] == [mei], asked
    shown = api.get("/api/customers?columns=net_monetary&columns=city&q=10").json()["items"][0]
    assert shown["values"] == {"net_monetary": {"amount": "31.5000", "currency": "GBP"}, "city": "巴黎"}
    for asked in (
        "page=2",
        "sort=frequency",
        "view=1",
        "nothing=1",
        "in=nothing:1",
        "stage=x",
        "least=frequency:NaN",
    ):
        answer = api.get(f"/api/customers?{asked}")
        assert answer.status_code == 400, asked
        assert answer["Content-Type"] == "application/problem+json"
    cursor = api.get("/api/customers?limit=1").json()["next_cursor"]
    refused = api.get(f"/api/customers?limit=1&cursor={cursor}&stage=active").json()
    assert refused["code"] == "not_a_cursor"


def test_nobody_is_looked_after_by_a_colleague_that_there_is_not(api):
    for asked in ("owner=999999999999999", "team=999999999999999", "team=1&owner=999999999999999"):
        assert api.get(f"/api/customers?{asked}").json()["total"] == 0, asked


def test_contacts_are_whole_only_where_token_and_colleague_may_see_them(house, db):
    manager = program(Role.MANAGER)
    narrow = program(of=manager.user, rights=[Right.CUSTOMERS_VIEW])
    viewer = program(Role.VIEWER)
    path = f"/api/customers/{ids()['王梅']}"
    assert "+447400123456" in manager.get(path).content.decode()
    for client in (narrow, viewer):
        for asked in (path, "/api/customers", "/api/customers/find?identity=10"):
            text = client.get(asked).content.decode()
            assert "****3456" in text
            assert "7400123456" not in text
            assert "mei@example.com" not in text
    # A tag that stands for the version must not be a way to try all numbers.
    assert manager.get(path)["ETag"] == viewer.get(path)["ETag"]


def test_each_look_at_people_is_noted_once_for_all_of_them(api):
    entries = apps.get_model("audit", "Entry").objects
    before = entries.count()
    api.get("/api/customers")
    api.get(f"/api/customers/{ids()['王梅']}")
    found = entries.order_by("number").values_list("act", "subject", "detail")[before:]
    assert [row[0] for row in found] == ["customers.viewed", "customer.viewed"]
    assert '"contacts":"whole","customers":2' in found[0][2]
    assert found[1][1] == f"customer:{ids()['王梅']}"


def test_a_change_needs_the_version_that_was_seen(api):
    path = f"/api/customers/{ids()['Rose Tyler']}"
    etag = api.get(path)["ETag"]
    assert api.send("PATCH", path, {"name": "Rose"}).status_code == 428
    changed = api.send("PATCH", path, {"name": "Rose", "attributes": {"city": "Cardiff"}}, if_match=etag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Rose")
    assert changed.json()["attributes"]["city"] == "Cardiff"
    assert changed.json()["phone"] == "+447400654321"
    late = api.send("PATCH", path, {"name": "Rosie"}, if_match=etag)
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert api.send("PATCH", path, {"phone": ""}, if_match=changed["ETag"]).json()["phone"] == ""
    packed = api.get(path, headers={"accept-encoding": "gzip"})["ETag"]
    assert packed.startswith("W/")
    assert api.send("PATCH", path, {"phone": "+44 7400 654321"}, if_match=packed).status_code == 200
    wrong = api.send("PATCH", path, {"phone": "x", "attributes": {"nothing": "x"}}, if_match="*")
    assert wrong.status_code == 400
    assert {one["pointer"] for one in wrong.json()["errors"]} == {"#/phone", "#/nothing"}


def test_a_customer_is_made_deleted_and_restored(api):
    made = api.send("POST", "/api/customers", {"name": "Amy Pond", "attributes": {"city": "Leadworth"}})
    assert made.status_code == 201
    path = made["Location"]
    assert api.get(path).json()["attributes"] == {"city": "Leadworth"}
    assert api.send("DELETE", path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.send("POST", f"{path}/restore").json()["name"] == "Amy Pond"
    assert api.send("POST", "/api/customers", {}).json()["code"] == "nothing_said"


def test_many_are_tagged_and_that_is_taken_back(api):
    both = sorted(ids().values())
    done = api.send("POST", "/api/customers/tag", {"customer_ids": both, "tag": "VIP"}).json()
    assert done["changed"] == len(both)
    found = api.get("/api/customers?tag=VIP").json()
    assert [row["customer_id"] for row in found["items"]] == both
    assert api.send("POST", f"/api/acts/{done['act_id']}/undo").json()["changed"] == len(both)
    assert api.get("/api/customers?tag=VIP").json()["items"] == []
    mine = api.send("POST", "/api/customers/assign", {"customer_ids": both, "owner_id": api.user.pk})
    assert mine.json()["changed"] == len(both)
    assert api.get(f"/api/customers?owner={api.user.pk}").json()["total"] == len(both)


def test_a_metric_is_the_number_of_the_evaluator(api):
    months = api.get("/api/metrics/revenue?since=2024-01-15&until=2024-02-10&each=month").json()["periods"]
    assert [(m["since"], m["until"]) for m in months] == [
        ("2024-01-01", "2024-01-31"),
        ("2024-02-01", "2024-02-29"),
    ]
    for month, number in zip(months, (1, 2), strict=True):
        period = Period.month(2024, number, HOUSE().zone)
        (cell,) = queries.evaluate("revenue", tables=open_lake().snapshot(), period=period)
        assert month["cells"][0]["value"] == {"amount": f"{cell.value:f}", "currency": "GBP"}
    split = api.get("/api/metrics/orders?since=2024-01-01&until=2024-02-29&by=stage").json()["periods"][0]
    assert {cell["dimensions"]["stage"] for cell in split["cells"]} >= {"active"}
    for wrong in ("by=nothing", "where=stage", "where=nothing:1"):
        refused = api.get(f"/api/metrics/orders?since=2024-01-01&until=2024-02-29&{wrong}")
        assert refused.status_code == 400, wrong
    assert api.get("/api/metrics/orders?since=0001-01-01&until=9999-12-31&each=month").status_code == 400
    assert api.get("/api/metrics/orders?since=2024-02-30&until=2024-03-01").status_code == 422


def plain(value: Any) -> Any:
    """A figure as the command line writes it."""
    return float(value["amount"]) if isinstance(value, dict) else value


def test_the_overview_has_the_figures_of_the_command_line_the_page_and_sql(api, pages, capsys):
    assert run_command(huoshui, ["overview", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = api.get("/api/overview").json()
    totals = {slug: plain(value) for slug, value in found["totals"].items()}
    assert totals == {
        **{slug: value for slug, value in told["totals"].items() if slug != "customers"},
        "customers_by_stage": told["totals"]["customers"],
    }
    assert {slug: plain(value) for slug, value in found["values"].items()} == told["last_30_days"]
    compared = {one["kind"]: one["values"] for one in found["compared"]}
    assert {slug: plain(value) for slug, value in compared["previous"].items()} == told["previous_30_days"]
    assert found["customers"] == {
        group: told[f"customers_by_{group}"] for group in ("stage", "value_class", "rfm_segment")
    }
    assert [(m["month"], plain(m["revenue"])) for m in found["revenue_by_month"]] == [
        (m["month"], m["revenue"]) for m in told["revenue_by_month"]
    ]
    assert [plain(one["revenue"]) for one in found["top_products"]] == [
        one["revenue"] for one in told["top_products"]
    ]
    assert [(one["from_stage"], one["to_stage"], one["customers"]) for one in found["moves"]] == [
        (one["from"], one["to"], one["customers"]) for one in told["moves_between_stages"]["moves"]
    ]
    assert [(one["month"], one["customers"]) for one in found["cohorts"]] == [
        (one["month"], one["customers"]) for one in told["cohorts"]
    ]
    assert run_command(huoshui, ["sql", TOTAL, "--format", "csv"]) == 0
    assert totals["revenue"] == float(capsys.readouterr().out.split()[-1])
    shown = pages.get("/", {"period": f"{found['since']}..{found['until']}"}).content.decode()
    assert figures.money(Decimal(found["values"]["revenue"]["amount"]), "GBP", "en") in shown


def test_an_overview_is_of_the_days_and_the_slice_that_are_asked_for(api):
    days = "since=2024-01-01&until=2024-01-31"
    january = api.get(f"/api/overview?{days}").json()
    assert (january["since"], january["until"]) == ("2024-01-01", "2024-01-31")
    (period,) = api.get(f"/api/metrics/revenue?{days}").json()["periods"]
    assert january["values"]["revenue"] == period["cells"][0]["value"]
    paris = api.get(f"/api/overview?{days}&where=city:巴黎").json()
    assert 0 < paris["values"]["orders"] <= january["values"]["orders"]
    for wrong in ("since=2024-02-01&until=2024-01-01", "since=1950-01-01", "where=stage", "where=nothing:1"):
        assert api.get(f"/api/overview?{wrong}").status_code == 400, wrong
    assert api.get("/api/overview?since=0001-01-01").status_code == 422
    assert january["places"]
    assert program(Role.OPERATOR, scope="own").get(f"/api/overview?{days}").json()["places"] == []


def test_traits_come_with_their_reason(api):
    path = f"/api/customers/{ids()['王梅']}/traits"
    known = {one["slug"]: one for one in api.get(path).json()["items"]}
    assert known["frequency"]["value"] == 2
    why = api.get(f"{path}/rfm_segment").json()
    assert set(why["made_of"]) <= set(known)
    assert why["history"][-1]["value"] == known["rfm_segment"]["value"]
    said = api.get("/api/traits", headers={"accept-language": "zh-CN"}).json()["items"]
    catalogue = {one["slug"]: one for one in said}
    assert set(catalogue) == set(known)
    assert (catalogue["net_monetary"]["type"], catalogue["frequency"]["label"]) == ("money", "消费频次")
    assert api.get(f"{path}/nothing").status_code == 404


def test_a_file_is_sent_tried_loaded_and_taken_back(api):
    rows = b"Customer ID,Name,City\n12,Donna,Chiswick\n,,\n"
    sent = api.post("/api/imports/files", {"file": SimpleUploadedFile("people.csv", rows)})
    assert sent.status_code == 201, sent.content
    path = sent["Location"]
    assert sent.json()["kind"] == "customers"
    assert api.send("PUT", path, {"kind": "customers", "source": "shop"}).json()["ready"]
    tried = api.send("POST", f"{path}/check").json()
    assert (tried["report"]["loaded"], tried["load_id"]) == (1, None)
    job = api.send("POST", f"{path}/load", idempotency_key="load people").json()
    assert api.send("POST", f"{path}/load", idempotency_key="load people").json() == job
    assert running.run_now(job["job_id"]) == "done"
    load = api.get(path).json()["load_id"]
    assert api.get(f"/api/imports/{load}").json()["loaded"] == 1
    assert api.get("/api/imports?limit=1").json()["items"][0]["load_id"] == load
    assert "Donna" in ids()
    undone = api.send("POST", f"/api/imports/{load}/undo").json()
    assert running.run_now(undone["job_id"]) == "done"
    assert "Donna" not in ids()
    assert api.send("POST", f"/api/imports/{load}/undo").json()["code"] == "nothing_to_undo"
    assert api.post("/api/imports/files", {"file": "no file"}).status_code == 400


def test_an_export_is_a_job_whose_file_only_its_colleague_gets(api):
    started = api.send(
        "POST", "/api/exports", {"conditions": "stage=active", "format": "csv", "columns": ["city"]}
    )
    assert started.status_code == 202
    path = started["Location"]
    assert running.run_now(started.json()["job_id"]) == "done"
    done = api.get(path).json()
    text = b"".join(api.get(done["file"]).streaming_content).decode("utf-8-sig")
    assert "王梅" in text
    assert "Rose" not in text
    other = program(Role.MANAGER)
    assert other.get(path).status_code == other.get(done["file"]).status_code == 404
    for wrong in (
        {"conditions": "stage=x", "format": "csv"},
        {"conditions": "stagge=active", "format": "csv"},
        {"format": "pdf"},
        {"format": "csv", "columns": ["x"]},
    ):
        refused = api.send("POST", "/api/exports", wrong)
        assert refused.status_code in (400, 422), wrong


def test_the_command_line_prints_what_a_program_is_answered(api, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for command in ("value", "lifecycle", "cohorts"):
        assert run_command(huoshui, [command, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == api.get(f"/api/{command}").json(), command
        assert run_command(huoshui, [command, "--language", "zh"]) == 0
        assert capsys.readouterr().out


QUERIES = {
    "/api/me": 6,
    "/api/customers?limit=1": 21,
    "/api/customers?columns=net_monetary&columns=city": 21,
    "/api/customers/find?identity=10": 27,
    "/api/tasks": 7,
    "/api/jobs": 7,
    "/api/imports": 7,
    "/api/metrics/orders?since=2024-01-01&until=2024-02-29": 11,
    "/api/value?days=90": 23,
    "/api/lifecycle": 10,
    "/api/cohorts?grain=week": 10,
    "/api/models": 10,
    "/api/models/clv": 11,
    "/api/overview": 55,
}


def test_a_head_says_of_every_list_what_a_get_would(api):
    for path in QUERIES:
        told, whole = api.head(path), api.get(path)
        assert (told.status_code, told.content) == (200, b""), path
        assert told["Content-Type"] == whole["Content-Type"]
    assert api.head("/api/customers/1").status_code == api.get("/api/customers/1").status_code
    assert api.head("/api/customers/tag").status_code == 405
    assert "HEAD" in api.send("PUT", "/api/customers")["Allow"]


def test_queries_are_as_many_as_ever_and_do_not_grow_with_the_rows(api, django_assert_max_num_queries):
    for path, most in QUERIES.items():
        api.get(path)
        with django_assert_max_num_queries(most):
            assert api.get(path).status_code == 200


def answer_while_it_runs(command: list[str], secret: str, server: WSGIServer, folder: Path) -> str:
    """What a program writes that asks this very process, in which jobs are run as they come."""
    environment = {"PATH": os.environ["PATH"], "HUOSHUI_TOKEN": secret, "NO_PROXY": "*"}
    program = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    jobs = apps.get_model("jobs", "Job").objects.filter(
        state="waiting", kind__in=("imports.load", "customers.export")
    )
    until = time.monotonic() + 30
    while program.poll() is None and time.monotonic() < until:
        server.handle_request()
        for job in jobs.all():
            running.run_now(job.pk)
    program.kill()
    written, _ = program.communicate()
    assert program.returncode == 0, written
    return written


@pytest.fixture
def server() -> Iterator[WSGIServer]:
    """Answers in this thread, in the transaction of the test."""
    quiet = type("Quiet", (WSGIRequestHandler,), {"log_message": lambda *_said: None})
    with make_server("127.0.0.1", 0, application, handler_class=quiet) as made:
        made.timeout = 0.05
        yield made


@pytest.mark.parametrize("example", EXAMPLES, ids=[one.slug for one in EXAMPLES])
def test_every_example_of_the_guide_runs_as_it_stands_there(example: Example, api, server, tmp_path):
    url = f"http://127.0.0.1:{server.server_port}"
    if shutil.which("bash") and shutil.which("curl"):
        json.loads(answer_while_it_runs(["bash", "-ec", example.curl_at(url)], api.secret, server, tmp_path))
    (tmp_path / "example.py").write_text(example.python_at(url, whole=True), encoding="utf-8")
    answer_while_it_runs([sys.executable, "example.py"], api.secret, server, tmp_path)


def test_the_page_of_the_api_names_every_operation_and_its_right(pages):
    for language, words in (("en", "change customers"), ("zh-CN", "修改客户")):
        text = pages.get("/api/docs/", headers={"accept-language": language}).content.decode()
        assert words in text
        for example in EXAMPLES:
            assert escape(example.curl_at("http://127.0.0.1:8000")) in text
        for path in the_api.get_openapi_schema()["paths"]:
            assert path in text
