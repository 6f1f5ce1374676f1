"""Jobs, what the clock starts next, and the workers that are there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATES = ("waiting", "running", "done", "failed", "cancelled")


class Job(models.Model):
    """One job. While it is running it belongs to ``worker`` until ``lease_until``; then anybody may take it."""

    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default="waiting")
    quick = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    cancelling = models.BooleanField(default=False)

    actor = models.CharField(max_length=254)
    user_id = models.BigIntegerField(null=True, blank=True)
    rights = models.JSONField(default=list)

    done = models.BigIntegerField(null=True, blank=True)
    of = models.BigIntegerField(null=True, blank=True)
    note_en = models.TextField(blank=True)
    note_zh = models.TextField(blank=True)
    url = models.TextField(blank=True)
    file = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["due_at", "id"], name="job_next", condition=Q(state="waiting")),
            models.Index(fields=["lease_until"], name="job_lost", condition=Q(state="running")),
            models.Index(fields=["user_id", "id"], name="job_by_user"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=STATES), name="job_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="job_running_has_a_lease"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running")) | Q(finished_at__isnull=False),
                name="job_ended_says_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.state}"


class Due(models.Model):
    """When the clock starts something next."""

    slug = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField()
    last_job_id = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.slug


class Worker(models.Model):
    """A worker process and when it was last heard of."""

    name = models.CharField(max_length=80, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
