"""Links of messages lead where the template said and nowhere else; who followed them is counted, machines apart."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client

from huoshui.act.templates import hits, links
from huoshui.act.templates.models import Hit, Target
from huoshui.data.facts import queue
from huoshui.kernel import clock

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
SHOP = "https://shop.example.com/new?x=1#top"


@pytest.fixture
def addresses(street):
    return links.Addresses(campaign="campaign:7", variant="b", channel="email")


@pytest.fixture
def later(monkeypatch):
    """The clock of the pages stands an hour after the messages were written, until it is set on."""
    start = clock.now() + timedelta(hours=1)
    passed = [timedelta()]
    monkeypatch.setattr(clock, "now", lambda: start + passed[0])

    def go(**much):
        passed[0] += timedelta(**much)
        return start + passed[0]

    return go


def parcels():
    return apps.get_model("facts", "Parcel").objects


def path(address):
    return urlsplit(address).path


def facts():
    """What was queued: kind and customer of each."""
    found = [row for parcel in parcels().order_by("pk") for row in queue.unpacked(parcel.rows).to_pylist()]
    return sorted((row["kind"], row["customer_id"]) for row in found)


def test_a_click_leads_on_with_utm_and_becomes_one_fact(street, addresses, later):
    browser = Client(headers={"user-agent": BROWSER})
    answer = browser.get(path(addresses.click(SHOP, street.mei, "1-ab")))
    assert answer.status_code == 302
    assert answer["Location"] == (
        "https://shop.example.com/new?x=1&utm_source=huoshui&utm_medium=email&utm_campaign=campaign%3A7"
        "&utm_content=b#top"
    )
    assert browser.get(path(addresses.opened(street.mei, "1-ab"))).content == b"GIF89a" + browser.get(
        path(addresses.opened(street.ann, "2-ab"))
    ).content.removeprefix(b"GIF89a")
    assert hits.move(now=later(minutes=1)) == 0
    assert hits.move(now=later(minutes=5)) == 3
    assert hits.move(now=later(minutes=5)) == 0
    assert facts() == sorted([("click", street.mei), ("open", street.mei), ("open", street.ann)])
    (row,) = (one for one in queue.unpacked(parcels().get().rows).to_pylist() if one["kind"] == "click")
    assert (row["campaign"], row["variant"], row["channel"], row["utm_content"]) == (
        "campaign:7",
        "b",
        "email",
        "b",
    )


def test_an_address_that_was_changed_leads_nowhere(street, addresses, later):
    good = path(addresses.click(SHOP, street.mei, "1-ab"))
    token = good.strip("/").split("/")[-1]
    other = Target.objects.create(url="https://evil.example/", digest="x")
    for bad in (
        token.replace(".", "x", 1), token[:-1], f"{other.pk}" + token[token.index(".") :], token.swapcase(), "a",
        "https:evil.example", token.rpartition(":")[0], "…", path(addresses.opened(street.mei, "1-ab")).split("/")[2],
    ):  # fmt: skip
        answer = Client().get(f"/go/{bad}/")
        assert answer.status_code == 404, bad
        assert "Location" not in answer
    assert Client().post(good).status_code == 405
    assert not Hit.objects.exists()


def test_addresses_with_their_own_utm_are_left_as_they_are(street, addresses):
    addresses.click("https://shop.example/?utm_source=x", street.mei, "1-a")
    assert links.tagged(Target.objects.get()) == "https://shop.example/?utm_source=x"


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({}, ""), ({"user-agent": ""}, "agent"), ({"user-agent": "Mozilla/5.0"}, "agent"),
        ({"user-agent": "Barracuda Sentinel (EE)"}, "agent"), ({"user-agent": "python-requests/2.31"}, "agent"),
        ({"user-agent": "Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/120.0"}, "agent"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"), ({"x-moz": "prefetch"}, "prefetch"),
    ],
)  # fmt: skip
def test_machines_tell_themselves(street, addresses, later, how, why):
    Client(headers={"user-agent": BROWSER, **how}).get(path(addresses.click(SHOP, street.mei, "1-ab")))
    assert Hit.objects.get().machine == why


def test_a_scanner_that_asks_head_then_get_of_everything_is_a_machine_whatever_it_calls_itself(
    street, addresses, later
):
    pages = [f"https://shop.example.com/{at}" for at in range(3)]
    everything = [
        (who, path(address))
        for who, key in ((street.mei, "1-ab"), (street.ann, "2-ab"))
        for address in [*(addresses.click(page, who, key) for page in pages), addresses.opened(who, key)]
    ]
    for agent in (BROWSER, BROWSER + " Edg/120"):
        for _who, address in everything:
            scanner = Client(headers={"user-agent": agent})
            scanner.head(address)
            later(seconds=5)
            scanner.get(address)
    # A week later Mei reads it.
    later(days=7)
    reader = Client(headers={"user-agent": BROWSER})
    reader.get(everything[3][1])
    later(seconds=20)
    reader.get(everything[0][1])
    hits.move(now=later(hours=1))
    found = facts()
    assert [one for one in found if not one[0].startswith("machine_")] == [
        ("click", street.mei),
        ("open", street.mei),
    ]
    assert len(found) == 2 * 2 * len(everything) + 2


def test_two_links_in_a_moment_are_no_reader(street, addresses, later):
    browser = Client(headers={"user-agent": BROWSER})
    for page in ("https://shop.example/1", "https://shop.example/2"):
        browser.get(path(addresses.click(page, street.mei, "1-ab")))
        later(seconds=1)
    hits.move(now=later(hours=1))
    assert facts() == [("machine_click", street.mei)] * 2


def test_nobody_reads_in_the_second_after_a_message_was_written(street, addresses):
    Client(headers={"user-agent": BROWSER}).get(path(addresses.click(SHOP, street.mei, "1-ab")))
    assert Hit.objects.get().machine == "fast"


def test_hits_are_forgotten_when_they_have_been_facts_for_long(street, addresses, later):
    Client(headers={"user-agent": BROWSER}).get(path(addresses.click(SHOP, street.mei, "1-ab")))
    hits.tidy(now=later(days=90))
    assert Hit.objects.exists()
    hits.move(now=later(days=1))
    hits.tidy(now=later(days=34))
    assert Hit.objects.exists()
    hits.tidy(now=later(days=2))
    assert not Hit.objects.exists()
