"""The pages of value, life cycles and cohorts: their numbers open to as many customers, and they refuse kindly."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote, urlencode

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from huoshui.data.connectors.tests.house import founded
from huoshui.data.customers.conditions import population
from huoshui.data.traits import services as traits
from huoshui.desk.jobs import running
from huoshui.desk.jobs.kinds import KINDS
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import POPULATIONS
from huoshui.know.models import chores
from huoshui.know.value import page
from tests.plugins.programs import program

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LONDON = zone_named("Europe/London")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
PAGES = (
    "/value/?days=90",
    "/lifecycle/?days=90",
    "/cohorts/",
    "/cohorts/?grain=week&show=total",
)


def sales():
    """Two years of a shop: 140 customers who buy at rates of their own and leave."""
    draws, lines, invoice = np.random.default_rng(4), ["invoice,customer,date,sku,quantity,price"], 0
    for customer in range(140):
        day, mean = draws.uniform(0, 650), draws.gamma(4.0, 10.0)
        while day < 700:
            invoice += 1
            when = date(2022, 7, 1) + timedelta(days=int(day))
            lines.append(f"{invoice},c{customer},{when} 09:00,lamp,1,{mean * draws.gamma(4.0, 0.25) + 1:.2f}")
            if draws.random() < 0.15:
                break
            day += draws.exponential(45.0)
    return "\n".join(lines)


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    """The shop as of 1 June 2024, made once."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        founded(tmp_path_factory.mktemp("house")) as house,
    ):
        house.load(sales(), "transactions")
        traits.refresh(actor=CONSOLE, lake=house.lake, as_of=AsOf.day(date(2024, 6, 1), LONDON), now=NOW)
        yield house
        transaction.set_rollback(True)


def text_of(answer):
    return html.unescape(
        re.sub("<[^>]+>", " ", re.sub("<script.*?</script>", "", answer.content.decode(), flags=re.S))
    )


