"""The pages of the house: who opens them, what they say, what they change, and what they refuse."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import override_settings
from django.urls import reverse

from huoshui.desk.audit import queries as audit
from huoshui.desk.jobs import queries as jobs
from huoshui.desk.organisation import queries as organisation
from huoshui.desk.organisation import services
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.lake.ageing import Ages
from huoshui.lake.house import TableState
from huoshui.project.house import health

pytestmark = pytest.mark.django_db

PAGES = (
    "house:organisation",
    "house:festivals",
    "house:look",
    "house:data",
    "house:version",
    "customers:attributes",
    "imports:sources",
)


@pytest.fixture(autouse=True)
def _founded(home):
    """A house without facts, whose environment says nothing of currency and zone."""
    with override_settings(HUOSHUI_STATED=frozenset()):
        services.found(actor=CONSOLE, currency="GBP", time_zone="Europe/London", now=clock.now())
        yield
        services.move(actor=CONSOLE, currency="GBP", time_zone="Europe/London", facts=0)


def acts(act):
    return audit.find(actor=CONSOLE, asked=audit.Asked(act=act)).acts


@pytest.mark.parametrize("name", PAGES)
def test_an_administrator_opens_every_page_and_a_viewer_none(pages, signed_in, name):
    assert pages.get(reverse(name)).status_code == 200
    assert signed_in("viewer").get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_database_a_fixed_number_of_times(pages, django_assert_max_num_queries, name):
    with django_assert_max_num_queries(22):
        pages.get(reverse(name))


def test_the_tab_of_attributes_is_marked_as_settings_and_not_as_customers(pages):
    for name, line in (("customers:attributes", "house:organisation"), ("customers:list", "customers:list")):
        rail = pages.get(reverse(name)).content.decode().partition("<main")[0]
        marked = re.findall(r'<a href="([^"?]+)[^"]*" aria-current="page">', rail)
        assert set(marked) == {reverse(line)}


def test_a_house_gets_its_name_and_the_log_says_so(pages):
    pages.post(reverse("house:organisation"), {"form": "name", "name": "Warm Home"})
    assert organisation.current().name == "Warm Home"
    assert acts("house.changed")[0].detail == {"fields": ["name"]}
    answer = pages.post(reverse("house:organisation"), {"form": "name", "name": "x" * 201})
    assert (answer.status_code, organisation.current().name) == (400, "Warm Home")


def test_currency_and_zone_change_while_there_are_no_facts(pages):
    place = {"form": "place", "currency": "USD", "time_zone": "America/New_York"}
    pages.post(reverse("house:organisation"), place)
    assert (organisation.current().currency, organisation.current().time_zone) == ("USD", "America/New_York")


def test_the_currency_stays_once_there_are_facts(pages, monkeypatch):
    monkeypatch.setattr("huoshui.project.house.health.facts", lambda: 7)
    before = organisation.current()
    page = pages.get(reverse("house:organisation")).content.decode()
    assert "7 facts are loaded" in page
    assert "huoshui init" in page
    place = {"form": "place", "currency": "USD", "time_zone": before.time_zone}
    assert pages.post(reverse("house:organisation"), place).status_code == 400
    assert organisation.current() == before


def test_another_zone_has_the_traits_computed_anew_and_the_page_says_how_far_that_is(pages, monkeypatch):
    monkeypatch.setattr("huoshui.project.house.health.facts", lambda: 7)
    place = {"form": "place", "currency": "GBP", "time_zone": "Asia/Tokyo"}
    page = pages.post(reverse("house:organisation"), place, follow=True).content.decode()
    assert organisation.current().time_zone == "Asia/Tokyo"
    work = jobs.latest(actor=CONSOLE, kind="traits.again")
    assert work is not None
    assert (work.state, reverse("jobs:job", args=[work.id]) in page) == ("waiting", True)


def test_days_of_a_festival_are_set_and_taken_back(pages):
    days = {"which": "double_11", "first": "2026-10-20", "last": "2026-11-11"}
    pages.post(reverse("house:festivals"), days)
    [(number, festival)] = organisation.own_festivals()
    assert (festival.slug, festival.first) == ("double_11", date(2026, 10, 20))
    page = pages.get(reverse("house:festivals") + "?year=2026").content.decode()
    assert "2026-10-20" in page
    pages.post(reverse("house:forget_festival", args=[number]))
    assert organisation.own_festivals() == []
    assert [len(acts(act)) for act in ("festival.changed", "festival.deleted")] == [1, 1]


def test_a_festival_of_ones_own_keeps_its_name_over_the_years(pages):
    for year in (2025, 2026):
        own = {"which": "own", "name_en": "Brand day", "name_zh": "品牌日"}
        pages.post(reverse("house:festivals"), {**own, "first": f"{year}-05-08", "last": f"{year}-05-09"})
    days = [festival for _number, festival in organisation.own_festivals()]
    assert len({festival.slug for festival in days}) == 1
    backwards = {"which": "own", "name_en": "X", "first": "2026-05-09", "last": "2026-05-08"}
    assert pages.post(reverse("house:festivals"), backwards).status_code == 400


def test_an_attribute_is_declared_and_relabelled_and_no_name_is_taken_twice(pages):
    said = {"slug": "skin_type", "label_en": "Skin", "label_zh": "肤质", "type": "text", "kind": "ordinary"}
    pages.post(reverse("customers:attributes"), said)
    pages.post(reverse("customers:attributes"), {**said, "label_en": "Skin type"})
    page = pages.get(reverse("customers:attributes")).content.decode()
    assert "Skin type" in page
    assert [len(acts(act)) for act in ("attribute.added", "attribute.changed")] == [1, 1]
    assert pages.post(reverse("customers:attributes"), {**said, "type": "date"}).status_code == 400
    assert pages.post(reverse("customers:attributes"), {**said, "slug": "Äpfel"}).status_code == 400


def test_looking_the_data_over_says_what_is_in_order(pages):
    page = pages.get(reverse("house:data") + "?look=1").content.decode()
    assert "in order" in page


def test_the_forecast_carries_on_the_growth_of_the_last_weeks():
    def table(rows, size, arrived):
        state = TableState(slug="orders", version=1, rows=rows, files=1, size=size)
        return health.TableHealth(state=state, changed=None, arrived=arrived, kept="")

    tables = [table(1000, 50_000, 80), table(10, 4_000, None), table(0, 0, 5)]
    ages = Ages(changed={}, merged=None, since=None)
    found = health.Health(tables=tables, ages=ages, database=None, free=0)
    assert found.weekly_bytes == 50_000 / 1000 * 80 / 4
    assert found.forecast == 54_000 + 12 * 1000
