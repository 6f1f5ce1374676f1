"""Experiments as they were read."""

from __future__ import annotations

from django.db import models


class Experiment(models.Model):
    """A table of results that was read once: ``found`` holds the moments of its arms (`reading.Found`), no person.

    Retired ones are kept.
    """

    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    file_name = models.CharField(max_length=255)
    found = models.JSONField()
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.name
