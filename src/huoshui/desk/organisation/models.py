"""The organisation: one row, and the database sees to it that it stays one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Organisation(models.Model):
    """Whom the house serves."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    demo = models.BooleanField(default=False)
    founded_at = models.DateTimeField()
    instance_id = models.CharField(max_length=32, default="", blank=True)
    """Drawn anew for every house that comes into being, also by restoring a backup."""
    place = models.CharField(max_length=200, default="", blank=True)
    """Where the instance lies (`place.here`). Elsewhere it is a copy."""
    fenced_at = models.DateTimeField(null=True, blank=True)
    """Since when nothing may be sent, until a person says so."""
    look = models.PositiveIntegerField(default=0)
    """The number of the look of its documents; 0 is the look of Huoshui."""
    look_before = models.PositiveIntegerField(default=0)
    """The one before, to go back to."""

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="organisation_is_one"),)

    def __str__(self) -> str:
        return self.name or "organisation"


class OwnFestival(models.Model):
    """Days of trade that the house sets: of a usual festival in one year, or of a festival of its own."""

    slug = models.CharField(max_length=40)
    """That of a usual festival, whose days in the year of ``first_day`` these replace, or another one."""
    name_en = models.CharField(max_length=60)
    name_zh = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    """Included."""

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="festival_has_days"
            ),
            models.UniqueConstraint(fields=("slug", "first_day"), name="festival_begins_once"),
        )

    def __str__(self) -> str:
        return f"{self.name_en} {self.first_day}"


class HouseLook(models.Model):
    """How documents of the house look. A look is never changed: what was made with it must look so for ever.

    ``logo`` (PNG) and ``template`` (DOCX) are base64, empty for none.
    """

    number = models.PositiveIntegerField(primary_key=True)
    colour = models.CharField(max_length=7)
    accent = models.CharField(max_length=7)
    logo = models.TextField(blank=True)
    template = models.TextField(blank=True)
    template_name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    """Of all that is seen of it: the same look has one number."""
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"look {self.number}"
