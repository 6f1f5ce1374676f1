"""Addresses that do one thing once: invitation, new password, signing in from the console, the first administrator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from huoshui.desk.audit import services as audit
from huoshui.desk.users import letters
from huoshui.desk.users.errors import NoSuchUser, NotYourself, WrongLink
from huoshui.desk.users.models import Link, User
from huoshui.desk.users.queries import actor_of, has_administrator
from huoshui.desk.users.secrets import digest, new_secret
from huoshui.desk.users.services import people
from huoshui.kernel.actors import CONSOLE, Actor, Right, Role, Scope
from huoshui.kernel.plugs import HOUSE

LIVES = {
    Link.Purpose.INVITATION: timedelta(days=7),
    Link.Purpose.RESET: timedelta(hours=1),
    Link.Purpose.LOGIN: timedelta(minutes=15),
    Link.Purpose.SETUP: timedelta(hours=1),
}
DEMO_EMAIL = "demo@example.com"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who was invited. ``address`` is the link, and ``mailed`` whether it was sent: else somebody has to hand it on."""

    user_id: int
    address: str
    mailed: bool


def invite(
    *,
    actor: Actor,
    email: str,
    name: str,
    role: Role,
    now: datetime,
    scope: Scope = Scope.ALL,
    team_ids: Iterable[int] = (),
    language: str = "en",
) -> Invitation:
    """Add a colleague and send them a link by which they choose a password within seven days.

    Raises what `add` does.
    """
    with transaction.atomic():
        user_id = people.add(
            actor=actor,
            email=email,
            name=name,
            role=role,
            scope=scope,
            team_ids=team_ids,
            language=language,
            now=now,
        )
        return invite_again(actor=actor, user_id=user_id, now=now)


@transaction.atomic
def invite_again(*, actor: Actor, user_id: int, now: datetime) -> Invitation:
    """Send a new invitation; the link of the one before works no more.

    Raises `NoSuchUser` for nobody, and `NotYourself` for somebody who has a password already.
    """
    actor.require(Right.USERS_MANAGE)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NoSuchUser("No active colleague has this number", received=str(user_id))
    if user.has_usable_password():
        raise NotYourself(
            "This colleague has joined already", next_step="They can set a new password by themselves"
        )
    address = new_link(Link.Purpose.INVITATION, user, now)
    mailed = letters.invitation(user, address=address, by=actor, now=now)
    audit.record(
        actor=actor, act="user.invited", subject=f"user:{user_id}", detail={"mailed": mailed}, now=now
    )
    return Invitation(user_id=user_id, address=address, mailed=mailed)


def ask_for_reset(*, email: str, now: datetime) -> None:
    """Send a link for a new password to whoever has this address; the caller learns nothing of whether anybody has."""
    user = User.objects.filter(email=email.strip().lower()[: people.LONGEST_EMAIL], is_active=True).first()
    if user is None or "\x00" in email:
        return
    with transaction.atomic():
        invited = not user.has_usable_password()
        purpose = Link.Purpose.INVITATION if invited else Link.Purpose.RESET
        address = new_link(purpose, user, now)
        letters.reset(user, address=address, now=now)
        audit.record(
            actor=Actor(name="", rights=frozenset()),
            act="password.requested",
            subject=f"user:{user.pk}",
            now=now,
        )


@transaction.atomic
def set_password_by(*, secret: str, password: str, now: datetime) -> int:
    """Choose a password by an invitation or a link for a new one, and return whose. The link is used up.

    Raises `WrongLink`, `WeakPassword`; after the latter the link still works.
    """
    row = _take(secret, (Link.Purpose.INVITATION, Link.Purpose.RESET), now)
    user = User.objects.get(pk=int(row.user_id or 0))
    act = "invitation.accepted" if row.purpose == Link.Purpose.INVITATION else "password.reset"
    people.set_password(user=user, password=password, actor=actor_of(user.pk), act=act, now=now)
    return int(user.pk)


@transaction.atomic
def login_link(*, actor: Actor, user_id: int, now: datetime) -> str:
    """An address by which a colleague signs in once within 15 minutes, for whoever sits at the machine of the house.

    Raises `NotAllowed` for anybody but the console, `NoSuchUser`.
    """
    _require_console(actor)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NoSuchUser("No active colleague has this number", received=str(user_id))
    return new_link(Link.Purpose.LOGIN, user, now)


@transaction.atomic
def use_login_link(*, secret: str, now: datetime) -> int:
    """Who signs in by a link of the console. The link is used up. Raises `WrongLink`."""
    row = _take(secret, (Link.Purpose.LOGIN,), now)
    return int(row.user_id or 0)


def welcome_link(*, actor: Actor, now: datetime) -> str | None:
    """The address that whoever starts the house is shown.

    In a demo house it signs in an administrator, whom it makes if need be. In a real house it makes the first
    administrator; where there is one it is nothing. Raises `NotAllowed` for anybody but the console.
    """
    _require_console(actor)
    if HOUSE().demo:
        user = User.objects.filter(email=DEMO_EMAIL).first()
        user_id = (
            people.add(
                actor=actor,
                email=DEMO_EMAIL,
                name=HOUSE().name or "Demo",
                role=Role.ADMINISTRATOR,
                now=now,
            )
            if user is None
            else user.pk
        )
        return login_link(actor=actor, user_id=user_id, now=now)
    if has_administrator():
        return None
    with transaction.atomic():
        Link.objects.filter(purpose=Link.Purpose.SETUP).delete()
        return new_link(Link.Purpose.SETUP, None, now)


@transaction.atomic
def make_first_administrator(
    *, secret: str, email: str, name: str, password: str, language: str, now: datetime
) -> int:
    """Make the first administrator of the house by the link that the console printed, and return their id.

    Raises `WrongLink`, also when there is an administrator by now; and what `add` and `set_password` raise.
    """
    _take(secret, (Link.Purpose.SETUP,), now)
    if has_administrator():
        raise WrongLink("The house has an administrator already", next_step="Ask them for an invitation")
    user_id = people.add(
        actor=CONSOLE, email=email, name=name, role=Role.ADMINISTRATOR, language=language, now=now
    )
    user = User.objects.get(pk=user_id)
    people.set_password(
        user=user, password=password, actor=actor_of(user_id), act="invitation.accepted", now=now
    )
    return user_id


def new_link(purpose: Link.Purpose, user: User | None, now: datetime) -> str:
    """Make a link in place of those for the same purpose and colleague, and return its whole address."""
    secret = new_secret()
    if user is not None:
        Link.objects.filter(purpose=purpose, user=user).delete()
    Link.objects.create(
        purpose=purpose, user=user, digest=digest(secret), made_at=now, expires_at=now + LIVES[purpose]
    )
    return settings.HUOSHUI_URL + reverse("account:link", args=(secret,))


def _take(secret: str, purposes: tuple[Link.Purpose, ...], now: datetime) -> Link:
    """The link, which is used up with the caller's transaction. Raises `WrongLink`."""
    row = Link.objects.filter(digest=digest(secret), purpose__in=purposes, expires_at__gt=now).first()
    # Of two who use it at once, one deletes the row.
    if (
        row is None
        or (row.user is not None and not row.user.is_active)
        or not Link.objects.filter(pk=row.pk).delete()[0]
    ):
        raise WrongLink("This link does not work any more", next_step="Ask for a new one")
    return row


def _require_console(actor: Actor) -> None:
    actor.require(Right.USERS_MANAGE)
    if actor.user_id is not None:
        raise NotYourself("Only whoever sits at the machine of the house makes such links")
