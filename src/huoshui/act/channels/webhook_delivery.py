"""Delivering to endpoints: in which order, when again, and when no more.

A delivery is claimed, posted outside of any transaction, and its end written down. What the standard asks for: the same
id in every attempt, ten attempts within some three days, an answer 410 ends all, no redirect is followed.

A message of marketing leaves at most once where the other side does not promise to take a repetition for one: a line
that broke after the request was sent makes it *uncertain*, and so does a worker that died or an overdue of more than
`GRACE`. Consent is asked for in the transaction that claims, and `settle` waits for what was claimed
before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from huoshui.act.channels.webhook_models import Attempt, Delivery, Endpoint
from huoshui.act.channels.webhook_signing import headers
from huoshui.data.customers import scope
from huoshui.data.privacy import queries as privacy
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock, outside
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import HEARD, Handed, Outcome

CONSENT = "any"
"""How a receiver of a webhook reaches the person is not known here: only who agreed to every channel is told of."""

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
"""How long after the attempt before each attempt is made, from Standard Webhooks."""

TOO_OLD = timedelta(days=4)
GRACE = timedelta(hours=2)
LEASE = timedelta(minutes=2)
AT_ONCE = 8
PATIENCE = 5
"""Failures in a row after which an endpoint gets one probe at a time."""

PROBES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))
TEST = "endpoint.test"


@dataclass(frozen=True, slots=True)
class Tried:
    """How an attempt ended. ``status`` is empty where no answer came; ``went`` says whether it may have arrived."""

    status: int | None
    answer: str
    milliseconds: int
    went: bool = True

    @property
    def good(self) -> bool:
        """Whether the other side took it."""
        return self.status is not None and 200 <= self.status < 300


def work(_worker: str, stopping: Event) -> bool:
    """What every worker does all the time: one batch of each endpoint with something due."""
    if organisation.fence() is not None:
        return False
    tried = 0
    for endpoint_id in _open_endpoints(clock.now()):
        if stopping.is_set():
            break
        tried += batch(endpoint_id=endpoint_id, now=clock.now)
    return tried > 0


def batch(*, endpoint_id: int, now: Callable[[], datetime]) -> int:
    """Deliver some of what is due at an endpoint; returns how many deliveries it looked at, 0 when nothing is due."""
    claimed, looked_at = _claim(endpoint_id, now())
    if claimed:
        endpoint = Endpoint.objects.get(pk=endpoint_id)
        with ThreadPoolExecutor(len(claimed)) as lines:
            ends = list(lines.map(lambda one: attempt(endpoint, one, now()), claimed))
        _write_down(endpoint_id, claimed, ends, now())
    return looked_at


def attempt(endpoint: Endpoint, delivery: Delivery, now: datetime) -> Tried:
    """Post a delivery once; never raises for what the other side does."""
    body = delivery.body.encode()
    keys = [endpoint.secret]
    if endpoint.former_secret and endpoint.former_until is not None and now < endpoint.former_until:
        keys.append(endpoint.former_secret)
    signed = headers(id_=f"msg_{delivery.key}", timestamp=int(now.timestamp()), body=body, signed_with=keys)
    began = time.monotonic()

    def took() -> int:
        return int((time.monotonic() - began) * 1000)

    try:
        answer = outside.post(
            endpoint.url,
            body,
            {**signed, "Content-Type": "application/json", "User-Agent": "Huoshui"},
            inner=settings.HUOSHUI_INNER_HOSTS,
            seconds=outside.SECONDS,
        )
    except outside.NoAnswer as error:
        return Tried(None, error.problem, took(), went=error.went)
    except HuoshuiError as error:
        return Tried(None, error.problem[:200], took(), went=False)
    return Tried(answer.status, f"HTTP {answer.status}", took())


def settle(customer_id: int) -> None:
    """Wait until nothing that was claimed before is still on its way about a customer."""
    until = time.monotonic() + outside.SECONDS + 5
    while time.monotonic() < until:
        recent = Q(claimed_at__gt=clock.now() - LEASE)
        if not Delivery.objects.filter(recent, customer_id=customer_id, state="trying").exists():
            return
        time.sleep(0.05)


def hear(key: str, handed: Handed, now: datetime) -> None:
    """Tell the outbox what became of a message, in the caller's transaction."""
    HEARD()(key, handed, now)


def _open_endpoints(now: datetime) -> list[int]:
    """Those that are on and not left alone for a while."""
    rested = Q(resumes_at=None) | Q(resumes_at__lte=now)
    return list(Endpoint.objects.filter(rested, disabled_at=None).order_by("pk").values_list("pk", flat=True))


def _nothing_due(endpoint_id: int, now: datetime) -> bool:
    """Asked before anything is locked: nearly always so."""
    held = Delivery.objects.filter(endpoint_id=endpoint_id)
    return not (
        held.filter(state="waiting", due_at__lte=now).exists()
        or held.filter(state="trying", claimed_at__lte=now - LEASE).exists()
    )


