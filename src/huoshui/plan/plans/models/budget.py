"""Budgets."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class BudgetLine(models.Model):
    """What a plan means to spend in a month (its first day) on a channel, for a measure or in general.

    What was spent is not kept here: it is read from the facts of ``spend``.
    """

    plan = models.ForeignKey("plans.Plan", models.CASCADE, related_name="budget")
    measure = models.ForeignKey("plans.Measure", models.CASCADE, null=True, related_name="budget")
    channel = models.CharField(max_length=60)
    month = models.DateField()
    planned = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    committed = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("channel", "month", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "measure", "channel", "month"), nulls_distinct=False, name="budget_line_once"
            ),
            models.CheckConstraint(
                condition=Q(planned__gte=0, committed__gte=0), name="budget_is_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.month}"
