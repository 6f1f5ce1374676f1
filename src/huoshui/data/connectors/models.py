"""Loads: what was brought in, from which file, and how it ended. Saved mappings: how files are to be read."""

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
    user_id = models.BigIntegerField(null=True)
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


class Upload(models.Model):
    """A file that somebody has sent and not loaded yet. It lies in a folder named like its token.

    ``options`` are what was said about it (`ImportOptions`), ``checked`` is the report of the last dry run with them.
    """

    token = models.CharField(max_length=32, primary_key=True)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    checked = models.JSONField(default=dict)
    actor = models.CharField(max_length=200)
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_index=True)
    job_id = models.BigIntegerField(null=True)
    load_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.file_name} of {self.actor}"


class SavedMapping(models.Model):
    """How files with certain columns are to be read, corrected and saved by people. Empty texts say nothing.

    ``tool`` names the declaration of `tools` whose rules hold besides the mapping.
    """

    name = models.CharField(max_length=60, primary_key=True)
    kind = models.CharField(max_length=20)
    tool = models.CharField(max_length=60, blank=True)
    mapping = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    source = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=60)
    date_order = models.CharField(max_length=3, blank=True)
    amounts_in = models.CharField(max_length=5, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    sheet = models.CharField(max_length=255, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    actor = models.CharField(max_length=200)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name}: {self.kind}"