def _claim(endpoint_id: int, now: datetime) -> tuple[list[Delivery], int]:
    """What is to be posted now, marked so; and how many that were due it looked at: some may go no more."""
    if _nothing_due(endpoint_id, now):
        return [], 0
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id, disabled_at=None).first()
        if endpoint is None or (endpoint.resumes_at is not None and endpoint.resumes_at > now):
            return [], 0
        held = Delivery.objects.select_for_update().filter(endpoint=endpoint)
        lost = list(held.filter(state="trying", claimed_at__lte=now - LEASE)[:200])
        for one in lost:
            _after(endpoint, one, Tried(None, "the worker died", 0), now)
        most = 1 if endpoint.failures >= PATIENCE else AT_ONCE
        due = list(held.filter(state="waiting", due_at__lte=now).order_by("due_at", "pk")[: most * 4])
        told = {one.customer_id for one in due if one.marketing and one.customer_id is not None}
        scope.hold(sorted(told))
        agreed = (
            privacy.allowed(sorted(told), purpose="marketing", channel=CONSENT, now=now) if told else set()
        )
        claimed: list[Delivery] = []
        for one in due:
            if one.marketing and one.customer_id not in agreed:
                _end(one, "stopped", "no consent any more", Outcome.REFUSED, now)
            elif now - one.made_at > TOO_OLD:
                _end(one, "dead", "it waited too long", Outcome.REFUSED, now)
            elif one.marketing and not endpoint.repeats and now - one.due_at > GRACE:
                _end(one, "uncertain", "overdue", Outcome.UNKNOWN, now)
            elif len(claimed) < most:
                one.state, one.claimed_at, one.attempts = "trying", now, one.attempts + 1
                one.save(update_fields=["state", "claimed_at", "attempts"])
                claimed.append(one)
        return claimed, len(due) + len(lost)


def _write_down(endpoint_id: int, claimed: Sequence[Delivery], ends: Sequence[Tried], now: datetime) -> None:
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
        states: Mapping[int, str] = dict(
            Delivery.objects.filter(pk__in=[one.pk for one in claimed]).values_list("pk", "state")
        )
        note_all(claimed, ends, now)
        for one, tried in zip(claimed, ends, strict=True):
            if states[one.pk] == "trying":  # else another worker held it for lost
                _after(endpoint, one, tried, now)
        if any(tried.good for tried in ends):
            endpoint.failures, endpoint.resumes_at = 0, None
        else:
            endpoint.failures += len(ends)
            probes = endpoint.failures - PATIENCE
            endpoint.resumes_at = now + PROBES[min(probes, len(PROBES) - 1)] if probes >= 0 else None
        endpoint.save(update_fields=["failures", "resumes_at", "disabled_at", "because"])


def note_all(tried: Sequence[Delivery], ends: Sequence[Tried], now: datetime) -> None:
    """Write attempts into the log."""
    Attempt.objects.bulk_create(
        [
            Attempt(
                delivery=one,
                number=one.attempts,
                at=now,
                status=end.status,
                milliseconds=end.milliseconds,
                answer=end.answer[:200],
            )
            for one, end in zip(tried, ends, strict=True)
        ]
    )


def _after(endpoint: Endpoint, one: Delivery, tried: Tried, now: datetime) -> None:
    """What follows from an attempt: done, given up, uncertain, or another one later."""
    unknown = tried.status is None and tried.went
    if tried.good:
        _end(one, "delivered", tried.answer, Outcome.SENT, now)
    elif tried.status == 410:
        _end(one, "dead", "HTTP 410", Outcome.REFUSED, now)
        endpoint.disabled_at, endpoint.because = endpoint.disabled_at or now, endpoint.because or "gone"
    elif unknown and one.marketing and not endpoint.repeats:
        _end(one, "uncertain", tried.answer, Outcome.UNKNOWN, now)
    elif one.attempts >= len(WAITS):
        _end(one, "dead", f"{tried.answer}, {one.attempts} ×", Outcome.REFUSED, now)
    else:
        one.state, one.claimed_at, one.answer = "waiting", None, tried.answer
        one.due_at = now + WAITS[one.attempts]
        one.save(update_fields=["state", "claimed_at", "answer", "due_at"])


def _end(one: Delivery, state: str, answer: str, outcome: Outcome, now: datetime) -> None:
    one.state, one.answer, one.ended_at, one.claimed_at = state, answer[:200], now, None
    if state in ("delivered", "stopped"):
        one.body = ""
    one.save(update_fields=["state", "answer", "ended_at", "claimed_at", "body"])
    hear(one.key, Handed(outcome=outcome, answer=answer, reference=f"delivery:{one.pk}"), now)
