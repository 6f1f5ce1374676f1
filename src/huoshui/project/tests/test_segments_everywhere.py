"""Segments beyond their own list: figures of every metric, their page, the API, and who is in or out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps

from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import now
from huoshui.kernel.plugs import HOUSE, METRICS, TRAITS
from huoshui.know.segments import profiles, queries, services
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period
from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run as run_command
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
"""
TWICE = {"trait": "frequency", "op": ">=", "value": 2}
ONCE = {"not": TWICE}


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with five sales of four customers as of 2024-03-01, and two segments that share them out."""
    folder = tmp_path_factory.mktemp("everywhere")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES) as home:
        services.add(actor=CONSOLE, name="Twice", rule=TWICE, now=now())
        services.add(actor=CONSOLE, name="Once", rule=ONCE, now=now())
        services.add(
            actor=CONSOLE,
            name="Of a stage",
            rule={"trait": "stage", "op": "!=", "value": "potential"},
            now=now(),
        )
        assert run_command(huoshui, ["segment", "refresh"]) == 0
        yield home


@pytest.fixture
def run(house, command_line):
    """The command line over the house."""
    return command_line


@pytest.fixture
def asked(house, pages):
    """A client of the house, signed in as an administrator."""
    return pages


@pytest.fixture
def api(house) -> Program:
    """A program with a token of an administrator."""
    return program()


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-2000:]
    text: str = answer.content.decode()
    return text


# -- figures -----------------------------------------------------------------------------------------------------


def test_every_metric_of_two_segments_that_share_all_customers_adds_up_to_that_of_the_house(house):
    tables, zone = open_lake().snapshot(), ZoneInfo("Europe/London")
    periods = [Period.month(2024, 2, zone), Period.month(2023, 11, zone)]
    # The best customers of two groups are not those of both together, and nobody knows for whom money was spent.
    slugs = [m.slug for m in METRICS if m.of_people and m.slug != "revenue_concentration"]
    everybody = metrics.evaluate_many(slugs, tables=tables, periods=periods)
    twice, once = (
        metrics.evaluate_many(slugs, tables=tables, periods=periods, where={"in": f"segment:{name}"})
        for name in ("twice", "once")
    )
    for slug in slugs:
        for place, _ in enumerate(periods):
            parts = [float(found[slug][place][1][0].numerator) for found in (everybody, twice, once)]
            assert parts[0] == pytest.approx(parts[1] + parts[2]), slug
    assert [found["orders"][0][1][0].value for found in (everybody, twice, once)] == [3, 1, 2]


def test_the_command_line_the_api_and_the_page_say_the_same_of_a_segment(run, asked, api):
    of_days = ("--from", "2024-02-01", "--to", "2024-02-29", "--json")
    (cell,) = run("metric", "revenue", "--in", "segment:once", *of_days).json["cells"]
    assert cell["value"] == 20
    (same,) = run("metric", "revenue", "--where", "in=segment:once", *of_days).json["cells"]
    assert same == cell
    address = "/api/metrics/revenue?since=2024-02-01&until=2024-02-29&where=in:segment:once"
    told = api.get(address).json()["periods"][0]["cells"][0]
    assert told["value"] == {"amount": "20.0000", "currency": "GBP"}
    page = asked.get("/metrics/revenue/?period=2024-02-01..2024-02-29&slice=in:segment:once")
    assert "GBP\xa020" in text_of(page)
    behind = quote("metric:revenue/2024-02-01..2024-03-01/in=segment%3Aonce")
    assert text_of(asked.get(f"/customers/?in={behind}")).count('class="hs-person"') == 2


def test_the_overview_the_catalogue_and_boards_offer_segments_and_say_which_is_chosen(asked):
    for path in ("/", "/metrics/", "/metrics/orders/"):
        assert "slice=in%3Asegment%3Atwice" in text_of(asked.get(path)), path
        chosen = text_of(asked.get(f"{path}?slice=in:segment:twice"))
        assert 'aria-current="true">Twice<' in chosen, path
    assert "in segment “Twice”" in text_of(asked.get("/?slice=in:segment:twice"))


def test_figures_of_a_segment_follow_its_rule_at_once(asked):
    services.add(actor=CONSOLE, name="Moving", rule=TWICE, now=now())
    address = "/metrics/orders/?period=2023-01-01..2024-02-29&slice=in:segment:moving"
    assert ">2<" in text_of(asked.get(address))
    services.change(actor=CONSOLE, slug="moving", version=1, name="Moving", rule=ONCE, now=now())
    assert ">3<" in text_of(asked.get(address))


def test_a_slice_of_a_segment_that_nobody_made_is_refused_in_a_sentence(asked, run):
    assert "There is no such segment" in text_of(asked.get("/?slice=in:segment:none"), 404)
    assert "This condition means nothing here" in text_of(asked.get("/?slice=in:nonsense"), 400)
    assert "no such dimension" in run("metric", "revenue", "--by", "in").err


# -- the page ----------------------------------------------------------------------------------------------------


def test_opening_a_segment_reads_no_member_and_no_fact(asked, monkeypatch, django_assert_max_num_queries):
    """What is read of the lake is the number of customers with traits and the moment of the last refresh."""
    read: list[str] = []
    table = Snapshot.table

    def noted(self: Snapshot, slug: str) -> Any:
        read.append(slug)
        return table(self, slug)

    monkeypatch.setattr(Snapshot, "table", noted)
    asked.get("/segments/twice/")
    read.clear()
    with django_assert_max_num_queries(40):
        text = text_of(asked.get("/segments/twice/"))
    assert set(read) <= {"traits"}
    for part in ("/segments/twice/profile/", "/segments/twice/overlap/", "/metrics/in/segment:twice/"):
        assert f'hx-get="{part}"' in text
        assert f'<a href="{part}">' in text, "a reader without a script follows the link"


def test_size_and_moves_open_down_to_the_customers(asked):
    text = text_of(asked.get("/segments/once/"))
    assert "<b>3</b>" in text
    assert "75.0% of 4 customers" in text
    (address,) = re.findall(r'href="(/customers/\?in=segment_moved[^"]*entered[^"]*)"', text)[:1]
    assert text_of(asked.get(unescape(address))).count('class="hs-person"') == 3


def test_the_parts_of_the_page_say_what_stands_out_who_is_shared_and_what_they_bring(asked):
    profile = text_of(asked.get("/segments/twice/profile/?all=1"))
    assert "too few to tell" in profile
    assert "asked for by the rule" in profile
    overlap = text_of(asked.get("/segments/twice/overlap/"))
    assert "/customers/?in=segment%3Atwice&amp;in=outside_segment%3Aonce" in overlap
    assert "1 customer in the list" in text_of(asked.get("/segments/twice/customers/"))
    figures = text_of(asked.get("/metrics/in/segment:once/?period=2024-02-01..2024-02-29"))
    assert "GBP\xa020" in figures
    assert "74.1%" in figures, "of the 27 pounds of everyone"


def test_why_says_values_in_words_and_a_customer_lists_their_segments(asked, run):
    why = run("segment", "why", "of-a-stage", "a", "--json").json
    code = why["clauses"][0]["value"]
    page = text_of(asked.get("/segments/of-a-stage/?customer=a"))
    told = TRAITS["stage"].values[code].en
    assert f"value: {told}" in page
    theirs = text_of(asked.get(f"/segments/of/{why['customer_id']}/"))
    assert "/segments/of-a-stage/" in theirs
    assert "/segments/twice/" in theirs
    assert "/segments/once/" not in theirs
    assert f"/segments/of/{why['customer_id']}/" in text_of(asked.get(f"/customers/{why['customer_id']}/"))


def test_a_broken_segment_has_a_page_that_says_so(asked):
    slug = services.add(actor=CONSOLE, name="Soon broken", rule=TWICE, now=now())
    apps.get_model("segments", "Segment").objects.filter(slug=slug).update(
        rule={"trait": "gone", "op": "=", "value": 1}
    )
    text = text_of(asked.get(f"/segments/{slug}/"))
    assert "The rule means nothing any more" in text
    assert f"/segments/{slug}/edit/" in text
    assert text_of(asked.get(f"/?slice=in:segment:{slug}"), 400)


def test_who_sees_some_records_is_told_that_sizes_are_of_all(house, signed_in):
    own = signed_in("operator", scope="own")
    assert "lists show those whom you look after" in text_of(own.get("/segments/once/"))
    assert "for who sees all records" in text_of(own.get("/segments/once/profile/"))
    assert "Nobody belongs" in text_of(own.get("/segments/once/customers/"))
    assert "No customer was found" in text_of(own.get("/segments/once/?customer=a"))


# -- the profile -------------------------------------------------------------------------------------------------


def test_a_profile_counts_what_a_loop_over_the_customers_counts(house):
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=now())
    rule = queries.rule_of("once")
    found = profiles.profile(tables=tables, as_of=as_of, rule=rule)
    rows = tables.arrow(tables.table("traits")).to_pylist()
    inside = [row for row in rows if row["frequency"] < 2]
    assert (found.size, found.customers) == (len(inside), len(rows))
    by_value = {(one.slug, one.value): one for one in found.categories}
    for slug in ("stage", "value_class", "rfm_segment"):
        for value in {row[slug] for row in rows}:
            one = by_value[slug, value]
            assert one.everybody == sum(row[slug] == value for row in rows)
            assert one.inside == sum(row[slug] == value for row in inside)
            assert one.low <= one.share - one.share_of_all <= one.high
    middles = {one.slug: one for one in found.middles}
    assert middles["frequency"].inside == median(row["frequency"] for row in inside)
    assert middles["monetary"].everybody == median(row["monetary"] for row in rows)
    assert middles["frequency"].asked
    assert found.categories == sorted(found.categories, key=lambda one: (one.asked, one.few))


def test_overlap_is_what_both_lists_share(house, run):
    tables = open_lake().snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE().zone, now=now())
    members = {
        slug: set(run("segment", "members", slug, "--json").json["customer_ids"]) for slug in queries.names()
    }
    for one in profiles.overlaps(tables=tables, as_of=as_of, slug="once"):
        this, other = members["once"], members[one.slug]
        assert (one.both, one.only_this, one.only_other) == (
            len(this & other),
            len(this - other),
            len(other - this),
        )
        assert one.jaccard == (len(this & other) / len(this | other) if this | other else 0)


# -- programs ----------------------------------------------------------------------------------------------------


def test_the_api_keeps_counts_and_explains_as_the_command_line_does(api, run):
    made = api.send("POST", "/api/segments", {"name": "By program", "rule": TWICE})
    assert made.status_code == 201, made.content
    assert made["Location"] == "/api/segments/by-program"
    assert made.json()["count"] == run("segment", "count", "by-program", "--json").json["count"] == 1
    assert api.send("POST", "/api/segments/count", {"rule": ONCE}).json()["count"] == 3
    members = api.get("/api/segments/by-program/members").json()
    assert members["items"] == run("segment", "members", "by-program", "--json").json["customer_ids"]
    (customer_id,) = members["items"]
    why = api.get(f"/api/segments/by-program/why/{customer_id}").json()
    told = run("segment", "why", "by-program", "a", "--json").json
    assert (why["belongs"], why["clauses"][0]["value"]) == (told["belongs"], told["clauses"][0]["value"])
    assert why["clauses"][0]["sentence"] == told["clauses"][0]["sentence"]
    listed = {one["slug"]: one["count"] for one in api.get("/api/segments").json()["items"]}
    assert (listed["by-program"], listed["once"]) == (1, 3)
    profile = api.get("/api/segments/by-program/profile").json()
    assert (profile["size"], profile["customers"]) == (1, 4)
    shared = {one["slug"]: one["both"] for one in api.get("/api/segments/by-program/overlap").json()["items"]}
    assert (shared["twice"], shared["once"]) == (1, 0)
    assert api.get("/api/segments/by-program/history").json()["items"] == []
    assert "trait" in json.dumps(api.get("/api/segments/schema").json())


def test_a_program_changes_a_segment_only_as_it_saw_it(api):
    made = api.send("POST", "/api/segments", {"name": "Seen", "rule": TWICE})
    tag = made["ETag"]
    body = {"name": "Seen", "rule": ONCE}
    assert api.send("PUT", "/api/segments/seen", body).status_code == 428
    assert api.send("PUT", "/api/segments/seen", body, If_Match=tag).json()["version"] == 2
    assert api.send("PUT", "/api/segments/seen", body, If_Match=tag).status_code == 412
    wrong = api.send("PUT", "/api/segments/seen", {**body, "rule": {"trait": "gone"}}, If_Match="*")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_rule")
    api.send("POST", "/api/segments", {"name": "Above", "rule": {"segment": "seen"}})
    assert api.send("DELETE", "/api/segments/seen").status_code == 409
    assert api.send("DELETE", "/api/segments/above").status_code == 204
    assert api.send("DELETE", "/api/segments/seen").status_code == 204
    assert api.get("/api/segments/seen").status_code == 404
    assert api.send("POST", "/api/segments/seen/restore").json()["version"] == 2


def test_a_program_of_who_sees_some_records_learns_nothing_of_the_others(house, api):
    (customer_id,) = api.get("/api/segments/twice/members").json()["items"]
    own = program("operator", scope="own")
    assert own.get("/api/segments/twice/members").json()["items"] == []
    assert own.get(f"/api/segments/twice/why/{customer_id}").status_code == 404
    assert own.get("/api/segments/twice/profile").status_code == 403
    assert program("viewer").send("POST", "/api/segments", {"name": "x", "rule": TWICE}).status_code == 403


def test_a_segment_names_the_boards_that_show_it(asked):
    from huoshui.measure.dashboards.boards import services as boards
    from huoshui.measure.dashboards.boards.blocks import Block, Content

    block = Block(kind="metric", metric="orders", slice="in:segment:once", period="year")
    boards.create(actor=CONSOLE, content=Content(title="Week of once", blocks=(block,)), now=now())
    board_id = apps.get_model("dashboards", "Board").objects.latest("pk").pk
    asked.post(f"/boards/{board_id}/share/", {"sharing": "all"})
    assert "Week of once" in text_of(asked.get("/segments/once/"))
    assert "Week of once" not in text_of(asked.get("/segments/twice/"))
    shown = text_of(asked.get(f"/boards/{board_id}/"))
    assert "in segment “Once”" in shown
    assert "There is no such segment" not in shown
