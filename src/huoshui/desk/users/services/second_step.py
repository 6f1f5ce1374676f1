"""The second step of signing in: a code of a telephone (TOTP, RFC 6238), or one of ten recovery codes."""

from __future__ import annotations

from datetime import datetime

import pyotp
from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.users.errors import NoSuchUser, WrongPassword
from huoshui.desk.users.models import RecoveryCode, User
from huoshui.desk.users.secrets import digest, new_recovery_code, plain_code
from huoshui.kernel.actors import Actor, Right

CODES = 10
STEP = 30
ISSUER = "Huoshui"


def begin_totp(*, email: str, secret: str | None = None) -> tuple[str, str]:
    """A new secret (or the one begun with), and the address that a telephone reads from a picture.

    Nothing is kept yet.
    """
    secret = secret or pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


@transaction.atomic
def confirm_totp(*, actor: Actor, secret: str, code: str, now: datetime) -> list[str]:
    """Keep ``secret`` as the second step of ``actor`` once a code of it is right; returns ten recovery codes.

    Raises `WrongPassword` for a wrong code.
    """
    user = _locked(actor.user_id)
    step = _step_of(secret, code, now)
    if step is None:
        raise WrongPassword(
            "The code is not right", next_step="Check the clock of the telephone and try the next one"
        )
    user.totp_secret, user.totp_since, user.totp_step = secret, now, step
    user.save(update_fields=["totp_secret", "totp_since", "totp_step"])
    codes = _renew_codes(user)
    audit.record(
        actor=actor, act="user.changed", subject=f"user:{user.pk}", detail={"second_step": "set up"}, now=now
    )
    return codes


@transaction.atomic
def new_recovery_codes(*, actor: Actor, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones work no more."""
    user = _locked(actor.user_id)
    codes = _renew_codes(user)
    audit.record(
        actor=actor, act="user.changed", subject=f"user:{user.pk}", detail={"recovery_codes": CODES}, now=now
    )
    return codes


@transaction.atomic
def use_code(*, user_id: int, code: str, now: datetime) -> None:
    """Take a code of the telephone or a recovery code, each once. Raises `WrongPassword`."""
    user = _locked(user_id)
    step = _step_of(user.totp_secret, code, now) if user.totp_since else None
    if step is not None and step > user.totp_step:
        user.totp_step = step
        user.save(update_fields=["totp_step"])
        return
    used, _ = RecoveryCode.objects.filter(user=user, digest=digest(plain_code(code))).delete()
    if not used:
        raise WrongPassword("The code is not right")


@transaction.atomic
def reset_totp(*, actor: Actor, user_id: int, now: datetime) -> None:
    """Take the second step away: one's own, or a colleague's who lost the telephone. Raises `NotAllowed`, `NoSuchUser`.

    An administrator has to set up another one at the next page.
    """
    if user_id != actor.user_id:
        actor.require(Right.USERS_MANAGE)
    user = _locked(user_id)
    user.totp_secret, user.totp_since, user.totp_step = "", None, 0
    user.save(update_fields=["totp_secret", "totp_since", "totp_step"])
    user.recovery_codes.all().delete()
    audit.record(
        actor=actor, act="user.changed", subject=f"user:{user_id}", detail={"second_step": "removed"}, now=now
    )


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute that ``code`` belongs to, the present one or one beside it; nothing for another code."""
    present = int(now.timestamp()) // STEP
    typed = plain_code(code)
    for step in (present, present - 1, present + 1):
        if typed.isascii() and pyotp.utils.strings_equal(typed, pyotp.TOTP(secret).generate_otp(step)):
            return step
    return None


def _renew_codes(user: User) -> list[str]:
    codes = [new_recovery_code() for _ in range(CODES)]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=digest(plain_code(code))) for code in codes
    )
    return codes


def _locked(user_id: int | None) -> User:
    user = User.objects.select_for_update().filter(pk=user_id or 0).first()
    if user is None:
        raise NoSuchUser("No colleague has this number", received=str(user_id))
    return user
