"""Questions about e-mail to customers: who it comes from, how it is sent, who gets none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from django.conf import settings
from django.db.models import Q, QuerySet

from huoshui.act.channels.errors import NoSuchSender
from huoshui.act.channels.models import MailSetting, Report, Sender, Unreachable
from huoshui.data.customers import scope
from huoshui.database.lookups import Many
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

Reason = Literal["gone", "failing", "complaint", "by_hand"]

RECENT = timedelta(days=30)
"""Over how many days reports are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who e-mail comes from. ``id`` is empty for the sender that the mail server's setting names, the usual one until
    one is declared. ``team_ids`` may write as them, everybody where there are none."""

    id: int | None
    slug: str
    name: str
    address: str
    reply_to: str
    contact: str
    selector: str
    usual: bool
    team_ids: frozenset[int]
    retired: bool

    @property
    def host(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """How e-mail to customers is sent; see ``MailSetting``."""

    bounce_address: str
    plus: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An address that gets no e-mail, why and since when."""

    id: int
    address: str
    reason: Reason
    answer: str
    customer_id: int | None
    since: datetime
    added_by: str


REASONS: dict[Reason, Text] = {
    "gone": Text("no such mailbox", "邮箱不存在"),
    "failing": Text("keeps coming back", "多次退信"),
    "complaint": Text("complained", "投诉"),
    "by_hand": Text("entered by hand", "人工录入"),
}


def identities() -> dict[str, Identity]:
    """All who can be sent as, by slug; the usual one has the empty slug besides its own."""
    rows = Sender.objects.filter(retired_at=None).prefetch_related("teams").order_by("pk")
    found = {row.slug: _identity(row) for row in rows}
    usual = next((one for one in found.values() if one.usual), None) or _of_the_setting()
    return {**found, "": usual}


def senders(*, actor: Actor) -> list[Identity]:
    """Whom ``actor`` may write as, the usual one first. Without a mail server and declared senders there is nobody."""
    known = identities()
    usual = known.pop("")
    everybody = [usual, *(one for one in known.values() if one.slug != usual.slug)]
    return [one for one in everybody if one.address and may_write_as(actor, one)]


def may_write_as(actor: Actor, identity: Identity) -> bool:
    """Whether ``actor`` may send as somebody: their team may, or everybody; who keeps the house may as anybody."""
    return not identity.team_ids or bool(identity.team_ids & actor.team_ids) or actor.may(Right.HOUSE_MANAGE)


def require_may_write_as(actor: Actor, slug: str) -> None:
    """Raise `NoSuchSender` unless ``actor`` may write as the sender ``slug`` (empty: the usual one)."""
    identity = identities().get(slug)
    if identity is None or not may_write_as(actor, identity):
        raise NoSuchSender(
            "You may not write as this sender",
            received=slug,
            valid=", ".join(one.slug for one in senders(actor=actor)),
        )


def usual_sender() -> Identity:
    """Who e-mail comes from where nobody is named."""
    row = Sender.objects.filter(usual=True).prefetch_related("teams").first()
    return _identity(row) if row else _of_the_setting()


def all_senders(*, actor: Actor) -> list[Identity]:
    """Every declared sender, retired ones last. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    rows = Sender.objects.prefetch_related("teams").order_by("-usual", "pk")
    return sorted((_identity(row) for row in rows), key=lambda one: one.retired)


def sender(sender_id: int, *, actor: Actor) -> Identity:
    """One declared sender. Raises `NoSuchSender`, `NotAllowed`."""
    for found in all_senders(actor=actor):
        if found.id == sender_id:
            return found
    raise NoSuchSender("There is no such sender", received=str(sender_id))


def mailing() -> Mailing:
    """How e-mail is sent."""
    row = MailSetting.objects.first() or MailSetting()
    return Mailing(bounce_address=row.bounce_address, plus=row.plus)


def unreachable_among(addresses: Iterable[str]) -> set[str]:
    """Which of some addresses, in small letters, get no e-mail."""
    found = Unreachable.objects.filter(address__among=Many(addresses), lifted_at=None)
    return set(found.values_list("address", flat=True))


def unreachable(
    *, actor: Actor, words: str = "", limit: int, offset: int = 0
) -> tuple[Sequence[Closed], int]:
    """Addresses that get no e-mail, the newest first, and how many there are; ``words``: a whole address.

    Those of customers whom ``actor`` sees, and those that they typed in. Raises `NotAllowed`.
    """
    rows = seen_by(actor).filter(lifted_at=None)
    if words:
        rows = rows.filter(address=words.strip().lower())
    page = rows.order_by("-since", "-pk")[offset : offset + limit]
    return [_closed(row) for row in page], rows.count()


def reasons(*, actor: Actor) -> Mapping[str, int]:
    """How many addresses get no e-mail, by reason; see `unreachable`. Raises `NotAllowed`."""
    return Counter(seen_by(actor).filter(lifted_at=None).values_list("reason", flat=True))


def seen_by(actor: Actor) -> QuerySet[Unreachable]:
    """What of the addresses ``actor`` sees. Raises `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    rows = Unreachable.objects.all()
    if scope.owners(actor) is None:
        return rows
    whose = rows.values_list("customer_id", flat=True)
    ids = scope.seen_ids(actor, (pk for pk in whose.iterator() if pk is not None))
    return rows.filter(Q(customer_id__among=list(ids)) | Q(customer_id=None, added_by=actor.name))


def reports_of(*, now: datetime) -> Mapping[str, int]:
    """How many reports came in the last `RECENT`, by kind; ``unknown`` are those about no message of ours."""
    rows = Report.objects.filter(received_at__gte=now - RECENT).values_list("kind", "address")
    return Counter(kind if address or kind == "other" else "unknown" for kind, address in rows)


def _identity(row: Sender) -> Identity:
    return Identity(
        id=row.pk,
        slug=row.slug,
        name=row.name,
        address=row.address,
        reply_to=row.reply_to,
        contact=row.contact,
        selector=row.selector,
        usual=row.usual,
        team_ids=frozenset(team.pk for team in row.teams.all()),
        retired=row.retired_at is not None,
    )


def _of_the_setting() -> Identity:
    smtp = settings.HUOSHUI_SMTP
    return Identity(
        id=None,
        slug="",
        name=organisation.current().name,
        address=smtp.sender if smtp else "",
        reply_to="",
        contact="",
        selector="",
        usual=True,
        team_ids=frozenset(),
        retired=False,
    )


def _closed(row: Unreachable) -> Closed:
    return Closed(
        id=row.pk,
        address=row.address,
        reason=cast(Reason, row.reason),
        answer=row.answer,
        customer_id=row.customer_id,
        since=row.since,
        added_by=row.added_by,
    )
