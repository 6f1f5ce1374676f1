"""Questions about colleagues, their teams, sessions and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from huoshui.desk.users.errors import NoSuchTeam, NoSuchUser, WrongToken
from huoshui.desk.users.models import Link, RecoveryCode, Session, Team, Token, User
from huoshui.desk.users.secrets import digest
from huoshui.kernel.actors import RIGHTS, Actor, Right, Role, Scope
from huoshui.kernel.texts import Text

__all__ = ["NoSuchTeam", "NoSuchUser", "WrongToken"]

USED_EVERY = timedelta(minutes=5)
"""When a token was last used is noted no more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSeen:
    """A team; ``members`` counts the active ones."""

    id: int
    slug: str
    name: Text
    members: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A colleague as others see them. ``invited`` says that they have not chosen a password yet."""

    id: int
    email: str
    name: str
    role: Role
    scope: Scope
    team_ids: frozenset[int]
    language: str
    active: bool
    invited: bool
    two_steps: bool
    joined_at: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """A browser that is signed in."""

    id: int
    began_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSeen:
    """A token of the API; ``start`` are its first characters, its secret is known to nobody but who was shown it."""

    id: int
    name: str
    start: str
    rights: tuple[Right, ...]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


# -- who acts ----------------------------------------------------------------------------------------------------


def actor_of(user_id: int) -> Actor:
    """The colleague as an actor, with rights, scope and teams as they are now.

    Raises `NoSuchUser` for people who are unknown or deactivated.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NoSuchUser(
            "No active colleague has this number", received=str(user_id), next_step="Ask an administrator"
        )
    return _actor(user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A program that asks: ``actor`` is its colleague, with those rights of the token that the colleague has now."""

    token_id: int
    name: str
    actor: Actor


def bearer_of(text: str, *, now: datetime) -> Bearer:
    """Who acts by a token of the API; that it was used is noted.

    Raises `WrongToken` for one that is unknown, expired or revoked, or whose owner is deactivated.
    """
    token = (
        Token.objects.select_related("user")
        .filter(digest=digest(text), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        raise WrongToken("This token is not valid", next_step="Make a new one under My account, API tokens")
    if token.used_at is None or now - token.used_at > USED_EVERY:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    owner = _actor(token.user)
    actor = replace(owner, rights=owner.rights & {Right(name) for name in token.rights if name in set(Right)})
    return Bearer(token_id=token.pk, name=token.name, actor=actor)


def actor_of_token(text: str, *, now: datetime) -> Actor:
    """The actor of `bearer_of`. Raises `WrongToken`."""
    return bearer_of(text, now=now).actor


def _actor(user: User) -> Actor:
    return Actor(
        name=user.email,
        rights=RIGHTS[Role(user.role)],
        user_id=user.pk,
        scope=Scope(user.scope),
        team_ids=frozenset(user.teams.values_list("pk", flat=True)),
    )


# -- colleagues and teams ----------------------------------------------------------------------------------------


def ids_by_email(emails: Iterable[str]) -> dict[str, int]:
    """The ids of active colleagues by e-mail in lower case; addresses that nobody has are left out."""
    wanted = {email.strip().lower() for email in emails}
    return dict(User.objects.filter(email__in=wanted, is_active=True).values_list("email", "pk"))


def name_of(user_id: int) -> str:
    """The name of a colleague, active or not. Raises `NoSuchUser`."""
    name = User.objects.filter(pk=user_id).values_list("name", flat=True).first()
    if name is None:
        raise NoSuchUser("No colleague has this number", received=str(user_id))
    return name


def names(user_ids: Iterable[int] | None = None) -> dict[int, str]:
    """Names by id, of those asked for, active or not; without ids of all active colleagues, by name."""
    asked = (
        User.objects.filter(is_active=True) if user_ids is None else User.objects.filter(pk__in=set(user_ids))
    )
    return dict(asked.order_by("name", "pk").values_list("pk", "name"))


def who_may(right: Right) -> dict[int, str]:
    """Names by id of the active colleagues whose role has ``right``, by name."""
    roles = [role.value for role, rights in RIGHTS.items() if right in rights]
    found = User.objects.filter(is_active=True, role__in=roles).order_by("name", "pk")
    return dict(found.values_list("pk", "name"))


def email_of(user_id: int) -> str:
    """The address of an active colleague, for mail. Raises `NoSuchUser`."""
    return actor_of(user_id).name


def members_of(team_ids: Iterable[int]) -> frozenset[int]:
    """The colleagues of any of these teams. Deactivated ones count: what they owned stays with their team."""
    return frozenset(User.objects.filter(teams__in=set(team_ids)).values_list("pk", flat=True))


def teams() -> list[TeamSeen]:
    """All teams, the presets first, with the number of their active members."""
    from django.db.models import Count, Q

    rows = Team.objects.annotate(number=Count("members", filter=Q(members__is_active=True)))
    return [
        TeamSeen(id=t.pk, slug=t.slug, name=Text(t.name_en, t.name_zh), members=t.number)
        for t in rows.order_by("-preset", "pk")
    ]


def team(team_id: int) -> TeamSeen:
    """One team. Raises `NoSuchTeam`."""
    for found in teams():
        if found.id == team_id:
            return found
    raise NoSuchTeam("There is no such team", received=str(team_id))


def colleagues() -> list[Colleague]:
    """Everybody, active ones first, by name."""
    rows = User.objects.prefetch_related("teams", "sessions").order_by("-is_active", "name", "pk")
    return [_colleague(user) for user in rows]


def colleague(user_id: int) -> Colleague:
    """One colleague, active or not. Raises `NoSuchUser`."""
    user = User.objects.prefetch_related("teams", "sessions").filter(pk=user_id).first()
    if user is None:
        raise NoSuchUser("No colleague has this number", received=str(user_id))
    return _colleague(user)


def _colleague(user: User) -> Colleague:
    return Colleague(
        id=user.pk,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        scope=Scope(user.scope),
        team_ids=frozenset(team.pk for team in user.teams.all()),
        language=user.language,
        active=user.is_active,
        invited=not user.has_usable_password() and user.last_login is None,
        two_steps=user.totp_since is not None,
        joined_at=user.joined_at,
        last_seen_at=max((session.seen_at for session in user.sessions.all()), default=user.last_login),
    )


def has_administrator() -> bool:
    """Whether anybody active could manage the house."""
    return User.objects.filter(role=Role.ADMINISTRATOR.value, is_active=True).exists()


# -- sessions, tokens, links -------------------------------------------------------------------------------------


def sessions_of(user_id: int) -> Sequence[SessionSeen]:
    """The browsers in which a colleague is signed in, the latest first."""
    return [
        SessionSeen(
            id=row.pk, began_at=row.began_at, seen_at=row.seen_at, address=row.address, agent=row.agent
        )
        for row in Session.objects.filter(user_id=user_id).order_by("-seen_at", "-pk")
    ]


def tokens_of(user_id: int) -> Sequence[TokenSeen]:
    """The tokens of a colleague that were not revoked, the newest first."""
    return [
        TokenSeen(
            id=row.pk,
            name=row.name,
            start=row.start,
            rights=tuple(right for right in Right if right.value in row.rights),
            made_at=row.made_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
        )
        for row in Token.objects.filter(user_id=user_id, revoked_at=None).order_by("-pk")
    ]


def recovery_codes_left(user_id: int) -> int:
    """How many recovery codes a colleague has."""
    return RecoveryCode.objects.filter(user_id=user_id).count()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    """What a link that still works is for; ``user_id`` is empty where somebody new signs in by it."""

    purpose: str
    user_id: int | None


def link(secret: str, *, now: datetime) -> LinkSeen:
    """What the link with this secret is for. Raises `WrongLink`."""
    from huoshui.desk.users.errors import WrongLink

    row = Link.objects.filter(digest=digest(secret), expires_at__gt=now).first()
    if row is None or (row.user is not None and not row.user.is_active):
        raise WrongLink("This link does not work any more", next_step="Ask for a new one")
    return LinkSeen(purpose=row.purpose, user_id=row.user_id)
