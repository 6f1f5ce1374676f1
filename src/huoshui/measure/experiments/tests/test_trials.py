"""What an action added, read from the facts: the same as counting by hand, after merges too, and never too early."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

import ibis
import numpy as np
import pyarrow as pa
import pytest
from django.apps import apps
from django.urls import reverse

from huoshui.act.holdouts import services as holdouts
from huoshui.act.holdouts.errors import NoSuchTrial
from huoshui.data.facts import tables as facts
from huoshui.data.traits.tests.shop import Shop, at
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.measure.experiments.trials import effects, people
from huoshui.measure.experiments.trials.people import BEFORE_DAYS, CONTROL
from huoshui.science.experiments import Sample

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WHAT = "campaign:7"
START = "2024-03-25 10:00"
"""Some days before the clocks of London go forward."""
OVER = at("2025-01-01")


class Drawn(Shop):
    """A shop with draws and memberships, as a snapshot of the lake has them."""

    def sizes(self, slug):
        return {slug: 1} if self.rows.get(slug) else {}

    def table(self, slug):
        if slug not in {one.slug for one in facts.FACTS} | {"customers"} and slug not in self._read:
            columns = [c for c in LAKE_TABLES[slug].all_columns if c.name != "superseded_by"]
            schema = ibis.schema({c.name: c.type for c in columns}).to_pyarrow()
            rows = [{c.name: row.get(c.name) for c in columns} for row in self.rows.get(slug, [])]
            self._read[slug] = ibis.memtable(pa.Table.from_pylist(rows, schema=schema))
        return super().table(slug)

    def draws(self, who, when=START, *, held=False, variant="", reason=None, what=WHAT):
        reason = reason or ("held_out" if held else "drawn")
        row = {"customer_id": who, "decided_at": at(when), "what": what, "holdout": held}
        self._add("decisions", **row, variant=variant, reason=reason, decision_id=f"{what}/{who}")

    def sends(self, who, when=START, *, campaign=WHAT, variant="", cost="0.1", kind="message"):
        row = {"customer_id": who, "occurred_at": at(when), "kind": kind, "campaign": campaign}
        self._add("touches", **row, variant=variant, cost=Decimal(cost))

    def enters(self, who, segment, entered, left=None):
        row = {"segment": segment, "customer_id": who, "entered_at": at(entered)}
        self._add("memberships", **row)
        if left:
            self._add("memberships", **row, left_at=at(left))

    def merges(self, from_id, into):
        self._add("identity_links", from_id=from_id, customer_id=into, valid_from=at("2024-06-01"))


def fixed(**terms):
    usual: dict[str, Any] = {
        "actor": CONSOLE,
        "what": WHAT,
        "title": "Spring",
        "share": 0.5,
        "variants": {"": 1},
        "goal": "revenue",
        "horizon_days": 14,
        "cap": None,
        "choice": "draw",
        "eligible": 100,
        "now": at(START),
    }
    return holdouts.fix(**{**usual, **terms})


def read(shop: Any, now=OVER):
    return effects.effect(WHAT, actor=CONSOLE, tables=shop, now=now)


def means(found, name):
    outcome = next(one for one in found.reading.found.outcomes if one.name == name)
    return {arm: (sample.n, pytest.approx(sample.mean)) for arm, sample in outcome.arms.items()}


def stored(*slugs):
    Standing = apps.get_model("segments", "Standing")
    for size, slug in enumerate(slugs, 1):
        Standing.objects.create(
            slug=slug,
            version=1,
            size=size,
            as_of=OVER,
            computed_at=OVER,
            moved_at=OVER,
            problem_en="",
            problem_zh="",
        )


def random_shop(seed):
    """People with orders, returns, lines and messages around the borders of their windows; and all of it by hand."""
    lots, shop, truth = Random(seed), Drawn(), {}
    shop.product("p", unit_cost=Decimal(4))
    starts = (START, "2024-04-02 09:30") if seed else (START,)
    for who in range(1, 61):
        shop.customer(who)
        start, arm = lots.choice(starts), lots.choice((CONTROL, "a", "b"))
        variant = "" if arm == CONTROL else arm
        shop.draws(who, start, held=arm == CONTROL, variant=variant)
        drawn_at = at(start)
        done = dict.fromkeys(
            ("orders", "revenue", "margin", "orders_before", "revenue_before", "others"), 0.0
        )
        for _ in range(lots.randrange(4)):
            moment = drawn_at + lots.choice(
                (
                    timedelta(0),
                    -timedelta(microseconds=1),
                    14 * DAY,
                    14 * DAY - timedelta(microseconds=1),
                    timedelta(days=lots.uniform(-BEFORE_DAYS + 10, 20)),
                )
            )
            revenue = lots.choice((0, 5, 80, 900))
            local = moment.isoformat()
            after, before = drawn_at <= moment < drawn_at + 14 * DAY, moment < drawn_at
            shop.order(who, "2024-01-01", str(revenue), ordered_at=moment)
            if revenue:
                done["orders"] += after
                done["revenue"] += after * revenue
                done["orders_before"] += before
                done["revenue_before"] += before * revenue
            cost = lots.choice((None, 3))
            shop.line(
                who,
                "2024-01-01",
                None,
                str(revenue),
                unit_cost=None if cost is None else Decimal(cost),
                quantity=Decimal(2),
                ordered_at_=local,
            )
            shop.rows["order_lines"][-1]["ordered_at"] = moment
            if revenue and cost is not None and after:
                done["margin"] += revenue - 6
            if lots.random() < 0.4:
                shop.change(who, "2024-01-01", "-30", quantity=Decimal(-1), product_id="p")
                shop.rows["order_changes"][-1]["occurred_at"] = moment
                done["revenue"] += after * -30
                done["margin"] += after * (-30 + 4)
            if lots.random() < 0.4:
                shop.sends(who, "2024-01-01", campaign=lots.choice(("campaign:8", None)))
                shop.rows["touches"][-1]["occurred_at"] = moment
                done["others"] += after
        if variant and lots.random() < 0.8:
            shop.sends(who, start, variant=variant)
        truth[who] = (arm, done)
    return shop, truth


@pytest.mark.parametrize("seed", range(3))
def test_the_result_is_that_of_counting_by_hand(seed):
    fixed(variants={"a": 1, "b": 1}, cap=Decimal(700))
    shop, truth = random_shop(seed)
    found = read(shop)
    assert found.state == "final"
    assert sum(found.span.people.values()) == 60
    for name, (_, column, before) in effects.OUTCOMES.items():
        outcome = next(one for one in found.reading.found.outcomes if one.name == name)
        for arm in (CONTROL, "a", "b"):
            theirs = [done for its, done in truth.values() if its == arm]

            def value(done, of):
                return float(np.clip(done[of], -700, 700)) if of in effects.MONEY else float(done[of])

            y = [float(one["orders"] > 0) if name == "conversion" else value(one, column) for one in theirs]
            expected = Sample.of(y, [value(one, before) for one in theirs])
            got = outcome.arms[arm]
            assert got.n == expected.n
            for part in ("mean", "variance", "before_mean", "before_variance", "covariance"):
                assert getattr(got, part) == pytest.approx(getattr(expected, part), abs=1e-6), (
                    name,
                    arm,
                    part,
                )
    assert sum(one.sent for one in found.messages.values()) == sum(
        row["campaign"] == WHAT for row in shop.rows["touches"]
    )


def test_groups_are_the_segments_people_were_in_when_they_were_drawn():
    stored("vip", "asleep")
    fixed()
    shop = Drawn()
    for who in range(1, 9):
        shop.customer(who)
        shop.draws(who, held=who % 2 == 0)
        shop.order(who, "2024-03-27", str(10 * who))
    shop.enters(1, "vip", "2024-01-01")
    shop.enters(2, "vip", "2024-01-01")
    shop.enters(3, "vip", "2024-01-01", left="2024-03-25 09:59")
    shop.enters(4, "vip", "2024-01-01", left="2024-03-25 10:01")
    shop.enters(5, "vip", "2024-03-26")
    shop.enters(6, "asleep", "2024-01-01", left="2024-02-01")
    shop.enters(6, "asleep", "2024-03-01")
    shop.enters(1, "asleep", "2024-03-01")
    outcome = next(one for one in read(shop).reading.found.outcomes if one.name == "revenue")
    parts = {
        slug: {arm: (one.n, one.total) for arm, one in arms.items()}
        for slug, arms in outcome.groups["segment"].items()
    }
    assert parts == {
        "vip": {CONTROL: (2, 60.0), "treated": (1, 10.0)},
        "asleep": {CONTROL: (1, 60.0), "treated": (1, 10.0)},
    }


def test_after_a_merge_the_older_profile_decides_and_who_was_exposed_on_both_sides_is_left_out():
    fixed(goal="conversion")
    shop = Drawn()
    for who in range(1, 21):
        shop.customer(who, created="2020-01-01" if who <= 10 else "2022-01-01")
    for who in range(20, 40):
        shop.draws(who, held=who % 2 == 0)
    # 11 is the newer profile of 1, and so on; the newer profile lives on.
    for older, newer, old_held, new_held, sent in (
        (1, 11, True, True, ()),
        (2, 12, True, False, ()),
        (3, 13, True, False, (13,)),
        (4, 14, False, True, ()),
        (5, 15, False, True, (5,)),
        (6, 16, False, False, (6, 16)),
    ):
        shop.draws(older, held=old_held)
        shop.draws(newer, held=new_held)
        shop.merges(older, newer)
        for who in sent:
            shop.sends(who)
    # Facts keep the id they were written with.
    shop.order(2, "2024-03-26")
    shop.order(14, "2024-03-26")
    shop.order(16, "2024-03-26")
    found = read(shop)
    assert found.span.excluded == 2
    assert found.span.people == {CONTROL: 12, "treated": 12}
    assert means(found, "orders") == {CONTROL: (12, 1 / 12), "treated": (12, 2 / 12)}


def test_the_global_group_stands_apart_unless_it_is_the_one_compared_with():
    holdouts.set_group(actor=CONSOLE, share=0.1, now=at("2024-01-01"))
    shop = Drawn()
    for who in range(1, 31):
        shop.draws(who, held=who <= 20, reason="global_control" if who <= 10 else None)
    fixed()
    assert read(shop).span.people == {CONTROL: 10, "treated": 10}
    assert read(shop).span.global_control == 10
    apps.get_model("holdouts", "Trial").objects.all().delete()
    fixed(choice="global_only", share=0.0)
    assert read(shop).span.people == {CONTROL: 20, "treated": 10}


def test_nothing_is_said_before_its_time():
    fixed(goal="conversion")
    with pytest.raises(NoSuchTrial):
        effects.effect("campaign:8", actor=CONSOLE, tables=cast("Any", Drawn()), now=OVER)
    assert read(Drawn()).state == "waiting"
    shop = Drawn()
    for who in range(1, 401):
        shop.draws(who, held=who % 2 == 0)
        if who % 8 == 0 or who % 4 == 1:
            shop.order(who, "2024-03-26")
    shop.draws(500, "2024-03-28 10:00")
    end = at("2024-04-11 11:00")  # the clocks went forward: 14 days of 24 hours
    running = read(shop, now=end - timedelta(seconds=1))
    assert (running.state, running.known_at) == ("running", end)
    final = read(shop, now=end)
    assert final.state == "final"
    assert not final.so_far
    watched, at_the_end = running.so_far["treated"].lift, final.reading.lines["conversion"][0].lift
    assert watched.method == "always valid"
    assert watched.low < at_the_end.low < at_the_end.high < watched.high


def test_without_anybody_left_out_nothing_is_known_but_variants_compare():
    fixed(choice="unknown", share=0.0)
    shop = Drawn()
    for who in range(1, 41):
        shop.draws(who, variant="")
        shop.order(who, "2024-03-26")
    assert read(shop).state == "unknown"
    apps.get_model("holdouts", "Trial").objects.all().delete()
    fixed(choice="unknown", share=0.0, variants={"a": 1, "b": 3})
    shop = Drawn()
    for who in range(1, 41):
        shop.draws(who, variant="a" if who % 4 == 0 else "b")
        shop.order(who, "2024-03-26", str(who))
    found = read(shop)
    assert (found.base, found.reading.found.treated) == ("a", ["b"])
    assert not found.reading.ratio.is_suspicious
    assert found.worth == {}


def test_money_per_message_counts_everybody_drawn_and_only_messages_sent():
    fixed()
    shop = Drawn()
    for who in range(1, 101):
        shop.draws(who, held=who % 2 == 0)
        shop.order(who, "2024-03-26", str(10 + who % 5 + (4 if who % 2 else 0)))
        if who % 4 == 1:
            shop.sends(who)
            shop.sends(who, kind="click")
    found = read(shop)
    worth, lift = found.worth["treated"], found.reading.lines["revenue"][0].lift
    assert (found.messages["treated"].sent, found.messages["treated"].cost) == (25, pytest.approx(2.5))
    assert worth.per_message == pytest.approx(lift.estimate * 50 / 25)
    assert worth.net == pytest.approx(lift.estimate * 50 - 2.5)


def test_a_draw_that_went_wrong_is_suspicious():
    fixed(share=0.1)
    shop = Drawn()
    for who in range(1, 401):
        shop.draws(who, held=who % 2 == 0)
        shop.order(who, "2024-03-26", str(who % 7))
    assert read(shop).reading.ratio.is_suspicious


def test_the_pages_show_trials_and_say_when_nobody_was_drawn(pages):
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=OVER)
    assert b"no experiments yet" in pages.get(reverse("experiments:list")).content
    fixed()
    assert WHAT in pages.get(reverse("experiments:list")).content.decode()
    seen = pages.get(reverse("experiments:trial", args=[WHAT]))
    assert b"Nobody has been drawn yet" in seen.content
    assert pages.get(reverse("experiments:trial", args=["campaign:8"])).status_code == 404


def test_of_profiles_that_are_equally_old_the_first_draw_decides():
    trial = fixed()
    shop = Drawn()
    for who in range(1, 7):
        shop.customer(who)
    shop.draws(1, "2024-03-26", held=True)
    shop.draws(2, "2024-03-25", held=False)
    shop.draws(3, "2024-03-25", held=True)
    shop.draws(4, "2024-03-26", held=False)
    shop.draws(6, held=False)
    shop.draws(5, held=True)
    for gone, stays in ((1, 2), (3, 4), (5, 6)):
        shop.merges(gone, stays)
    found = shop.rows_of(people.drawn(cast("Any", shop), trial))
    assert {who: row["arm"] for who, row in found.items()} == {2: "treated", 4: CONTROL, 6: CONTROL}
