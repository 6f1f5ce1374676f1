"""Verbs about models: train one and keep it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.know.models import keeping, queries
from huoshui.know.models.kinds import MODELS, Version, named
from huoshui.know.models.models import Training

GOOD_FOR = timedelta(days=7)
"""So long after the moment it learnt from, a version speaks of later ones before another is trained."""


def train(*, actor: Actor, slug: str, tables: Any, as_of: AsOf, now: datetime) -> Version:
    """Learn anew from what had happened before ``as_of`` and keep it as the next version.

    ``tables`` is a snapshot of the lake. The same facts and moment give the same parameters. Raises `NotAllowed`,
    `NoSuchModel`.
    """
    actor.require(Right.TRAITS_REFRESH)
    trained = named(slug).train(tables, as_of)
    with transaction.atomic():
        # Two that train at once get the same number, and the second is refused: the constraint sees to it.
        highest = Training.objects.filter(slug=slug).aggregate(highest=Max("number"))["highest"] or 0
        row = Training.objects.create(
            slug=slug,
            number=highest + 1,
            as_of=as_of.at,
            known_at=as_of.known_at,
            trained_at=now,
            trained=keeping.as_json(trained),
        )
        audit.record(
            actor=actor,
            act="model.trained",
            detail={"model": slug, "number": row.number, "enough": trained.enough},
            now=now,
        )
    return Version(
        slug=slug,
        number=row.number,
        as_of=as_of.at,
        known_at=as_of.known_at,
        trained_at=now,
        trained=trained,
    )


def train_due(*, actor: Actor, tables: Any, as_of: AsOf, now: datetime) -> list[Version]:
    """Train what has no version for this moment that is younger than `GOOD_FOR`; answers what was trained."""
    done = []
    for kind in MODELS:
        known = queries.at(kind.slug, as_of)
        if known is None or as_of.at - known.as_of >= GOOD_FOR:
            done.append(train(actor=actor, slug=kind.slug, tables=tables, as_of=as_of, now=now))
    return done
