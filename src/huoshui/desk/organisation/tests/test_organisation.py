"""The one organisation of the house."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from huoshui.desk.organisation import queries, services
from huoshui.desk.organisation.models import Organisation
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.clock import NotADate
from huoshui.kernel.currencies import NotACurrency
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.kernel.texts import Text

NOW = datetime(2026, 1, 15, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


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
    with transaction.atomic():
        assert not queries.is_founded()
        transaction.set_rollback(True)  # PostgreSQL answers nothing more after an error
    with pytest.raises(queries.NotFounded), transaction.atomic():
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
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(id=2, currency="GBP", time_zone="UTC", founded_at=NOW)


def test_a_house_knows_its_instance_and_may_send(settings, tmp_path):
    settings.HUOSHUI_HOME = tmp_path
    found()
    assert len(queries.instance_id()) == 32
    assert queries.fence() is None
    queries.require_may_send()


def test_a_restored_house_is_another_instance_and_sends_when_a_person_says_so(settings, tmp_path):
    settings.HUOSHUI_HOME = tmp_path
    found()
    before = queries.instance_id()
    services.fence(actor=CONSOLE, now=NOW)
    assert queries.instance_id() not in ("", before)
    assert queries.fence() == queries.Fence("restored", NOW)
    with pytest.raises(queries.Fenced, match="huoshui unfence"):
        queries.require_may_send()
    for verb in (
        lambda actor: services.fence(actor=actor, now=NOW),
        lambda actor: services.unfence(actor=actor),
    ):
        with pytest.raises(NotAllowed):
            verb(actor_of_role("mei", Role.MANAGER))
    assert services.unfence(actor=CONSOLE) == queries.Fence("restored", NOW)
    assert services.unfence(actor=CONSOLE) is None
    queries.require_may_send()


def test_a_house_in_another_place_is_a_copy(settings, tmp_path):
    settings.HUOSHUI_HOME = tmp_path / "house"
    settings.HUOSHUI_HOME.mkdir()
    found()
    settings.HUOSHUI_HOME = settings.HUOSHUI_HOME.rename(tmp_path / "moved")
    assert queries.fence() is None
    settings.HUOSHUI_HOME = tmp_path / "copy"
    settings.HUOSHUI_HOME.mkdir()
    services.settle_in()  # every command does it, and a copy stays a copy
    with pytest.raises(queries.Fenced, match="copied"):
        queries.require_may_send()
    assert services.unfence(actor=CONSOLE) == queries.Fence("copied")
    queries.require_may_send()
    settings.HUOSHUI_HOME = tmp_path / "moved"
    assert queries.fence() == queries.Fence("copied")  # of two that share a database, one sends


def test_a_house_from_before_instances_had_ids_gets_its_own_once():
    found()
    Organisation.objects.update(instance_id="", place="")
    assert queries.fence() is None
    services.settle_in()
    name = queries.instance_id()
    services.settle_in()
    assert queries.instance_id() == name != ""
    assert queries.fence() is None


def test_nothing_is_fenced_where_there_is_no_house():
    assert queries.fence() is None
    assert queries.instance_id() == ""
    assert services.unfence(actor=CONSOLE) is None


def test_a_house_sets_the_days_of_festivals_and_takes_them_back():
    def days():
        return [(f.name.en, f.first, f.last) for f in queries.festivals().of_year(2025) if f.slug in own]

    own, usual = ("june_18", "our_week"), [("618", date(2025, 6, 1), date(2025, 6, 20))]
    assert days() == usual
    for first in (date(2025, 5, 20), date(2025, 5, 13)):
        number = services.set_festival(
            actor=CONSOLE, slug="june_18", name=Text("x", "x"), first=first, last=date(2025, 6, 18)
        )
    services.set_festival(
        actor=CONSOLE,
        slug="our_week",
        name=Text("Our week", "店庆"),
        first=date(2025, 9, 1),
        last=date(2025, 9, 7),
    )
    ours = ("Our week", date(2025, 9, 1), date(2025, 9, 7))
    assert days() == [("618", date(2025, 5, 13), date(2025, 6, 18)), ours]
    services.forget_festival(actor=CONSOLE, festival_id=number)
    assert days() == [*usual, ours]


@pytest.mark.parametrize(
    ("slug", "name", "last"),
    [
        ("ours", " ", date(2025, 9, 7)),
        ("ours", "x" * 61, date(2025, 9, 7)),
        ("ours", "Ours", date(2025, 8, 31)),
        ("ours", "Ours", date(2026, 9, 1)),
        ("x; DROP", "Ours", date(2025, 9, 7)),
    ],
)
def test_days_that_make_no_festival_are_refused(slug, name, last):
    with pytest.raises(services.NotAFestival):
        services.set_festival(
            actor=CONSOLE, slug=slug, name=Text(name, name), first=date(2025, 9, 1), last=last
        )
    with pytest.raises(NotAllowed):
        services.set_festival(
            actor=actor_of_role("op", Role.OPERATOR),
            slug="ours",
            name=Text("Ours", "Ours"),
            first=date(2025, 9, 1),
            last=date(2025, 9, 7),
        )
