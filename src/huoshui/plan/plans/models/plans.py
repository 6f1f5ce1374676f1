"""Plans, templates that the organisation saved, links for readers without an account."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Plan(models.Model):
    """A plan of the days ``first_day`` to ``last_day``.

    Its words and blocks are the newest version of ``plan:ID`` in ``desk/threads``; ``title`` is kept here for lists.
    ``kind`` is the template it began from. ``version`` counts what was changed of goals, measures and budget.
    """

    class State(models.TextChoices):
        """Where a plan is on its way."""

        DRAFT = "draft"
        ACTIVE = "active"
        ARCHIVED = "archived"

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    owner = models.ForeignKey("users.User", models.PROTECT, null=True, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("draft", "active", "archived")), name="plan_state_is_known"
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="plan_has_days"),
        )

    def __str__(self) -> str:
        return self.title


class OwnTemplate(models.Model):
    """A plan's parts and blocks, kept by the organisation to begin others from."""

    name = models.CharField(max_length=120, unique=True)
    content = models.JSONField()
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ShareLink(models.Model):
    """Lets whoever holds its secret read a snapshot until it expires. Only the secret's hash is kept."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="links")
    snapshot = models.ForeignKey("plans.Snapshot", models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link to plan {self.plan_id}"
