"""Questions about models."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from huoshui.kernel.clock import AsOf
from huoshui.know.models import keeping
from huoshui.know.models.kinds import Version, named
from huoshui.know.models.models import Training


def at(slug: str, as_of: AsOf) -> Version | None:
    """The version that speaks of a moment: the newest one that learnt from nothing later; None before the first.

    Where ``as_of.known_at`` is given, only versions that learnt from nothing that arrived later. Raises `NoSuchModel`.
    """
    rows = Training.objects.filter(slug=named(slug).slug, as_of__lte=as_of.at)
    if as_of.known_at is not None:
        arrived = Q(known_at__lte=as_of.known_at) | Q(known_at=None, trained_at__lte=as_of.known_at)
        rows = rows.filter(arrived)
    found = rows.order_by("-as_of", "-number").first()
    return _version(found) if found else None


def versions(slug: str, *, most: int = 20) -> Sequence[Version]:
    """The last trainings of a kind, newest first. Raises `NoSuchModel`."""
    rows = Training.objects.filter(slug=named(slug).slug).order_by("-number")
    return [_version(row) for row in rows[:most]]


def _version(row: Training) -> Version:
    return Version(
        slug=row.slug,
        number=row.number,
        as_of=row.as_of,
        known_at=row.known_at,
        trained_at=row.trained_at,
        trained=keeping.of_json(row.trained),
    )
