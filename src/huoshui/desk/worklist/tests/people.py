"""Colleagues for tests of tasks."""

from __future__ import annotations

from datetime import UTC, datetime

from django.apps import apps

from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Role, Scope

NOW = datetime(2024, 11, 20, 9, 0, tzinfo=UTC)


def team(slug: str, zh: str = "某团队") -> int:
    """A team; returns its number."""
    return int(
        apps.get_model("users", "Team")
        .objects.get_or_create(slug=slug, defaults={"name_en": slug.title(), "name_zh": zh})[0]
        .pk
    )


def colleague(
    name: str, *, role: Role = Role.OPERATOR, scope: Scope = Scope.ALL, teams: tuple[int, ...] = ()
) -> Actor:
    """A colleague, as an actor."""
    row = apps.get_model("users", "User").objects.create(
        email=f"{name.lower().replace(' ', '.')}@house.example",
        name=name,
        role=role.value,
        scope=scope.value,
        joined_at=NOW,
    )
    row.teams.set(teams)
    return users.actor_of(row.pk)


def id_of(actor: Actor) -> int:
    """The number of a colleague."""
    assert actor.user_id is not None
    return actor.user_id
