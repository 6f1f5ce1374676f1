"""Measures: what is done, by whom, when, at what cost."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Measure(models.Model):
    """A measure 措施. ``proposition`` is the key of the value proposition it supports, in the words of the plan.

    ``after`` holds the ids of measures that must end before it begins. ``effect`` is what is hoped for of
    ``effect_metric``, in words of its unit; what counts is the lift of linked campaigns. ``done`` is in percent.
    """

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned"
        RUNNING = "running"
        DONE = "done"
        DROPPED = "dropped"

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="measures")
    place = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    proposition = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    done = models.PositiveSmallIntegerField(default=0)
    owner = models.ForeignKey("users.User", models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("users.Team", models.PROTECT, null=True, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    after = models.JSONField(default=list)
    cost = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    channel = models.CharField(max_length=60, blank=True)
    effect_metric = models.CharField(max_length=60, blank=True)
    effect = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("place", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("planned", "running", "done", "dropped")),
                name="measure_state_is_known",
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="measure_has_days"),
            models.CheckConstraint(condition=Q(done__lte=100), name="measure_done_is_a_share"),
        )

    def __str__(self) -> str:
        return self.name


class Link(models.Model):
    """A measure is carried out by a campaign, or is for a segment: ``kind`` and the id or slug of it."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10)
    target = models.CharField(max_length=60)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("measure", "kind", "target"), name="measure_is_linked_once"),
            models.CheckConstraint(condition=Q(kind__in=("campaign", "segment")), name="link_kind_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"
