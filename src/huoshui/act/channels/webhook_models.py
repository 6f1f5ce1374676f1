"""Addresses of other systems, what is delivered to them, and every attempt."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATES = ("waiting", "trying", "delivered", "uncertain", "dead", "stopped")


class Endpoint(models.Model):
    """An address that messages are posted to, with what signs them.

    During a rotation ``former_secret`` signs as well, until ``former_until``. ``contact`` says which contact of the
    person goes along. ``repeats`` means that the other side takes the same message twice for one. ``failures`` counts
    attempts that failed in a row; after some of them nothing is tried before ``resumes_at``.
    """

    class Contact(models.TextChoices):
        """What of the person is told besides their number."""

        NONE = "none"
        PHONE = "phone"
        EMAIL = "email"

    class Because(models.TextChoices):
        """Why nothing is sent to it any more."""

        PERSON = "person"
        GONE = "gone"

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    secret = models.CharField(max_length=120)
    former_secret = models.CharField(max_length=120, blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)
    contact = models.CharField(max_length=10, choices=Contact.choices, default=Contact.NONE)
    repeats = models.BooleanField(default=False)
    disabled_at = models.DateTimeField(null=True, blank=True)
    because = models.CharField(max_length=10, choices=Because.choices, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    resumes_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(disabled_at=None, because="")
                | Q(disabled_at__isnull=False, because__in=["person", "gone"]),
                name="endpoint_is_disabled_because",
            ),
            models.CheckConstraint(
                condition=Q(contact__in=["none", "phone", "email"])
                & ~Q(name="")
                & ~Q(url="")
                & ~Q(secret=""),
                name="endpoint_can_be_called",
            ),
        )

    def __str__(self) -> str:
        return self.slug


class Delivery(models.Model):
    """One thing to be told to an endpoint, once. ``body`` is forgotten when it was, or when it is too old.

    ``key`` is the same in every attempt. ``trying`` since ``claimed_at`` is in the hands of a worker; ``uncertain`` may
    have arrived or not, and is for a person to decide; ``dead`` was given up; ``stopped`` may no longer be sent.
    """

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries", db_index=False)
    key = models.CharField(max_length=80)
    type = models.CharField(max_length=60)
    body = models.TextField(blank=True)
    customer_id = models.BigIntegerField(null=True, blank=True)
    marketing = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=("endpoint", "key"), name="delivery_is_made_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="delivery_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "trying"), ended_at=None)
                | Q(state__in=("delivered", "uncertain", "dead", "stopped"), ended_at__isnull=False),
                name="delivery_ends",
            ),
            models.CheckConstraint(
                condition=Q(state="trying", claimed_at__isnull=False) | ~Q(state="trying"),
                name="delivery_is_tried_since",
            ),
        )
        indexes = (
            models.Index(fields=("endpoint", "state", "due_at"), name="delivery_by_state"),
            models.Index(fields=("endpoint", "-id"), name="delivery_by_age"),
            models.Index(fields=("customer_id",), condition=Q(state="trying"), name="delivery_underway_to"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.state}"


class Attempt(models.Model):
    """One try of a delivery: the status of the answer, empty where none came, and how long it took."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries", db_index=False)
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("delivery", "at"), name="attempt_of_delivery"),)

    def __str__(self) -> str:
        return f"{self.number} {self.status or '-'}"
