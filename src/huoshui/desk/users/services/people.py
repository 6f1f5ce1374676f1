"""Who the colleagues are and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from huoshui.desk.audit import services as audit
from huoshui.desk.users.errors import (
    EmailTaken,
    LastAdministrator,
    NameMissing,
    NoSuchTeam,
    NoSuchUser,
    NotAnEmail,
    NotARole,
    NotYourself,
    WeakPassword,
    WrongPassword,
)
from huoshui.desk.users.models import Link, Session, Team, Token, User
from huoshui.kernel.actors import Actor, Right, Role, Scope

LONGEST_EMAIL = 254
LONGEST_NAME = 200
LONGEST_TEAM = 100
LONGEST_PASSWORD = 128


def add(
    *,
    actor: Actor,
    email: str,
    name: str,
    role: Role,
    now: datetime,
    language: str = "en",
    scope: Scope = Scope.ALL,
    team_ids: Iterable[int] = (),
) -> int:
    """Add a colleague and return their id. They cannot sign in before they have chosen a password.

    Every role begins with the scope "all": what imports bring is owned by nobody, and a colleague with a narrower scope
    would find an empty house. Narrowing it is a decision, taken where records have owners.

    Raises `NotAnEmail`, `NameMissing`, `EmailTaken`, `NotARole`, `NoSuchTeam` and `NotAllowed`.
    """
    actor.require(Right.USERS_MANAGE)
    address = email_address(email)
    user = User(
        email=address,
        name=_name(name, LONGEST_NAME),
        role=role.value,
        scope=scope.value,
        language=_language(language),
        joined_at=now,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            user.teams.set(_teams(team_ids))
            audit.record(
                actor=actor, act="user.added", subject=f"user:{user.pk}", detail={"role": role.value}, now=now
            )
    except IntegrityError as error:
        raise EmailTaken(
            "A colleague with this address is here already",
            received=address,
            next_step="Use another address, or change the role of the colleague who has it",
        ) from error
    return int(user.pk)


@transaction.atomic
def change(
    *, actor: Actor, user_id: int, role: Role, scope: Scope, team_ids: Iterable[int], now: datetime
) -> None:
    """Give a colleague another role, scope and teams; it counts from their next click on.

    Raises `NoSuchUser`, `NoSuchTeam`, `LastAdministrator`, `NotAllowed`.
    """
    actor.require(Right.USERS_MANAGE)
    user = _locked(user_id)
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(user)
    chosen = _teams(team_ids)
    before = (user.role, user.scope, sorted(user.teams.values_list("pk", flat=True)))
    after = (role.value, scope.value, sorted(team.pk for team in chosen))
    if before == after:
        return
    user.role, user.scope = role.value, scope.value
    user.save(update_fields=["role", "scope"])
    user.teams.set(chosen)
    detail = {"role": [before[0], after[0]], "scope": [before[1], after[1]], "teams": after[2]}
    audit.record(actor=actor, act="user.changed", subject=f"user:{user_id}", detail=detail, now=now)


def change_own(*, actor: Actor, name: str, language: str) -> None:
    """Change what a colleague may change of themselves. Raises `NameMissing`, `NotARole`, `NoSuchUser`."""
    changed = User.objects.filter(pk=actor.user_id or 0, is_active=True).update(
        name=_name(name, LONGEST_NAME), language=_language(language)
    )
    if not changed:
        raise NoSuchUser("Only a colleague has an account")


@transaction.atomic
def disable(*, actor: Actor, user_id: int, now: datetime) -> None:
    """Let a colleague act no more: sessions end, links and tokens work no more. What they did keeps their name.

    Raises `NoSuchUser`, `LastAdministrator`, `NotYourself`, `NotAllowed`.
    """
    actor.require(Right.USERS_MANAGE)
    if user_id == actor.user_id:
        raise NotYourself("You cannot deactivate yourself", next_step="Ask another administrator")
    user = _locked(user_id)
    if not user.is_active:
        return
    _keep_an_administrator(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_access(user)
    Token.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    audit.record(actor=actor, act="user.deactivated", subject=f"user:{user_id}", now=now)


@transaction.atomic
def enable(*, actor: Actor, user_id: int, now: datetime) -> None:
    """Let a colleague act again, by their old password. Raises `NoSuchUser`, `NotAllowed`."""
    actor.require(Right.USERS_MANAGE)
    user = _locked(user_id)
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(actor=actor, act="user.activated", subject=f"user:{user_id}", now=now)


def change_password(*, actor: Actor, old: str, new: str, now: datetime) -> None:
    """Change one's own password; all sessions end. Raises `WrongPassword`, `WeakPassword`, `NoSuchUser`."""
    user = User.objects.filter(pk=actor.user_id or 0, is_active=True).first()
    if user is None:
        raise NoSuchUser("Only a colleague has a password")
    if not user.check_password(old):
        raise WrongPassword("The present password is not right")
    set_password(user=user, password=new, actor=actor, act="password.changed", now=now)


