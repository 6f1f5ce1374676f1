"""Somebody who asks for pages in tests: clients of Django that are signed in as the house knows it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from huoshui.kernel.actors import Role, Scope


class Colleague(Client):
    """A client of a colleague, who is ``user``."""

    user: Any


Signed = Callable[..., Colleague]
HEADERS = {"host": "127.0.0.1", "accept-language": "en"}
SINCE = datetime(2024, 1, 1, tzinfo=UTC)

_numbers = itertools.count(1)


def sign_in(
    role: Role | str = Role.ADMINISTRATOR,
    *,
    scope: Scope | str = Scope.ALL,
    teams: Iterable[str | int] = (),
    email: str = "",
    name: str = "",
    two_steps: bool = True,
) -> Colleague:
    """A client of a new colleague with ``role`` and ``scope``, in the ``teams`` of these slugs or ids.

    The colleague is ``client.user`` (``client.user.pk``). With ``two_steps`` the second step is set up, which an
    administrator needs to get anywhere. There is no password: tests of signing in set one.
    """
    made = f"{Role(role).value}{next(_numbers)}"
    user_model, team_model = apps.get_model("users", "User"), apps.get_model("users", "Team")
    user = user_model.objects.create(
        email=email or f"{made}@example.com",
        name=name or made.capitalize(),
        role=Role(role).value,
        scope=Scope(scope).value,
        joined_at=SINCE,
        password="!",
        totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" if two_steps else "",
        totp_since=SINCE if two_steps else None,
    )
    for team in teams:
        by = {"pk": team} if isinstance(team, int) else {"slug": team}
        user.teams.add(team_model.objects.get(**by))
    client = Colleague(headers=HEADERS)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def signed_in(db: None) -> Signed:
    """Make clients of colleagues: ``signed_in("operator", scope="team", teams=["sales"])``; see `sign_in`."""
    return sign_in


@pytest.fixture
def pages(db: None) -> Colleague:
    """A client that is signed in as an administrator, in English."""
    return sign_in()


@pytest.fixture
def stranger() -> Client:
    """A client that nobody has signed in to."""
    return Client(headers=HEADERS)
