"""Whose tasks an actor sees."""

from __future__ import annotations

from django.db.models import Q

from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Scope


def may_see(actor: Actor) -> Q:
    """The condition on `Task` that ``actor`` sees it.

    Everybody sees what they own or made, and what waits in their teams to be taken. Scope ``team`` adds all tasks of
    the teams and of their members, scope ``all`` the rest.
    """
    if actor.scope == Scope.ALL:
        return Q()
    seen = Q(team_id__in=sorted(actor.team_ids), owner_id=None, state="open")
    if actor.user_id is not None:
        seen |= Q(owner_id=actor.user_id) | Q(made_by_id=actor.user_id)
    if actor.scope == Scope.TEAM:
        members = users.members_of(actor.team_ids)
        seen |= Q(team_id__in=sorted(actor.team_ids)) | Q(owner_id__in=sorted(members))
    return seen
