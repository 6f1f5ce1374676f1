"""Models of the house: their cards, their versions, training another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from huoshui.data.traits import queries as traits
from huoshui.desk.jobs import services as jobs
from huoshui.kernel import clock
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE
from huoshui.know.models import chores, queries
from huoshui.know.models.kinds import MODELS, Judged, Line, Version, named
from huoshui.lake import open_lake
from huoshui.project.api.shapes import Moment, said
from huoshui.project.api.work import JobOut, get_job
from huoshui.web import shell

router = Router(tags=["know"])


class CardLine(Schema):
    """A line of a card; `note` says what it means."""

    name: str
    value: str
    note: str


class SimpleRule(Schema):
    """A simple rule that the model is compared with, and its mean absolute error."""

    name: str
    error: float


class BacktestClass(Schema):
    """Customers of one class: what came in the test, and what was foretold, per head."""

    name: str
    customers: int
    came: float
    foretold: float


class Backtest(Schema):
    """The model against days that it did not see. `covered` is the share of the 95 % ranges that held what came."""

    days: int
    customers: int
    unit: str
    error: float = Field(description="Mean absolute error per customer")
    rules: list[SimpleRule]
    wins: bool = Field(description="Whether the model is nearer than each simple rule")
    came: float
    foretold: float
    covered: float | None
    classes: list[BacktestClass]


class Training(Schema):
    """A version of a model: it learnt from nothing that happened after `as_of` or arrived after `known_at`."""

    version: int
    name: str
    as_of: Moment
    known_at: Moment | None
    trained_at: Moment
    enough: bool = Field(description="Whether the data sufficed")
    reasons: list[str] = Field(description="What to mind, and which simple rule stands in")
    data: list[CardLine]
    parameters: list[CardLine]
    content: dict[str, Any] = Field(description="The parameters as numbers")
    test: Backtest | None


class ModelOut(Schema):
    """A model, and the version that the values of the last refresh are from; none before the first training."""

    slug: str
    label: str
    meaning: str
    in_use: Training | None


class ModelCatalogue(Schema):
    """All models."""

    items: list[ModelOut]


class ModelVersions(ModelOut):
    """A model with its last trainings, newest first."""

    versions: list[Training]


@router.get("/models", response=ModelCatalogue, url_name="models", operation_id="list_models")
def list_models(request: HttpRequest) -> ModelCatalogue:
    """Every model with its card: what it learnt from, whether that sufficed, and how well it holds."""
    return ModelCatalogue(items=[ModelOut(**_model(kind.slug)) for kind in MODELS])


@router.get("/models/{str:slug}", response=ModelVersions, url_name="model", operation_id="get_model")
def get_model(request: HttpRequest, slug: str) -> ModelVersions:
    """One model, with the versions that were trained."""
    found = [_training(one) for one in queries.versions(slug)]
    return ModelVersions(**_model(slug), versions=found)


@router.post("/models/{str:slug}/train", response={202: JobOut}, url_name="train", operation_id="train_model")
def train_model(request: HttpRequest, response: HttpResponse, slug: str) -> Status[JobOut]:
    """Train a model from what is loaded by now. A job does it; the next refresh uses the new version."""
    job_id = jobs.start(
        actor=shell.actor_of(request),
        slug=chores.SLUG,
        arguments={"model": named(slug).slug},
        now=clock.now(),
    )
    response["Location"] = reverse("api:job", args=[job_id])
    return Status(202, get_job(request, job_id))


def _model(slug: str) -> dict[str, Any]:
    kind, refreshed = named(slug), traits.last_refresh(tables=open_lake().snapshot())
    at = refreshed[0] if refreshed else clock.now()
    version = queries.at(slug, AsOf(at=at, zone=HOUSE().zone))
    return {
        "slug": slug,
        "label": said(kind.label),
        "meaning": said(kind.meaning),
        "in_use": _training(version) if version else None,
    }


def _training(version: Version) -> Training:
    trained = version.trained
    return Training(
        version=version.number,
        name=said(trained.name),
        as_of=version.as_of,
        known_at=version.known_at,
        trained_at=version.trained_at,
        enough=trained.enough,
        reasons=[said(one) for one in trained.reasons],
        data=_lines(trained.data),
        parameters=_lines(trained.parameters),
        content=dict(trained.content),
        test=_test(trained.judged) if trained.judged else None,
    )


def _lines(lines: Sequence[Line]) -> list[CardLine]:
    return [
        CardLine(name=said(one.name), value=said(one.value), note=said(one.note) if one.note else "")
        for one in lines
    ]


def _test(judged: Judged) -> Backtest:
    return Backtest(
        days=judged.days,
        customers=judged.customers,
        unit=said(judged.unit),
        error=judged.model,
        rules=[SimpleRule(name=said(name), error=error) for name, error in judged.rules],
        wins=judged.wins,
        came=judged.actual,
        foretold=judged.foretold,
        covered=judged.covered,
        classes=[
            BacktestClass(name=name, customers=number, came=came, foretold=told)
            for name, number, came, told in judged.classes
        ],
    )
