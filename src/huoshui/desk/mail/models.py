"""The outbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATES = ("waiting", "sent", "failed", "kept")


class Letter(models.Model):
    """A letter to one colleague. ``kept`` is one that was never to be sent, because nothing can be."""

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=120)

    class Meta:
        indexes = (models.Index(fields=["state", "id"], name="mail_letter_by_state"),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=STATES), name="mail_letter_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(text="", sent_at__isnull=False),
                name="mail_letter_sent_is_forgotten",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"
