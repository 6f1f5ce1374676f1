"""Metrics that people defined, values that they enter, and alerts that they asked for."""

from __future__ import annotations

from django.db import models


class OwnMetric(models.Model):
    """A metric that somebody defined. What it says is the newest version of ``metric:SLUG`` in ``desk/threads``: a
    version that is brought back there is the metric again. It is retired, never deleted: its name stays taken."""

    slug = models.SlugField(max_length=60, unique=True)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.slug


class EnteredValue(models.Model):
    """The value of a metric for some days, as somebody knows it from elsewhere. It is never changed: it is withdrawn,
    and another one is entered."""

    metric = models.SlugField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=6)
    source = models.CharField(max_length=300)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["metric", "last_day"], name="entered_values_by_metric"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")), name="entered_values_have_days"
            ),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.first_day}..{self.last_day}"


class Alert(models.Model):
    """Somebody wants to know when a metric leaves a line, with how it stood when it was last looked at.

    ``kind`` is below, above or unusual; the first two have a ``bound``. ``where`` is the slice (dimension → value).
    ``seen`` names the house version and the period that were looked at last, ``period`` is the first day of that.
    ``fired`` counts how often it fired: its tasks are kept apart by that. ``changed_at`` is when what it waits for was
    changed; one that has ``ended_at`` waits for nothing.
    """

    class State(models.TextChoices):
        """What was found: nothing looked at yet, within the line, beyond it, no figure, or not enough of them."""

        NEW = "new"
        QUIET = "quiet"
        FIRING = "firing"
        UNKNOWN = "unknown"
        LEARNING = "learning"

    metric = models.SlugField(max_length=60)
    kind = models.CharField(max_length=10)
    grain = models.CharField(max_length=10)
    bound = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    where = models.JSONField(default=dict)
    mail = models.BooleanField(default=True)
    owner = models.ForeignKey("users.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    said = models.JSONField(default=dict)
    seen = models.CharField(max_length=120, blank=True, default="")
    period = models.DateField(null=True)
    checked_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    fired = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["metric"], name="alerts_by_metric"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="unusual", bound__isnull=True)
                | models.Q(kind__in=("below", "above"), bound__isnull=False),
                name="alerts_have_a_bound_unless_unusual",
            ),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.kind}"


class Ring(models.Model):
    """That an alert rang ``at`` a moment about ``period`` (its first day), in the words of then."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="rings")
    at = models.DateTimeField()
    period = models.DateField()
    said = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["alert", "at"], name="rings_by_alert"),)

    def __str__(self) -> str:
        return f"{self.alert_id} {self.period}"
