"""Comments, mentions, files, versions, sign-offs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

LONGEST_BODY = 5000
LONGEST_SUBJECT = 100
LONGEST_NAME = 200


class Comment(models.Model):
    """What a colleague said about ``subject``. A deleted one stays until it is too old to be brought back."""

    subject = models.CharField(max_length=LONGEST_SUBJECT)
    body = models.TextField()
    by = models.ForeignKey("users.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("subject", "-at"), name="comment_of_subject"),)

    def __str__(self) -> str:
        return f"comment {self.pk}"


class Wording(models.Model):
    """What a comment said before it was edited, and until when."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="wordings", db_index=False)
    version = models.PositiveIntegerField()
    body = models.TextField()
    until = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("comment", "version"), name="comment_said_once"),)

    def __str__(self) -> str:
        return f"wording {self.version} of comment {self.comment_id}"


class Mention(models.Model):
    """A colleague is named in a comment. ``read_at`` is empty while it is news to them."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey("users.User", on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("comment", "user"), name="mention_is_made_once"),)
        indexes = (models.Index(fields=("user", "-at"), name="mention_of_user"),)

    def __str__(self) -> str:
        return f"mention {self.pk}"


class Wish(models.Model):
    """What a colleague wants to be told by mail. Without a row: yes."""

    user = models.OneToOneField("users.User", on_delete=models.CASCADE, primary_key=True, related_name="+")
    mail_mentions = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"wishes of {self.user_id}"


class Attachment(models.Model):
    """A file about ``subject``. Its bytes lie under the random name ``stored``; ``kind`` was found from them."""

    subject = models.CharField(max_length=LONGEST_SUBJECT)
    name = models.CharField(max_length=LONGEST_NAME)
    kind = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=32, unique=True)
    by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("subject", "-at"), name="attachment_of_subject"),)

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A text or document of ``subject`` as somebody saved it. Rows are added, never changed."""

    subject = models.CharField(max_length=LONGEST_SUBJECT)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.CharField(max_length=500, blank=True, default="")
    by = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("subject", "number"), name="version_is_numbered_once"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.number}"


class SignOff(models.Model):
    """Somebody asks colleagues whether a version may stand. Its state follows from answers and later versions."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="sign_off")
    by = models.ForeignKey("users.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True, default="")

    def __str__(self) -> str:
        return f"sign-off of {self.version_id}"


class Verdict(models.Model):
    """A colleague or a ``team`` that was asked, and the word given; empty while nothing was said.

    For a team one of its members answers: ``user`` is empty until then.
    """

    class Word(models.TextChoices):
        """Yes, or back with a reason."""

        APPROVED = "approved"
        RETURNED = "returned"

    sign_off = models.ForeignKey(SignOff, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    user = models.ForeignKey("users.User", on_delete=models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("users.Team", on_delete=models.PROTECT, null=True, related_name="+")
    word = models.CharField(max_length=10, choices=Word.choices, blank=True, default="")
    reason = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("sign_off", "user"),
                condition=Q(team__isnull=True),
                name="verdict_is_one_for_each_colleague",
            ),
            models.UniqueConstraint(fields=("sign_off", "team"), name="verdict_is_one_for_each_team"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(team__isnull=False, word=""), name="verdict_has_who"
            ),
            models.CheckConstraint(
                condition=Q(word="", at__isnull=True)
                | Q(word__in=("approved", "returned"), at__isnull=False),
                name="verdict_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(word="returned") | ~Q(reason=""), name="verdict_returns_with_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"verdict {self.pk}"
