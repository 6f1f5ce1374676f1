"""Traits that people define, over a house with a few sales and events: kept, computed, used, lost, on their pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.traits import queries as traits
from huoshui.data.traits import services as computing
from huoshui.desk.threads import queries as threads
from huoshui.kernel.actors import CONSOLE, Right, Role, actor_of_role
from huoshui.kernel.clock import AsOf
from huoshui.kernel.clock import now as present
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import HOUSE, TRAITS
from huoshui.know.custom import definitions, own, queries, services
from huoshui.know.custom.errors import NotADefinition, NotATrait, NotDefinedHere, TraitChanged, TraitInUse
from huoshui.know.custom.own import Content
from huoshui.know.custom.tests import histories
from huoshui.know.segments import queries as segments
from huoshui.know.segments import services as rules
from huoshui.know.segments.errors import BadRule
from huoshui.lake import open_lake
from huoshui.project import desk_findings
from huoshui.project.tests.conftest import loaded
from tests.plugins.programs import program

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # a house is made, and all pages with it

SALES = """\
invoice,customer,date,sku,quantity,price
1,a,2024-01-01,x,1,5
2,a,2024-02-02,y,1,7
3,b,2024-02-03,x,1,5
4,c,2024-02-20,y,3,5
"""
EVENTS = """\
event id,event,time,customer,properties
e1,Looked,2024-02-10 10:00,a,"{""colour"": ""red"", ""size"": 3}"
e2,Looked,2024-02-11 10:00,a,"{""colour"": ""blue"", ""size"": 5}"
e3,Looked,2024-02-12 10:00,b,"{""colour"": ""red"", ""size"": ""big""}"
e4,Looked,2024-02-12 11:00,,"{""colour"": ""red""}"
e5,Went,2024-02-13 10:00,b,not json
"""
LOOKS = {"of": "events", "event": "Looked", "take": "count"}


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A house with four sales and five events of three customers and somebody, as of 2024-03-01."""
    folder = tmp_path_factory.mktemp("traits")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES, events=EVENTS) as home:
        yield home


SECONDS = count(1)


def later() -> datetime:
    """A moment after all that were asked for before, however quick the machine is."""
    return present() + timedelta(seconds=next(SECONDS))


def content(definition: dict[str, Any], **words: str) -> Content:
    return Content(**({"label_en": "Mine"} | words), definition=definitions.read(definition))


def define(definition: dict[str, Any], slug: str = "mine", **words: str) -> str:
    made = content(definition, **words)
    return services.define(actor=CONSOLE, slug=slug, content=made, tables=open_lake().snapshot(), now=later())


def change(definition: dict[str, Any], slug: str = "mine", *, seen: int = 1) -> int:
    return services.change(
        actor=CONSOLE,
        slug=slug,
        seen=seen,
        content=content(definition),
        tables=open_lake().snapshot(),
        now=later(),
    )


def refresh() -> None:
    tables = open_lake().snapshot()
    last = traits.last_refresh(tables=tables)
    assert last is not None
    as_of = AsOf(at=last[0], zone=HOUSE().zone)
    computing.refresh(actor=CONSOLE, lake=open_lake(), as_of=as_of, now=later())


def stored(slug: str) -> list[Any]:
    """The values of a trait as lists show them, the same ones together."""
    tables = open_lake().snapshot()
    rows = tables.table("traits")
    return sorted(tables.arrow(rows.select(rows[slug]))[slug].to_pylist(), key=str)


def counted(rule: dict[str, Any]) -> int:
    tables = open_lake().snapshot()
    as_of = segments.moment(tables=tables, zone=HOUSE().zone, now=present())
    return segments.count(tables=tables, as_of=as_of, rule=segments.read(rule)).count


def test_a_trait_that_somebody_defined_is_computed_with_the_others_and_says_where_from(house):
    define(LOOKS)
    define({"of": "orders", "take": "sum", "property": "revenue", "calendar": "last_month"}, slug="bought")
    define({"formula": "mine / orders_365d"}, slug="ratio")
    refresh()
    assert stored("mine") == [0, 1, 2]
    assert stored("ratio") == [0.0, 1.0, 1.0]
    tables = open_lake().snapshot()
    row = tables.arrow(tables.table("traits").filter(tables.table("traits").mine == 2)).to_pylist()[0]
    value = traits.current(tables=tables, customer_id=row["customer_id"])["mine"]
    assert (value.value, value.computed_from) == (2, ("behaviour",))
    assert traits.in_row(row)["ratio"].computed_from == ("mine", "orders_365d")
    history = tables.table("traits_history")
    assert {1, 2, 0} <= set(tables.arrow(history.select("mine"))["mine"].to_pylist())


