"""The queue of facts that other rooms have written and that are not in the lake yet."""

from __future__ import annotations

from django.db import models


class Batch(models.Model):
    """Parcels that go to a table of the lake as one commit, whose transaction number is ``number``.

    Numbers rise and are never used again: the newest batch is always kept.
    """

    number = models.BigIntegerField(primary_key=True)
    table = models.CharField(max_length=60)
    facts = models.BigIntegerField()
    claimed_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"batch {self.number}: {self.facts} facts for {self.table}"


class Parcel(models.Model):
    """Facts of one table that were written together: ``rows`` is a compressed Arrow stream, as text.

    It waits, then belongs to a batch, and goes when that is in the lake. One with a ``problem`` is parked.
    """

    table = models.CharField(max_length=60)
    rows = models.TextField()
    facts = models.IntegerField()
    queued_at = models.DateTimeField()
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="parcels")
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.facts} facts for {self.table}"
