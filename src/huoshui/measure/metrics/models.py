"""Metrics that people defined."""

from __future__ import annotations

from django.db import models


class OwnMetric(models.Model):
    """A metric that somebody defined. What it says is the newest version of ``metric:SLUG`` in ``desk/threads``: a
    version that is brought back there is the metric again. It is retired, never deleted: its name stays taken."""

    slug = models.SlugField(max_length=60, unique=True)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.slug