def test_a_segment_counts_with_the_newest_definition_at_once_and_lists_after_the_refresh(house):
    define(LOOKS)
    rule = {"trait": "mine", "op": ">=", "value": 2}
    assert counted(rule) == 1
    assert stored("mine") == [None, None, None]
    refresh()
    assert counted(rule) == 1
    assert change(LOOKS | {"where": [{"property": "colour", "op": "=", "value": "red"}]}) == 2
    tables = open_lake().snapshot()
    assert traits.stale(tables=tables, slugs=["mine", "recency"]) == ["mine"]
    assert counted(rule) == 0
    assert stored("mine") == [0, 1, 2]
    refresh()
    assert traits.stale(tables=open_lake().snapshot(), slugs=["mine"]) == []
    assert stored("mine") == [0, 1, 1]


def test_a_change_is_a_version_with_its_differences_and_one_of_two_editors_is_refused(house):
    define(LOOKS)
    change(LOOKS | {"within_days": 30})
    with pytest.raises(TraitChanged):
        change(LOOKS, seen=1)
    found = threads.difference(actor=CONSOLE, subject="trait:mine", a=1, b=2)
    assert any("within_days" in str(one) for one in found)


def test_a_trait_that_is_used_cannot_be_retired_and_says_by_what(house):
    define(LOOKS)
    define({"formula": "mine * 2"}, slug="twice", label_en="Twice", label_zh="两倍")
    rules.add(actor=CONSOLE, name="Lookers", rule={"trait": "mine", "op": ">", "value": 0}, now=present())
    with pytest.raises(TraitInUse) as refused:
        services.retire(actor=CONSOLE, slug="mine", now=present())
    assert refused.value.words.en == "The trait is used by segment “Lookers”, trait “Twice”"
    assert "分群“Lookers”" in refused.value.words.zh
    services.retire(actor=CONSOLE, slug="twice", now=present())
    assert "twice" not in TRAITS
    services.bring_back(actor=CONSOLE, slug="twice", now=present())
    assert "twice" in TRAITS
    with pytest.raises(NotDefinedHere):
        services.retire(actor=CONSOLE, slug="recency", now=present())


def test_a_trait_that_has_lost_its_ground_has_no_values_and_breaks_nothing_else(house):
    attributes = apps.get_model("customers", "Attribute").objects
    attributes.create(slug="pets", label_en="Pets", label_zh="宠物", type="integer", kind="ordinary")
    define({"formula": "pets + 1"})
    define({"formula": "mine * 2"}, slug="twice")
    define(LOOKS, slug="looks")
    rule = {"trait": "mine", "op": ">", "value": 0}
    rules.add(actor=CONSOLE, name="With pets", rule=rule, now=present())
    attributes.filter(slug="pets").delete()
    own.forget()
    refresh()
    assert stored("mine") == stored("twice") == [None, None, None]
    assert stored("looks") == [0, 1, 2]
    assert [one.slug for one in queries.broken()] == ["mine", "twice"]
    assert TRAITS["mine"].broken is not None
    assert "pets" in TRAITS["mine"].broken.zh
    with pytest.raises(BadRule):
        segments.read(rule)
    found = {one.slug: one for one in desk_findings.examine(deep=False)}["traits"]
    assert (found.in_order, "mine: There is no trait pets" in found.text.en) == (False, True)
    with pytest.raises(TraitInUse):
        services.retire(actor=CONSOLE, slug="mine", now=present())


@pytest.mark.parametrize(
    ("definition", "received", "valid"),
    [
        (LOOKS | {"event": "Lookd"}, "Lookd", "Looked (3)"),
        (LOOKS | {"take": "top", "property": "color"}, "color", "colour (text, 4)"),
        (LOOKS | {"where": [{"property": "color", "op": "empty"}]}, "color", "size (number, 3)"),
        ({"formula": "mine + nothing"}, "nothing", "recency"),
        ({"formula": "stage + 1"}, "stage", "recency"),
        ({"formula": "itself + 1"}, "itself", "recency"),
        ({"of": "orders", "take": "sum", "property": "channel"}, "channel", "revenue"),
    ],
    ids=str,
)
def test_what_is_not_there_is_refused_with_what_is(house, definition, received, valid):
    define(LOOKS)
    with pytest.raises(NotADefinition) as refused:
        define(definition, slug="itself")
    assert received in refused.value.received
    assert valid in refused.value.valid


