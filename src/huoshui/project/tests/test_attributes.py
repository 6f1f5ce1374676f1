"""Attributes that the house declares: retired with what uses them said first, and restored with all they had."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.urls import reverse

from huoshui.data.customers import listing, services
from huoshui.data.customers import queries as customers
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import now as present
from huoshui.kernel.plugs import HOUSE
from huoshui.know.segments import queries as segments
from huoshui.know.segments import services as rules
from huoshui.lake import open_lake
from huoshui.measure.metrics import dimensions
from huoshui.measure.metrics.forms import MetricForm
from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run as run_command
from huoshui.project.tests.conftest import SALES, loaded
from tests.plugins.programs import program

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # a house is made, and all pages with it

OILY = {"all": [{"attribute": "skin", "op": "=", "value": "oily"}]}


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two customers, one of oily skin, in a segment that asks for it."""
    folder = tmp_path_factory.mktemp("attributes")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES):
        services.declare_attribute(actor=CONSOLE, slug="skin", label_en="Skin", label_zh="肤质", type="text")
        file = folder / "people.csv"
        file.write_text("customer id,skin\n10,oily\n11,dry\n", encoding="utf-8")
        assert run_command(huoshui, ["import", str(file), "--as", "customers"]) == 0
        rules.add(actor=CONSOLE, name="Oily", note="", rule=OILY, now=present())
        yield


def skins() -> list[str]:
    tables = open_lake().snapshot()
    return sorted(tables.arrow(tables.table("customers").select("skin"))["skin"].fill_null("–").to_pylist())


def counted() -> int:
    tables = open_lake().snapshot()
    as_of = segments.moment(tables=tables, zone=HOUSE().zone, now=present())
    return segments.count(tables=tables, as_of=as_of, rule=segments.read(OILY)).count


def test_a_retired_attribute_is_offered_nowhere_and_what_uses_it_goes_on(
    house, pages, tmp_path, command_line
):
    address = reverse("customers:attributes")
    page = pages.get(address, {"change": "skin"}).content.decode()
    assert "segment “Oily”" in page  # said before the button that retires it
    pages.post(reverse("customers:attribute-retire", args=["skin"]))
    assert "skin" not in {one.slug for one in customers.attributes()}
    assert "skin" not in {one.slug for one in dimensions.dimensions(open_lake().snapshot())}
    assert listing.known()["skin"].retired
    assert ">Skin<" not in pages.get(reverse("customers:list")).content.decode()
    assert "attribute:skin" not in pages.get(reverse("segments:new")).content.decode()
    assert "customers.skin" not in pages.get(reverse("metrics:new")).content.decode()
    typed = MetricForm(initial={"above_column_0": "customers.skin"}, language="en")
    assert "customers.skin" in str(typed["above_column_1"])  # who speaks of it already may go on
    assert counted() == 1
    file = tmp_path / "more.csv"
    file.write_text("customer id,skin\n10,normal\n12,dry\n", encoding="utf-8")
    assert command_line("import", file, "--as", "customers").code == 0
    assert skins() == ["dry", "oily", "–"]
    pages.post(reverse("customers:attribute-restore", args=["skin"]))
    assert ">Skin<" in pages.get(reverse("customers:list")).content.decode()
    assert "customers.skin" in pages.get(reverse("metrics:new")).content.decode()
    assert counted() == 1


def test_the_command_line_names_what_uses_an_attribute_before_it_is_retired(house, command_line):
    refused = command_line("attribute", "retire", "skin")
    assert (refused.code, "segment “Oily”" in refused.err, "--anyway" in refused.err) == (1, True, True)
    assert command_line("attribute", "retire", "skin", "--anyway").code == 0
    listed = {one["slug"]: one for one in command_line("attribute", "list", "--json").json}
    assert listed["skin"]["retired_at"]
    assert command_line("attribute", "add", "skin").code == 1
    assert command_line("attribute", "restore", "skin").code == 0
    assert command_line("attribute", "retire", "city").code == 1  # built in