@pytest.mark.parametrize("address", PAGES)
def test_every_number_opens_to_as_many_customers(shop, pages, address):
    answer = pages.get(address)
    assert answer.status_code == 200
    assert not re.search(r"\bnan\b|\binf\b|NaN", text_of(answer))
    content = answer.content.decode()
    # A cell of cohorts shows a share or money, and its number of customers in the title.
    cells = re.findall(r'title="([\d,]+)[^"]*"><a href="(/customers/\?in=began[^"]+)"', content)
    plain = re.findall(r'<a href="(/customers/\?in=(?!began)[^"]+)">(?:<b>)?([\d,]+)<', content)
    pairs = [*((to, number) for number, to in cells), *plain]
    whole = [(html.unescape(to), int(number.replace(",", ""))) for to, number in pairs]
    assert whole
    tables = shop.lake.snapshot()
    for to, number in whole[3 :: max(7, len(whole) // 4)]:
        group, argument, sentence = population(unquote(to.partition("in=")[2]))
        assert tables.arrow(group.members(tables, argument)).num_rows == number, (to, sentence.en)


def test_a_number_of_the_page_is_the_length_of_the_list(shop, pages):
    content = pages.get("/lifecycle/").content.decode()
    to, number = re.findall(r'<a href="(/customers/\?in=moved[^"]+)"><b>([\d,]+)', content)[0]
    answer = pages.get(html.unescape(to))
    assert answer.status_code == 200
    assert re.search(rf"\b{number} customers?\b", text_of(answer))


def test_a_program_is_answered_what_the_pages_show(shop, pages):
    api = program()
    value, life, cohorts = (api.get(f"/api/{name}").json() for name in ("value", "lifecycle", "cohorts"))
    shown = html.unescape(pages.get("/value/").content.decode())
    assert sum(one["customers"] for one in value["classes"]) == value["customers"] == 140
    assert sum(one["customers"] for one in value["matrix"]) == 140
    assert sum(one["customers"] for one in value["distribution"]) == 140
    for kind in ("cells", "matrix", "movement"):
        for one in value[kind]:
            assert bool(one["group"]) == bool(one["customers"])
            if one["customers"] and one.get("after") != "":
                assert f'?{urlencode({"in": one["group"]})}"' in shown, one
    assert [one["should_get"] for one in value["classes"]] == [
        page.DESERVES[one["code"]].en for one in value["classes"]
    ]
    top = [one["values"]["clv_12m"]["amount"] for one in value["most_valuable"]]
    assert top == sorted(top, key=float, reverse=True)
    assert len(top) == 10
    shown = html.unescape(pages.get("/lifecycle/").content.decode())
    for one in (*life["flows"], *life["soon"]):
        assert not one["group"] or f'?{urlencode({"in": one["group"]})}"' in shown, one
    assert sum(one["customers"] for one in life["stages"]) == 140
    assert life["until_lost"][0]["share"] == 1.0
    first = cohorts["cohorts"][0]
    assert sum(one["customers"] for one in cohorts["cohorts"]) == cohorts["customers"]
    assert first["ages"][0]["share"] == 1.0
    counted = {
        one["group"]: one["customers"] for one in (value["cells"][0], life["flows"][-3], first["ages"][2])
    }
    for group, number in counted.items():
        if group:
            answer = api.get("/api/populations/members", {"in": group}).json()
            assert answer["total"] == number, group


def test_the_card_and_the_versions_of_a_model_are_for_programs_too(shop, pages):
    api = program()
    (model,) = api.get("/api/models").json()["items"]
    one = api.get("/api/models/clv").json()
    assert one["in_use"] == model["in_use"] == one["versions"][0]
    card = text_of(pages.get("/value/"))
    assert one["in_use"]["name"] in card
    for line in one["in_use"]["data"]:
        assert line["name"] in card
        assert line["value"] in card
    assert api.get("/api/models/tarot").status_code == 404
    assert program("viewer").send("POST", "/api/models/clv/train").status_code == 403
    started = api.send("POST", "/api/models/clv/train")
    assert started.status_code == 202
    assert running.run_now(started.json()["job_id"]) == "done"
    assert len(api.get("/api/models/clv").json()["versions"]) == 2


def test_a_colleague_of_a_team_is_shown_no_customer_of_others(shop):
    api = program("operator", scope="own")
    value = api.get("/api/value").json()
    assert value["most_valuable"] == []
    group = next(one["group"] for one in value["cells"] if one["customers"])
    assert api.get("/api/populations/members", {"in": group}).json()["total"] == 0


def test_pages_ask_the_database_little(shop, pages):
    for address, most in (("/value/", 30), ("/lifecycle/", 20), ("/cohorts/", 20)):
        pages.get(address)  # what is worked out once for a house version
        with CaptureQueriesContext(connection) as asked:
            pages.get(address)
        assert len(asked) <= most, (address, len(asked))


def test_the_card_of_the_model_stands_on_the_page(shop, pages):
    text = text_of(pages.get("/value/"))
    assert "Model card" in text
    assert "Read with care" in text
    assert "version 1" in text
    zh = pages.get("/value/", headers={"accept-language": "zh-hans"})
    assert "未来 12 个月预计" in text_of(zh)


@pytest.mark.parametrize(("address", "language"), [("lifecycle", "en"), ("cohorts", "zh-hans")])
def test_what_is_counted_has_a_card_that_says_whether_it_suffices_and_what_it_beats(
    shop, pages, address, language
):
    api = program()
    judged = api.get(f"/api/{address}", headers={"accept-language": language}).json()["judged"]
    content = pages.get(f"/{address}/", headers={"accept-language": language})
    card = text_of(content).partition({"en": "Model card", "zh-hans": "模型卡"}[language])[2]
    assert judged["enough"] == (("The data suffice" if language == "en" else "数据充足") in card)
    assert judged["enough"] != bool(judged["reasons"])
    for reason in judged["reasons"]:
        assert reason in card
    if address == "lifecycle":
        assert sum(one["customers"] for one in judged["by_stage"]) == judged["customers"]
        assert sum(one["bought"] for one in judged["by_stage"]) == judged["bought"]
        assert f"{judged['stages'] * 100:.0f}" in card
        assert f"{judged['off'] * 100:.1f} points off" in card
        plot = [one["share"] for one in judged["by_stage"] if one["share"]]
    else:
        assert f"{judged['came']:,}" in card
        assert f"{judged['error_of_cohort_before'] * 100:.1f}" in card
        plot = [one[name] for one in judged["by_age"][:12] for name in ("came", "foretold")]
    assert plot
    for share in plot:
        # In the table below the plot, from a number that was rounded before.
        assert any(f"{share * 100 + off:.1f}%" in card for off in (-0.01, 0, 0.01)), share


def test_training_asks_for_its_right_and_runs_in_the_background(shop, pages, stranger, signed_in):
    assert stranger.post("/value/train/").status_code == 302
    assert signed_in("viewer").post("/value/train/").status_code == 403
    assert "Train again" not in text_of(signed_in("viewer").get("/value/"))
    assert "Train again" in text_of(pages.get("/value/"))
    answer = pages.post("/value/train/")
    assert answer.status_code == 302
    assert answer.url.startswith("/jobs/")
    assert KINDS[chores.SLUG].right


def test_an_address_of_another_span_shows_the_usual_one(shop, pages):
    for address in ("/value/?days=x", "/lifecycle/?days=7", "/cohorts/?grain=year&show=me"):
        assert pages.get(address).status_code == 200
    assert pages.get("/customers/?in=soon:active.3").status_code == 400


@pytest.mark.parametrize(
    "asked",
    [
        "rfm_cell:6.1",
        "rfm_cell:",
        "moved:",
        "moved:stage/active/silent/2024-01-01",
        "moved:stage/active/gone/2024-01-01/2024-02-01",
        "moved:stage/asleep/lost/2024-01-01/2024-02-01",
        "moved:city/a/b/2024-01-01/2024-02-01",
        "moved:stage/active/silent/2024-02-01/2024-01-01",
        "moved:stage/active/silent/2024-02-01T00:00:00/2024-03-01",
        "moved:stage/active/silent/yesterday/today",
        "soon:active.3",
        "soon:silent.0",
        "soon:silent.²",
        "began:year.2024-01-01.1.2024-05-01",
        "began:month.2024-01-01.-1.2024-05-01",
        "began:month.2024-13-01.1.2024-05-01",
        "began:month.0001-01-01.1.2024-05-01",
    ],
)
def test_a_group_that_means_nothing_is_refused_in_a_sentence(shop, asked):
    slug, _, argument = asked.partition(":")
    for question in (
        POPULATIONS[slug].sentence,
        lambda text: POPULATIONS[slug].members(shop.lake.snapshot(), text),
    ):
        with pytest.raises(HuoshuiError) as refusal:
            question(argument)
        assert refusal.value.says


def test_an_empty_house_says_what_to_do_first(db, pages, tmp_path):
    with founded(tmp_path):
        for address in ("/value/", "/lifecycle/", "/cohorts/"):
            answer = pages.get(address)
            assert answer.status_code == 200
            assert "/imports/" in answer.content.decode()
