"""Questions about consent. What the database says is the truth at once; the lake follows with its next write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from huoshui.data.customers import queries as customers
from huoshui.data.customers import scope
from huoshui.data.privacy.models import Consent
from huoshui.database.lookups import Many
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.kernel.texts import Text

STATES: tuple[str, ...] = tuple(Consent.State.values)
PURPOSES: tuple[str, ...] = tuple(Consent.Purpose.values)
CHANNELS: tuple[str, ...] = tuple(Consent.Channel.values)
FOR_CHILDREN = ("service", "guardian")
"""What needs no guardian: what somebody bought has to reach them, and the guardian speaks for themselves."""
ANY = Consent.Channel.ANY.value
"""The channel of a statement that speaks for every channel."""


class NotAStatement(HuoshuiError):
    """Somebody cannot have agreed to this: the codes mean nothing."""

    code = "not_a_statement"
    says = Text("This is not a statement that somebody can make", "这不是一条可以成立的表态")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a person said, with its proof. ``load_id`` is the import that brought it, if one did."""

    purpose: str
    channel: str
    state: str
    wording: str
    source: str
    given_at: datetime
    evidence: str
    recorded_at: datetime
    load_id: int | None


def statements(customer_id: int) -> tuple[Statement, ...]:
    """Everything a customer said, the newest first."""
    rows = Consent.objects.filter(customer_id=customer_id).order_by("-given_at", "-pk")
    return tuple(Statement(**row) for row in rows.values(*(field.name for field in fields(Statement))))


def seen(*, actor: Actor, customer_id: int, now: datetime) -> tuple[Statement, ...]:
    """Everything a customer said, as a colleague looks at it: the look is noted.

    Raises `NotAllowed` and `NoSuchCustomer`.
    """
    scope.require_seen(actor, customer_id)
    audit.record(
        actor=actor,
        act="customer.viewed",
        subject=f"customer:{customer_id}",
        detail={"page": "consent"},
        now=now,
    )
    return statements(customer_id)


def allowed(customer_ids: Sequence[int], *, purpose: str, channel: str, now: datetime) -> set[int]:
    """Those of some customers, a thousand or so, who agree to ``purpose`` on ``channel`` now.

    The newest statement holds, be it about the channel or about `ANY`; of one moment the withdrawal. Who said nothing
    is not allowed, nor is who was deleted, nor a child (`under_14`), but for service. Sees what the caller's
    transaction sees. Raises `NotAStatement` for codes that mean nothing.
    """
    if purpose not in PURPOSES or channel not in CHANNELS:
        raise NotAStatement(
            "There is no such purpose or channel",
            received=f"{purpose!r} by {channel!r}",
            valid=f"{', '.join(PURPOSES)}; by {', '.join(CHANNELS)}",
        )
    said = _newest(customer_ids, Q(purpose=purpose, channel__in=(channel, ANY), customer__deleted_at=None))
    granted = said.filter(Q(refused=None) | Q(agreed__gt=F("refused"))).exclude(agreed=None)
    agreed = set(granted.values_list("customer_id", flat=True))
    return agreed if purpose in FOR_CHILDREN else agreed - under_14(sorted(agreed), now=now)


def neutral(customer_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Those of some customers who want nothing that is based on what they are like: no profiling.

    The newest statement on profiling holds, whatever its channel; of one moment the withdrawal. Nobody profiles a child
    (`under_14`).
    """
    if not customer_ids:
        return set()
    said = _newest(customer_ids, Q(purpose=Consent.Purpose.PROFILING))
    refused = said.filter(Q(agreed=None) | Q(refused__gte=F("agreed"))).exclude(refused=None)
    return set(refused.values_list("customer_id", flat=True)) | under_14(customer_ids, now=now)


def under_14(customer_ids: Sequence[int] | None, *, now: datetime) -> set[int]:
    """Those of some customers, a thousand or so, or of all, who are under fourteen and for whom no guardian agrees
    (PIPL 31)."""
    if customer_ids is not None and not customer_ids:
        return set()
    young = customers.children(customer_ids, today=now.astimezone(HOUSE_ZONE()).date())
    if not young:
        return set()
    said = _newest(sorted(young), Q(purpose=Consent.Purpose.GUARDIAN))
    agree = said.filter(Q(refused=None) | Q(agreed__gt=F("refused"))).exclude(agreed=None)
    return young - set(agree.values_list("customer_id", flat=True))


def is_child(customer_id: int, *, now: datetime) -> bool:
    """Whether a customer is under fourteen now, whoever agrees."""
    return bool(customers.children([customer_id], today=now.astimezone(HOUSE_ZONE()).date()))


def newest(said: Sequence[Statement], *, purpose: str, channel: str) -> Statement | None:
    """Which of one customer's statements holds for ``purpose`` on ``channel``: what `allowed` asks of many at once."""
    about = [one for one in said if one.purpose == purpose and one.channel in (channel, ANY)]
    # "withdrawn" sorts after "granted": of one moment it holds.
    return max(about, key=lambda one: (one.given_at, one.state), default=None)


def holding(said: Sequence[Statement], *, purpose: str, channel: str) -> str:
    """The state that holds for ``purpose`` on ``channel``; empty where nothing was ever said of it."""
    last = newest(said, purpose=purpose, channel=channel)
    return last.state if last is not None else ""


def _newest(customer_ids: Sequence[int], about: Q) -> QuerySet[Any, Any]:
    """Per customer when they last ``agreed`` and when they last ``refused``; either may be empty."""
    rows = Consent.objects.filter(about, customer_id__among=Many(customer_ids)).values("customer_id")
    return rows.annotate(
        agreed=Max("given_at", filter=Q(state=Consent.State.GRANTED)),
        refused=Max("given_at", filter=Q(state=Consent.State.WITHDRAWN)),
    )
