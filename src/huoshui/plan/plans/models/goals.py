"""Goals."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Goal(models.Model):
    """A metric, within a slice, that is to reach ``target`` over the days ``first_day`` to ``last_day``.

    ``slice`` says dimension → value. ``baseline`` is what the metric was when the goal was set, ``baseline_kind`` says
    of which days (``year``: the same days a year before, ``before``: as many days before), ``baseline_of`` are the
    first and the last of them; empty where it could not be known. ``target`` is absolute; ``said`` is how it was
    entered: ``how`` (``absolute``, ``percent``, ``points``) and ``amount``. It is empty while a relative target waits
    for its baseline. ``path`` says how it gets there: ``linear``, ``seasonal`` with ``shares`` of the twelve months, or
    ``own`` with ``points``: a list of ``[last day, value]``. Values are decimals as text, as exact as the metric.
    ``part`` says by what a sub-goal differs from its parent: ``quarter``, ``segment``, ``channel``, ``owner``; parts of
    one kind must add up to the parent where the metric adds up. ``usual`` is the slug in the catalogue of usual goals
    that it was made from. ``version`` counts its changes.
    """

    class Path(models.TextChoices):
        """How the target is reached."""

        LINEAR = "linear"
        SEASONAL = "seasonal"
        OWN = "own"

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="goals")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    part = models.CharField(max_length=10, blank=True)
    place = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200)
    metric = models.CharField(max_length=60)
    slice = models.JSONField(default=dict)
    first_day = models.DateField()
    last_day = models.DateField()
    baseline = models.CharField(max_length=40, blank=True)
    baseline_kind = models.CharField(max_length=6, default="year")
    baseline_of = models.JSONField(default=list)
    target = models.CharField(max_length=40, blank=True)
    said = models.JSONField(default=dict)
    path = models.CharField(max_length=10, choices=Path.choices, default=Path.LINEAR)
    points = models.JSONField(default=list)
    shares = models.JSONField(default=list)
    owner = models.ForeignKey("users.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    usual = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("place", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(path__in=("linear", "seasonal", "own")), name="goal_path_is_known"
            ),
            models.CheckConstraint(
                condition=Q(baseline_kind__in=("year", "before")), name="goal_baseline_is_known"
            ),
            models.CheckConstraint(
                condition=Q(part__in=("", "quarter", "segment", "channel", "owner")),
                name="goal_part_is_known",
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="goal_has_days"),
        )

    def __str__(self) -> str:
        return self.name
