"""Links for readers without an account: they open one snapshot until they expire or are ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps

from huoshui.documents import frozen
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.papers import Block, Fact, Facts, Paper, Paragraph, Part, Run
from huoshui.plan.plans.document import services as plans
from huoshui.plan.plans.errors import NotAPlan
from huoshui.plan.plans.sharing import queries, services
from huoshui.plan.plans.sharing.errors import NoSuchLink

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def paper(title: str) -> Paper:
    """A paper with a figure that opens inside the house."""
    words = Paragraph(words=(Run(text="<b>words</b>"),))
    facts = Facts(facts=(Fact(label="Revenue", value="¥120", opens="/customers/?in=metric"),))
    part = Part(slug="overview", title="Overview", blocks=(Block(key="k", elements=(words, facts)),))
    return Paper(title=title, subtitle="", organisation="活水", language="en", facts=(), parts=(part,))


@pytest.fixture
def number() -> int:
    """A plan with one snapshot."""
    made = plans.create(
        actor=CONSOLE,
        title="Plan",
        template="blank",
        first_day=date(2024, 1, 1),
        last_day=date(2024, 12, 31),
        language="en",
        now=NOW,
    )
    apps.get_model("plans", "Snapshot").objects.create(
        plan_id=made,
        number=1,
        asked="x",
        house_version=1,
        papers={"en": frozen.freeze(paper("Frozen")), "zh": frozen.freeze(paper("冻结"))},
        made_by="console",
        made_at=NOW,
    )
    return made


def shared(number: int, *, days: int = 7) -> str:
    """The secret of a new link."""
    return services.share(actor=CONSOLE, plan_id=number, snapshot=1, days=days, now=NOW)


def test_a_link_opens_the_snapshot_and_nothing_else_without_signing_in(number, stranger):
    secret = shared(number)
    answer = stranger.get(f"/plans/shared/{secret}/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Frozen" in html
    assert "&lt;b&gt;words" in html
    assert "/customers/" not in html, "figures open only for who reads inside"
    assert "hs-rail" not in html, "no menu"
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Cache-Control"] == "no-store"
    zh = stranger.get(f"/plans/shared/{secret}/", headers={"accept-language": "zh-CN"})
    assert "冻结" in zh.content.decode()
    assert stranger.post(f"/plans/shared/{secret}/").status_code == 405


def test_only_a_hash_of_the_secret_is_kept(number):
    secret = shared(number)
    row = apps.get_model("plans", "ShareLink").objects.get()
    assert secret not in str(vars(row))
    assert row.digest == queries.digest_of(secret)
    assert len(secret) >= 43


def test_a_link_that_expired_or_was_ended_opens_nothing(number, stranger):
    secret = shared(number, days=1)
    assert queries.opened(secret, now=NOW + timedelta(hours=23)).number == 1
    with pytest.raises(NoSuchLink):
        queries.opened(secret, now=NOW + timedelta(days=1))
    link = queries.links(actor=CONSOLE, plan_id=number, now=NOW)[0]
    assert link.open
    services.end(actor=CONSOLE, plan_id=number, link_id=link.id, now=NOW)
    services.end(actor=CONSOLE, plan_id=number, link_id=link.id, now=NOW)
    for wrong in (secret, "x", "é" * 50):
        answer = stranger.get(f"/plans/shared/{wrong}/")
        assert answer.status_code == 404
        assert "Frozen" not in answer.content.decode()


def test_a_deleted_plan_is_read_by_nobody_until_it_is_back(number):
    secret = shared(number)
    plans.delete(actor=CONSOLE, plan_id=number, now=NOW)
    with pytest.raises(NoSuchLink):
        queries.opened(secret, now=NOW)
    plans.restore(actor=CONSOLE, plan_id=number, now=NOW)
    assert queries.opened(secret, now=NOW).plan_id == number


def test_what_cannot_be_shared_is_refused(number):
    for days in (0, 366, -1):
        with pytest.raises(NotAPlan):
            shared(number, days=days)
    with pytest.raises(NotAPlan):
        services.share(actor=CONSOLE, plan_id=number, snapshot=2, days=7, now=NOW)
    writer = Actor(name="w", rights=frozenset({Right.CUSTOMERS_VIEW, Right.PLANS_EDIT}))
    with pytest.raises(NotAllowed):
        services.share(actor=writer, plan_id=number, snapshot=1, days=7, now=NOW)
    with pytest.raises(NoSuchLink):
        services.end(actor=CONSOLE, plan_id=number, link_id=10**20, now=NOW)


def test_a_link_is_made_and_ended_on_its_page(number, signed_in):
    manager = signed_in("manager")
    made = manager.post(f"/plans/{number}/share/", {"snapshot": "1", "days": "30"})
    assert made.status_code == 200
    assert "/plans/shared/" in made.content.decode()
    assert "/plans/shared/" not in manager.get(f"/plans/{number}/share/").content.decode()
    link = queries.links(actor=CONSOLE, plan_id=number, now=NOW)[0]
    assert manager.post(f"/plans/{number}/share/{link.id}/end/").status_code == 302
    assert manager.post(f"/plans/{number}/share/", {"snapshot": "9", "days": "30"}).status_code == 400
    assert signed_in("operator").get(f"/plans/{number}/share/").status_code == 403
