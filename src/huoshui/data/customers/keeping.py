"""What people keep of the list: saved views, and acts on many that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from huoshui.data.customers import asking
from huoshui.data.customers.models import Act, SavedView, UsualView
from huoshui.data.customers.services.bulk import NoSuchAct, unpacked
from huoshui.data.customers.services.views import seen_by
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view of the list; ``own``: the actor made it; ``usual``: their list opens with it."""

    id: int
    name: str
    query: str
    sharing: str
    own: bool
    usual: bool


def views(actor: Actor) -> list[View]:
    """The saved views of the actor and those shared with them, by name."""
    if actor.user_id is None:
        return []
    usual = UsualView.objects.filter(user_id=actor.user_id).values_list("view_id", flat=True).first()
    rows = SavedView.objects.filter(seen_by(actor)).order_by("name", "pk").distinct()
    return [
        View(
            id=row.pk,
            name=row.name,
            query=row.query,
            sharing=row.sharing,
            own=row.user_id == actor.user_id,
            usual=row.pk == usual,
        )
        for row in rows
    ]


def views_by_value() -> dict[str, list[str]]:
    """Slug of a trait or attribute → whose saved views have a column, condition or sort of it, a name for each view.

    What a view is called is its owner's own business.
    """
    found: dict[str, list[str]] = {}
    rows = SavedView.objects.filter(deleted_at=None).select_related("user").order_by("name", "pk")
    for row in rows:
        for slug in asking.spoken_of(QueryDict(row.query.lstrip("?"))):
            found.setdefault(slug, []).append(row.user.name)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAct:
    """Something done to many customers: ``kind`` is tag, untag or owner, ``value`` the tag or the owner's name."""

    id: int
    kind: str
    value: str
    made_at: datetime
    undone_at: datetime | None
    count: int


def act(actor: Actor, act_id: int) -> BulkAct:
    """An act that the actor may take back. Raises `NoSuchAct`."""
    row = Act.objects.filter(pk=act_id).exclude(kind="settle").first()
    mine = row is not None and actor.user_id is not None and row.user_id == actor.user_id
    if row is None or not (mine or actor.may(Right.HOUSE_MANAGE)):
        raise NoSuchAct("There is nothing to take back", received=str(act_id))
    value = row.value
    if row.kind == "owner":
        value = users.name_of(int(row.value)) if row.value else ""
    return BulkAct(
        id=row.pk,
        kind=row.kind,
        value=value,
        made_at=row.made_at,
        undone_at=row.undone_at,
        count=len(unpacked(row.customer_ids)),
    )
