"""The one row that makes a set of table versions readable."""

from __future__ import annotations

from django.db import models


class HouseVersion(models.Model):
    """A consistent picture: which version of each Delta table belongs to it. Written last, newest counts."""

    version = models.BigAutoField(primary_key=True)
    tables = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ("version",)

    def __str__(self) -> str:
        return f"house version {self.version} ({self.reason})"
