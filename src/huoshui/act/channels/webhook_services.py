"""Verbs of webhooks. Secrets are told when they are made, and never again."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from huoshui.act.channels import webhook_delivery as delivering
from huoshui.act.channels.webhook_delivery import TEST
from huoshui.act.channels.webhook_errors import NoSuchDelivery, NoSuchEndpoint, NotAnEndpoint
from huoshui.act.channels.webhook_models import Attempt, Delivery, Endpoint
from huoshui.act.channels.webhook_queries import AGAIN, CONTACTS, known_id
from huoshui.act.channels.webhook_signing import new_secret
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs.kinds import (
    KINDS,
    PERIODIC,
    STANDING,
    JobContext,
    JobKind,
    Periodic,
    Standing,
)
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import outside
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import Handed, Outcome
from huoshui.kernel.texts import Text

BOTH_SIGN = timedelta(hours=24)
"""How long a secret that was changed signs beside the new one."""

REMEMBERED = timedelta(days=30)
"""How long bodies that were not delivered can be sent again, and how long the log is kept."""

MESSAGE = "message.requested"
LONGEST_BODY = 20_000
"""Bytes of what is posted, from Standard Webhooks."""


def add(
    *, actor: Actor, name: str, url: str, contact: str = "none", repeats: bool = False, now: datetime
) -> tuple[int, str]:
    """Add a webhook; returns its number and its secret. Raises `NotAnEndpoint`, `AddressRefused`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    values = _checked(name, url, contact)
    with transaction.atomic():
        slug, secret = _free_slug(values["name"]), new_secret()
        row = Endpoint.objects.create(**values, slug=slug, secret=secret, repeats=repeats, made_at=now)
        _record(actor, "webhook.added", row.pk, now)
    return int(row.pk), secret


def change(
    *, actor: Actor, endpoint_id: int, name: str, url: str, contact: str, repeats: bool, now: datetime
) -> None:
    """Give a webhook other values. Raises `NoSuchEndpoint` and as `add`."""
    actor.require(Right.HOUSE_MANAGE)
    values = _checked(name, url, contact)
    with transaction.atomic():
        row = _held(endpoint_id)
        Endpoint.objects.filter(pk=row.pk).update(**values, repeats=repeats)
        _record(actor, "webhook.changed", row.pk, now)


def rotate(*, actor: Actor, endpoint_id: int, now: datetime) -> str:
    """Make a new secret and return it; the old one signs as well for `BOTH_SIGN`. Raises `NoSuchEndpoint`."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _held(endpoint_id)
        secret = new_secret()
        Endpoint.objects.filter(pk=row.pk).update(
            secret=secret, former_secret=row.secret, former_until=now + BOTH_SIGN
        )
        _record(actor, "webhook.rotated", row.pk, now)
    return secret


def switch(*, actor: Actor, endpoint_id: int, on: bool, now: datetime) -> None:
    """Switch a webhook on or off. What waits stays, and goes out when it is on again and not too old."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        row = _held(endpoint_id)
        if on == (row.disabled_at is None):
            return
        row.disabled_at, row.because = (None, "") if on else (now, "person")
        row.failures, row.resumes_at = 0, None
        row.save(update_fields=["disabled_at", "because", "failures", "resumes_at"])
        _record(actor, "webhook.switched_on" if on else "webhook.switched_off", row.pk, now)


def test(*, actor: Actor, endpoint_id: int, now: datetime) -> int:
    """Post something that speaks of nobody, at once and once; returns the number of the delivery.

    Raises `NoSuchEndpoint`, `Fenced`, `NotAllowed`; how it ended stands in the log.
    """
    actor.require(Right.HOUSE_MANAGE)
    organisation.require_may_send()
    with transaction.atomic():
        endpoint = _held(endpoint_id)
        one = Delivery.objects.create(
            endpoint=endpoint,
            key=f"test-{secrets.token_hex(8)}",
            type=TEST,
            body=body_of(TEST, {"webhook": endpoint.slug}, now),
            state="trying",
            attempts=1,
            due_at=now,
            claimed_at=now,
            made_at=now,
        )
        _record(actor, "webhook.tested", endpoint.pk, now)
    tried = delivering.attempt(endpoint, one, now)
    with transaction.atomic():
        delivering.note_all([one], [tried], now)
        one.state, one.answer = ("delivered" if tried.good else "dead"), tried.answer
        one.body, one.ended_at, one.claimed_at = "", now, None
        one.save(update_fields=["state", "answer", "body", "ended_at", "claimed_at"])
    return int(one.pk)


