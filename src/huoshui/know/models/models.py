"""Trainings that were kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Training(models.Model):
    """One version of a model. Never changed; the numbers of a kind go up from 1."""

    slug = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    known_at = models.DateTimeField(null=True, blank=True)
    trained_at = models.DateTimeField()
    trained = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("slug", "number"), name="models_training_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="models_training_from_one"),
        )
        indexes = (models.Index(fields=("slug", "-as_of", "-number"), name="models_training_newest"),)

    def __str__(self) -> str:
        return f"{self.slug} {self.number}"
