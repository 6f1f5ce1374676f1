"""Messages on their way, who has them in hand, and the rules they go by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

STATES = ("pending", "claimed", "sent", "uncertain", "failed", "suppressed", "held_out")
OPEN = ("pending", "claimed")
"""What is not settled yet."""
SPENT = ("claimed", "sent", "uncertain")
"""What went to the person, or may have: this counts for caps."""


class Errand(models.Model):
    """What one origin wants on one channel.

    ``paused_at`` was said by a person, ``stopped_at`` too and for good. ``waits_since``: it is overdue beyond the
    grace, and a person says whether it still goes. ``over`` spares the lane looking: nothing is pending.
    """

    origin = models.CharField(max_length=20)
    origin_id = models.BigIntegerField()
    channel = models.CharField(max_length=20)
    marketing = models.BooleanField()
    priority = models.SmallIntegerField(default=0)
    cost = models.CharField(max_length=24, default="0")
    """Of one message, in house currency: a decimal number."""
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    waits_since = models.DateTimeField(null=True, blank=True)
    over = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("origin", "origin_id", "channel"), name="errand_is_one"),
        )
        indexes = (models.Index(fields=("channel",), condition=Q(over=False), name="errand_open"),)

    def __str__(self) -> str:
        return f"{self.origin} {self.origin_id} by {self.channel}"


class Message(models.Model):
    """One message to one person.

    *pending*, and not before ``not_before``; *claimed* while it is being handed over; then *sent*, *uncertain*,
    *failed* or *suppressed* with a ``reason``. *held_out* are people whom the origin leaves out to compare.
    ``local_day`` is the person's own day on which it was handed over. ``told``: the lake knows of it.
    """

    errand = models.ForeignKey(Errand, on_delete=models.PROTECT, related_name="messages", db_index=False)
    # No foreign key: what was sent stays counted when the customer goes.
    customer_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=60, blank=True, default="", db_default="")
    variant = models.CharField(max_length=60, blank=True, default="", db_default="")
    zone = models.CharField(max_length=40, blank=True, default="", db_default="")
    seal = models.CharField(max_length=16)
    """Random: with the number of the row it makes the key."""
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    holder_id = models.BigIntegerField(null=True, blank=True)
    local_day = models.DateField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True, default="", db_default="")
    reference = models.CharField(max_length=200, blank=True, default="", db_default="")
    told = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("errand", "customer_id", "occurrence"), name="outbox_message_is_wanted_once"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="outbox_message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN) | Q(settled_at__isnull=False),
                name="outbox_message_settled_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(holder_id__isnull=False),
                name="outbox_message_claimed_has_holder",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("suppressed", "failed")) | ~Q(reason=""),
                name="outbox_message_left_out_says_why",
            ),
        )
        indexes = (
            models.Index(
                fields=("errand", "not_before", "id"), condition=Q(state="pending"), name="outbox_message_due"
            ),
            models.Index(fields=("errand", "state", "reason"), name="outbox_message_counts"),
            models.Index(fields=("customer_id",), name="outbox_message_by_customer"),
            models.Index(
                fields=("holder_id",), condition=Q(holder_id__isnull=False), name="outbox_message_held"
            ),
            models.Index(fields=("id",), condition=Q(state="uncertain"), name="outbox_message_uncertain"),
            models.Index(fields=("id",), condition=Q(state="sent", told=False), name="outbox_message_untold"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Holder(models.Model):
    """One worker on one lane, as long as it is believed to live. What it does counts while this row is there.

    ``beats`` rises while it lives; that it stands still is measured by who looks, with a clock that never jumps.
    """

    worker = models.CharField(max_length=80)
    channel = models.CharField(max_length=20)
    beats = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.worker} on {self.channel}"


class Lane(models.Model):
    """The pace of a channel, and how it is. Empty caps are none.

    ``failures`` in a row break it until ``broken_until``. ``served_at``: when it was last known to be able to do what
    was due; what became due long before that while it could not, waits for a person.
    """

    channel = models.CharField(max_length=20, primary_key=True)
    rate = models.PositiveIntegerField(default=0)
    """Messages a minute at most; 0 for as fast as the other side takes them."""
    breaker_after = models.PositiveSmallIntegerField(default=10)
    breaker_minutes = models.PositiveSmallIntegerField(default=5)
    cap_day = models.PositiveSmallIntegerField(null=True, blank=True)
    cap_week = models.PositiveSmallIntegerField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    broken_until = models.DateTimeField(null=True, blank=True)
    broken_by = models.CharField(max_length=300, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)
    served_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.channel


class Rules(models.Model):
    """What holds for marketing on all lanes together. Quiet hours are minutes of the day; equal ones are none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    quiet_from = models.PositiveSmallIntegerField(default=21 * 60)
    quiet_until = models.PositiveSmallIntegerField(default=8 * 60)
    cap_day = models.PositiveSmallIntegerField(null=True, blank=True, default=1)
    cap_week = models.PositiveSmallIntegerField(null=True, blank=True, default=3)
    grace_minutes = models.PositiveSmallIntegerField(default=120)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="outbox_rules_are_one"),
            models.CheckConstraint(
                condition=Q(quiet_from__lt=1440, quiet_until__lt=1440), name="outbox_quiet_hours_are_of_a_day"
            ),
        )

    def __str__(self) -> str:
        return "rules"
