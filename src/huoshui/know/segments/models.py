"""Segments as people keep them: a name and a rule, with every version it ever had."""

from __future__ import annotations

from django.db import models


class Segment(models.Model):
    """A rule with a name. ``slug`` never changes; ``version`` counts the rules it has had; retired ones are kept."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    rule = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(retired_at=None), name="segment_name_is_free"
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="segment_version_counts"),
        )

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A rule that a segment had, and who gave it."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    rule = models.JSONField()
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["segment", "number"], name="segment_version"),)

    def __str__(self) -> str:
        return f"version {self.number} of {self.segment_id}"
