"""The whole database as streams of rows, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, models, transaction

from huoshui.database import copying
from tests.plugins.databases import in_place_of_default


def copied(*tables):
    return {table: list(copying.unload(table)) for table in tables}


def test_every_table_of_the_house_can_be_unloaded():
    for model in apps.get_models(include_auto_created=True):
        assert copying.schema(model).names == [f.column for f in model._meta.concrete_fields]


def test_a_field_of_a_kind_that_nobody_thought_of_is_refused():
    class Odd(models.Model):
        size = models.DurationField()

        class Meta:
            app_label = "odd"

        def __str__(self):
            return "odd"

    with pytest.raises(TypeError, match="DurationField"):
        copying.schema(Odd)


def test_what_is_unloaded_loads_again_as_it_was(database):
    house = apps.get_model("organisation", "Organisation")
    load = apps.get_model("connectors", "Load")
    whole = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    split = whole.replace(microsecond=120_000)
    house.objects.create(
        name="活水 'a', \"b\"\nc", currency="CNY", time_zone="UTC", demo=True, founded_at=whole
    )
    for number, at in ((7, None), (9, split)):
        load.objects.create(
            load_id=number,
            columns=["a", "列"],
            mapping={"x": None},
            currency="CNY",
            started_at=whole,
            finished_at=at,
        )
    before = copied(house, load)
    rows = list(load.objects.values()), list(house.objects.values())
    load.objects.all().delete()
    house.objects.update(name="other")
    assert copying.load(before) == {house: 1, load: 2}
    assert (list(load.objects.values()), list(house.objects.values())) == rows
    assert copied(house, load) == before
    assert load.objects.create(currency="CNY", started_at=whole).load_id == 10  # numbers are not given twice


def test_shares_amounts_and_times_of_day_load_again_as_they_were(database):
    class Plan(models.Model):
        share = models.FloatField()
        cap = models.DecimalField(max_digits=18, decimal_places=4, null=True)
        at = models.TimeField(null=True)

        class Meta:
            app_label = "odd"
            apps = Apps()  # the test is run twice

        def __str__(self):
            return "plan"

    columns = ", ".join(f"{f.column} {f.db_type(connection)}" for f in Plan._meta.concrete_fields[1:])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE odd_plan (id integer PRIMARY KEY, {columns})")
    Plan._default_manager.create(id=1, share=0.1, cap=Decimal("12345678901.5"), at=time(9, 30))
    Plan._default_manager.create(id=2, share=1e-9, cap=Decimal("20"), at=time(23, 59, 59, 120_000))
    Plan._default_manager.create(id=3, share=1, cap=None, at=None)
    before, plans = copied(Plan), list(Plan._default_manager.order_by("id").values())
    assert before[Plan][0]["cap"].to_pylist() == ["12345678901.5000", "20.0000", None]
    assert copying.load(before) == {Plan: 3}
    assert list(Plan._default_manager.order_by("id").values()) == plans
    assert copied(Plan) == before


def test_loading_takes_away_what_was_there_and_an_empty_table_stays_empty(database):
    ContentType.objects.get_or_create(app_label="a", model="b")
    empty: dict[type[models.Model], list[pa.RecordBatch]] = {
        Group: [pa.RecordBatch.from_pylist([], schema=copying.schema(Group))]
    }
    Group.objects.create(name="somebody")
    assert copying.load(empty) == {Group: 0}
    assert not Group.objects.exists()
    assert copied(Group) == empty


def test_a_reference_that_leads_nowhere_loads_nothing(database):
    kind = ContentType.objects.create(app_label="a", model="b")
    Permission.objects.create(name="p", codename="p", content_type=kind)
    rows = copied(Permission)
    lost = rows[Permission][0].to_pylist()
    for row in lost:
        row["content_type_id"] = 99_999
    wrong = pa.RecordBatch.from_pylist(lost, schema=rows[Permission][0].schema)
    with pytest.raises(IntegrityError), transaction.atomic():
        copying.load({Permission: [wrong]})
    assert copied(Permission) == rows


def test_rows_of_other_columns_are_refused(database):
    with pytest.raises(ValueError, match="other columns"):
        copying.load({Group: [pa.RecordBatch.from_pylist([{"id": 1, "title": "x"}])]})


def test_a_database_in_a_file_of_its_own_is_complete_in_it(db, tmp_path, django_db_blocker):
    path = tmp_path / "other.sqlite3"
    usual = connection.settings_dict["NAME"]
    # The connection of the test is put aside: closing it would end the database in memory.
    other = connection.copy("default")
    with in_place_of_default(other), copying.in_file(path), other.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n integer)")
        cursor.execute("INSERT INTO kept VALUES (1)")
    assert [f.name for f in tmp_path.iterdir()] == ["other.sqlite3"]
    assert connection.settings_dict["NAME"] == usual
