"""What everything together added: as counted by hand, only of people who were there, and never the sum of campaigns."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from huoshui.act.holdouts import queries as holdouts
from huoshui.act.holdouts import services as control_groups
from huoshui.act.holdouts.trials import global_key
from huoshui.data.traits.tests.shop import at
from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as people
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Right
from huoshui.measure.experiments.tests.test_trials import Drawn
from huoshui.measure.experiments.trials import total as totals
from huoshui.science import drawing

pytestmark = pytest.mark.django_db

BEGAN, NOW = at("2024-01-15 10:00"), at("2024-04-20 12:00")
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def known_seeds(monkeypatch):
    """Seeds that are the same in each run, and another for each group."""
    seeds = count(1)
    monkeypatch.setattr(
        "huoshui.act.holdouts.services.secrets", SimpleNamespace(token_hex=lambda _: f"{next(seeds):016x}")
    )


def begun(share=0.2, **said):
    control_groups.set_group(actor=CONSOLE, share=share, now=BEGAN, **said)
    group = holdouts.group()
    assert group is not None
    return group


def held(group, people):
    return dict(zip(people, drawing.drawn(people, global_key(group.seed), group.share).tolist(), strict=True))


def read(shop):
    return totals.total(actor=CONSOLE, tables=shop, zone=LONDON, now=NOW)


def busy(group, *, gain, people=range(1, 801)):
    """People who buy before and after; those outside the group spend ``gain`` more on each order."""
    shop, lots, spent = Drawn(), Random(8), {}
    inside = held(group, list(people))
    for who in people:
        shop.customer(who)
        spent[who] = 0
        usual = lots.randrange(20, 60)
        shop.order(who, "2023-11-10", str(usual))
        for month in ("02", "03", "04"):
            if lots.random() < 0.7:
                amount = usual + lots.randrange(5) + (0 if inside[who] else gain)
                shop.order(who, f"2024-{month}-05", str(amount))
                spent[who] += amount
    return shop, inside, spent


def test_without_a_global_control_group_there_is_no_total():
    assert read(Drawn()) is None


def test_it_is_the_difference_per_person_as_counted_by_hand_and_holds_what_was_planted():
    group = begun()
    shop, inside, spent = busy(group, gain=10)
    found = read(shop)
    treated = [spent[who] for who in spent if not inside[who]]
    control = [spent[who] for who in spent if inside[who]]
    line = found.lines["revenue"]
    assert (found.treated, found.control) == (len(treated), len(control))
    assert line.treated.mean == pytest.approx(sum(treated) / len(treated))
    assert line.control.mean == pytest.approx(sum(control) / len(control))
    assert line.lift.low < 3 * 0.7 * 10 < line.lift.high
    assert line.lift.method == "always valid"
    assert found.added == pytest.approx(line.lift.estimate * len(treated))
    assert found.low < found.added < found.high
    assert found.adjusted
    assert "margin" not in found.lines


def test_one_large_order_of_a_thousand_people_decides_nothing_and_the_cap_is_said():
    group = begun()
    shop, inside, spent = busy(group, gain=0, people=range(1, 1501))
    big = next(who for who in spent if not inside[who])
    shop.order(big, "2024-02-20", "1000000", ordered_at=at("2024-02-20 12:00"))
    spent[big] += 1_000_000
    cap = sorted(spent.values())[1499 - 1]  # what 999 of 1,000 do not exceed: all but the largest
    found = read(shop)
    assert found.caps["revenue"].amount == cap
    assert found.caps["revenue"].people == sum(one > cap for one in spent.values()) == 1
    treated = [min(spent[who], cap) for who in spent if not inside[who]]
    line = found.lines["revenue"]
    assert line.treated.mean == pytest.approx(sum(treated) / len(treated))
    assert not line.lift.is_clear
    assert found.lines["orders"].treated.total == sum(
        not inside[one["customer_id"]] for one in shop.rows["orders"] if one["ordered_at"] >= BEGAN
    )
    february = found.months[1]
    assert february.cap.people >= 1
    assert february.line.treated.mean < 100


def test_whole_months_stand_one_by_one_and_the_broken_ones_do_not():
    group = begun()
    shop, inside, _ = busy(group, gain=10)
    shop.order(1, "2024-03-31", "5", ordered_at=at("2024-04-01 00:00") - timedelta(microseconds=1))
    march = dict.fromkeys(inside, 0.0)
    for order in shop.rows["orders"]:
        if at("2024-03-01") <= order["ordered_at"] < at("2024-04-01"):
            march[order["customer_id"]] += float(order["revenue"])
    found = read(shop)
    assert [month.since.strftime("%Y-%m") for month in found.months] == ["2024-03", "2024-02"]
    line = found.months[0].line
    for side, sample in ((False, line.treated), (True, line.control)):
        theirs = [spent for who, spent in march.items() if inside[who] is side]
        assert (sample.n, sample.mean) == (len(theirs), pytest.approx(sum(theirs) / len(theirs)))
    assert [one.since for one in found.months] == [at("2024-03-01"), at("2024-02-01")]


def test_who_came_after_it_began_and_who_was_merged_of_both_sides_do_not_count():
    group = begun()
    people = list(range(1, 101))
    shop, inside, _ = busy(group, gain=0, people=people)
    shop.customer(5000, "2024-02-01")
    shop.order(5000, "2024-02-10", "99999")
    one = next(who for who in people if inside[who])
    other = next(who for who in range(6000, 7000) if not held(group, [who])[who])
    shop.merges(other, one)
    found = read(shop)
    assert (found.treated + found.control, found.excluded) == (99, 1)
    assert found.lines["revenue"].treated.mean < 1000


def test_a_group_that_only_grew_is_not_adjusted_by_what_was_already_different():
    control_groups.set_group(actor=CONSOLE, share=0.1, now=BEGAN - timedelta(days=90))
    group = begun(0.2)
    shop, _, _ = busy(group, gain=0, people=range(1, 201))
    assert not read(shop).adjusted
    control_groups.set_group(actor=CONSOLE, share=0.2, anew=True, now=BEGAN + timedelta(days=1))
    assert read(shop).adjusted


def test_too_few_people_are_said_and_nothing_is_added():
    group = begun()
    shop, _, _ = busy(group, gain=5, people=range(1, 9))
    found = read(shop)
    assert found.lines["revenue"].lift is None
    assert found.added is None


@pytest.fixture
def opened(monkeypatch):
    """A house whose pages are opened on a shop."""
    organisation.found(actor=CONSOLE, currency="GBP", time_zone="Europe/London", now=BEGAN)
    monkeypatch.setattr("huoshui.kernel.clock.now", lambda: NOW)

    def use(shop):
        lake = SimpleNamespace(snapshot=lambda: shop)
        for door in ("measure.experiments.views", "project.api.experiments_total"):
            monkeypatch.setattr(f"huoshui.{door}.open_lake", lambda: lake)

    use(Drawn())
    return use


def test_the_page_says_what_to_do_first_and_is_reached_from_experiments(opened, pages, stranger):
    address = reverse("experiments:total")
    assert address in pages.get(reverse("experiments:list")).content.decode()
    empty = pages.get(address).content.decode()
    assert "There is no global control group" in empty
    assert reverse("holdouts:home") in empty
    assert pages.post(address).status_code == 405
    assert stranger.get(address).status_code == 302


def test_the_page_says_the_total_with_its_interval_and_month_by_month(opened, pages):
    shop, _, _ = busy(begun(), gain=40)
    opened(shop)
    seen = pages.get(reverse("experiments:total")).content.decode()
    assert "Since 15 Jan 2024 everything together added GBP" in seen
    assert "never the sum of single lifts" in seen
    assert "2024-03" in seen
    assert "holds zero" not in seen


@pytest.fixture
def program(pages):
    """A client of the API of who may look at customers."""
    owner = users.actor_of(pages.user.pk)
    token = people.make_token(
        actor=owner,
        name="reader",
        rights=(Right.CUSTOMERS_VIEW,),
        lifetime=timedelta(days=1),
        now=clock.now(),
    )
    return Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {token}"})


def test_programs_are_told_the_same_as_the_page(opened, pages, program):
    shop, _, _ = busy(begun(), gain=40, people=range(1, 1201))
    opened(shop)
    said = program.get(reverse("api:experiments_total")).json()
    found = read(shop)
    assert (said["treated"], said["control"], said["currency"]) == (found.treated, found.control, "GBP")
    assert said["added"] == pytest.approx(found.added)
    by_name = {one["name"]: one for one in said["outcomes"]}
    assert set(by_name) == {"conversion", "orders", "revenue"}
    assert by_name["conversion"]["winsorised"] is None
    cap = found.caps["revenue"]
    assert by_name["revenue"]["winsorised"] == {"amount": cap.amount, "share": 0.999, "people": cap.people}
    assert [one["winsorised"]["amount"] for one in said["months"]] == [one.cap.amount for one in found.months]
    seen = pages.get(reverse("experiments:total")).content.decode()
    assert "Most revenue counted per person" in seen


def test_without_a_group_programs_are_told_so(opened, program, stranger):
    answer = program.get(reverse("api:experiments_total"), headers={"Accept-Language": "zh"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_total")
    assert "全局对照组" in answer.json()["detail"]
    assert stranger.get(reverse("api:experiments_total")).status_code == 401


def test_the_page_says_that_it_cannot_be_known_yet(opened, pages):
    shop, _, _ = busy(begun(), gain=5, people=range(1, 9))
    opened(shop)
    seen = pages.get(reverse("experiments:total")).content.decode()
    assert "cannot be known yet" in seen
    assert "together added GBP" not in seen
