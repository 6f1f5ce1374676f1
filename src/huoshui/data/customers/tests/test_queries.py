"""Finding people, and the lake's picture of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from huoshui.data.customers import queries, services, tables
from huoshui.data.customers.models import Attribute, Customer
from huoshui.data.customers.tests.factories import NOW, make_customers, make_house, tell
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import LAKE_TABLES, LakeTable


def found_by(text):
    return [(who.customer_id, who.kind) for who in queries.find(text)]


def test_a_customer_is_found_by_everything_that_names_them(database):
    make_house()
    (ann,) = make_customers("12347")
    tell([ann], phone=["+447700900123"], email=["ann@example.com"])
    for text in (
        str(ann),
        " 12347 ",
        "07700 900123",
        "+44 7700 900123",
        "0044 7700900123",
        "ANN@example.com",
    ):
        assert [who for who, _ in found_by(text)] == [ann], text
    assert found_by(str(ann)) == [(ann, "id")]


def test_a_number_that_two_sources_use_finds_both(database):
    make_house()
    ids = {*make_customers("7", source="shop"), *make_customers("7", source="app")}
    assert {who for who, _ in found_by("7")} == ids


@pytest.mark.parametrize(
    "text", ["", "  ", "nobody", "999999999999999", "\x00", "x" * 5000, "%", "' OR 1=1 --"]
)
def test_nobody_is_found_by_what_names_nobody(db, text):
    make_house()
    make_customers("1")
    assert queries.find(text) == []


def test_people_are_found_before_the_house_is_founded_too(db):
    (ann,) = make_customers("1")
    assert found_by("1") == [(ann, "number")]


def test_deleted_people_are_not_found_and_have_no_profile(database):
    make_house()
    (ann,) = make_customers("1")
    tell([ann], email=["ann@example.com"])
    Customer.objects.filter(pk=ann).update(deleted_at=NOW)
    assert found_by("1") == found_by("ann@example.com") == found_by(str(ann)) == []
    with pytest.raises(queries.NoSuchCustomer):
        queries.profile(ann)
    assert queries.count() == 0
    assert queries.base_rows().num_rows == 0


def test_names_are_given_as_far_as_they_are_known(database):
    ann, bob = make_customers("1", "2")
    tell([ann], name=["Ann"])
    assert queries.names([ann, bob, 5]) == {ann: "Ann"}


# -- attributes ------------------------------------------------------------------------------------------------------


def declare(slug, type="text", kind="ordinary", **labels):
    texts = {"label_en": "Colour", "label_zh": "颜色", **labels}
    return services.declare_attribute(actor=CONSOLE, slug=slug, type=type, kind=kind, **texts)


def test_the_presets_of_a_new_house_are_those_of_the_lake_table(database):
    presets = [(a.slug, a.label_en, a.label_zh, a.type) for a in queries.attributes() if a.preset]
    assert sorted(presets) == sorted(tables.PRESETS)


def test_an_attribute_of_the_house_becomes_a_column_and_a_sensitive_one_does_not(db):
    declare("colour")
    declare("illness", kind="sensitive")
    names = [column.name for column in LAKE_TABLES["customers"].all_columns]
    assert names[-1] == "colour"
    assert "illness" not in names
    assert len(names) == len(set(names))
    whole = tables.customers_table()
    assert type(whole) is LakeTable
    assert whole.columns == whole.all_columns == LAKE_TABLES["customers"].all_columns


def test_declaring_again_renames_and_never_changes_what_it_means(db):
    declare("colour")
    assert declare("colour", label_en="Shade").label_en == "Shade"
    for change in ({"type": "integer"}, {"kind": "sensitive"}):
        with pytest.raises(services.AttributeTaken):
            declare("colour", **change)
    assert declare("gender").label_en == "Gender"
    assert Attribute.objects.filter(preset=False).count() == 1


@pytest.mark.parametrize("slug", ["", "a", "Colour", "1st", "colour!", "颜色", "a" * 41, "a-b", "_a"])
def test_names_that_cannot_be_columns_are_refused(db, slug):
    with pytest.raises(services.NotASlug):
        declare(slug)


@pytest.mark.parametrize("slug", ["name", "customer_id", "load_id", "as_of", "marketable_email"])
def test_names_of_the_house_itself_are_refused(db, slug):
    with pytest.raises(services.AttributeTaken):
        declare(slug)


def test_types_and_kinds_that_do_not_exist_are_refused(db):
    for wrong in ({"type": "colour"}, {"kind": "secret"}):
        with pytest.raises(services.NotAnAttributeType):
            declare("colour", **wrong)


def test_only_who_manages_the_house_declares(db):
    with pytest.raises(NotAllowed):
        services.declare_attribute(
            actor=actor_of_role("mei", Role.MANAGER), slug="colour", label_en="", label_zh="", type="text"
        )


# -- the lake table --------------------------------------------------------------------------------------------------


class Facts:
    """The lake's table of attribute facts, written down by hand."""

    def __init__(self, *rows):
        self._rows = rows

    def table(self, slug):
        assert slug == "customer_attributes"
        names = ("customer_id", "name", "valid_from", "value", "load_id")
        types = (pa.int64(), pa.string(), pa.timestamp("us", "UTC"), pa.string(), pa.int64())
        columns = [pa.array([row[place] for row in self._rows], type_) for place, type_ in enumerate(types)]
        return ibis.memtable(pa.table(columns, names=names))


