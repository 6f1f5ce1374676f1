"""Segments as people keep them, with every version a rule ever had; and how their memberships stand."""

from __future__ import annotations

from django.db import models


class Segment(models.Model):
    """A rule with a name. ``slug`` never changes; ``version`` counts the rules it has had; retired ones are kept."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    rule = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(retired_at=None), name="segment_name_is_free"
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="segment_version_counts"),
        )

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A rule that a segment had, and who gave it."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    rule = models.JSONField()
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["segment", "number"], name="segment_version"),)

    def __str__(self) -> str:
        return f"version {self.number} of {self.segment_id}"


class Standing(models.Model):
    """How the stored membership of a segment stands. ``slug`` may be that of a segment that ships with the house.

    ``meaning`` tells rules apart that mean something else; it is empty where the membership is to be looked at as if
    the rule were new. ``moved_at`` is the latest moment in the membership and the sizes. ``problem`` says why the rule
    could not be applied; the membership is as it was before then.
    """

    slug = models.CharField(max_length=60, primary_key=True)
    version = models.PositiveIntegerField()
    meaning = models.CharField(max_length=64)
    size = models.BigIntegerField(default=0)
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    problem_en = models.CharField(max_length=500, blank=True)
    problem_zh = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.slug}: {self.size}"


class Size(models.Model):
    """The size of a segment after a computation that changed it, or the first one of a day, and what changed.

    ``clauses`` is how many moves each clause explains, by its path.
    """

    slug = models.CharField(max_length=60)
    at = models.DateTimeField()
    size = models.BigIntegerField()
    entered = models.BigIntegerField()
    left = models.BigIntegerField()
    version = models.PositiveIntegerField()
    cause = models.CharField(max_length=10)
    clauses = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["slug", "at"], name="segment_size_at"),)

    def __str__(self) -> str:
        return f"{self.slug} at {self.at}: {self.size}"


class Computed(models.Model):
    """Up to which versions of the tables of the lake memberships are computed: ``traits`` the last time for all
    customers with new traits, ``changes`` the last time at all."""

    what = models.CharField(max_length=10, primary_key=True)
    tables = models.JSONField()
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(what__in=("traits", "changes")), name="segment_computed_what"
            ),
        )

    def __str__(self) -> str:
        return f"{self.what} as of {self.as_of}"


class IdList(models.Model):
    """Customers who were named one by one, pasted or in a file, under the name of where they came from.

    ``ids`` are their ids in order, eight bytes each, the lowest first, written as
    Base64: what a backup can carry. A list never changes: another one is made.
    """

    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    ids = models.TextField()
    by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
