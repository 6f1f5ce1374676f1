"""Questions about webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from huoshui.act.channels.webhook_errors import NoSuchDelivery, NoSuchEndpoint
from huoshui.act.channels.webhook_models import Attempt, Delivery, Endpoint
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language, Text

SIZE = 50
LARGEST_ID = 2**63 - 1
STATES: Mapping[str, Text] = {
    "waiting": Text("waiting", "等待投递"),
    "trying": Text("under way", "投递中"),
    "delivered": Text("delivered", "已送达"),
    "uncertain": Text("uncertain", "结果不明"),
    "dead": Text("given up", "已放弃"),
    "stopped": Text("stopped", "已停止"),
}
AGAIN = ("dead", "uncertain")
"""What a person may have sent again."""

CONTACTS: Mapping[str, Text] = {
    "none": Text("none, only the customer's number", "不带，仅客户编号"),
    "phone": Text("phone", "手机号"),
    "email": Text("e-mail", "邮箱"),
}
BECAUSE: Mapping[str, Text] = {
    "person": Text("switched off by a colleague", "由同事停用"),
    "gone": Text("the other side answered 410: it wants nothing more", "对方应答 410，不再接收"),
}

ANSWERS: Mapping[str, Text] = {
    "it took too long": Text("no answer in time", "应答超时"),
    "the line broke": Text("the line broke", "连接中断"),
    "it cannot be reached": Text("it cannot be reached", "无法连接"),
    "the name is not known": Text("the host name is not known", "域名无法解析"),
    "its certificate is not valid": Text("its certificate is not valid", "证书无效"),
    "the worker died": Text("the worker stopped meanwhile", "后台进程中断"),
    "no consent any more": Text("the person withdrew their consent", "对方已撤回同意"),
    "it waited too long": Text("it waited for more than four days", "等待超过四天"),
    "overdue": Text("it was overdue by more than two hours", "逾期超过两小时"),
}
"""Answers that are no status of HTTP, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSeen:
    """A webhook as values, without its secrets. ``counts`` are its deliveries by state."""

    id: int
    slug: str
    name: str
    url: str
    contact: str
    repeats: bool
    active: bool
    because: str
    failing: bool
    rotating_until: datetime | None
    made_at: datetime
    counts: Mapping[str, int]

    @property
    def to_decide(self) -> int:
        """How many deliveries wait for a person."""
        return sum(self.counts.get(state, 0) for state in AGAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt. ``status`` is empty where no answer came."""

    number: int
    at: datetime
    status: int | None
    milliseconds: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySeen:
    """A delivery as values: everything but what it says."""

    id: int
    endpoint_id: int
    message_id: str
    type: str
    customer_id: int | None
    marketing: bool
    state: str
    attempts: int
    answer: str
    made_at: datetime
    due_at: datetime
    ended_at: datetime | None
    tries: Sequence[Try]
    again: bool


def endpoints(*, actor: Actor) -> list[EndpointSeen]:
    """All webhooks, the usual one first. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    return _seen(Endpoint.objects.order_by("pk"))


def endpoint(*, actor: Actor, endpoint_id: int) -> EndpointSeen:
    """One webhook. Raises `NoSuchEndpoint`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    for found in _seen(Endpoint.objects.filter(pk=known_id(endpoint_id))):
        return found
    raise NoSuchEndpoint("There is no such webhook", received=str(endpoint_id))


def deliveries(
    *, actor: Actor, endpoint_id: int, state: str = "", before: int | None = None, size: int = SIZE
) -> list[DeliverySeen]:
    """The newest deliveries of a webhook, of one state or of any, older than the delivery ``before``.

    Raises `NoSuchEndpoint`, `NotAllowed`.
    """
    endpoint(actor=actor, endpoint_id=endpoint_id)
    rows = Delivery.objects.filter(endpoint_id=endpoint_id).order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _deliveries(list(rows[:size]))


def delivery(*, actor: Actor, delivery_id: int) -> DeliverySeen:
    """One delivery with its attempts. Raises `NoSuchDelivery`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    for found in _deliveries(list(Delivery.objects.filter(pk=known_id(delivery_id)))):
        return found
    raise NoSuchDelivery("There is no such delivery", received=str(delivery_id))


def usual() -> Endpoint | None:
    """The webhook that messages go to which name no other: the oldest that is on."""
    return Endpoint.objects.filter(disabled_at=None).order_by("pk").first()


def inner_hosts() -> list[str]:
    """The hosts of the own network that may be called, as the operator set them."""
    return sorted(settings.HUOSHUI_INNER_HOSTS)


def in_words(answer: str, language: Language) -> str:
    """An answer as people read it."""
    words = ANSWERS.get(answer)
    return words.in_(language) if words else answer


def may_send() -> bool:
    """Whether this house sends anything: not where it was restored or copied."""
    return organisation.fence() is None


def known_id(number: int) -> int:
    """A number that the database can hold; 0 for others."""
    return number if 0 < number <= LARGEST_ID else 0


def _seen(rows: QuerySet[Endpoint]) -> list[EndpointSeen]:
    found = list(rows)
    counts: dict[int, dict[str, int]] = {}
    for row in (
        Delivery.objects.filter(endpoint_id__in=[one.pk for one in found])
        .filter(~Q(state__in=AGAIN) | ~Q(body=""))
        .values("endpoint_id", "state")
        .annotate(number=Count("pk"))
    ):
        counts.setdefault(row["endpoint_id"], {})[row["state"]] = row["number"]
    return [
        EndpointSeen(
            id=one.pk,
            slug=one.slug,
            name=one.name,
            url=one.url,
            contact=one.contact,
            repeats=one.repeats,
            active=one.disabled_at is None,
            because=one.because,
            failing=one.resumes_at is not None,
            rotating_until=one.former_until if one.former_secret else None,
            made_at=one.made_at,
            counts=counts.get(one.pk, {}),
        )
        for one in found
    ]


def _deliveries(rows: Sequence[Delivery]) -> list[DeliverySeen]:
    tries: dict[int, list[Try]] = {}
    for row in Attempt.objects.filter(delivery_id__in=[one.pk for one in rows]).order_by("at", "pk"):
        tries.setdefault(row.delivery_id, []).append(
            Try(
                number=row.number,
                at=row.at,
                status=row.status,
                milliseconds=row.milliseconds,
                answer=row.answer,
            )
        )
    return [
        DeliverySeen(
            id=one.pk,
            endpoint_id=one.endpoint_id,
            message_id=f"msg_{one.key}",
            type=one.type,
            customer_id=one.customer_id,
            marketing=one.marketing,
            state=one.state,
            attempts=one.attempts,
            answer=one.answer,
            made_at=one.made_at,
            due_at=one.due_at,
            ended_at=one.ended_at,
            tries=tries.get(one.pk, []),
            again=one.state in AGAIN and bool(one.body),
        )
        for one in rows
    ]
