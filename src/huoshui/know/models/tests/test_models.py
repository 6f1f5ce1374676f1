"""Trainings are kept as versions, and the right one speaks of each moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huoshui.data.traits.tests.shop import LONDON
from huoshui.desk.audit import queries as audit
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.texts import Text
from huoshui.know.models import cards, keeping, queries, services
from huoshui.know.models.kinds import MODELS, Judged, Line, ModelKind, NoSuchModel, Trained
from huoshui.know.models.models import Training

pytestmark = pytest.mark.django_db

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
WORD = Text("a word", "一个词")


def trained(**values):
    usual: dict[str, Any] = {
        "name": WORD,
        "content": {"p": 1.5},
        "enough": True,
        "reasons": (WORD,),
        "data": (Line(name=WORD, value=WORD), Line(name=WORD, value=WORD, note=WORD)),
        "judged": Judged(
            unit=WORD,
            customers=3,
            days=90,
            model=0.5,
            rules=((WORD, 0.6), (Text("rule", "规则"), 0.55)),
            classes=(("0", 2, 0.1, 0.2), ("1+", 1, 1.0, 0.9)),
            actual=10.0,
            foretold=9.0,
            covered=0.95,
        ),
    }
    return Trained(**(usual | values))


def as_of(day, known_at=None):
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return AsOf(at=at, zone=LONDON, known_at=known_at)


@pytest.fixture
def model(monkeypatch):
    """A kind that learns nothing but the moment; what it was asked is in the list."""
    asked = []

    def train(tables, moment):
        asked.append(moment)
        return trained(content={"day": str(moment)})

    monkeypatch.setattr(MODELS, "_by_slug", {})
    MODELS.declare(ModelKind(slug="toy", label=WORD, meaning=WORD, train=train))
    return asked


def test_a_training_comes_back_from_its_json_as_it_was():
    for one in (trained(), trained(judged=None, reasons=(), data=(), enough=False)):
        assert keeping.of_json(keeping.as_json(one)) == one


def test_of_each_moment_speaks_the_newest_version_that_knew_nothing_later(model):
    for day in (10, 30, 20):
        services.train(actor=CONSOLE, slug="toy", tables=None, as_of=as_of(day), now=NOW)
    found = {day: queries.at("toy", as_of(day)) for day in (9, 10, 25, 99)}
    assert {day: one and one.number for day, one in found.items()} == {9: None, 10: 1, 25: 3, 99: 2}
    assert [one.number for one in queries.versions("toy")] == [3, 2, 1]
    assert queries.at("toy", as_of(99, known_at=NOW - timedelta(days=1))) is None
    arrived = queries.at("toy", as_of(99, known_at=NOW))
    assert arrived is not None
    assert arrived.number == 2


def test_a_model_is_due_a_week_after_what_it_learnt_from(model):
    def due(day):
        return [
            one.number for one in services.train_due(actor=CONSOLE, tables=None, as_of=as_of(day), now=NOW)
        ]

    assert [due(day) for day in (10, 16, 17, 3)] == [[1], [], [2], [3]]
    assert [moment.at for moment in model] == [as_of(day).at for day in (10, 17, 3)]


def test_training_asks_for_a_right_and_goes_to_the_audit_log(model):
    viewer = actor_of_role("viewer", Role.VIEWER)
    with pytest.raises(NotAllowed):
        services.train(actor=viewer, slug="toy", tables=None, as_of=as_of(1), now=NOW)
    with pytest.raises(NoSuchModel):
        services.train(actor=CONSOLE, slug="tarot", tables=None, as_of=as_of(1), now=NOW)
    assert not Training.objects.exists()
    services.train(actor=CONSOLE, slug="toy", tables=None, as_of=as_of(1), now=NOW)
    assert audit.count(actor=CONSOLE, asked=audit.Asked(act="model.trained")) == 1


def test_a_number_is_given_once(model):
    services.train(actor=CONSOLE, slug="toy", tables=None, as_of=as_of(1), now=NOW)
    row = Training.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Training.objects.create(slug="toy", number=1, as_of=row.as_of, trained_at=NOW, trained=row.trained)


def test_the_card_says_against_which_rule_the_model_wins(model):
    version = services.train(actor=CONSOLE, slug="toy", tables=None, as_of=as_of(1), now=NOW)
    told = cards.card(MODELS["toy"], version, "en")
    assert (told.wins, told.enough, told.covered, told.number) == (True, True, "95.0%", 1)
    assert "nearer than rule" in told.verdict
    assert "(−10.0%)" in told.verdict
    assert [error for _, error in told.errors] == ["0.500", "0.600", "0.550"]
    nothing = cards.card(MODELS["toy"], None, "zh")
    assert (nothing.trained_at, nothing.verdict, nothing.chart) == (None, "", None)
