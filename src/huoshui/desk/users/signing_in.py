"""The session of a request: who it is, how it begins, when it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from huoshui.desk.users.models import Session, User
from huoshui.desk.users.services.sessions import IDLE, LONGEST, note_sign_in
from huoshui.kernel import clock
from huoshui.kernel.actors import RIGHTS, Actor, Role, Scope

SESSION = "sign_in"
TOUCHED_EVERY = timedelta(minutes=5)
CONFIRMED_FOR = timedelta(minutes=15)
BACKEND = "django.contrib.auth.backends.ModelBackend"

_BROWSERS = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("MicroMessenger", "微信"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A signed-in browser. ``confirmed_at`` is when the colleague last proved that it is them."""

    session_id: int
    actor: Actor
    confirmed_at: datetime
    two_steps: bool

    def fresh(self, now: datetime) -> bool:
        """Whether they proved it just now, so that they may change what protects the account."""
        return now - self.confirmed_at < CONFIRMED_FOR


def sign_in(request: HttpRequest, user_id: int) -> None:
    """Sign a colleague in under a new session id; what was kept for the stranger before goes along."""
    login(request, User.objects.get(pk=user_id), backend=BACKEND)


def found(request: HttpRequest, now: datetime) -> SignedIn | None:
    """Who is signed in, or nobody; what has run out or was ended is signed out."""
    user = request.user
    if not isinstance(user, User):
        return None
    number = int(request.session.get(SESSION) or 0)
    rows = list(
        Session.objects.filter(pk=number, user_id=user.pk).values_list(
            "began_at", "seen_at", "confirmed_at", "user__teams"
        )
    )
    if not rows or now - rows[0][0] > LONGEST or now - rows[0][1] > IDLE:
        Session.objects.filter(pk=number, user_id=user.pk).delete()
        logout(request)
        return None
    _began, seen_at, confirmed_at, _team = rows[0]
    if now - seen_at > TOUCHED_EVERY:
        Session.objects.filter(pk=number).update(seen_at=now)
        request.session.modified = True  # lives on from now
    actor = Actor(
        name=user.email,
        rights=RIGHTS[Role(user.role)],
        user_id=user.pk,
        scope=Scope(user.scope),
        team_ids=frozenset(row[3] for row in rows if row[3]),
    )
    return SignedIn(number, actor, confirmed_at, user.totp_since is not None)


def confirm(request: HttpRequest, now: datetime) -> None:
    """Note that the colleague proved again that it is them."""
    Session.objects.filter(pk=int(request.session.get(SESSION) or 0)).update(confirmed_at=now)


def address_of(request: HttpRequest) -> str:
    """From where the request comes; proxies that are not known were taken out before."""
    return str(request.META.get("REMOTE_ADDR", ""))


def agent_of(request: HttpRequest) -> str:
    """Browser and system in words; the whole text would tell more than anybody needs."""
    said = str(request.META.get("HTTP_USER_AGENT", ""))
    words = [
        next((name for mark, name in known if re.search(mark, said)), "") for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, words))


def _note(sender: type, request: HttpRequest, user: User, **_signal: object) -> None:
    """However somebody was signed in, there is a row by which it can be ended."""
    from huoshui.desk.users.queries import actor_of

    request.session[SESSION] = note_sign_in(
        user_id=user.pk,
        key=request.session.session_key or "",
        address=address_of(request),
        agent=agent_of(request),
        actor=actor_of(user.pk),
        now=clock.now(),
    )


def watch() -> None:
    """Note every sign-in from now on."""
    user_logged_in.connect(_note, dispatch_uid="huoshui.desk.users")