def again(*, actor: Actor, delivery_id: int, now: datetime) -> None:
    """Have a delivery that was given up or is uncertain sent again, under its old id. Raises `NoSuchDelivery`."""
    actor.require(Right.HOUSE_MANAGE)
    found = Delivery.objects.filter(pk=known_id(delivery_id))
    if not _again(actor, found, now):
        raise NoSuchDelivery("There is no such delivery to send again", received=str(delivery_id))


def all_again(*, actor: Actor, endpoint_id: int, now: datetime) -> int:
    """Like `again`, all of a webhook that were given up; returns how many. Uncertain ones are decided one by one."""
    actor.require(Right.HOUSE_MANAGE)
    row = _held(endpoint_id, hold=False)
    return _again(actor, Delivery.objects.filter(endpoint=row, state="dead"), now)


def take(
    *, endpoint: Endpoint, key: str, customer_id: int, marketing: bool, body: str, now: datetime
) -> Handed:
    """Take a message to be posted: from the commit on it is, however often it is taken under its key."""
    with transaction.atomic():
        one, made = Delivery.objects.get_or_create(
            endpoint=endpoint,
            key=key,
            defaults={
                "type": MESSAGE,
                "body": body,
                "customer_id": customer_id,
                "marketing": marketing,
                "due_at": now,
                "made_at": now,
            },
        )
    return Handed(
        outcome=Outcome.SENT, answer="waiting" if made else one.state, reference=f"delivery:{one.pk}"
    )


def body_of(type_: str, data: dict[str, Any], now: datetime) -> str:
    """What is posted, as the standard has it."""
    said = {"type": type_, "timestamp": now.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def tidy(job: JobContext) -> None:
    """A job: `forget`."""
    forget(now=job.now)


def forget(*, now: datetime) -> None:
    """Forget what ended long ago, with its attempts."""
    old = Delivery.objects.filter(ended_at__lt=now - REMEMBERED)
    Attempt.objects.filter(delivery__in=old).delete()
    old.delete()


def declare() -> None:
    """The work of delivering, and the job that forgets."""
    label = Text("Webhooks", "Webhook")
    STANDING.declare(Standing(slug="webhooks", work=delivering.work))
    KINDS.declare(JobKind(slug="webhooks.tidy", label=label, run=tidy, quick=True, hidden=True))
    PERIODIC.declare(
        Periodic(slug="webhooks.tidy", label=label, kind="webhooks.tidy", every=timedelta(days=1))
    )


def _again(actor: Actor, found: Any, now: datetime) -> int:
    with transaction.atomic():
        held = list(found.filter(state__in=AGAIN).exclude(Q(body="")).values_list("pk", "endpoint_id")[:1000])
        Delivery.objects.filter(pk__in=[pk for pk, _endpoint in held]).update(
            state="waiting", attempts=0, due_at=now, made_at=now, ended_at=None, answer=""
        )
        for endpoint_id in sorted({endpoint_id for _pk, endpoint_id in held}):
            _record(actor, "webhook.replayed", endpoint_id, now)
    return len(held)


def _checked(name: str, url: str, contact: str) -> dict[str, str]:
    name, url = " ".join(name.split()), url.strip()
    if not name or len(name) > 100 or "\0" in name:
        raise NotAnEndpoint("name", Text("A name of 1 to 100 characters", "名称为 1 到 100 个字"))
    if contact not in CONTACTS:
        raise NotAnEndpoint(
            "contact", Text("There is no such contact", "没有这种联系方式"), valid=", ".join(CONTACTS)
        )
    outside.read(url, inner=settings.HUOSHUI_INNER_HOSTS)
    return {"name": name, "url": url, "contact": contact}


def _free_slug(name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30] or "webhook"
    taken = set(Endpoint.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)


def _held(endpoint_id: int, *, hold: bool = True) -> Endpoint:
    rows = Endpoint.objects.select_for_update() if hold else Endpoint.objects
    row = rows.filter(pk=known_id(endpoint_id)).first()
    if row is None:
        raise NoSuchEndpoint("There is no such webhook", received=str(endpoint_id))
    return row


def _record(actor: Actor, act: str, endpoint_id: int, now: datetime) -> None:
    audit.record(actor=actor, act=act, subject=f"webhook:{endpoint_id}", now=now)
