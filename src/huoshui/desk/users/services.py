"""Verbs of colleagues."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from huoshui.desk.users.models import User
from huoshui.kernel.actors import Actor, Right, Role
from huoshui.kernel.errors import HuoshuiError

LONGEST_EMAIL = 254


class NotAnEmail(HuoshuiError):
    """A text that is no e-mail address."""

    code = "not_an_email"


class NameMissing(HuoshuiError):
    """A colleague needs a name that others can read."""

    code = "name_missing"


class EmailTaken(HuoshuiError):
    """Another colleague signs in with this address."""

    code = "email_taken"


def add(*, actor: Actor, email: str, name: str, role: Role, now: datetime, language: str = "en") -> int:
    """Add a colleague and return their id. They cannot sign in before they have chosen a password.

    Raises `NotAnEmail`, `NameMissing`, `EmailTaken` and `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    address, called = email.strip().lower(), name.strip()
    try:
        if len(address) > LONGEST_EMAIL:
            raise ValidationError("too long")
        validate_email(address)
    except ValidationError as error:
        raise NotAnEmail(
            "This is not an e-mail address",
            received=repr(email[:254]),
            valid="an address such as mei@example.com",
        ) from error
    if not called:
        raise NameMissing("A colleague needs a name", received=repr(name), valid="a name such as 王梅")
    user = User(email=address, name=called, role=role.value, language=language, joined_at=now)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTaken(
            "A colleague with this address is here already",
            received=address,
            next_step="Use another address, or change the role of the colleague who has it",
        ) from error
    return int(user.pk)
