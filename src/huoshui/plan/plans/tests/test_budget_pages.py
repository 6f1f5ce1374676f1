"""The page of the budget: it saves what was changed, loses nothing, takes files in after a look, and can go back."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.papers import Grid, Notice, Schedule
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans.budget import queries, services
from huoshui.plan.plans.budget.services import Entry
from huoshui.plan.plans.document import editing, reading
from huoshui.plan.plans.document import services as documents
from huoshui.plan.plans.document.content import Block, Content, Part
from huoshui.plan.plans.measures import services as measures
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.reviews import services as reviews

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CSV = "渠道,月份,计划,已承诺\n网店,2026-01,500,50\n门店,2026-02,70,\n门店,2026-03,NaN,\n"


@pytest.fixture
def plan(settings, tmp_path) -> int:
    """A plan of 2026 in a house without data."""
    settings.HUOSHUI_HOME, settings.HUOSHUI_LAKE = tmp_path, str(tmp_path / "lake")
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水商城")
    return documents.create(
        actor=CONSOLE,
        title="Plan 2026",
        template="blank",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        language="en",
        now=NOW,
    )


def keep(plan: int, planned: str, was: str = "0", channel: str = "网店", **said: Any) -> None:
    services.keep(
        actor=CONSOLE,
        plan_id=plan,
        entries=[
            Entry(
                channel=channel,
                month=date(2026, 1, 1),
                planned=Decimal(planned),
                committed=Decimal(0),
                was=(Decimal(was), Decimal(0)),
                **said,
            )
        ],
        now=NOW,
    )


def cells(plan: int) -> dict[tuple[int | None, str, str], tuple[str, str]]:
    return {
        (one.measure_id, one.channel, f"{one.month:%Y-%m}"): (str(one.planned), str(one.committed))
        for one in queries.entered(actor=CONSOLE, plan_id=plan)
    }


def form_of(answer: Any) -> dict[str, str]:
    """The fields of the grid as a browser would send them."""
    text = answer.content.decode()
    fields = {}
    for tag in re.findall(r"<input [^>]*>", text):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if re.match(r"was|reason|channel-new|[pc]-", said.get("name", "")):
            fields[said["name"]] = html.unescape(said.get("value", ""))
    return fields


def test_a_channel_is_added_on_an_empty_page_and_hostile_names_stay_words(pages, plan):
    at = f"/plans/{plan}/budget/"
    empty = pages.get(at)
    assert empty.status_code == 200
    new = {**form_of(empty), "channel-new": '<img src=x onerror="x">', "p-new-0": "1,200.5", "c-new-1": "3"}
    assert pages.post(at, new).status_code == 302
    name = '<img src=x onerror="x">'
    assert cells(plan) == {
        (None, name, "2026-01"): ("1200.50", "0.00"),
        (None, name, "2026-02"): ("0.00", "3.00"),
    }
    shown = pages.get(at).content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown


def test_only_what_was_changed_is_saved_beside_what_somebody_else_changed(pages, plan):
    keep(plan, "100")
    at = f"/plans/{plan}/budget/"
    form = form_of(pages.get(at))
    keep(plan, "40", channel="门店")
    assert pages.post(at, {**form, "p-0-1": "7"}).status_code == 302
    assert cells(plan) == {
        (None, "网店", "2026-01"): ("100.00", "0.00"),
        (None, "网店", "2026-02"): ("7.00", "0.00"),
        (None, "门店", "2026-01"): ("40.00", "0.00"),
    }


def test_a_conflict_is_shown_nothing_is_lost_and_saving_again_takes_it(pages, plan):
    keep(plan, "100")
    at = f"/plans/{plan}/budget/"
    form = form_of(pages.get(at))
    keep(plan, "300", was="100")
    answer = pages.post(at, {**form, "p-0-0": "200", "p-0-4": "5"})
    assert answer.status_code == 409
    assert cells(plan) == {(None, "网店", "2026-01"): ("300.00", "0.00")}
    again = form_of(answer)
    assert (again["p-0-0"], again["p-0-4"]) == ("200", "5")
    assert pages.post(at, again).status_code == 302
    assert cells(plan)[(None, "网店", "2026-01")] == ("200.00", "0.00")


def test_what_was_typed_in_a_channel_that_is_gone_is_still_there(pages, plan):
    keep(plan, "100")
    at = f"/plans/{plan}/budget/"
    form = form_of(pages.get(at))
    keep(plan, "0", was="100")
    answer = pages.post(at, {**form, "p-0-0": "200"})
    assert (answer.status_code, form_of(answer)["p-0-0"]) == (409, "200")


@pytest.mark.parametrize("text", ["NaN", "-1", "1e5", "0.001", "abc", "１", "99999999999999", "=1+1"])
def test_an_amount_that_is_none_is_marked_and_stays_in_its_field(pages, plan, text):
    keep(plan, "100")
    at = f"/plans/{plan}/budget/"
    form = form_of(pages.get(at))
    answer = pages.post(at, {**form, "p-0-0": text, "p-0-1": "8"})
    assert answer.status_code == 400
    assert answer.content.decode().count("is-invalid") == 1
    assert (form_of(answer)["p-0-0"], form_of(answer)["p-0-1"]) == (text, "8")
    assert cells(plan) == {(None, "网店", "2026-01"): ("100.00", "0.00")}


@pytest.mark.parametrize(
    "was",
    ["", "x", "[]", "null", '{"channels": [], "months": ["2026-13-01"], "cells": {}}', "[" * 9999,
     '{"channels": ["a"], "months": ["2026-01-01"], "cells": {"7-7": ["1", "1"]}}',
     '{"channels": ["a"], "months": ["2026-01-01"], "cells": {"0-0": ["x", "1"]}}'],
)  # fmt: skip
def test_a_form_that_is_damaged_is_refused(pages, plan, was):
    assert pages.post(f"/plans/{plan}/budget/", {"was": was, "p-0-0": "5"}).status_code == 400
    assert cells(plan) == {}


def test_a_new_channel_needs_a_name_that_is_not_there(pages, plan):
    keep(plan, "100")
    at = f"/plans/{plan}/budget/"
    form = form_of(pages.get(at))
    assert pages.post(at, {**form, "p-new-0": "5"}).status_code == 400
    assert pages.post(at, {**form, "channel-new": "网店", "p-new-1": "5"}).status_code == 400
    assert pages.post(at, {**form, "channel-new": "长" * 61, "p-new-1": "5"}).status_code == 400
    assert len(cells(plan)) == 1


def test_the_budget_of_a_measure_is_its_own_and_counts_in_the_whole(pages, plan):
    draft = Draft(name="Fair", first_day=date(2026, 1, 1), last_day=date(2026, 2, 1))
    measure = measures.add(actor=CONSOLE, plan_id=plan, draft=draft, now=NOW)
    at = f"/plans/{plan}/budget/?for={measure}"
    form = form_of(pages.get(at))
    assert pages.post(at, {**form, "channel-new": "fair", "p-new-0": "9"}).status_code == 302
    assert cells(plan) == {(measure, "fair", "2026-01"): ("9.00", "0.00")}
    assert pages.get(f"/plans/{plan}/budget/").status_code == 200
    assert pages.get(f"/plans/{plan}/budget/?for=999999").status_code == 404


def sent(text: str, encoding: str = "utf-8-sig") -> dict[str, Any]:
    return {"file": SimpleUploadedFile("预算.csv", text.encode(encoding))}


def test_a_file_is_looked_at_taken_in_and_taken_back(pages, plan):
    keep(plan, "100")
    there = pages.post(f"/plans/{plan}/budget/file/", sent(CSV))
    assert there.status_code == 302, there.content.decode()[-500:]
    look = pages.get(there["Location"])
    shown = look.content.decode()
    assert look.status_code == 200
    assert "NaN" in shown
    assert cells(plan) == {(None, "网店", "2026-01"): ("100.00", "0.00")}
    mark = re.findall(r'name="mark" value="(\w+)"', shown)[0]
    assert pages.post(there["Location"], {"mark": mark}).status_code == 302
    assert cells(plan) == {
        (None, "网店", "2026-01"): ("500.00", "50.00"),
        (None, "门店", "2026-02"): ("70.00", "0.00"),
    }
    assert pages.get(there["Location"]).status_code == 404
    assert pages.post(f"/plans/{plan}/budget/undo/").status_code == 302
    assert cells(plan) == {(None, "网店", "2026-01"): ("100.00", "0.00")}
    assert pages.post(f"/plans/{plan}/budget/undo/").status_code == 302
    assert cells(plan) == {(None, "网店", "2026-01"): ("100.00", "0.00")}


def test_a_file_that_was_looked_at_is_not_taken_over_what_changed_since(pages, plan):
    there = pages.post(f"/plans/{plan}/budget/file/", sent(CSV))["Location"]
    mark = re.findall(r'name="mark" value="(\w+)"', pages.get(there).content.decode())[0]
    keep(plan, "1")
    assert pages.post(there, {"mark": mark}).status_code == 409
    assert cells(plan) == {(None, "网店", "2026-01"): ("1.00", "0.00")}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 50, b"a,b\n1,2\n", "预算".encode() * 9])
def test_a_file_that_is_no_budget_is_refused_with_a_reason(pages, plan, content):
    file = {"file": SimpleUploadedFile("x.csv", content)}
    assert pages.post(f"/plans/{plan}/budget/file/", file).status_code == 400
    assert pages.post(f"/plans/{plan}/budget/file/", {}).status_code == 400


def test_the_file_of_another_plan_and_a_forged_one_are_not_there(pages, plan):
    there = pages.post(f"/plans/{plan}/budget/file/", sent(CSV))["Location"]
    other = documents.create(
        actor=CONSOLE,
        title="Other",
        template="blank",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        language="en",
        now=NOW,
    )
    assert pages.get(there.replace(f"/plans/{plan}/", f"/plans/{other}/")).status_code == 404
    assert pages.get(f"/plans/{plan}/budget/file/forged/").status_code == 404
    assert pages.post("/plans/999999/budget/file/", sent(CSV)).status_code == 404


def test_who_only_reads_sees_words_and_cannot_write_and_strangers_see_nothing(signed_in, stranger, plan):
    keep(plan, "100")
    reader = signed_in("viewer")
    at = f"/plans/{plan}/budget/"
    answer = reader.get(at)
    assert answer.status_code == 200
    assert form_of(answer) == {}
    assert "100" in answer.content.decode()
    assert reader.post(at, {"was": "{}"}).status_code == 403
    assert reader.post(at + "file/", sent(CSV)).status_code == 403
    assert reader.post(at + "undo/").status_code == 403
    assert stranger.get(at).status_code in (302, 403)
    assert cells(plan) == {(None, "网店", "2026-01"): ("100.00", "0.00")}


def test_the_budget_is_taken_away_as_a_file(pages, plan):
    keep(plan, "100")
    address = f"{reverse('jobs:export', args=['plan-budget'])}?plan={plan}"
    answer = pages.post(address, {"kind": "csv-utf-8"})
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    assert "网店,2026-01,,100.00,0.00," in text.replace('"', "")
    assert (
        pages.post(f"{reverse('jobs:export', args=['plan-budget'])}?plan=x", {"kind": "csv"}).status_code
        == 404
    )


def test_the_document_shows_what_the_rooms_hold_and_says_what_they_do_not(plan):
    blocks = tuple(
        Block(key=kind, kind=kind, values={}) for kind in ("measures", "schedule", "budget", "reviews")
    )
    whole = Content(parts=(Part(slug="overview", blocks=blocks),))
    editing.keep_content(actor=CONSOLE, plan_id=plan, content=whole, now=NOW)

    def shown() -> list[Any]:
        paper = reading.paper(
            actor=CONSOLE, plan_id=plan, tables=open_lake().snapshot(), house=HOUSE(), language="zh", now=NOW
        )
        return [one.elements[0] for one in paper.parts[0].blocks]

    assert [type(one) for one in shown()] == [Notice] * 4
    draft = Draft(name="展会", first_day=date(2026, 1, 1), last_day=date(2026, 4, 1), cost=Decimal(9))
    measures.add(actor=CONSOLE, plan_id=plan, draft=draft, now=NOW)
    keep(plan, "100")
    rhythm: dict[str, Any] = {
        "weekday": 0,
        "month_day": None,
        "people": [],
        "version": 0,
        "today": date(2026, 3, 2),
    }
    reviews.set_rhythm(actor=CONSOLE, plan_id=plan, **rhythm, now=NOW)
    listed, timeline, budget, held = shown()
    assert isinstance(listed, Grid)
    assert listed.rows[0][0] == "展会"
    assert isinstance(timeline, Schedule)
    assert [bar.name for bar in timeline.bars] == ["展会"]
    assert isinstance(budget, Grid)
    assert budget.rows[0][0] == "网店"
    assert "100" in budget.rows[0][1]
    assert not isinstance(held, Notice)
