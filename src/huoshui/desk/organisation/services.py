"""Verbs of the organisation."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from huoshui.desk.organisation import place, queries
from huoshui.desk.organisation.models import Organisation
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import zone_named
from huoshui.kernel.currencies import currency_code
from huoshui.kernel.errors import HuoshuiError


class AlreadyFounded(HuoshuiError):
    """The house stands, with another currency, time zone or purpose."""

    code = "already_founded"


def found(
    *, actor: Actor, currency: str, time_zone: str, now: datetime, demo: bool = False, name: str = ""
) -> queries.Organisation:
    """Set up the house with its currency and time zone, for good.

    Founding again with the same values changes nothing. Raises `AlreadyFounded` when the house stands with other
    values, `NotACurrency` and `NotADate` for codes and zones that do not exist, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    currency, time_zone = currency_code(currency), zone_named(time_zone).key
    with transaction.atomic():
        row, fresh = Organisation.objects.get_or_create(
            id=1,
            defaults={
                "name": name,
                "currency": currency,
                "time_zone": time_zone,
                "demo": demo,
                "founded_at": now,
                "instance_id": uuid4().hex,
                "place": place.here(),
            },
        )
    if not fresh and (row.currency, row.time_zone, row.demo) != (currency, time_zone, demo):
        kind = {True: "demo house", False: "house"}
        raise AlreadyFounded(
            "There is a house here already",
            received=f"{kind[demo]}, {currency}, {time_zone}",
            valid=f"{kind[row.demo]}, {row.currency}, {row.time_zone}",
            next_step="Use it as it is, or choose another folder with HUOSHUI_HOME",
        )
    return queries.current()


def settle_in() -> None:
    """Give a house from before instances had ids its own. Nothing for any other, copies least of all."""
    nameless = Organisation.objects.filter(instance_id="")
    if nameless.exists():
        nameless.update(instance_id=uuid4().hex, place=place.here())


def fence(*, actor: Actor, now: datetime) -> None:
    """Make a restored house an instance of its own that sends nothing until `unfence`. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    Organisation.objects.update(instance_id=uuid4().hex, place=place.here(), fenced_at=now)


def unfence(*, actor: Actor) -> queries.Fence | None:
    """Let this house send from now on, and answer what had kept it from that; nothing where nothing had.

    Of a house and a plain copy that share one database, the one where this is said sends and the other is fenced.
    Raises `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        found = queries.fence()
        if found is not None:
            Organisation.objects.update(place=place.here(), fenced_at=None)
    return found
