"""The log and its newest link."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.database.fields import IdField


class Entry(models.Model):
    """One act. ``number`` counts from 1 without a gap; ``detail`` is JSON in its canonical form."""

    number = IdField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    user_id = models.BigIntegerField(null=True, blank=True)
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, blank=True)
    detail = models.TextField(blank=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = (
            models.Index(fields=["at"], name="audit_entry_by_time"),
            models.Index(fields=["actor", "number"], name="audit_entry_by_actor"),
            models.Index(fields=["act", "number"], name="audit_entry_by_act"),
            models.Index(fields=["subject", "number"], name="audit_entry_by_subject"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.act}"


class Head(models.Model):
    """The newest entry. One row: whoever holds it appends, all others wait, so the line cannot fork."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="audit_head_is_one"),)

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"
