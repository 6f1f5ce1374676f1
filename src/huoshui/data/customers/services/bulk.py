"""Tags and owners of many customers at once, and taking that back exactly."""

from __future__ import annotations

import base64
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from huoshui.data.customers.models import Act, Customer
from huoshui.data.customers.scope import may_see, owners
from huoshui.data.customers.services import tagging
from huoshui.data.customers.services.profiles import record_one
from huoshui.database.rows import fetch
from huoshui.desk.audit import services as audit
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from huoshui.lake.house import Lake

PAGE = 20_000
Tell = Callable[[int, int], None]


class NoSuchAct(HuoshuiError):
    """No such bulk act of this actor can be taken back."""

    code = "no_such_act"
    says = Text("There is nothing to take back", "没有可以撤销的操作")


def tag_many(
    *, actor: Actor, customer_ids: Sequence[int], tag: str, now: datetime, lake: Lake, take: bool = False
) -> tuple[int, int]:
    """Give a tag to those of the customers whom the actor sees, or ``take`` it away.

    Returns the number of the act, for `undo_act`, and how many customers it changed. Raises `NotATag`, `NotAllowed`
    and what the lake raises; then nothing was changed.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    name = tagging.checked(tag)
    seen = _seen(actor, customer_ids)
    act = Act.objects.create(kind="untag" if take else "tag", value=name, user_id=actor.user_id, made_at=now)
    changed: list[int] = []
    with lake.write(f"{act.kind} {name}") as tx:
        change = tagging.take if take else tagging.give
        changed += change(tx, seen, name, now, -act.pk)
        tx.when_published(lambda: _note(actor, act, changed, now))
    return act.pk, len(changed)


def assign_many(
    *,
    actor: Actor,
    customer_ids: Sequence[int],
    owner_id: int | None,
    now: datetime,
    progress: Tell | None = None,
) -> tuple[int, int]:
    """Let a colleague look after those of the customers whom the actor sees; ``None`` takes the owner away.

    Returns the number of the act and how many customers have another owner now. In short transactions: what is done
    is noted for `undo_act` piece by piece, whatever comes in between. Raises `NoSuchUser`, `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    if owner_id is not None:
        users.actor_of(owner_id)
    allowed = owners(actor)
    if allowed is not None and owner_id not in allowed:
        raise NotAllowed(
            "You see only customers of some colleagues and cannot give theirs to others",
            valid="a colleague whose customers you see",
            next_step="Ask a manager",
        )
    seen = _seen(actor, customer_ids)
    act = Act.objects.create(kind="owner", value=str(owner_id or ""), user_id=actor.user_id, made_at=now)
    done: list[int] = []
    former: list[int] = []
    for start in range(0, len(seen), PAGE):
        piece = seen[start : start + PAGE]
        rows = (
            Customer.objects.filter(pk__among=piece)
            .annotate(had=Coalesce("owner_id", Value(0)))
            .order_by("pk")
        )
        had = {pk: owner for pk, owner in fetch(rows.values_list("pk", "had")) if owner != (owner_id or 0)}
        # Noted before it is done: an act that is noted and not done is taken back by doing nothing.
        done, former = [*done, *had], [*former, *had.values()]
        Act.objects.filter(pk=act.pk).update(customer_ids=packed(done), former=packed(former))
        record_one("owner", "" if owner_id is None else str(owner_id), list(had), now)
        if progress is not None:
            progress(min(start + PAGE, len(seen)), len(seen))
    with transaction.atomic():
        _audit(actor, act, len(done), now)
    return act.pk, len(done)


def undo_act(*, actor: Actor, act_id: int, now: datetime, lake: Lake, progress: Tell | None = None) -> int:
    """Take an act back: every customer whom nobody changed since has again what they had before it.

    Returns how many those are. Only who did it may, or who manages the house. Raises `NoSuchAct`, also for one that was
    taken back before, `NotAllowed` and what the lake raises.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    act = Act.objects.filter(pk=act_id, undone_at=None).exclude(kind=Act.Kind.SETTLE).first()
    if act is None or not (
        actor.may(Right.HOUSE_MANAGE) or (actor.user_id is not None and act.user_id == actor.user_id)
    ):
        raise NoSuchAct("There is nothing to take back", received=str(act_id))
    ids = unpacked(act.customer_ids)
    if act.kind == Act.Kind.OWNER:
        back = _give_owners_back(act, ids, now, progress)
        with transaction.atomic():
            _undone(actor, act, back, now)
        return back
    again = Act.objects.create(
        kind="untag" if act.kind == "tag" else "tag",
        value=act.value,
        user_id=actor.user_id,
        made_at=now,
        undone_at=now,
    )
    found: list[int] = []
    with lake.write(f"take back {act.kind} {act.value}") as tx:
        if act.kind == Act.Kind.TAG:
            found += tagging.take(tx, ids, act.value, now, -again.pk, given_at=act.made_at)
        else:
            found += tagging.give_back(tx, ids, act.value, now, -again.pk, taken_at=act.made_at)
        tx.when_published(lambda: _undone(actor, act, len(found), now))
    return len(found)


def packed(ids: Sequence[int]) -> str:
    """Whole numbers as one short text."""
    return base64.b85encode(zlib.compress(np.array(ids, dtype="<i8").tobytes(), 1)).decode()


def unpacked(text: str) -> list[int]:
    """The numbers of `packed`."""
    found: list[int] = np.frombuffer(zlib.decompress(base64.b85decode(text)), "<i8").tolist() if text else []
    return found


def _seen(actor: Actor, customer_ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    asked = sorted(set(customer_ids))
    for start in range(0, len(asked), PAGE):
        rows = Customer.objects.filter(may_see(actor), pk__among=asked[start : start + PAGE]).order_by("pk")
        found += [pk for (pk,) in fetch(rows.values_list("pk"))]
    return found


def _give_owners_back(act: Act, ids: Sequence[int], now: datetime, progress: Tell | None) -> int:
    former, back = unpacked(act.former), 0
    owner_id = int(act.value) if act.value else None
    for start in range(0, len(ids), PAGE):
        piece = ids[start : start + PAGE]
        still = Customer.objects.filter(pk__among=piece, owner_id=owner_id, deleted_at=None)
        unchanged = {pk for (pk,) in fetch(still.values_list("pk"))}
        by_owner: dict[int, list[int]] = defaultdict(list)
        for pk, owner in zip(piece, former[start : start + PAGE], strict=True):
            if pk in unchanged:
                by_owner[owner].append(pk)
        for owner, whose in by_owner.items():
            record_one("owner", str(owner or ""), whose, now)
            back += len(whose)
        if progress is not None:
            progress(min(start + PAGE, len(ids)), len(ids))
    return back


def _note(actor: Actor, act: Act, changed: Sequence[int], now: datetime) -> None:
    Act.objects.filter(pk=act.pk).update(customer_ids=packed(changed))
    _audit(actor, act, len(changed), now)


def _audit(actor: Actor, act: Act, count: int, now: datetime) -> None:
    verb = {"tag": "customers.tagged", "untag": "customers.untagged", "owner": "customers.assigned"}[act.kind]
    audit.record(actor=actor, act=verb, detail={"customers": count, "act": act.pk}, now=now)


def _undone(actor: Actor, act: Act, count: int, now: datetime) -> None:
    Act.objects.filter(pk=act.pk).update(undone_at=now)
    audit.record(actor=actor, act="customers.taken_back", detail={"customers": count, "act": act.pk}, now=now)
