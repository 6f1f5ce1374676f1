"""The pages of one customer over a real house: what they show, to whom, and how much of the lake they open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils.html import escape

from huoshui.kernel.clock import now
from huoshui.lake import groups, open_lake, pointing
from huoshui.measure.dashboards.queries import person
from huoshui.project.tests.conftest import SALES, loaded

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HOSTILE = "<img src=x onerror=__x(1)>"
PEOPLE = f"""\
Customer ID,Name,Phone,Email,City
10,王梅,+44 7400 123456,mei@example.com,巴黎
11,"{HOSTILE}",+44 7400 654321,x@example.com,"</script><script>__x(2)</script>"
"""


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with sales and people, as of 2024-03-01."""
    folder = tmp_path_factory.mktemp("customer-page")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES, customers=PEOPLE) as home:
        yield home


@pytest.fixture
def asked(house: Path, pages: Client) -> Client:
    """A client of the house, signed in as an administrator."""
    return pages


def customer_id(name: str) -> int:
    found = apps.get_model("customers", "Customer").objects.get(name=name)
    number: int = found.pk
    return number


def main_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-2000:]
    text: str = answer.content.decode()
    return text.partition("<main")[2].partition("</main>")[0]


def test_every_page_of_a_customer_opens_and_the_look_is_noted(asked):
    pk = customer_id("王梅")
    entries = apps.get_model("audit", "Entry").objects
    for path in ("", "orders/", "traits/", "traits/frequency/", "about/"):
        assert "王梅" in main_of(asked.get(f"/customers/{pk}/{path}"))
    assert entries.filter(act="customer.viewed", subject=f"customer:{pk}").count() == 5


def test_sums_of_orders_are_the_traits(asked):
    pk = customer_id("王梅")
    tables = open_lake().snapshot()
    orders = person.orders(tables=tables, customer_id=pk, page=1, size=50)
    traits = person.values(tables, [pk])[pk]
    assert orders.net == traits["net_monetary"].value
    assert orders.purchases == traits["frequency"].value
    assert orders.rows[0].lines


def test_a_timeline_is_paged_without_losing_or_repeating_anything(asked):
    pk, tables = customer_id("王梅"), open_lake().snapshot()
    every = person.past(tables=tables, customer_id=pk, most=1000).rows
    assert len(every) > 1
    seen: list[Any] = []
    place = None
    while True:
        between = pointing.Between(older_than=place)
        part = person.past(tables=tables, customer_id=pk, most=1, between=between)
        seen += part.rows
        if not part.older:
            break
        place = part.rows[-1].place
    assert [row.place for row in seen] == [row.place for row in every]
    back = person.past(
        tables=tables, customer_id=pk, most=1, between=pointing.Between(newer_than=every[1].place)
    )
    assert back.rows[0].place == every[0].place
    assert not back.newer


def test_a_filter_that_nothing_meets_says_so(asked):
    pk = customer_id("王梅")
    assert "Nothing fits" in main_of(asked.get(f"/customers/{pk}/?q=nowhere"))
    assert "Nothing fits" in main_of(asked.get(f"/customers/{pk}/?kind=answers"))


@pytest.mark.parametrize(
    "query",
    ["kind=zzz", "older=zz", "newer=1.sales.x", "first=2024-13-01", "older=99999999999999999999.orders.x"],
)
def test_what_the_timeline_never_offered_is_refused_in_a_sentence(asked, query):
    assert asked.get(f"/customers/{customer_id('王梅')}/?{query}").status_code == 400


def test_contacts_are_masked_until_somebody_who_may_asks_for_them(asked, signed_in):
    pk = customer_id("王梅")
    for path in ("", "about/"):
        assert "mei@example.com" not in main_of(asked.get(f"/customers/{pk}/{path}"))
    assert "mei@example.com" in main_of(asked.post(f"/customers/{pk}/contacts/"))
    entries = apps.get_model("audit", "Entry").objects
    assert entries.filter(act="customer.revealed", subject=f"customer:{pk}").count() == 1
    assert signed_in("viewer").post(f"/customers/{pk}/contacts/").status_code == 403


def test_a_customer_of_others_is_not_there(house, signed_in):
    own = signed_in("operator", scope="own")
    pk = customer_id("王梅")
    for path in ("", "orders/", "traits/", "traits/frequency/", "about/"):
        assert own.get(f"/customers/{pk}/{path}").status_code == 404
    assert own.post(f"/customers/{pk}/tags/", {"tag": "VIP"}).status_code == 404


def test_a_tag_is_given_and_taken_away(asked):
    pk = customer_id("王梅")
    assert "VIP" in main_of(asked.post(f"/customers/{pk}/tags/", {"tag": "VIP"}, follow=True))
    taken = asked.post(f"/customers/{pk}/tags/", {"tag": "VIP", "take": "1"}, follow=True)
    assert "No tags yet" in main_of(taken)


def test_a_deleted_customer_is_said_to_be_deleted_and_can_be_brought_back(asked):
    pk = customer_id("王梅")
    apps.get_model("customers", "Customer").objects.filter(pk=pk).update(deleted_at=now() - timedelta(days=1))
    text = main_of(asked.get(f"/customers/{pk}/"), 404)
    assert "This customer was deleted" in text
    assert f"/customers/{pk}/restore/" in text
    assert asked.get("/customers/100000000000000/").status_code == 404


def test_hostile_texts_are_shown_as_texts(asked):
    pk = customer_id(HOSTILE)
    for path in ("", "orders/", "traits/", "traits/frequency/", "about/"):
        text = main_of(asked.get(f"/customers/{pk}/{path}"))
        assert HOSTILE not in text
        assert "<script>__x" not in text
        assert escape(HOSTILE) in text


def test_a_page_asks_the_database_a_fixed_number_of_times(asked, django_assert_max_num_queries):
    pk = customer_id("王梅")
    asked.get(f"/customers/{pk}/")
    with django_assert_max_num_queries(33):
        asked.get(f"/customers/{pk}/")


def test_a_page_looks_into_a_fixed_number_of_files_of_the_lake_and_never_asks_the_engine(asked, monkeypatch):
    pk, looked = customer_id("王梅"), []
    look = groups.hits

    def counted(*asked_for: Any) -> list[groups.Hits] | None:
        looked.append(asked_for)
        return look(*asked_for)

    monkeypatch.setattr(groups, "hits", counted)
    monkeypatch.setattr(pointing, "_rows", lambda *_: pytest.fail("the engine was asked"))
    main_of(asked.get(f"/customers/{pk}/"))
    # Attributes, tags, traits, the tables of the timeline, lines of its orders, names of their products.
    assert 4 <= len(looked) <= 10


def test_files_that_cannot_hold_the_customer_are_not_opened(asked):
    tables = open_lake().snapshot()
    least = min(apps.get_model("customers", "Customer").objects.values_list("pk", flat=True))
    assert tables.files("orders")
    assert pointing.candidates(tables, "orders", "customer_id", [least - 1]) == []
    assert pointing.find(tables, "orders", by="customer_id", values=[least - 1]) == []


def test_a_why_tells_meaning_source_and_house_version(asked):
    text = main_of(asked.get(f"/customers/{customer_id('王梅')}/traits/net_monetary/"))
    assert "House version" in text
    assert re.search(r"Computed from", text)
