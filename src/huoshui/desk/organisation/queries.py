"""Questions about the organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError

from huoshui.desk.organisation import models
from huoshui.kernel.clock import zone_named
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotFounded(HuoshuiError):
    """The house has not been set up."""

    code = "not_founded"
    says = Text("There is no house here yet", "这里还没有初始化")


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


@cache
def _regions() -> dict[str, str]:
    """Country by time zone, from the table that comes with the time zone data."""
    table = resources.files("tzdata") / "zoneinfo" / "zone.tab"
    rows = (line.split("\t") for line in table.read_text("utf-8").splitlines() if not line.startswith("#"))
    return {zone: country for country, _place, zone, *_comment in rows}
