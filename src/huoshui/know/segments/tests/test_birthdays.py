"""Days that come round each year: once a year, whatever the calendar does with the 29th of February."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from huoshui.kernel.clock import AsOf
from huoshui.know.segments.comparing import part_of

BORN = (
    date(2000, 2, 29),
    date(2000, 2, 28),
    date(1990, 3, 1),
    date(1985, 12, 31),
    date(1985, 1, 1),
    date(1999, 1, 31),
)


def days_until(today: date) -> list[int]:
    """For each of `BORN`, the days until their day comes round."""
    as_of = AsOf(at=datetime(today.year, today.month, today.day, tzinfo=UTC), zone=ZoneInfo("UTC"))
    born = ibis.table({"place": "int64", "born": "date"}, name="people")
    engine = ibis.duckdb.connect(":memory:")
    engine.con.register("people", pa.table({"place": list(range(len(BORN))), "born": list(BORN)}))
    left = born.select("place", left=part_of(born.born, "days_until", as_of)).order_by("place")
    found: list[int] = engine.con.sql(engine.compile(left)).to_arrow_table()["left"].to_pylist()
    return found


@pytest.mark.parametrize("year", [2023, 2024, 2100])
def test_each_birthday_comes_once_a_year_and_the_29th_of_february_on_the_first_of_march_of_others(year):
    turns = [date(year, 1, 1), date(year, 1, 31), date(year, 2, 28), date(year, 3, 1), date(year, 12, 31)]
    leap = date(year, 2, 28) + timedelta(days=1) != date(year, 3, 1)
    days = sorted({*turns, *(date(year, 2, 27) + timedelta(days=n) for n in range(5)), date(year, 12, 30)})
    today = {day: [who for who, left in enumerate(days_until(day)) if left == 0] for day in days}
    came = Counter(who for people in today.values() for who in people)
    assert came == Counter(range(len(BORN)))
    assert 0 in today[date(year, 2, 29) if leap else date(year, 3, 1)]
    assert days_until(date(year, 12, 31))[4] == 1
