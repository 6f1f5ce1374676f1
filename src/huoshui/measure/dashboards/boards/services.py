"""Verbs of boards. Each is one transaction and is told to the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import queries as kept
from huoshui.desk.threads import services as threads
from huoshui.kernel.actors import Actor, Right, Role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.boards import queries
from huoshui.measure.dashboards.boards.blocks import Content, as_json, checked
from huoshui.measure.dashboards.boards.errors import (
    BoardChanged,
    NoSuchBoard,
    NoSuchSubscription,
    NotABoard,
    NotASubscription,
    NotYourBoard,
)
from huoshui.measure.dashboards.models import Board, Subscription

_LEAVING = "huoshui.boards.leave"


def create(*, actor: Actor, content: Content, now: datetime) -> int:
    """Make a board that only its maker sees, and return its number. Raises `NotABoard`, `NotAllowed`."""
    actor.require(Right.COMMENTS_WRITE)
    content = checked(content)
    with transaction.atomic():
        # The console belongs to nobody: what it makes is the house's.
        sharing = "own" if actor.user_id is not None else "all"
        made = Board.objects.create(owner_id=actor.user_id, sharing=sharing, made_at=now)
        subject = f"{queries.KIND}:{made.pk}"
        audit.record(actor=actor, act="board.created", subject=subject, now=now)
        threads.save_version(actor=actor, subject=subject, content=as_json(content), now=now)
    return int(made.pk)


def save(*, actor: Actor, board_id: int, seen: int, content: Content, now: datetime) -> int:
    """Save what a board is made of as its next version, and return the number of that.

    ``seen`` is the version that the editor began from. Raises `BoardChanged` with what others saved since, and nothing
    is stored; `NotABoard`, `NoSuchBoard`, `NotAllowed`.
    """
    actor.require(Right.COMMENTS_WRITE)
    content = checked(content)
    subject = f"{queries.KIND}:{board_id}"
    with transaction.atomic():
        # One editor after the other: the row stands for the board while its versions are looked at.
        Board.objects.select_for_update().filter(pk=board_id).first()
        now_there = queries.board(actor=actor, board_id=board_id)
        if now_there.version != seen:
            begun = min(max(seen, 1), now_there.version)
            changes = kept.difference(actor=actor, subject=subject, a=begun, b=now_there.version)
            raise BoardChanged(by=now_there.by, version=now_there.version, changes=changes)
        return threads.save_version(actor=actor, subject=subject, content=as_json(content), now=now)


def copy(*, actor: Actor, board_id: int, now: datetime) -> int:
    """Make a board of the same blocks that is the actor's own, and return its number. Raises as `create`."""
    content = queries.board(actor=actor, board_id=board_id).content
    title = gettext("Copy of %(title)s") % {"title": content.title[:180]}
    return create(actor=actor, content=replace(content, title=title), now=now)


def share(*, actor: Actor, board_id: int, sharing: str, roles: Sequence[str], now: datetime) -> None:
    """Say who sees a board: ``own``, ``roles`` with at least one of them, or ``all``.

    Raises `NotYourBoard`, `NotABoard`, `NoSuchBoard`, `NotAllowed`.
    """
    with transaction.atomic():
        row = _own(actor, board_id)
        chosen = [role.value for role in Role if role.value in roles] if sharing == "roles" else []
        if sharing not in Board.Sharing.values or (sharing == "roles" and not chosen):
            raise NotABoard(
                Text(
                    "Sharing by role needs at least one role; else it is for oneself or for everybody",
                    "按角色共享至少要选一个角色；否则只能设为仅自己或所有人",
                ),
                received=repr(sharing[:20]),
            )
        row.sharing, row.roles = sharing, f",{','.join(chosen)}," if chosen else ""
        row.save(update_fields=["sharing", "roles"])
        detail = {"sharing": sharing, "roles": len(chosen)}
        audit.record(actor=actor, act="board.shared", subject=_subject(row), detail=detail, now=now)


def delete(*, actor: Actor, board_id: int, now: datetime) -> None:
    """Delete a board, for everybody; its mail stops. Raises `NotYourBoard`, `NoSuchBoard`, `NotAllowed`."""
    with transaction.atomic():
        row = _own(actor, board_id)
        Board.objects.filter(pk=row.pk).update(deleted_at=now)
        audit.record(actor=actor, act="board.deleted", subject=_subject(row), now=now)


def restore(*, actor: Actor, board_id: int, now: datetime) -> None:
    """Bring a deleted board back, with who gets it by mail. Raises as `delete`."""
    with transaction.atomic():
        row = _own(actor, board_id, deleted=True)
        Board.objects.filter(pk=row.pk).update(deleted_at=None)
        audit.record(actor=actor, act="board.restored", subject=_subject(row), now=now)


