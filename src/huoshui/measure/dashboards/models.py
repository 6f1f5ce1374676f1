"""Boards that people compose, and who gets them by mail; what the overview answers first.

What a board shows is kept as versions of its subject.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Board(models.Model):
    """A dashboard of somebody; without an ``owner`` it is the house's own.

    ``roles`` holds the roles that see it, each between commas (``,viewer,manager,``). Title and blocks are the newest
    version of ``board:ID`` in ``desk/threads``: a version that is brought back there is the board again.
    """

    class Sharing(models.TextChoices):
        """Who sees it."""

        OWN = "own"
        ROLES = "roles"
        ALL = "all"

    owner = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    sharing = models.CharField(max_length=10, choices=Sharing.choices, default=Sharing.OWN)
    roles = models.CharField(max_length=100, blank=True, default="")
    made_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(sharing__in=("own", "roles", "all")), name="board_sharing_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sharing="roles") & ~Q(roles="") | ~Q(sharing="roles") & Q(roles=""),
                name="board_roles_are_said",
            ),
        )

    def __str__(self) -> str:
        return f"board {self.pk}"


class Subscription(models.Model):
    """A colleague gets a board by mail. ``next_at`` is when it is due, ``sent_for`` what it was sent for last."""

    class Every(models.TextChoices):
        """How often."""

        DAY = "day"
        WEEK = "week"
        MONTH = "month"

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    user = models.ForeignKey("users.User", on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=10, choices=Every.choices)
    hour = models.PositiveSmallIntegerField()
    next_at = models.DateTimeField(db_index=True)
    sent_for = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("board", "user"), name="board_is_sent_once_to_each"),
            models.CheckConstraint(
                condition=Q(every__in=("day", "week", "month")), name="board_every_is_known"
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="board_hour_is_of_a_day"),
        )

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class Answer(models.Model):
    """What a page shows before anything is chosen, as a worker has written it down.

    ``asked`` is a digest of all that it depends on, the house version included: whoever asks for something else does
    not find it.
    """

    page = models.CharField(max_length=20, primary_key=True)
    asked = models.CharField(max_length=64)
    content = models.TextField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"answer of {self.page}"
