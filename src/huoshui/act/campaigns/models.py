"""Campaigns as people keep them, what was done to them, and the portions in which their audience is settled."""

from __future__ import annotations

from django.db import models


class Campaign(models.Model):
    """A campaign. ``version`` counts its changes; ``audience`` is a rule of segments, as JSON, empty while unsaid.

    ``day`` and ``time`` are those of the house, or of each recipient, as ``plan`` says. ``begins_at`` is when the
    audience is computed; ``expected`` how many people it had when somebody last looked at it and agreed. ``paused``
    says why it stands still (`stages.PAUSES`), with numbers in ``paused_by``. ``size`` counts the frozen audience.
    """

    class State(models.TextChoices):
        """Where a campaign is on its way."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        APPROVED = "approved"
        SCHEDULED = "scheduled"
        SENDING = "sending"
        PAUSED = "paused"
        STOPPED = "stopped"
        FINISHED = "finished"

    class Plan(models.TextChoices):
        """When its messages are due."""

        UNSAID = ""
        NOW = "now"
        HOUSE = "house"
        RECIPIENT = "recipient"

    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    audience = models.JSONField(null=True)
    channel = models.CharField(max_length=40, blank=True)
    sender = models.CharField(max_length=60, blank=True)
    choice = models.CharField(max_length=12, default="draw")
    share = models.FloatField(default=0.1)
    goal = models.CharField(max_length=20, default="conversion")
    horizon_days = models.PositiveSmallIntegerField(default=14)
    cap = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    plan = models.CharField(max_length=10, choices=Plan.choices, default=Plan.UNSAID, blank=True)
    day = models.DateField(null=True)
    time = models.TimeField(null=True)
    waves = models.PositiveSmallIntegerField(default=1)
    message_cost = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    fixed_cost = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    expected = models.BigIntegerField(null=True)
    reach = models.JSONField(null=True)
    submitted_by_id = models.BigIntegerField(null=True)
    begins_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    attempt = models.CharField(max_length=32, blank=True, default="", db_default="")
    size = models.BigIntegerField(default=0)
    paused = models.CharField(max_length=12, blank=True)
    paused_by = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    state__in=(
                        *(
                            "draft",
                            "submitted",
                            "approved",
                            "scheduled",
                            "sending",
                            "paused",
                            "stopped",
                            "finished",
                        ),
                    )
                ),
                name="campaign_state",
            ),
            models.CheckConstraint(
                condition=models.Q(share__gte=0, share__lt=1), name="campaign_share_of_people"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One of the messages that a campaign compares: a version of a template, and its weight among the others."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="variants")
    letter = models.CharField(max_length=1)
    template_id = models.BigIntegerField()
    template_version = models.PositiveIntegerField()
    weight = models.FloatField(default=1.0)

    class Meta:
        ordering = ("letter",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "letter"], name="campaign_variant"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="campaign_variant_weighs"),
        )

    def __str__(self) -> str:
        return f"{self.letter} of {self.campaign_id}"


class Portion(models.Model):
    """Some people of the frozen audience, as a packed table of ``customer_id, zone, wave``: settled in one transaction.

    ``attempt`` tells apart who computed the audience; only portions of that one count which the campaign names
    (`sending.freeze`). Others are of who was slower, or died.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="portions")
    attempt = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    rows = models.TextField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "attempt", "number"], name="campaign_portion"),
        )

    def __str__(self) -> str:
        return f"portion {self.number} of {self.campaign_id}"


class Step(models.Model):
    """What was done to a campaign, by whom; ``by`` is empty for the clock. ``remark`` is in their own words."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    act = models.CharField(max_length=16)
    by = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    remark = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.act} {self.campaign_id}"
