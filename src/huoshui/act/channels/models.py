"""What the house knows of its ways to reach people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from huoshui.act.channels.task_models import TaskSetting
from huoshui.act.channels.webhook_models import Attempt, Delivery, Endpoint

__all__ = [
    "Attempt",
    "Delivery",
    "Endpoint",
    "MailSetting",
    "Report",
    "Sender",
    "TaskSetting",
    "Unreachable",
]


class Sender(models.Model):
    """Somebody whom e-mail to customers comes from. A sender is retired, never deleted: messages name it.

    ``contact`` is who that is and how they are reached, in the words of the footer of marketing messages.
    ``selector`` names the DKIM key of the mail server for the host of ``address``. Without ``teams`` everybody who may
    write messages may write as this sender.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    contact = models.CharField(max_length=300, blank=True)
    selector = models.CharField(max_length=63, blank=True)
    usual = models.BooleanField(default=False)
    teams = models.ManyToManyField("users.Team", related_name="+", blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("usual",), condition=Q(usual=True), name="sender_usual_is_one"),
            models.CheckConstraint(
                condition=Q(usual=False) | Q(retired_at=None), name="sender_usual_is_not_retired"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(address=""), name="sender_is_somebody"),
        )

    def __str__(self) -> str:
        return self.slug


class MailSetting(models.Model):
    """How e-mail to customers is sent: one row.

    ``bounce_address`` is where the mail server sends what could not be delivered; empty for the sender's own.
    ``plus`` says that it takes ``bounces+anything@…`` as well.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    bounce_address = models.CharField(max_length=254, blank=True)
    plus = models.BooleanField(default=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="mail_setting_is_one"),)

    def __str__(self) -> str:
        return "e-mail to customers"


class Unreachable(models.Model):
    """An address that gets no e-mail any more. Lifting it keeps the row.

    ``customer_id`` is who was written to when this was learnt; empty for addresses that were typed in. It is no foreign
    key: that a letter came back is no reason for a customer to stay.
    """

    class Reason(models.TextChoices):
        """Why."""

        GONE = "gone"
        FAILING = "failing"
        COMPLAINT = "complaint"
        BY_HAND = "by_hand"

    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    answer = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=40, blank=True)
    customer_id = models.BigIntegerField(null=True, blank=True)
    since = models.DateTimeField()
    added_by = models.CharField(max_length=200, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("address",), condition=Q(lifted_at=None), name="unreachable_is_said_once"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["gone", "failing", "complaint", "by_hand"]),
                name="unreachable_reason_is_known",
            ),
            models.CheckConstraint(
                condition=Q(address=Lower("address")) & ~Q(address=""), name="unreachable_is_lower_case"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason} {self.pk}"


class Report(models.Model):
    """What a mail server said of a message later: it came back, it waits, somebody complained.

    ``digest`` makes one report of the same one given twice. ``customer_id``, ``address`` and ``key`` are empty where it
    does not say whose message it was, in a way that only ours can.
    """

    class Kind(models.TextChoices):
        """What it says."""

        GONE = "gone"
        FAILED = "failed"
        WAITS = "waits"
        COMPLAINT = "complaint"
        OTHER = "other"

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    answer = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=40, blank=True)
    customer_id = models.BigIntegerField(null=True, blank=True)
    address = models.CharField(max_length=254, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(
                fields=("address", "received_at"), condition=~Q(address=""), name="report_by_address"
            ),
            models.Index(fields=("received_at",), name="report_by_time"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["gone", "failed", "waits", "complaint", "other"]),
                name="report_kind_is_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