@transaction.atomic
def set_password(*, user: User, password: str, actor: Actor, act: str, now: datetime) -> None:
    """Give a colleague a password; sessions and links end. Raises `WeakPassword`."""
    try:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(gettext("A password has at most 128 characters."))
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(error.messages) from error
    user.set_password(password)
    user.save(update_fields=["password"])
    end_access(user)
    audit.record(actor=actor, act=act, subject=f"user:{user.pk}", now=now)


def end_access(user: User) -> None:
    """End all sessions and links of a colleague."""
    Session.objects.filter(user=user).delete()
    Link.objects.filter(user=user).delete()


# -- teams -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_team(*, actor: Actor, name: str, now: datetime) -> int:
    """Add a team and return its id. Raises `NameMissing`, `NotAllowed`."""
    actor.require(Right.USERS_MANAGE)
    called = _name(name, LONGEST_TEAM)
    team = Team.objects.create(slug=_free_slug(called), name_en=called, name_zh=called)
    audit.record(actor=actor, act="team.added", subject=f"team:{team.pk}", now=now)
    return int(team.pk)


@transaction.atomic
def rename_team(*, actor: Actor, team_id: int, name_en: str, name_zh: str, now: datetime) -> None:
    """Call a team something else. Raises `NoSuchTeam`, `NameMissing`, `NotAllowed`."""
    actor.require(Right.USERS_MANAGE)
    en, zh = _name(name_en, LONGEST_TEAM), _name(name_zh, LONGEST_TEAM)
    if not Team.objects.filter(pk=team_id).update(name_en=en, name_zh=zh):
        raise NoSuchTeam("There is no such team", received=str(team_id))
    audit.record(actor=actor, act="team.changed", subject=f"team:{team_id}", now=now)


def _free_slug(name: str) -> str:
    wish = slugify(name)[:30] or "team"
    taken = set(Team.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
    return next(
        slug for slug in (wish, *(f"{wish}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken
    )


# -- what was typed ----------------------------------------------------------------------------------------------


def email_address(text: str) -> str:
    """An address as it is kept. Raises `NotAnEmail`."""
    address = text.strip().lower()
    try:
        if len(address) > LONGEST_EMAIL:
            raise ValidationError("too long")
        validate_email(address)
    except ValidationError as error:
        raise NotAnEmail(
            "This is not an e-mail address",
            received=repr(text[:254]),
            valid="an address such as mei@example.com",
        ) from error
    return address


def _name(text: str, longest: int) -> str:
    called = " ".join(text.replace("\x00", "").split())
    if not called or len(called) > longest:
        raise NameMissing(
            "A name is needed",
            received=repr(text[:40]),
            valid=f"a name such as 王梅, up to {longest} characters",
        )
    return called


def _language(text: str) -> str:
    if text not in User.Language.values:
        raise NotARole(
            "There is no such language", received=repr(text[:40]), valid=", ".join(User.Language.values)
        )
    return text


def _teams(team_ids: Iterable[int]) -> list[Team]:
    wanted = set(team_ids)
    found = list(Team.objects.filter(pk__in=wanted))
    if len(found) != len(wanted):
        raise NoSuchTeam(
            "There is no such team", received=str(sorted(wanted - {team.pk for team in found})[:3])
        )
    return found


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NoSuchUser("No colleague has this number", received=str(user_id))
    return user


def _keep_an_administrator(user: User) -> None:
    """Raise `LastAdministrator` if without ``user`` nobody could manage the house."""
    if user.role != Role.ADMINISTRATOR.value or not user.is_active:
        return
    # Locked in one order, so that two who let each other go at once do not both succeed.
    others = (
        User.objects.select_for_update().filter(role=Role.ADMINISTRATOR.value, is_active=True).order_by("pk")
    )
    if all(other.pk == user.pk for other in others):
        raise LastAdministrator(
            "This is the last administrator of the house",
            next_step="Make somebody else an administrator first",
        )