def declared(**types):
    return [
        queries.DeclaredAttribute(
            slug=slug, label_en="", label_zh="", type=type_, kind="ordinary", preset=False, purposes=()
        )
        for slug, type_ in types.items()
    ]


def current(*rows, **types):
    base = pa.table(
        {"customer_id": [1, 2], "created_at": [NOW, NOW], "load_id": pa.array([7, None], pa.int64())},
        schema=queries.BASE_SCHEMA,
    )
    expression = queries.current_customers(Facts(*rows), ibis.memtable(base), declared(**types))
    answer = ibis.duckdb.connect().to_pyarrow(expression.order_by("customer_id"))
    return {row["customer_id"]: row for row in answer.to_pylist()}


def at(day):
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)


def test_everybody_has_a_row_and_the_newest_value_counts():
    found = current((1, "city", at(2), "York", 1), (1, "city", at(1), "Leeds", 9), city="text")
    assert found[1] == {"customer_id": 1, "created_at": NOW, "load_id": 7, "city": "York"}
    assert found[2]["city"] is None


def test_of_equal_moments_the_later_load_counts_and_then_the_greater_text():
    assert current((1, "c", at(1), "z", 1), (1, "c", at(1), "a", 2), c="text")[1]["c"] == "a"
    assert current((1, "c", at(1), "z", 1), (1, "c", at(1), "a", 1), c="text")[1]["c"] == "z"


def test_a_city_tier_that_nobody_said_is_that_of_the_city():
    texts = {"city": "text", "country": "text", "city_tier": "text"}
    found = current(
        (1, "city", at(1), "杭州", 1), (2, "city", at(1), "杭州", 1), (2, "city_tier", at(1), "A", 1), **texts
    )
    assert [found[who]["city_tier"] for who in (1, 2)] == ["新一线", "A"]
    assert (
        current((1, "city_tier", at(1), "", None), (1, "city", at(1), "杭州", 1), **texts)[1]["city_tier"]
        == "新一线"
    )


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("integer", "42", 42),
        ("integer", "-7", -7),
        ("integer", "3.7", None),
        ("integer", "1e3", None),
        ("integer", " 4", None),
        ("integer", "4\n", None),
        ("integer", "9" * 30, None),
        ("decimal", "12.3400", Decimal("12.3400")),
        ("decimal", "12", Decimal(12)),
        ("decimal", "NaN", None),
        ("decimal", "1,5", None),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("boolean", "yes", None),
        ("boolean", "TRUE", None),
        ("date", "2024-02-29", datetime(2024, 2, 29).date()),  # noqa: DTZ001
        ("date", "2023-02-29", None),
        ("date", "29.02.2024", None),
        ("text", "上海", "上海"),
        ("text", " ", " "),
    ],
)
def test_a_text_that_is_no_value_of_its_type_gives_an_empty_cell(type_, text, value):
    assert current((1, "thing", at(1), text, 1), thing=type_)[1]["thing"] == value
