"""What is kept of market and competitors. Everything is put away, never deleted: plans cite it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.know.research.limits import LONGEST_NAME, LONGEST_SOURCE


class Written(models.Model):
    """What all of it has: where it comes from, of which day it is, how sure one may be, and who keeps it."""

    class Confidence(models.TextChoices):
        """How sure one may be."""

        LOW = "low"
        MEDIUM = "medium"
        HIGH = "high"

    source = models.CharField(max_length=LONGEST_SOURCE)
    link = models.CharField(max_length=500, blank=True, default="")
    day = models.DateField()
    confidence = models.CharField(max_length=6, choices=Confidence.choices, default=Confidence.MEDIUM)
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Criterion(models.Model):
    """What competitors are compared by."""

    name = models.CharField(max_length=60, unique=True)
    place = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("place", "pk")

    def __str__(self) -> str:
        return self.name


class Competitor(Written):
    """A competitor, or with ``ours`` the company itself. ``scores`` says criterion → [1 … 5 or null, remark]."""

    name = models.CharField(max_length=LONGEST_NAME)
    about = models.CharField(max_length=500, blank=True, default="")
    ours = models.BooleanField(default=False)
    scores = models.JSONField(default=dict)

    class Meta:
        ordering = ("-ours", "name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(source="") & Q(confidence__in=("low", "medium", "high")),
                name="competitor_has_its_source",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Figure(Written):
    """A figure of the market in ``unit``; ``values`` lists [year, decimal as text], ascending."""

    name = models.CharField(max_length=LONGEST_NAME)
    unit = models.CharField(max_length=40)
    about = models.CharField(max_length=500, blank=True, default="")
    values = models.JSONField(default=list)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(source="") & Q(confidence__in=("low", "medium", "high")),
                name="figure_has_its_source",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Note(Written):
    """What was heard: ``words`` of ``who`` (without name), and what it ``means``. ``segment`` is a slug or empty."""

    class Kind(models.TextChoices):
        """How it was heard."""

        INTERVIEW = "interview"
        FOCUS_GROUP = "focus_group"
        OBSERVATION = "observation"
        REVIEW = "review"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INTERVIEW)
    who = models.CharField(max_length=LONGEST_NAME)
    segment = models.CharField(max_length=60, blank=True, default="")
    words = models.TextField()
    means = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("interview", "focus_group", "observation", "review")),
                name="note_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(words="") & ~Q(source="") & Q(confidence__in=("low", "medium", "high")),
                name="note_has_its_source",
            ),
        )

    def __str__(self) -> str:
        return self.who
