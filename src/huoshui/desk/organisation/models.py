"""The organisation: one row, and the database sees to it that it stays one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Organisation(models.Model):
    """Whom the house serves."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    demo = models.BooleanField(default=False)
    founded_at = models.DateTimeField()
    instance_id = models.CharField(max_length=32, default="", blank=True)
    """Drawn anew for every house that comes into being, also by restoring a backup."""
    place = models.CharField(max_length=200, default="", blank=True)
    """Where the instance lies (`place.here`). Elsewhere it is a copy."""
    fenced_at = models.DateTimeField(null=True, blank=True)
    """Since when nothing may be sent, until a person says so."""

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="organisation_is_one"),)

    def __str__(self) -> str:
        return self.name or "organisation"
