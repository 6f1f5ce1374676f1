"""Colleagues."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from huoshui.kernel.actors import Role


class User(AbstractBaseUser):
    """A colleague, who signs in with an e-mail address."""

    class Language(models.TextChoices):
        """In which language the colleague works."""

        ENGLISH = "en"
        CHINESE = "zh-hans"

    # ASCII would be enough for most addresses; 254 is what RFC 5321 leaves room for.
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, choices=Language.choices, default=Language.ENGLISH)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

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
        )

    def __str__(self) -> str:
        return self.name