def test_programs_declare_list_retire_and_restore_attributes(house):
    api = program()
    made = api.send("POST", "/api/attributes", {"slug": "scent", "label_en": "Scent", "type": "text"})
    assert (made.status_code, made.json()["label_zh"]) == (200, "scent")
    refused = api.send("DELETE", "/api/attributes/skin")
    assert (refused.status_code, refused.json()["code"]) == (409, "attribute_in_use")
    assert api.send("DELETE", "/api/attributes/skin?anyway=true").json()["retired_at"]
    listed = {one["slug"]: one for one in api.get("/api/attributes").json()["items"]}
    assert (listed["skin"]["used_by"], listed["scent"]["used_by"]) == (["segment “Oily”"], [])
    assert api.send("POST", "/api/attributes/skin/restore").json()["retired_at"] is None
    assert api.send("DELETE", "/api/attributes/nothing").status_code == 404


def test_what_an_attribute_may_be_used_for_is_said_on_the_page_by_programs_and_commands(
    house, pages, command_line
):
    def serves() -> list[str]:
        return next(list(one.purposes) for one in customers.attributes() if one.slug == "skin")

    everything = ["marketing", "service", "profiling", "research"]
    assert serves() == everything
    page = pages.get(reverse("customers:attributes"), {"change": "skin"}).content.decode()
    assert page.count('name="purpose"') == 4
    pages.post(reverse("customers:attribute-purposes", args=["skin"]), {"purpose": ["service", "research"]})
    assert serves() == ["service", "research"]
    api = program()
    address = "/api/attributes/skin/purposes"
    assert api.send("PUT", address, {"purposes": ["marketing"]}).json()["purposes"] == ["marketing"]
    assert api.send("PUT", address, {"purposes": ["everything"]}).status_code == 422
    nothing = api.send("PUT", "/api/attributes/nothing/purposes", {"purposes": []})
    assert nothing.status_code == 404
    refused = command_line("attribute", "allow", "skin", "gossip")
    assert (refused.code, "marketing, service" in refused.err) == (1, True)
    assert command_line("attribute", "allow", "skin", *everything).code == 0
    assert serves() == everything
    made = services.declare_attribute(
        actor=CONSOLE, slug="blood_type", label_en="Blood", label_zh="血型", type="text", kind="sensitive"
    )
    assert list(made.purposes) == ["service"]


def test_what_events_may_be_used_for_is_said_on_the_page_by_programs_and_by_command(
    house, pages, command_line
):
    def purposes(name: str = "Diagnosis Viewed") -> list[str]:
        found = {one.name: list(one.purposes) for one in customers.event_types(open_lake().snapshot())}
        return found.get(name, [])

    assert "No events yet" in pages.get(reverse("customers:attributes")).content.decode()
    address, said = reverse("customers:event-purposes"), {"name": "Diagnosis Viewed", "purpose": ["service"]}
    assert pages.post(address, said).status_code == 302
    assert purposes() == ["service"]
    page = pages.get(reverse("customers:attributes"), {"event": "Diagnosis Viewed"}).content.decode()
    assert "Without marketing, no campaign may choose its people by it." in page
    for wrong in ("", "x" * 201, "a\nb"):
        assert pages.post(address, {"name": wrong, "purpose": ["service"]}).status_code == 400
    assert pages.post(address, {"name": "<b>", "purpose": ["everything"]}).status_code == 400

    api = program("administrator")
    sent = {"name": "Diagnosis Viewed", "purposes": ["research", "service"]}
    assert api.send("PUT", "/api/event-types", sent).json()["purposes"] == ["service", "research"]
    assert api.send("PUT", "/api/event-types", {**sent, "purposes": ["everything"]}).status_code == 422
    assert api.send("PUT", "/api/event-types", {**sent, "name": "a\nb"}).status_code == 400
    assert program("viewer").send("PUT", "/api/event-types", sent).status_code == 403
    assert api.get("/api/event-types").json()["items"] == [
        {**sent, "times": 0, "purposes": ["service", "research"]}
    ]

    assert "service" in command_line("attribute", "allow-event", "Diagnosis Viewed", "service").err
    assert purposes() == ["service"]
    assert "Diagnosis Viewed" in command_line("attribute", "events").out
    told = json.loads(command_line("attribute", "events", "--json").out)
    assert told == [{"name": "Diagnosis Viewed", "times": 0, "purposes": ["service"]}]