def test_formulas_in_circles_and_names_that_are_taken_are_refused(house):
    define({"formula": "recency + 1"}, slug="aa")
    define({"formula": "aa + 1"}, slug="bb")
    with pytest.raises(NotADefinition, match="itself"):
        change({"formula": "bb + 1"}, "aa")
    for slug in ("recency", "city", "aa", "tag", "new", "Bad name", "x'; DROP TABLE traits"):
        with pytest.raises(NotATrait):
            define(LOOKS, slug=slug)
    with pytest.raises(NotATrait):
        define(LOOKS, slug="no_label", label_en="")
    with pytest.raises(NotAllowed):
        services.define(
            actor=actor_of_role("Vera", Role.VIEWER),
            slug="hers",
            content=content(LOOKS),
            tables=open_lake().snapshot(),
            now=present(),
        )


def test_the_preview_says_what_the_refresh_computes(house):
    tables = open_lake().snapshot()
    last = traits.last_refresh(tables=tables)
    assert last is not None
    found = queries.preview(
        actor=CONSOLE,
        content=content(LOOKS | {"take": "sum", "property": "size", "type": "number"}),
        tables=tables,
        as_of=AsOf(at=last[0], zone=HOUSE().zone),
    )
    assert (found.customers, found.having, found.least, found.most) == (3, 3, 0.0, 8.0)
    assert found.top[0] == (0.0, 2)
    assert sorted(value for _, _, value in found.sample) == [0.0, 0.0, 8.0]
    assert "previewed" not in TRAITS


def test_the_pages_define_show_change_and_retire_a_trait(house, pages, signed_in):
    typed = {"of": "events", "event": "Looked", "take": "top", "property": "colour", "label_zh": "最爱颜色"}
    typed |= {"slug": "shade", "property_0": "size", "op_0": ">", "value_0": "2", "join": "any"}
    shown = pages.post("/traits/preview/", typed).content.decode()
    assert "1</b> of 3 customers have a value" in shown
    assert pages.post("/traits/new/", typed | {"event": "Nothing"}).status_code == 400
    assert pages.post("/traits/new/", typed)["Location"] == "/traits/shade/"
    page = pages.get("/traits/shade/").content.decode()
    assert "最爱颜色" in page
    assert "newer than the values" in page
    assert 'value="2"' in pages.get("/traits/shade/edit/").content.decode()
    kept = own.one("shade").content
    assert kept is not None
    assert own.as_json(kept)["definition"]["where"] == [{"property": "size", "op": ">", "value": 2}]
    assert "waits for the next refresh" in pages.get("/traits/").content.decode()
    refresh()
    assert stored("shade") == [None, None, "blue"]
    assert "最爱颜色" in pages.get("/customers/?columns=shade&has=shade:blu").content.decode()
    rules.add(actor=CONSOLE, name="Blue", rule={"trait": "shade", "op": "=", "value": "blue"}, now=present())
    refused = pages.post("/traits/shade/retire/")
    assert refused.status_code == 400
    assert "segment “Blue”" in refused.content.decode()
    assert signed_in("viewer").get("/traits/new/").status_code == 403


def test_the_form_holds_as_many_conditions_as_the_language_takes(house, pages):
    typed = {
        "of": "events",
        "event": "Looked",
        "take": "count",
        "label_en": "Many",
        "slug": "many",
        "join": "any",
    }
    rows = [{f"property_{n}": "size", f"op_{n}": "=", f"value_{n}": str(n)} for n in range(30)]
    filled = typed | {name: text for row in rows[:4] for name, text in row.items()}
    grown = pages.post("/traits/new/", filled | {"more": "1"})
    assert (grown.status_code, 'name="property_5"' in grown.content.decode()) == (200, True)
    assert "many" not in TRAITS
    everything = typed | {name: text for row in rows for name, text in row.items()}
    assert pages.post("/traits/new/", everything)["Location"] == "/traits/many/"
    kept = own.one("many").content
    assert kept is not None
    assert [one["value"] for one in own.as_json(kept)["definition"]["where"]] == list(range(30))
    page = pages.get("/traits/many/edit/").content.decode()
    assert ('name="property_29"' in page, 'name="more"' in page) == (True, False)


def test_the_pages_ask_the_database_a_stated_number_of_times(house, pages, django_assert_max_num_queries):
    define(LOOKS)
    for path, most in (
        ("/traits/", 24),
        ("/traits/mine/", 26),
        ("/traits/mine/edit/", 26),
        ("/traits/new/", 16),
    ):
        pages.get(path)
        with django_assert_max_num_queries(most):
            pages.get(path)


