"""Loads: what was brought in, from which file, and how it ended."""

from __future__ import annotations

from django.db import models


class Load(models.Model):
    """One import of one file. Its state changes in the transaction that publishes its facts."""

    class State(models.TextChoices):
        LOADING = "loading"
        LOADED = "loaded"
        UNDOING = "undoing"
        UNDONE = "undone"
        FAILED = "failed"

    load_id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, db_index=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    source = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOADING)
    report = models.JSONField(default=dict)
    rejects = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("load_id",)
        constraints = (
            models.CheckConstraint(
                name="load_state_known",
                condition=models.Q(state__in=("loading", "loaded", "undoing", "undone", "failed")),
            ),
        )

    def __str__(self) -> str:
        return f"load {self.load_id}: {self.file_name} as {self.kind}"
