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

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="organisation_is_one"),)

    def __str__(self) -> str:
        return self.name or "organisation"
