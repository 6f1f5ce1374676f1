"""The outbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATES = ("waiting", "sent", "failed", "kept")


class Letter(models.Model):
    """A letter to one colleague. ``kept`` is one that was never to be sent, because nothing can be.

    ``html`` is empty where the text is all there is. ``leave`` is the address that ends a subscription. The fields of
    who it comes from are empty for the house.
    """

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, default="")
    leave = models.CharField(max_length=500, blank=True, default="")
    from_address = models.CharField(max_length=254, blank=True, default="")
    from_name = models.CharField(max_length=200, blank=True, default="")
    reply_to = models.CharField(max_length=254, blank=True, default="")
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
                condition=~Q(state="sent") | Q(text="", html="", sent_at__isnull=False),
                name="mail_letter_sent_is_forgotten",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Enclosure(models.Model):
    """A picture that stands in the HTML of a letter as ``cid:NAME``; it goes when the letter was sent."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="enclosures", db_index=False)
    name = models.CharField(max_length=40)
    # The PNG in Base64: what is backed up are texts, numbers and moments.
    content = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("letter", "name"), name="mail_enclosure_is_named_once"),
        )

    def __str__(self) -> str:
        return self.name
