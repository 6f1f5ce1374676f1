"""The global control group over time, and the terms of trials."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ControlGroup(models.Model):
    """The global control group ``since`` a moment, ``until`` another one (empty for that of now). Never changed
    otherwise: who was in it follows from ``seed`` and ``share``."""

    seed = models.CharField(max_length=32)
    share = models.FloatField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-since", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(share__gte=0) & Q(share__lte=0.5), name="control_share"),
        )

    def __str__(self) -> str:
        return f"{self.share:.1%} since {self.since:%Y-%m-%d}"


class Trial(models.Model):
    """What was fixed before the lots of ``what`` were drawn. Never changed."""

    what = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    terms = models.JSONField()
    seed = models.CharField(max_length=32)
    fixed_at = models.DateTimeField(db_index=True)
    by = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.what
