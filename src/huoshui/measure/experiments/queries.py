"""Experiments as they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.kernel.actors import Actor, Right
from huoshui.measure.experiments import reading
from huoshui.measure.experiments.errors import NoSuchExperiment
from huoshui.measure.experiments.models import Experiment
from huoshui.measure.experiments.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An experiment: where it comes from and what it says."""

    number: int
    name: str
    note: str
    file_name: str
    by: str
    made_at: datetime
    retired: bool
    reading: Reading


def experiments(*, actor: Actor) -> list[Described]:
    """All that are not put away, the newest first."""
    actor.require(Right.CUSTOMERS_VIEW)
    return [_described(row) for row in Experiment.objects.filter(retired_at=None)]


def experiment(number: int, *, actor: Actor) -> Described:
    """One of them, also when it is put away. Raises `NoSuchExperiment`."""
    actor.require(Right.CUSTOMERS_VIEW)
    row = Experiment.objects.filter(pk=number).first()
    if row is None:
        raise NoSuchExperiment("There is no such experiment", received=str(number))
    return _described(row)


def _described(row: Experiment) -> Described:
    return Described(
        number=row.pk,
        name=row.name,
        note=row.note,
        file_name=row.file_name,
        by=row.by,
        made_at=row.made_at,
        retired=row.retired_at is not None,
        reading=reading.read(reading.from_json(row.found)),
    )
