"""Answers that were given once, by the key of the request."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Answer(models.Model):
    """The answer to the request that a token made with a key; without ``status`` as long as it is being worked on.

    ``request`` is the digest of method, address and body: another request with the same key is refused.
    """

    token_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)
    begun_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("token_id", "key"), name="answer_is_given_once"),
            models.CheckConstraint(condition=~Q(key=""), name="answer_has_a_key"),
        )

    def __str__(self) -> str:
        return f"answer {self.pk}: {self.status}"
