"""Consent: one row per statement of a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Consent(models.Model):
    """What a person said about one purpose on one channel (PIPL 14, GDPR 7(1)). Rows are added, never changed.

    With the purpose ``guardian`` it was a parent or guardian who spoke, of all that is done with the data of a child
    under fourteen (PIPL 31). ``source`` says where it was said (a form, an import, the API), ``evidence`` how that can
    be shown: the number of a form, a file with its line, the address of a page.
    """

    class State(models.TextChoices):
        """Yes or no."""

        GRANTED = "granted"
        WITHDRAWN = "withdrawn"

    class Purpose(models.TextChoices):
        """What the person's data would be used for."""

        MARKETING = "marketing"
        SERVICE = "service"
        PROFILING = "profiling"
        RESEARCH = "research"
        THIRD_PARTY = "third_party"
        ABROAD = "abroad"
        GUARDIAN = "guardian"

    class Channel(models.TextChoices):
        """On which way the person would be reached; ``any`` where the purpose knows no channel."""

        EMAIL = "email"
        SMS = "sms"
        PHONE = "phone"
        WECOM = "wecom"
        POST = "post"
        PUSH = "push"
        ANY = "any"

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="consents", db_index=False
    )
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    wording = models.CharField(max_length=60, blank=True, default="", db_default="")
    source = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    evidence = models.CharField(max_length=500)
    recorded_at = models.DateTimeField()
    load_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "purpose", "channel", "given_at", "source", "load_id"),
                name="consent_is_said_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["granted", "withdrawn"])
                & Q(
                    purpose__in=[
                        *("marketing", "service", "profiling", "research", "third_party", "abroad"),
                        "guardian",
                    ]
                )
                & Q(channel__in=["email", "sms", "phone", "wecom", "post", "push", "any"]),
                name="consent_codes_are_known",
            ),
            models.CheckConstraint(condition=~Q(source="") & ~Q(evidence=""), name="consent_has_proof"),
        )
        indexes = (
            models.Index(fields=("load_id",), condition=Q(load_id__isnull=False), name="consent_by_load"),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.purpose} by {self.channel}"
