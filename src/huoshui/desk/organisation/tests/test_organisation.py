"""The one organisation of the house."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection

from huoshui.desk.organisation import queries, services
from huoshui.desk.organisation.models import Organisation
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.clock import NotADate
from huoshui.kernel.currencies import NotACurrency
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import HOUSE_ZONE

NOW = datetime(2026, 1, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def found(currency="GBP", time_zone="Europe/London", actor=CONSOLE, **more):
    return services.found(actor=actor, currency=currency, time_zone=time_zone, now=NOW, **more)


def test_a_founded_house_knows_its_currency_zone_and_region():
    assert not queries.is_founded()
    house = found(currency="gbp")
    assert queries.is_founded()
    assert house == queries.current()
    assert (house.currency, house.zone.key, house.region, house.demo) == ("GBP", "Europe/London", "GB", False)
    assert HOUSE_ZONE().key == "Europe/London"


@pytest.mark.parametrize(
    ("zone", "region"), [("Asia/Shanghai", "CN"), ("America/New_York", "US"), ("UTC", None)]
)
def test_the_region_is_the_country_of_the_zone_where_it_has_one(zone, region):
    assert found(time_zone=zone).region == region


def test_a_house_that_was_not_founded_says_how_to():
    with pytest.raises(queries.NotFounded, match="huoshui init"):
        queries.current()


def test_a_database_without_tables_is_a_house_that_was_not_founded():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE organisation_organisation")
    assert not queries.is_founded()
    with pytest.raises(queries.NotFounded):
        queries.current()


def test_founding_again_changes_nothing_and_with_other_values_is_refused():
    first = found()
    assert found() == first
    for other in ({"currency": "CNY"}, {"time_zone": "Asia/Shanghai"}, {"demo": True}):
        with pytest.raises(services.AlreadyFounded):
            found(**other)
    assert queries.current() == first


def test_values_that_do_not_exist_are_refused():
    with pytest.raises(NotACurrency):
        found(currency="GBX")
    with pytest.raises(NotADate):
        found(time_zone="Europe/Londinium")
    with pytest.raises(NotAllowed):
        found(actor=actor_of_role("mei", Role.MANAGER))
    assert not queries.is_founded()


def test_a_stated_setting_must_be_what_the_house_was_founded_with(settings):
    found()
    settings.HUOSHUI_CURRENCY = "CNY"
    settings.HUOSHUI_STATED = frozenset()
    assert queries.current().currency == "GBP"
    settings.HUOSHUI_STATED = frozenset({"currency"})
    with pytest.raises(queries.SettingDiffers) as refusal:
        queries.current()
    assert (refusal.value.received, refusal.value.valid) == ("CNY", "GBP")
    settings.HUOSHUI_CURRENCY = "GBP"
    assert queries.current().currency == "GBP"


def test_the_database_takes_no_second_organisation():
    found()
    with pytest.raises(IntegrityError):
        Organisation.objects.create(id=2, currency="GBP", time_zone="UTC", founded_at=NOW)