def test_the_command_line_adds_lists_previews_and_retires(house, command_line, tmp_path):
    file = tmp_path / "looks.json"
    file.write_text(json.dumps({"label_zh": "浏览", "definition": LOOKS}))
    assert command_line("trait", "preview", str(file), "--json").json["having"] == 3
    assert command_line("trait", "add", "looks", str(file), "--json").json["version"] == 1
    file.write_text(json.dumps(LOOKS | {"within_days": 7}))
    assert command_line("trait", "add", "looks", str(file), "--json").json["version"] == 2
    line = next(one for one in command_line("trait", "list", "--json").json if one["slug"] == "looks")
    assert (line["stale"], line["own"]["definition"]["within_days"]) == (True, 7)
    assert command_line("trait", "retire", "looks", "--json").json == {"slug": "looks", "retired": True}
    file.write_text("{")
    assert command_line("trait", "add", "looks2", str(file)).code == 1


def test_programs_define_preview_change_retire_and_restore_a_trait(house):
    api = program()
    sent = {"label_zh": "浏览", "definition": LOOKS}
    seen = api.send("POST", "/api/traits/preview", sent).json()
    assert (seen["having"], seen["customers"], seen["most"]) == (3, 3, 2)
    assert sorted(one["value"] for one in seen["sample"]) == [0, 1, 2]
    for _ in range(2):
        made = api.send("POST", "/api/traits", sent | {"slug": "looks"}, Idempotency_Key="looks")
        assert (made.status_code, made["Location"]) == (201, "/api/traits/looks")
    assert api.send("POST", "/api/traits", sent | {"slug": "looks"}).json()["code"] == "not_a_trait"
    there = api.get("/api/traits/looks")
    assert (there["ETag"], there.json()["having"], there.json()["stale"]) == ('"1"', 0, True)
    assert there.json()["defined"]["definition"] == LOOKS
    week = {"label_en": "Looks", "definition": LOOKS | {"within_days": 7}}
    assert api.send("PUT", "/api/traits/looks", week).status_code == 428
    assert api.send("PUT", "/api/traits/looks", week, If_Match='"1"')["ETag"] == '"2"'
    assert api.send("PUT", "/api/traits/looks", week, If_Match='"1"').status_code == 412
    versions = api.get("/api/traits/looks/versions").json()["items"]
    assert [(one["version"], one["label_en"]) for one in versions] == [(2, "Looks"), (1, "")]
    rules.add(actor=CONSOLE, name="Lookers", rule={"trait": "looks", "op": ">", "value": 0}, now=present())
    refused = api.send("DELETE", "/api/traits/looks", accept_language="zh-CN")
    assert (refused.status_code, refused.json()["detail"]) == (409, "特征正在被使用：分群“Lookers”")
    rules.retire(actor=CONSOLE, slug="lookers", now=present())
    assert api.send("DELETE", "/api/traits/looks").status_code == 204
    assert api.get("/api/traits/looks").status_code == 404
    assert api.send("POST", "/api/traits/looks/restore").json()["defined"]["version"] == 2
    assert api.get("/api/traits/recency").json()["defined"] is None
    assert api.send("PUT", "/api/traits/recency", week, If_Match="*").status_code == 404
    wrong = api.send("POST", "/api/traits", {"label_en": "x", "definition": {"of": "orders", "take": "all"}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "not_a_trait_definition")
    assert "average" in wrong.json()["valid"]
    assert jsonschema_rs.validator_for(api.get("/api/traits/schema").json()).is_valid(LOOKS)
    looking = program(rights=[Right.CUSTOMERS_VIEW])
    assert looking.get("/api/traits/looks").status_code == 200
    for method, path in (("POST", ""), ("PUT", "/looks"), ("DELETE", "/looks"), ("POST", "/preview")):
        assert looking.send(method, f"/api/traits{path}", sent, If_Match="*").status_code == 403


def test_the_published_schema_takes_every_sound_definition_and_no_broken_one(house):
    validator = jsonschema_rs.validator_for(definitions.described())
    for one in histories.some_definitions(3, 60):
        assert validator.is_valid(one), one
        assert definitions.plain(
            definitions.read(definitions.plain(definitions.read(one)))
        ) == definitions.plain(definitions.read(one))

    @given(
        st.sampled_from([*histories.some_definitions(4, 20)]), st.sampled_from([*LOOKS, "property", "window"])
    )
    def spoilt(one, key):
        strange = one | {key: ["no", "such"]}
        assert not validator.is_valid(strange)
        with pytest.raises(NotADefinition):
            definitions.read(strange)

    spoilt()
