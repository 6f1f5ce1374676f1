"""Tasks and every change that was made to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

LONGEST_TITLE = 200
LONGEST_NOTE = 4000
LONGEST_SUBJECT = 100


class Task(models.Model):
    """Something to be done.

    ``owner`` has taken it; a task with a ``team`` and no owner waits to be taken. ``due`` is a day of the house's zone.
    ``subject`` is what it is about ("customer:482113095127844") or empty. ``source`` and ``key`` are of the rule that
    made it. ``version`` counts the changes.
    """

    class State(models.TextChoices):
        """Open, or how it ended."""

        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    class Priority(models.IntegerChoices):
        """What comes first on a day."""

        LOW = 0
        NORMAL = 1
        HIGH = 2

    title = models.CharField(max_length=LONGEST_TITLE)
    note = models.TextField(blank=True, default="")
    owner = models.ForeignKey(
        "users.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey("users.Team", on_delete=models.PROTECT, null=True, related_name="+")
    due = models.DateField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    subject = models.CharField(max_length=LONGEST_SUBJECT, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True, default="")
    key = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(team__isnull=False), name="task_has_an_owner_or_a_team"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state__in=("done", "cancelled"), closed_at__isnull=False),
                name="task_is_open_or_closed",
            ),
            models.CheckConstraint(condition=Q(priority__lte=2), name="task_priority_is_known"),
            models.UniqueConstraint(
                fields=("source", "key"), condition=~Q(source=""), name="task_is_made_once_by_its_rule"
            ),
        )
        indexes = (
            models.Index(fields=("owner", "state", "due"), name="task_of_owner"),
            models.Index(fields=("subject", "state"), name="task_of_subject"),
        )

    def __str__(self) -> str:
        return self.title


class Change(models.Model):
    """One act on a task: the task's ``version`` after it, and each field with what it was before."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="changes", db_index=False)
    version = models.PositiveIntegerField()
    act = models.CharField(max_length=20)
    by = models.ForeignKey(
        "users.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("task", "version"), name="task_changes_once_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.act} {self.version}"
