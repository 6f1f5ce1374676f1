"""Of many people the rows are written while the engine works on; what is left behind is the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.utils import load_backend

from huoshui.data.connectors import work
from huoshui.data.connectors.tests.house import NOW, House
from huoshui.data.customers import services as customers
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.lake import open_lake
from tests.plugins.databases import in_place_of_default

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "Customer,Name,Phone,E-mail,Birth year\n" + "".join(
    f"k{n},Ada {n},+44 7400 1{n % 50:05},ada{n}@example.com,{1950 + n % 40}\n" for n in range(60)
)
CONSENTS = "Customer,Channel,State,Given at,Origin,Evidence\n" + "".join(
    f"c{n},sms,yes,2024-03-01 10:00,form,paper {n}\n" for n in range(40)
)
FILES = ((PEOPLE, "customers"), (CONSENTS, "consents"))


@pytest.fixture
def house(transactional_db: None, tmp_path: Path, monkeypatch, settings) -> Iterator[House]:
    """A house with its database in a file: two threads cannot write to one in memory."""
    connection.ensure_connection()
    with sqlite3.connect(tmp_path / "house.sqlite3") as copy:
        connection.connection.backup(copy)
    chosen = {**connections.settings["default"], "NAME": str(tmp_path / "house.sqlite3")}
    monkeypatch.setitem(connections.settings, "default", chosen)  # for other threads
    settings.HUOSHUI_HOME, settings.HUOSHUI_LAKE = tmp_path, str(tmp_path / "lake")
    settings.HUOSHUI_STATED = frozenset()
    wrapper = load_backend(chosen["ENGINE"]).DatabaseWrapper(chosen, "default")
    (tmp_path / "files").mkdir()
    with in_place_of_default(wrapper):
        organisation.found(actor=CONSOLE, currency="GBP", time_zone="Europe/London", now=NOW)
        lake = open_lake()
        yield House(lake, tmp_path / "files")
        lake.close()
        wrapper.close()


@pytest.fixture
def threads(monkeypatch):
    """The jobs given to a background, whose limit for many people is one."""
    monkeypatch.setattr(work, "MANY_PEOPLE", 1)
    seen: list[Any] = []
    run = work.Background.run

    def noted(self: work.Background, job: Any) -> None:
        seen.append(job)
        run(self, job)

    monkeypatch.setattr(work.Background, "run", noted)
    return seen


def told() -> dict[str, Any]:
    """What the database says of people, without their random ids, which decide whom a shared phone names."""
    people = apps.get_model("customers", "Customer").objects.values_list("name", "phone", "email")
    keys = apps.get_model("customers", "Identity").objects.values_list("kind", "value", "is_key")
    consents = apps.get_model("privacy", "Consent").objects.values_list("evidence", "state", "source")
    return {"people": sorted(people), "keys": sorted(keys), "consents": sorted(consents)}


def loaded_and_undone(house: House) -> tuple[dict[str, Any], list[dict[str, int]]]:
    """What the database tells after both files, and the rules that were used for each."""
    reports = [house.load(text, kind, source="till") for text, kind in FILES]
    answer = told()
    for report in reversed(reports):
        house.undo(report)
    assert told() == {"people": [], "keys": [], "consents": []}
    return answer, [report.rules for report in reports]


@pytest.mark.slow
def test_many_people_are_the_same_people(house: House, request: pytest.FixtureRequest):
    few, rules = loaded_and_undone(house)
    assert rules[0]["contact_shared"] == 10
    assert len(few["people"]) == 100
    threads = request.getfixturevalue("threads")
    assert loaded_and_undone(house) == (few, rules)
    assert len(threads) == 4  # people and what is said of them, for two files


@pytest.mark.usefixtures("threads")
@pytest.mark.slow
def test_what_goes_wrong_in_the_background_leaves_nothing(house: House, monkeypatch):
    def fail(**_: Any) -> None:
        raise customers.NotNormalised("Some values of phone are not in the spelling of the house")

    with monkeypatch.context() as patched:
        patched.setattr(customers, "update_profiles", fail)
        house.refused("not_normalised", PEOPLE, "customers")
    assert told() == {"people": [], "keys": [], "consents": []}
