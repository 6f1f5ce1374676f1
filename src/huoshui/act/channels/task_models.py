"""How messages become tasks of colleagues."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TaskSetting(models.Model):
    """One row: which team gets the tasks about customers whom nobody looks after, and within how many days."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    team = models.ForeignKey("users.Team", models.PROTECT, null=True, blank=True, related_name="+")
    days = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1, days__lte=60), name="task_setting_is_one"),)

    def __str__(self) -> str:
        return "tasks of messages"
