"""Traits that people defined."""

from __future__ import annotations

from django.db import models


class OwnTrait(models.Model):
    """A trait that somebody defined. What it says is the newest version of ``trait:SLUG`` in ``desk/threads``: a
    version that is brought back there is the trait again. It is retired, never deleted: its name stays taken."""

    slug = models.SlugField(max_length=40, unique=True)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.slug
