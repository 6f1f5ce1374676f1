"""Templates, the addresses that their links lead to, and who followed them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from huoshui.database.fields import IdField


class Template(models.Model):
    """A template. What it says is kept as versions of ``template:PK`` in ``desk/threads``; it is put away, never
    deleted, because messages were written by it."""

    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"template {self.pk}"


class Rules(models.Model):
    """What the house asks of its messages; without a row, what is usual in its country."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    marked = models.BooleanField()
    """Subjects of marketing letters begin with 广告 or AD."""

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="template_rules_are_one"),)

    def __str__(self) -> str:
        return "rules of messages"


class Target(models.Model):
    """Where links of one kind of message lead: the address as it was written, and whose message it was.

    An empty ``url`` is the picture that tells of opening. ``digest`` is of all the rest, so that it is there once.
    """

    url = models.TextField(blank=True)
    campaign = models.CharField(max_length=60, blank=True)
    variant = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.url or "opening"


class Hit(models.Model):
    """A link was followed or a message opened, by a person or a machine. Neither address nor browser is kept.

    ``machine`` says by what it was told for one, empty for a person; ``moved_at`` is since when it is a fact.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="hits", db_index=False)
    customer_id = IdField()
    key = models.CharField(max_length=100)
    at = models.DateTimeField()
    machine = models.CharField(max_length=12, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("at",), condition=Q(moved_at=None), name="template_hit_waits"),
            models.Index(fields=("key", "at"), name="template_hit_of_message"),
        )

    def __str__(self) -> str:
        return f"hit {self.pk}"
