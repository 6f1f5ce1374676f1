"""Verbs of the organisation."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from huoshui.desk.organisation import place, queries
from huoshui.desk.organisation.festivals import usual_festivals
from huoshui.desk.organisation.models import Organisation, OwnFestival
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import zone_named
from huoshui.kernel.currencies import currency_code
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class AlreadyFounded(HuoshuiError):
    """The house stands, with another currency, time zone or purpose."""

    code = "already_founded"


class NotAFestival(HuoshuiError):
    """Days of trade that cannot be set so."""

    code = "not_a_festival"
    says = Text(
        "A festival needs a name and 1 to 60 days, the last one not before the first",
        "节日要有名称和 1 到 60 天，结束日不能早于开始日",
    )


class NotAName(HuoshuiError):
    """A name that no house can have."""

    code = "not_a_name"
    says = Text("A name has at most 200 characters", "名称最多 200 个字符")


class FactsThere(HuoshuiError):
    """Amounts already counted would silently mean something else."""

    code = "facts_there"
    says = Text(
        "The currency stays as it is once facts are loaded",
        "载入业务数据后，本位币不能再更改",
    )


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


def rename(*, actor: Actor, name: str) -> None:
    """Give the house another name; none is fine. Raises `NotAName`, `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    name = name.strip()
    if len(name) > LONGEST_HOUSE_NAME or not name.isprintable():
        raise NotAName("A house cannot be called so", received=repr(name[:40]))
    Organisation.objects.update(name=name)


def move(*, actor: Actor, currency: str, time_zone: str, facts: int) -> queries.Organisation:
    """Give the house another time zone; while it has no ``facts``, also another currency.

    Facts are moments and stay what they are; the caller has what is counted by days computed anew. With facts another
    currency raises `FactsThere`: conditions, goals and the history of traits hold amounts in the one there is. Also
    raises `NotACurrency`, `NotADate` for codes and zones that do not exist, `SettingDiffers` where the environment says
    something else, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    currency, time_zone = currency_code(currency), zone_named(time_zone).key
    now = queries.current()
    if (now.currency, now.time_zone) == (currency, time_zone):
        return now
    if facts and currency != now.currency:
        raise FactsThere(
            "Facts are loaded already",
            received=currency,
            valid=f"{now.currency}, in which {facts:,} facts are",
            next_step="Set up another house with huoshui init and load the files there",
        )
    with transaction.atomic():
        Organisation.objects.update(currency=currency, time_zone=time_zone)
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


LONGEST_HOUSE_NAME = 200
LONGEST_FESTIVAL = 60
LONGEST_NAME = 60


def set_festival(*, actor: Actor, slug: str, name: Text, first: date, last: date) -> int:
    """Set days of trade, ``first`` to ``last``, both in; returns their number.

    With the slug of a usual festival they replace its days of that year, and it keeps its name; with another slug they
    are a festival of the house, which compares with its own days a year before. Days of the same slug in the same year
    are replaced. Raises `NotAFestival`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    name = dict(usual_festivals()).get(slug, name)
    en, zh = name.en.strip(), name.zh.strip()
    days = (last - first).days + 1
    fits = 1 <= days <= LONGEST_FESTIVAL and 1900 <= first.year <= 2200
    if not fits or not en or not zh or max(len(en), len(zh)) > LONGEST_NAME:
        raise NotAFestival(
            "A festival cannot be set so",
            received=f"{en[:40]!r}, {first} to {last}",
            valid=f"a name of at most {LONGEST_NAME} characters, 1 to {LONGEST_FESTIVAL} days",
        )
    if not re.fullmatch(r"[a-z0-9_]{1,40}", slug):
        raise NotAFestival(
            "This cannot be its short name", received=repr(slug[:40]), valid="a to z, 0 to 9, _"
        )
    with transaction.atomic():
        OwnFestival.objects.filter(slug=slug, first_day__year=first.year).delete()
        row = OwnFestival.objects.create(slug=slug, name_en=en, name_zh=zh, first_day=first, last_day=last)
    return int(row.pk)


def forget_festival(*, actor: Actor, festival_id: int) -> None:
    """Take own days back; a usual festival has its usual days again. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    OwnFestival.objects.filter(pk=festival_id).delete()
