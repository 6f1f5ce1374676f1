"""Who is under fourteen: years as the law counts them, and words from the lake and from hands."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from huoshui.data.customers import services
from huoshui.data.customers.queries import OF_AGE, births, children, values_of
from huoshui.data.customers.tests.factories import NOW, make_customers, make_house
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake.duck import EngineSettings, arrow_schema
from huoshui.lake.house import Lake

TODAY = date(2026, 3, 1)
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def years(born: date, today: date) -> int:
    """Whole years of age (周岁): one more from the day after each birthday on."""
    return today.year - born.year - ((today.month, today.day) <= (born.month, born.day))


@given(born=days, today=days)
@example(born=date(2012, 2, 29), today=date(2026, 2, 28))
@example(born=date(2012, 2, 29), today=date(2026, 3, 1))
@example(born=date(2014, 3, 1), today=date(2028, 2, 29))
@example(born=date(2014, 2, 28), today=date(2028, 2, 29))
def test_a_child_is_who_has_not_fourteen_whole_years(born, today):
    assert (born >= births.youngest(today)) == (years(born, today) < OF_AGE)


@given(today=days)
def test_nobody_becomes_a_child_again(today):
    assert births.youngest(today) <= births.youngest(today + timedelta(days=1))


@given(year=st.integers(1990, 2060), today=days)
def test_who_told_a_year_alone_is_a_child_while_they_may_be_one(year, today):
    possibly = years(date(year, 12, 31), today) < OF_AGE
    assert births._of_child("birth_year", str(year), today) == possibly


@pytest.fixture
def lake(tmp_path, db, monkeypatch):
    make_house()
    settings = EngineSettings(memory="400MiB", threads=1, time_zone="UTC", temporary=tmp_path / "tmp")
    made = Lake(tmp_path / "lake", settings)
    monkeypatch.setattr(births, "open_lake", lambda: made)
    yield made
    made.close()


def write(lake, **columns):
    """The customers of the lake; ``columns`` hold a value for each of them."""
    people = len(columns["customer_id"])
    columns = {"created_at": [NOW] * people, "load_id": [1] * people, **columns}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    schema = arrow_schema(LAKE_TABLES["customers"].all_columns)
    with lake.write("people") as tx:
        tx.overwrite("customers", pa.Table.from_pylist(rows, schema=schema))


def type_in(customer_id, now=NOW, **typed):
    known = values_of(customer_id, in_lake={})
    services.edit(actor=CONSOLE, customer_id=customer_id, seen=known, typed=typed, in_lake={}, now=now)


def test_birthdays_of_the_lake_count_and_what_is_typed_in_counts_before_them(lake):
    services.declare_attribute(
        actor=CONSOLE, slug="birthday", label_en="Birthday", label_zh="生日", type="date"
    )
    old, young, told, fixed, silent = people = make_customers("old", "young", "told", "fixed", "silent")
    assert children(people, today=TODAY) == set()  # nothing was loaded yet
    write(
        lake,
        customer_id=people,
        birth_year=[1980, None, None, 2020, None],
        birthday=[None, date(2012, 3, 1), None, None, None],
    )
    assert children(people, today=TODAY) == {young, fixed}
    assert children(None, today=TODAY) == {young, fixed}
    assert children([old, silent], today=TODAY) == set()
    assert children(people, today=TODAY + timedelta(days=1)) == {fixed}

    type_in(told, NOW, birthday="2015-06-01")
    type_in(fixed, NOW, birth_year="2002")
    assert children(people, today=TODAY) == {young, told}


def test_a_birthday_that_is_guarded_counts_and_the_newest_word_holds(lake):
    services.declare_attribute(
        actor=CONSOLE,
        slug="birth_date",
        label_en="Birthday",
        label_zh="生日",
        type="date",
        kind="sensitive",
    )
    (ann,) = make_customers("ann")
    type_in(ann, NOW, birth_date="2019-06-01")
    assert children([ann], today=TODAY) == {ann}
    later = NOW + timedelta(days=1)
    type_in(ann, later, birth_date="1989-06-01")
    assert children([ann], today=TODAY) == set()
