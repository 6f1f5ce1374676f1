"""Saved views: a list with its conditions, sort and columns under a name."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from huoshui.data.customers.models import SavedView, UsualView
from huoshui.data.customers.normalise import NotAnIdentity, normalise_text
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text

LONGEST_NAME = 60
LONGEST_QUERY = 4_000


class NoSuchView(HuoshuiError):
    """No view of this number is the actor's, or shared with them."""

    code = "no_such_view"
    says = Text("There is no such view", "没有这个视图")


class NotAView(HuoshuiError):
    """A view that cannot be saved so."""

    code = "not_a_view"
    says = Text(
        "A view needs a name of 1 to 60 characters that none of yours has",
        "视图要有 1 到 60 个字符的名称，且不能与你已有的视图重名",
    )


def save_view(*, actor: Actor, name: str, query: str, sharing: str = "own") -> int:
    """Save a list under a name; one of the actor's own of that name is replaced. Returns its number.

    ``query`` is what the address of the list says, without page. ``sharing`` is own, team or all. Raises `NotAView`,
    `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    user_id = _user(actor)
    checked = _checked(name)
    if sharing not in SavedView.Sharing.values or len(query) > LONGEST_QUERY:
        raise NotAView("A view cannot be saved so", received=repr(sharing[:20]), valid="own, team or all")
    with transaction.atomic():
        view, _ = SavedView.objects.update_or_create(
            user_id=user_id,
            name=checked,
            deleted_at=None,
            defaults={"query": query, "sharing": sharing},
        )
    return int(view.pk)


def rename_view(*, actor: Actor, view_id: int, name: str) -> None:
    """Give one of the actor's own views another name. Raises `NoSuchView`, `NotAView`."""
    view, checked = _own(actor, view_id), _checked(name)
    others = SavedView.objects.filter(user_id=view.user_id, name=checked, deleted_at=None)
    if others.exclude(pk=view.pk).exists():
        raise NotAView("Another of your views has this name", received=repr(checked))
    SavedView.objects.filter(pk=view.pk).update(name=checked)


def delete_view(*, actor: Actor, view_id: int, now: datetime) -> None:
    """Delete one of the actor's own views, for them and everybody it is shared with. Raises `NoSuchView`."""
    SavedView.objects.filter(pk=_own(actor, view_id).pk).update(deleted_at=now)


def restore_view(*, actor: Actor, view_id: int) -> None:
    """Bring a deleted view back. Raises `NoSuchView`, and `NotAView` where its name was taken meanwhile."""
    view = SavedView.objects.filter(pk=view_id, user_id=_user(actor), deleted_at__isnull=False).first()
    if view is None:
        raise NoSuchView("No deleted view has this number", received=str(view_id))
    if SavedView.objects.filter(user_id=view.user_id, name=view.name, deleted_at=None).exists():
        raise NotAView("Another of your views has this name", received=repr(view.name))
    SavedView.objects.filter(pk=view.pk).update(deleted_at=None)


def use_always(*, actor: Actor, view_id: int | None) -> None:
    """Open the list with this view from now on; ``None`` with all customers. Raises `NoSuchView`."""
    user_id = _user(actor)
    if view_id is None:
        UsualView.objects.filter(user_id=user_id).delete()
        return
    if not SavedView.objects.filter(seen_by(actor), pk=view_id).exists():
        raise NoSuchView("No view has this number", received=str(view_id))
    UsualView.objects.update_or_create(user_id=user_id, defaults={"view_id": view_id})


def seen_by(actor: Actor) -> Q:
    """The condition on `SavedView` that the actor has it before them."""
    own = Q(user_id=actor.user_id) if actor.user_id is not None else Q(pk__in=[])
    return Q(deleted_at=None) & (own | Q(sharing="all") | Q(sharing="team", user__teams__in=actor.team_ids))


def _own(actor: Actor, view_id: int) -> SavedView:
    view = SavedView.objects.filter(pk=view_id, user_id=_user(actor), deleted_at=None).first()
    if view is None:
        raise NoSuchView("No view of yours has this number", received=str(view_id))
    return view


def _user(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotAllowed("Views are saved by colleagues", next_step="Sign in")
    return actor.user_id


def _checked(name: str) -> str:
    try:
        return normalise_text(name, longest=LONGEST_NAME)
    except NotAnIdentity as error:
        raise NotAView("This cannot be the name of a view", received=repr(name[:80])) from error
