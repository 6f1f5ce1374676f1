"""Control groups: terms stay as they were fixed, the global group keeps its history, and lots become facts once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.urls import reverse

from huoshui.act.holdouts import queries, services, trials
from huoshui.act.holdouts.errors import NoSuchTrial, NotTerms, TermsAreFixed
from huoshui.data.facts import queue
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 5, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
PEOPLE = np.random.default_rng(3).integers(10**14, 10**15, 20_000)
TERMS: dict[str, Any] = {
    "actor": CONSOLE,
    "what": "campaign:12",
    "title": "Spring",
    "share": 0.1,
    "variants": {"a": 1, "b": 1},
    "goal": "revenue",
    "horizon_days": 14,
    "cap": Decimal("900.5"),
    "choice": "draw",
    "eligible": 20_000,
    "now": NOW,
}


def test_terms_stay_as_they_were_fixed():
    fixed = services.fix(**TERMS)
    assert fixed.terms.cap == Decimal("900.5")
    assert services.fix(**{**TERMS, "eligible": 7, "now": NOW + DAY}) == fixed
    for name, value in (("share", 0.2), ("goal", "orders"), ("cap", None), ("variants", {"a": 1})):
        with pytest.raises(TermsAreFixed):
            services.fix(**{**TERMS, name: value})
    assert queries.trial("campaign:12") == fixed
    assert queries.trials() == [fixed]
    with pytest.raises(NoSuchTrial):
        queries.trial("campaign:13")


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 0.0},
        {"share": 0.6},
        {"choice": "unknown"},
        {"choice": "global_only", "share": 0.0},
        {"goal": "clicks"},
        {"horizon_days": 0},
        {"horizon_days": 366},
        {"variants": {}},
        {"variants": {"a": 0}},
        {"cap": Decimal(0)},
    ],
)
def test_terms_without_a_meaning_are_refused(wrong):
    with pytest.raises(NotTerms):
        services.fix(**{**TERMS, **wrong})
    with pytest.raises(NoSuchTrial):
        queries.trial("campaign:12")


def test_lots_depend_on_nobody_else_and_not_on_when_they_are_asked():
    services.set_group(actor=CONSOLE, share=0.05, now=NOW)
    services.fix(**TERMS)
    whole = services.assign(what="campaign:12", customer_ids=PEOPLE)
    services.set_group(actor=CONSOLE, share=0.2, anew=True, now=NOW + DAY)
    part = services.assign(what="campaign:12", customer_ids=PEOPLE[::-1][:50])
    assert part.held.tolist() == whole.held[::-1][:50].tolist()
    assert part.variants.to_pylist() == whole.variants.to_pylist()[::-1][:50]
    # Held out are the global group and a tenth of the others; the others have one of the variants.
    assert abs(whole.by_global.mean() - 0.05) < 0.01
    assert abs(whole.held[~whole.by_global].mean() - 0.1) < 0.01
    assert [(v == "") for v in whole.variants.to_pylist()] == whole.held.tolist()
    assert {*whole.variants.to_pylist()} == {"", "a", "b"}


def test_the_global_group_keeps_whom_it_had_and_its_history():
    assert queries.group() is None
    assert not queries.global_control(PEOPLE).any()
    services.set_group(actor=CONSOLE, share=0.02, reason="first", now=NOW)
    first = queries.global_control(PEOPLE)
    services.set_group(actor=CONSOLE, share=0.05, now=NOW + DAY)
    services.set_group(actor=CONSOLE, share=0.05, now=NOW + DAY)
    grown = queries.global_control(PEOPLE)
    assert 0 < first.sum() < grown.sum()
    assert not (first & ~grown).any()
    services.set_group(actor=CONSOLE, share=0.05, anew=True, now=NOW + 2 * DAY)
    other = queries.global_control(PEOPLE)
    assert 0 < (grown & other).sum() < grown.sum() / 5
    services.set_group(actor=CONSOLE, share=0, now=NOW + 3 * DAY)
    assert queries.group() is None
    assert [(one.share, one.since, one.until) for one in queries.history()] == [
        (0, NOW + 3 * DAY, None),
        (0.05, NOW + 2 * DAY, NOW + 3 * DAY),
        (0.05, NOW + DAY, NOW + 2 * DAY),
        (0.02, NOW, NOW + DAY),
    ]
    somebody = int(PEOPLE[first & ~other][0])
    assert [one.since for one in queries.times_in(somebody)] == [NOW + DAY, NOW]


def test_the_global_group_is_an_administrators_and_at_most_a_fifth():
    with pytest.raises(NotAllowed):
        services.set_group(actor=actor_of_role("m", Role.MANAGER), share=0.05, now=NOW)
    with pytest.raises(NotTerms):
        services.set_group(actor=CONSOLE, share=0.21, now=NOW)
    assert queries.history() == []


def test_lots_become_facts_once(tmp_path):
    services.set_group(actor=CONSOLE, share=0.05, now=NOW)
    services.fix(**TERMS)
    assigned = services.assign(what="campaign:12", customer_ids=PEOPLE[:300])
    for start in (0, 200):
        services.record(assigned=assigned.slice(start, 200), what="campaign:12", version=3, now=NOW)
    settings = EngineSettings(memory="300MiB", threads=1, time_zone="UTC", temporary=tmp_path)
    lake = Lake(tmp_path / "lake", settings)
    queue.drain(lake=lake, now=NOW)
    rows = lake.snapshot().table("decisions").to_pyarrow().to_pylist()
    lake.close()
    assert len({row["decision_id"] for row in rows}) == len(rows) == 300
    found = {row["customer_id"]: row for row in rows}
    for who, held, by_global, variant in zip(
        assigned.customer_ids.tolist(),
        assigned.held.tolist(),
        assigned.by_global.tolist(),
        assigned.variants.to_pylist(),
        strict=True,
    ):
        row = found[who]
        reason = "global_control" if by_global else "held_out" if held else "drawn"
        assert (row["holdout"], row["variant"], row["reason"]) == (held, variant, reason)
        assert (row["what"], row["version"], row["decided_at"]) == ("campaign:12", 3, NOW)
    assert {row["reason"] for row in rows} == {"drawn", "held_out", "global_control"}


def test_advice_says_how_large_a_control_group_must_be():
    def advised(eligible, share):
        found = queries.advice(eligible=eligible, share=share, baseline=0.05)
        assert found is not None
        return found

    advice = advised(100_000, 0.1)
    assert (advice.treated, advice.control, advice.is_small) == (90_000, 10_000, False)
    assert advice.effect == pytest.approx(0.005)
    assert advice.enough is not None
    assert advised(100_000, advice.enough / 100_000).power == pytest.approx(0.8, abs=0.001)
    assert advised(900, 0.1).is_small
    assert advised(900, 0.1).enough is None
    assert queries.advice(eligible=10, share=0.1, baseline=0.05) is None


def test_the_key_of_each_draw_is_another():
    keys = {
        trials.global_key("s"),
        trials.holdout_key("campaign:1", "s"),
        trials.holdout_key("campaign:1", "t"),
        trials.variant_key("campaign:1", "s"),
    }
    assert len(keys) == 4


def test_the_page_sets_the_group_and_looks_a_customer_up(pages):
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)
    address = reverse("holdouts:home")
    assert b"There is none." in pages.get(address).content
    assert pages.post(address, {"share": "50"}).status_code == 400
    assert queries.group() is None
    assert pages.post(address, {"share": "5", "reason": "yearly"}).status_code == 302
    services.fix(**TERMS)
    group = queries.group()
    assert group is not None
    assert (group.share, group.reason) == (0.05, "yearly")
    inside = int(PEOPLE[queries.global_control(PEOPLE)][0])
    seen = pages.get(address, {"customer": str(inside)}).content.decode()
    assert group.seed in seen
    assert "In the global control group from" in seen
    assert "campaign:12" in seen
    assert b"This is no id" in pages.get(address, {"customer": "x"}).content
