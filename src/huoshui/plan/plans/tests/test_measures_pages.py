"""The pages of measures, reviews and the story: they open, they save, they refuse, and say what to do first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.plan.plans.document import services as documents
from huoshui.plan.plans.measures import queries
from huoshui.plan.plans.pages.reviews import chapters
from huoshui.plan.plans.reviews import queries as reviews
from huoshui.plan.plans.reviews import services as reviewing
from huoshui.plan.plans.reviews.queries import Told

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(settings, tmp_path) -> int:
    """A plan of 2026 in a house without data."""
    settings.HUOSHUI_HOME, settings.HUOSHUI_LAKE = tmp_path, str(tmp_path / "lake")
    now = datetime(2026, 3, 2, tzinfo=UTC)
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=now, name="活水商城")
    return documents.create(
        actor=CONSOLE,
        title="Plan 2026",
        template="blank",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        language="en",
        now=now,
    )


def test_a_measure_is_added_on_its_page_and_hostile_words_stay_words(pages, plan):
    at = f"/plans/{plan}/measures/"
    assert pages.get(at).status_code == 200
    form = {"name": "<script>x</script>", "first_day": "2026-02-01", "last_day": "2026-03-01", "cost": "10"}
    assert pages.post(at + "new/", {**form, "state": "planned"}).status_code == 302
    shown = pages.get(at).content.decode()
    assert "&lt;script&gt;x" in shown
    assert "<script>x" not in shown
    (one,) = queries.measures(actor=CONSOLE, plan_id=plan)
    assert pages.get(f"{at}{one.id}/").status_code == 200
    stale = {**form, "state": "running", "version": "7"}
    assert pages.post(f"{at}{one.id}/", stale).status_code == 409
    assert pages.post(at + "new/", {**form, "cost": "ten"}).status_code == 400


def test_a_measure_is_dropped_with_a_reason_on_its_own_page_and_taken_back(pages, plan):
    form = {"name": "Fair", "first_day": "2026-02-01", "last_day": "2026-03-01", "state": "planned"}
    pages.post(f"/plans/{plan}/measures/new/", form)
    (one,) = queries.measures(actor=CONSOLE, plan_id=plan)
    at = f"/plans/{plan}/measures/{one.id}/"
    assert '<label class="form-label" for="drop-reason">' in pages.get(at).content.decode()
    refused = pages.post(f"{at}to/drop/", {"version": str(one.version), "reason": " "}, follow=True)
    assert refused.redirect_chain == [(f"{at}#drop", 302)], "nothing is lost: the form is there again"
    stale = pages.post(f"{at}to/drop/", {"version": "9", "reason": "No budget"}, follow=True)
    assert stale.redirect_chain == [(f"{at}#drop", 302)]
    assert [it.state for it in queries.measures(actor=CONSOLE, plan_id=plan)] == ["planned"]
    dropped = pages.post(f"{at}to/drop/", {"version": str(one.version), "reason": "No budget"}, follow=True)
    assert f"{at}to/resume/" in dropped.content.decode(), "the message has the way back"
    assert [it.state for it in queries.measures(actor=CONSOLE, plan_id=plan)] == ["dropped"]
    pages.post(f"{at}to/resume/")
    assert [it.state for it in queries.measures(actor=CONSOLE, plan_id=plan)] == ["planned"]


def test_what_was_typed_of_a_review_stays_in_its_form_when_it_cannot_be_held(pages, plan):
    reviewing.set_rhythm(
        actor=CONSOLE,
        plan_id=plan,
        weekday=0,
        month_day=None,
        people=[],
        version=0,
        today=date(2026, 3, 2),
        now=datetime(2026, 3, 2, tzinfo=UTC),
    )
    review = reviews.reviews(actor=CONSOLE, plan_id=plan)[0]
    at = f"/plans/{plan}/reviews/{review.id}/"
    typed = {
        "act": "hold",
        "version": str(review.version),
        "minutes": "we met",
        "decision": ["go to “A”", "<b>stop</b>"],
        "owner": ["", ""],
        "due": ["2026-13-01", ""],
    }
    answer = pages.post(at, typed)
    assert answer.status_code == 400
    shown = answer.content.decode()
    for kept in ('value="go to “A”"', 'value="&lt;b&gt;stop&lt;/b&gt;"', 'value="2026-13-01"', "we met"):
        assert kept in shown, kept
    assert shown.count('name="decision"') == shown.count('<label for="decision-') == 5


def test_the_rhythm_is_set_and_the_story_tells_it(pages, plan):
    at = f"/plans/{plan}/reviews/"
    assert pages.get(at).status_code == 200
    assert pages.post(at, {"weekday": "0", "month_day": "", "version": "0"}).status_code == 302
    assert pages.post(at, {"weekday": "0", "month_day": "", "version": "0"}).status_code == 400
    assert pages.get(f"/plans/{plan}/history/").status_code == 200
    assert pages.get(f"{at}999999/").status_code == 404


def test_the_story_says_who_when_and_how_much():
    def told(act: str, subject: str = "", by: str = "", **detail: Any) -> Told:
        at = datetime(2026, 11, 22, tzinfo=UTC)
        return Told(act=act, subject=subject, detail=detail, reason="", review_id=None, by=by, at=at)

    cells = [[0, "online", "2026-11-01", "0.00", "0", "30000.50", "0"]]
    rows = [
        told("measure.added", "“Quoted” label", by="console"),
        told("measure.added", "Fair", by="Mei"),
        told("budget.changed", cells=cells),
    ]
    [(month, lines)] = chapters(rows, zone=ZoneInfo("UTC"), currency="CNY", language="en")
    assert month == "November 2026"
    assert lines[0].sentence.startswith("The command line ")
    assert "““" not in lines[0].sentence
    assert lines[1].sentence.startswith("Mei ")
    assert "“Fair”" in lines[1].sentence
    assert lines[2].moved == ["online 2026-11: ¥0 → ¥30,001"]
    [(month, _)] = chapters(rows, zone=ZoneInfo("UTC"), currency="CNY", language="zh")
    assert month == "2026年11月"


def test_who_only_reads_cannot_write_and_strangers_see_nothing(signed_in, stranger, plan):
    reader = signed_in("viewer")
    assert reader.get(f"/plans/{plan}/measures/").status_code == 200
    assert reader.get(f"/plans/{plan}/measures/new/").status_code == 403
    assert reader.post(f"/plans/{plan}/reviews/", {"weekday": "0", "version": "0"}).status_code == 403
    assert stranger.get(f"/plans/{plan}/measures/").status_code in (302, 403)
