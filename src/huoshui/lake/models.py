"""The one row that makes a set of table versions readable, and the checksums of the files behind it."""

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


class Seal(models.Model):
    """The checksum of a file of the lake, taken when the house version that brought it was published."""

    path = models.CharField(max_length=300, primary_key=True)
    """Below the folder of the lake, as ``orders/part-….parquet``."""
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal of {self.path}"
