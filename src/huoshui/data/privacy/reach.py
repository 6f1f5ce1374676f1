"""Who of the people of an import may be written to: nobody whose consent came without its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Q

from huoshui.data.privacy.models import Consent
from huoshui.data.privacy.queries import ANY, under_14

CHANNELS = ("email", "sms", "phone", "wecom")
ADDRESS = {"email": "email", "sms": "phone", "phone": "phone"}
"""The field of the profile by which a channel reaches people; of others the channel itself knows."""
MOST = 200_000
"""People of an import for whom this is counted when somebody looks: beyond it the count takes seconds."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Of ``people`` so many agreed to marketing on no channel (``silent``); ``by`` channel how many agreed and have an
    address for it."""

    people: int
    silent: int
    by: Mapping[str, int]


def of_new_customers(load_id: int, people: int, *, now: datetime) -> Reach | None:
    """For the ``people`` customers that a load brought; nothing where they are none, or more than `MOST`."""
    return _reach(Q(customer__load_id=load_id), people, now) if 0 < people <= MOST else None


def of_statements(load_id: int, rows: int, *, now: datetime) -> Reach | None:
    """For those of whom a load brought ``rows`` statements; nothing where they are none, or more than `MOST`."""
    if not 0 < rows <= MOST:
        return None
    named = Consent.objects.filter(load_id=load_id).values("customer_id").distinct()
    return _reach(Q(customer_id__in=named), named.count(), now)


def _reach(about: Q, people: int, now: datetime) -> Reach:
    """One query over the statements of these people; the rule is that of `queries.allowed`."""
    words: dict[str, Any] = {}
    for channel in CHANNELS:
        spoken = Q(channel__in=(channel, ANY))
        words[f"{channel}_yes"] = Max("given_at", filter=spoken & Q(state=Consent.State.GRANTED))
        words[f"{channel}_no"] = Max("given_at", filter=spoken & Q(state=Consent.State.WITHDRAWN))
    asked = Consent.objects.filter(about, purpose=Consent.Purpose.MARKETING, customer__deleted_at=None)
    asked = asked.exclude(customer_id__among=sorted(under_14(None, now=now)))
    said = asked.values("customer_id", "customer__email", "customer__phone").annotate(**words)
    counts: dict[str, Any] = {}
    anything = Q()
    for channel in CHANNELS:
        agreed = Q(**{f"{channel}_yes__isnull": False}) & (
            Q(**{f"{channel}_no__isnull": True}) | Q(**{f"{channel}_yes__gt": F(f"{channel}_no")})
        )
        anything |= agreed
        field = ADDRESS.get(channel)
        has = ~Q(**{f"customer__{field}": ""}) if field else Q()
        counts[channel] = Count("customer_id", filter=agreed & has)
    found = said.aggregate(**counts, speaking=Count("customer_id", filter=anything))
    return Reach(
        people=people,
        silent=people - found["speaking"],
        by={channel: found[channel] for channel in CHANNELS},
    )
