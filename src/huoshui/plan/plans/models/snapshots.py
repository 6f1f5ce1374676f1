"""Snapshots."""

from __future__ import annotations

from django.db import models


class Snapshot(models.Model):
    """A plan as it stood: its paper in each language, with every number, chart and word.

    ``number`` counts the snapshots of a plan from 1. ``asked`` is a digest of all that the paper was made from, the
    house version included: while that is the same, a new one would say the same. ``look`` is the number of the
    organisation's look, whose files keep it.
    """

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
    asked = models.CharField(max_length=64)
    house_version = models.BigIntegerField()
    look = models.PositiveIntegerField(default=0)
    papers = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="snapshot_number_is_given_once"),
        )

    def __str__(self) -> str:
        return f"snapshot {self.number} of plan {self.plan_id}"
