"""Colleagues, their teams, and by what they sign in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from huoshui.kernel.actors import Role, Scope


class Team(models.Model):
    """Colleagues who share records. ``preset`` ones come with the house; a team is renamed, never deleted."""

    slug = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=100)
    preset = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name_en


class User(AbstractBaseUser):
    """A colleague, who signs in with an e-mail address.

    ``totp_secret`` is in Base32 and counts from ``totp_since`` on; ``totp_step`` is the last half minute whose code was
    used, so that none is used twice.
    """

    class Language(models.TextChoices):
        """In which language the colleague works."""

        ENGLISH = "en"
        CHINESE = "zh-hans"

    # ASCII would be enough for most addresses; 254 is what RFC 5321 leaves room for.
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, choices=Language.choices, default=Language.ENGLISH)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    scope = models.CharField(
        max_length=10, choices=[(scope.value, scope.value) for scope in Scope], default=Scope.ALL
    )
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    totp_secret = models.CharField(max_length=64, blank=True)
    totp_since = models.DateTimeField(null=True, blank=True)
    totp_step = models.BigIntegerField(default=0)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    objects = BaseUserManager["User"]()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="user_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=[scope.value for scope in Scope]), name="user_scope_is_known"
            ),
            models.CheckConstraint(
                condition=Q(totp_since=None) | ~Q(totp_secret=""), name="user_totp_has_a_secret"
            ),
        )

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """The digest of a code that stands in for the telephone once. A used one is deleted."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "digest"], name="user_recovery_code"),)

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class Session(models.Model):
    """A browser that is signed in. Deleting the row ends it.

    ``key`` is Django's key of the session, ``agent`` says browser and system in words, ``confirmed_at`` is when the
    colleague last proved that it is them.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return f"session {self.pk} of {self.user_id}"


class Link(models.Model):
    """An address that does one thing once, for whoever holds it: its secret is kept as a digest only."""

    class Purpose(models.TextChoices):
        """What the link is for."""

        INVITATION = "invitation"
        RESET = "reset"
        LOGIN = "login"
        SETUP = "setup"

    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(purpose="setup", user=None) | ~Q(purpose="setup") & Q(user__isnull=False),
                name="link_is_for_somebody",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="link_lives"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} link {self.pk}"


class Token(models.Model):
    """What a program of a colleague signs in with. ``rights`` are names of rights, ``start`` tells it from others."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    rights = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.start}… of {self.user_id}"


class Tries(models.Model):
    """How often something was tried in a minute or an hour; ``key`` is the digest of what and by whom."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.number} until {self.until:%H:%M:%S}"
