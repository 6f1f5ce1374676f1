"""Reviews, when they are due, and what was changed of a plan."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Rhythm(models.Model):
    """When a plan is reviewed: each week on ``weekday`` (0 is Monday), each month on ``month_day`` (1 to 28).

    None where it is not. ``people`` are the ids of the colleagues who take part, besides the owner of the plan.
    """

    plan = models.OneToOneField("plans.Plan", models.CASCADE, related_name="rhythm")
    weekday = models.PositiveSmallIntegerField(null=True)
    month_day = models.PositiveSmallIntegerField(null=True)
    people = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(weekday=None) | Q(weekday__lte=6), name="review_weekday_is_a_day"
            ),
            models.CheckConstraint(
                condition=Q(month_day=None) | Q(month_day__gte=1, month_day__lte=28),
                name="review_month_day_is_in_every_month",
            ),
        )

    def __str__(self) -> str:
        return f"rhythm of plan {self.plan_id}"


class Review(models.Model):
    """A review 复盘 of a plan: ``weekly`` progress or a ``monthly`` retrospective, due on ``due_on``.

    ``agenda`` is made from what moved when it is prepared; ``frozen`` holds the numbers of the moment it was held, and
    never changes after; ``minutes`` what was said, ``decisions`` what was decided, each with the task that came of it.
    """

    class State(models.TextChoices):
        """Where it is on its way."""

        PLANNED = "planned"
        PREPARED = "prepared"
        HELD = "held"
        SKIPPED = "skipped"

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="reviews")
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    due_on = models.DateField()
    agenda = models.JSONField(default=list)
    frozen = models.JSONField(default=dict)
    frozen_at = models.DateTimeField(null=True)
    minutes = models.TextField(blank=True)
    decisions = models.JSONField(default=list)
    held_by = models.CharField(max_length=200, blank=True)
    reminded_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=("plan", "kind", "due_on"), name="review_is_due_once"),
            models.CheckConstraint(condition=Q(kind__in=("weekly", "monthly")), name="review_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "prepared", "held", "skipped")),
                name="review_state_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"


class Change(models.Model):
    """One line of a plan's story: what was changed, from what to what, and why."""

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="changes")
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    review = models.ForeignKey(Review, models.SET_NULL, null=True, related_name="changes")
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.act} of plan {self.plan_id}"
