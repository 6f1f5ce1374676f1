"""Scripts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

LONGEST_TITLE, LONGEST_QUESTION, LONGEST_TEXT = 120, 300, 4000


class Script(models.Model):
    """A text to say or write. ``question`` is what a customer asks or objects; ``stage`` and ``segment`` are whom it is
    for, empty for everybody. ``words`` find it (`searching.words_of`); ``used`` counts who copied it. It is put away,
    never deleted."""

    title = models.CharField(max_length=LONGEST_TITLE)
    question = models.CharField(max_length=LONGEST_QUESTION, blank=True, default="")
    text = models.TextField()
    stage = models.CharField(max_length=20, blank=True, default="")
    segment = models.CharField(max_length=60, blank=True, default="")
    language = models.CharField(max_length=2, blank=True, default="")
    words = models.TextField()
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="script_says_something"),
            models.CheckConstraint(
                condition=Q(language__in=("", "zh", "en")), name="script_language_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.title
