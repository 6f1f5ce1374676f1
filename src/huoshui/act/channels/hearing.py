"""What is learnt of a message after it was handed over, and what follows: the verbs of reports."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from huoshui.act.channels import reports
from huoshui.act.channels.models import Report, Unreachable
from huoshui.act.channels.reports import Kind, Read
from huoshui.data.customers import queries as customers
from huoshui.data.privacy import services as privacy
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import HEARD, Handed, Outcome, Outgoing

FAILING_DAYS = 3
"""On how many days messages to an address come back before it is given up."""
WITHIN = timedelta(days=30)
KEPT = timedelta(days=180)
"""How long reports are kept."""

POSTMAN = Actor(name="mail", rights=frozenset({Right.CONSENT_RECORD}))


def receive(raw: bytes, *, now: datetime) -> Kind:
    """Take a message that came to the bounce address, and return its kind, a key of ``Report.Kind``.

    An address at which there is nobody gets no e-mail from now on; one at which messages came back on `FAILING_DAYS`
    days within `WITHIN` neither. A complaint withdraws the person's consent to marketing by e-mail besides. The same
    report given twice counts once; one about no message of ours, or not signed for the address it speaks of, is
    counted and changes nothing.
    """
    told = reports.read(raw)
    if Report.objects.filter(digest=told.digest).exists():
        return told.kind
    whose = _whose(told) if told.kind != "other" else None
    with transaction.atomic():
        row, fresh = Report.objects.get_or_create(
            digest=told.digest,
            defaults={
                "kind": told.kind,
                "answer": told.answer[:200],
                "key": whose[0] if whose else "",
                "customer_id": whose[1] if whose else None,
                "address": whose[2] if whose else "",
                "received_at": now,
            },
        )
        if fresh and whose:
            _follow(row, now)
    return told.kind


def refused(message: Outgoing, *, answer: str, now: datetime) -> None:
    """A mail server said at once that there is nobody at the address of a message."""
    _close(
        message.address.lower(),
        reason="gone",
        answer=answer,
        key=message.key,
        customer_id=message.customer_id,
        now=now,
    )


def forget(*, now: datetime) -> int:
    """Forget reports older than `KEPT`; returns how many. Addresses that get no e-mail stay so."""
    return Report.objects.filter(received_at__lt=now - KEPT).delete()[0]


def _whose(told: Read) -> tuple[str, int, str] | None:
    """The message, customer and address that a report speaks of, where a name in it is signed for just these."""
    known = customers.emails([named.customer_id for named in told.names if named.customer_id < 2**62])
    for named in told.names:
        own = known.get(named.customer_id)
        for address in [*told.addresses, *([own] if own else [])]:
            if named.is_of(address):
                return named.key, named.customer_id, address.lower()
    return None


def _follow(row: Report, now: datetime) -> None:
    customer_id = row.customer_id
    if row.kind == "waits" or customer_id is None:
        return
    if row.kind == "complaint":
        _close(
            row.address, reason="complaint", answer=row.answer, key=row.key, customer_id=customer_id, now=now
        )
        if customers.emails([customer_id]):
            privacy.say(
                actor=POSTMAN,
                customer_id=customer_id,
                purpose="marketing",
                channel="email",
                state="withdrawn",
                wording="",
                source="complaint",
                evidence=f"feedback report {row.pk} about message {row.key}",
                now=now,
            )
        return
    HEARD()(row.key, Handed(outcome=Outcome.REFUSED, answer=row.answer), now)
    if row.kind == "gone" or _days_failed(row.address, now) >= FAILING_DAYS:
        reason = "gone" if row.kind == "gone" else "failing"
        _close(row.address, reason=reason, answer=row.answer, key=row.key, customer_id=customer_id, now=now)


def _days_failed(address: str, now: datetime) -> int:
    """On how many days messages to an address came back, since it was last given another try."""
    lifted = Unreachable.objects.filter(address=address).exclude(lifted_at=None).order_by("-lifted_at")
    since = lifted.values_list("lifted_at", flat=True).first() or now - WITHIN
    rows = Report.objects.filter(address=address, kind="failed", received_at__gt=max(since, now - WITHIN))
    return len({at.date() for at in rows.values_list("received_at", flat=True)})


def _close(address: str, *, reason: str, answer: str, key: str, customer_id: int, now: datetime) -> None:
    Unreachable.objects.get_or_create(
        address=address,
        lifted_at=None,
        defaults={
            "reason": reason,
            "answer": answer[:200],
            "key": key,
            "customer_id": customer_id,
            "since": now,
        },
    )
