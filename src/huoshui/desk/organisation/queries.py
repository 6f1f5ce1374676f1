"""Questions about the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError

from huoshui.desk.organisation import models, place
from huoshui.desk.organisation.festivals import Calendar, Festival
from huoshui.kernel.clock import zone_named
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotFounded(HuoshuiError):
    """The house has not been set up."""

    code = "not_founded"
    says = Text("There is no house here yet", "这里还没有初始化")


class Fenced(HuoshuiError):
    """The house is a copy that nobody has said may send."""

    code = "fenced"


class SettingDiffers(HuoshuiError):
    """A setting says something else than what the house was founded with."""

    code = "setting_differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The organisation as values. ``currency`` is an ISO 4217 code, ``time_zone`` an IANA name."""

    name: str
    currency: str
    time_zone: str
    demo: bool
    founded_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the house."""
        return zone_named(self.time_zone)

    @property
    def region(self) -> str | None:
        """The country of the time zone as an ISO 3166 code (GB), where it has one: how local phone numbers are read."""
        return _regions().get(self.time_zone)


@dataclass(frozen=True, slots=True)
class Fence:
    """Why nothing may be sent: the house was *restored* from a backup, or it is a plain *copied* folder or database.

    ``since`` is known of a restored house.
    """

    because: Literal["restored", "copied"]
    since: datetime | None = None


def is_founded() -> bool:
    """Whether the house has been set up."""
    try:
        return models.Organisation.objects.exists()
    except DatabaseError:
        return False


def current() -> Organisation:
    """The organisation.

    Raises `NotFounded` before ``huoshui init``, and `SettingDiffers` when the environment or the settings file
    states another currency or time zone than the house was founded with.
    """
    try:
        row = models.Organisation.objects.first()
    except DatabaseError:
        row = None
    if row is None:
        raise NotFounded(
            "There is no house here yet",
            received=str(settings.HUOSHUI_HOME),
            next_step="Set it up with: huoshui init",
        )
    for name, founded_with in (("currency", row.currency), ("time_zone", row.time_zone)):
        says = getattr(settings, f"HUOSHUI_{name.upper()}")
        if name in settings.HUOSHUI_STATED and says != founded_with:
            raise SettingDiffers(
                f"HUOSHUI_{name.upper()} differs from what the house was founded with",
                received=says,
                valid=founded_with,
                next_step=f"Remove the setting, or set up another house with another HUOSHUI_HOME: amounts and days "
                f"already loaded are in {founded_with}",
            )
    return Organisation(
        name=row.name,
        currency=row.currency,
        time_zone=row.time_zone,
        demo=row.demo,
        founded_at=row.founded_at,
    )


def instance_id() -> str:
    """The random id of this house. A restored house has another one than the house it is a picture of."""
    return models.Organisation.objects.values_list("instance_id", flat=True).first() or ""


def fence() -> Fence | None:
    """What keeps the house from sending; nothing where it may send.

    A house that was founded before instances had ids gets its own with the next command that changes the database.
    """
    row = models.Organisation.objects.first()
    if row is None:
        return None
    if row.fenced_at is not None:
        return Fence("restored", row.fenced_at)
    return Fence("copied") if row.place not in ("", place.here()) else None


def require_may_send() -> None:
    """Whoever is about to send anything to anybody asks here first, every time. Raises `Fenced`."""
    if found := fence():
        raise Fenced(
            "This house shows data and sends nothing",
            received=f"a house that was {found.because}",
            next_step="If the original is gone or sends no more, lift the fence with: huoshui unfence",
        )


@cache
def _regions() -> dict[str, str]:
    """Country by time zone, from the table that comes with the time zone data."""
    table = resources.files("tzdata") / "zoneinfo" / "zone.tab"
    rows = (line.split("\t") for line in table.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {zone: country for country, _place, zone, *_comment in rows}


def festivals() -> Calendar:
    """The usual festivals, and the house's own days in their place."""
    return Calendar(own=tuple(festival for _id, festival in own_festivals()))


def own_festivals() -> list[tuple[int, Festival]]:
    """The days that the house has set itself, by day, each with its number."""
    rows = models.OwnFestival.objects.order_by("first_day", "slug")
    return [
        (
            row.pk,
            Festival(
                slug=row.slug, name=Text(row.name_en, row.name_zh), first=row.first_day, last=row.last_day
            ),
        )
        for row in rows
    ]


def slug_of_own(name: Text) -> str:
    """The short name of a festival of the house: that of its days in other years, else a new one."""
    for _number, festival in own_festivals():
        if name.zh.strip() == festival.name.zh or name.en.strip() == festival.name.en:
            return festival.slug
    return f"own_{uuid4().hex[:12]}"