# -- by mail -----------------------------------------------------------------------------------------------------


def subscribe(
    *, actor: Actor, board_id: int, every: str, hour: int, zone: ZoneInfo, now: datetime
) -> datetime:
    """Let the actor get a board by mail, and return when first; one subscription of theirs is replaced.

    ``every`` is ``day``, ``week`` (on Mondays) or ``month`` (on its first day), at ``hour`` of the house. Raises
    `NotASubscription`, `NoSuchBoard`, `NotAllowed`.
    """
    board = queries.board(actor=actor, board_id=board_id)
    if actor.user_id is None:
        raise NotAllowed("Boards are sent to colleagues", next_step="Sign in")
    if every not in Subscription.Every.values or not 0 <= hour <= 23:
        raise NotASubscription(
            "A board cannot be sent so",
            received=f"{every[:20]!r} at {hour}",
            valid="day, week or month, at an hour from 0 to 23",
        )
    next_at = following(every, hour, after=now, zone=zone)
    with transaction.atomic():
        Subscription.objects.update_or_create(
            board_id=board.id,
            user_id=actor.user_id,
            defaults={"every": every, "hour": hour, "next_at": next_at},
        )
        subject, detail = f"{queries.KIND}:{board.id}", {"every": every, "hour": hour}
        audit.record(actor=actor, act="board.subscribed", subject=subject, detail=detail, now=now)
    return next_at


def unsubscribe(*, actor: Actor, board_id: int, now: datetime) -> None:
    """Let the actor get a board by mail no longer. Raises `NoSuchSubscription` where they did not get it."""
    with transaction.atomic():
        gone, _of = Subscription.objects.filter(board_id=board_id, user_id=actor.user_id or 0).delete()
        if not gone:
            raise NoSuchSubscription("You do not get this board by mail", received=f"board {board_id}")
        subject = f"{queries.KIND}:{board_id}"
        audit.record(actor=actor, act="board.unsubscribed", subject=subject, now=now)


def leaving(subscription_id: int) -> str:
    """What stands in the link of a letter: whoever has the letter may end its subscription, and nothing else."""
    return Signer(salt=_LEAVING).sign(str(subscription_id))


def title_of(token: str) -> str:
    """The title of the board that the link of a letter is about. Raises `NoSuchSubscription`."""
    board_id = _of_link(token).board_id
    found = kept.newest([f"{queries.KIND}:{board_id}"])
    return next((str(one.content.get("title", "")) for one in found.values()), "")


def leave(token: str, *, now: datetime) -> None:
    """End the subscription of the link of a letter. Raises `NoSuchSubscription`."""
    with transaction.atomic():
        row = _of_link(token)
        reader = Actor(name="link in a letter", rights=frozenset(), user_id=row.user_id)
        row.delete()
        subject = f"{queries.KIND}:{row.board_id}"
        audit.record(actor=reader, act="board.unsubscribed", subject=subject, now=now)


def following(every: str, hour: int, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after ``after`` at which a subscription is due.

    An hour that a change of clocks leaves out comes as much later as the clock jumps.
    """
    day = after.astimezone(zone).date()
    while True:
        fits = {"day": True, "week": day.weekday() == 0, "month": day.day == 1}[every]
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(after.tzinfo)
        if fits and moment > after:
            return moment
        day += timedelta(days=1)


def _of_link(token: str) -> Subscription:
    try:
        number = int(Signer(salt=_LEAVING).unsign(token))
    except (BadSignature, ValueError) as error:
        raise NoSuchSubscription("This link is not of a letter", received=repr(token[:40])) from error
    row = Subscription.objects.filter(pk=number).first()
    if row is None:
        raise NoSuchSubscription("This subscription has already been ended")
    return row


def _own(actor: Actor, board_id: int, *, deleted: bool = False) -> Board:
    actor.require(Right.CUSTOMERS_VIEW)
    row = Board.objects.select_for_update().filter(pk=board_id, deleted_at__isnull=not deleted).first()
    if row is None:
        raise NoSuchBoard("There is no such board", received=str(board_id))
    mine = actor.user_id is not None and row.owner_id == actor.user_id
    if mine or (actor.may(Right.HOUSE_MANAGE) and (row.sharing != "own" or actor.user_id is None)):
        return row
    if not Board.objects.filter(queries.seen_by(actor), pk=board_id).exists():
        raise NoSuchBoard("There is no such board", received=str(board_id))
    raise NotYourBoard("Only the owner of a board may do this", next_step="Ask them, or make a copy")


def _subject(row: Board) -> str:
    return f"{queries.KIND}:{row.pk}"
