"""Questions about boards: which there are, what one is made of, who gets it by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext

from huoshui.desk.threads import queries as threads
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right, Role
from huoshui.measure.dashboards.boards.blocks import Content, from_json
from huoshui.measure.dashboards.boards.errors import NoSuchBoard
from huoshui.measure.dashboards.models import Board, Subscription

KIND = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSeen:
    """A board. ``version`` is the newest, saved ``by`` somebody ``at`` a moment; 0 before the first."""

    id: int
    content: Content
    version: int
    by: str
    by_id: int | None
    at: datetime
    owner_id: int | None
    owner: str
    sharing: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscription of the actor."""

    every: str
    hour: int
    next_at: datetime


def seen_by(actor: Actor) -> Q:
    """The condition on `Board` that the actor sees it: their own, shared with their role, or with everybody.

    Raises `NotAllowed` without the right to see customers.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    if actor.user_id is None:
        return Q(deleted_at=None)
    role = users.colleague(actor.user_id).role
    shared = Q(sharing="all") | Q(owner_id=actor.user_id) | Q(sharing="roles", roles__contains=f",{role},")
    return Q(deleted_at=None) & shared


def boards(*, actor: Actor) -> list[BoardSeen]:
    """The boards that the actor sees, at most 200, by title. Raises `NotAllowed`."""
    rows = list(Board.objects.filter(seen_by(actor)).select_related("owner").order_by("-pk")[:200])
    return sorted(_seen(rows), key=lambda one: one.content.title.casefold())


def every_board() -> list[BoardSeen]:
    """All boards that are not deleted, for what concerns the whole house and nobody's eyes."""
    return _seen(list(Board.objects.filter(deleted_at=None).select_related("owner").order_by("pk")))


def board(*, actor: Actor, board_id: int) -> BoardSeen:
    """One board. Raises `NoSuchBoard`, `NotAllowed`."""
    row = Board.objects.filter(seen_by(actor), pk=board_id).select_related("owner").first()
    if row is None:
        raise NoSuchBoard("There is no such board", received=str(board_id))
    return _seen([row])[0]


def titles(actor: Actor, ids: Sequence[str]) -> Mapping[str, str]:
    """Those of the boards that the actor sees, by name: what versions are of (`SubjectKind`)."""
    if not actor.may(Right.CUSTOMERS_VIEW):
        return {}
    wanted = [int(text) for text in ids if text.isascii() and text.isdecimal() and len(text) < 16]
    rows = list(Board.objects.filter(seen_by(actor), pk__in=wanted).select_related("owner"))
    return {str(one.id): one.content.title or gettext("New board") for one in _seen(rows)}


def subscription(*, actor: Actor, board_id: int) -> Subscribed | None:
    """How the actor gets the board by mail, or nothing."""
    row = Subscription.objects.filter(board_id=board_id, user_id=actor.user_id or 0).first()
    return None if row is None else Subscribed(every=row.every, hour=row.hour, next_at=row.next_at)


def _seen(rows: Sequence[Board]) -> list[BoardSeen]:
    newest = threads.newest(f"{KIND}:{row.pk}" for row in rows)
    found = []
    for row in rows:
        kept = newest.get(f"{KIND}:{row.pk}")
        found.append(
            BoardSeen(
                id=row.pk,
                content=from_json(kept.content if kept else {}),
                version=kept.number if kept else 0,
                by=kept.by if kept else "",
                by_id=kept.by_id if kept else None,
                at=kept.at if kept else row.made_at,
                owner_id=row.owner_id,
                owner=row.owner.name if row.owner else "",
                sharing=row.sharing,
                roles=tuple(role for role in Role if f",{role.value}," in row.roles),
            )
        )
    return found
