"""Cohorts against a count by hand on any log, and against the table of Online Retail."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science import cohorts
from huoshui.science.errors import NotASetting

FROM = date(2023, 11, 20)
DAYS = st.one_of(st.none(), st.integers(0, 130).map(lambda n: FROM + timedelta(days=n)))
LOGS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(1, 5)), DAYS, st.integers(-3, 9)), min_size=0, max_size=40
)


def table(log):
    return ibis.memtable(
        pa.table(
            {
                "customer_id": pa.array([one for one, _, _ in log], pa.int64()),
                "day": pa.array([day for _, day, _ in log], pa.date32()),
                "revenue": pa.array([value for _, _, value in log], pa.int64()),
            }
        )
    )


def found(log, as_of, grain, **options):
    rows = cohorts.cohort_table(table(log), as_of=as_of, grain=grain, **options).to_pyarrow().to_pylist()
    return cohorts.read(rows, as_of=as_of, grain=grain)


def starts(grain, until):
    """The first days of all periods up to a day, by the calendar alone."""
    begins = {
        "day": lambda d: True,
        "week": lambda d: d.weekday() == 0,
        "month": lambda d: d.day == 1,
        "quarter": lambda d: d.day == 1 and d.month in (1, 4, 7, 10),
    }[grain]
    days = (date(2023, 10, 1) + timedelta(days=n) for n in range(300))
    return [day for day in days if begins(day) and day <= until]


@settings(max_examples=25, deadline=None)
@given(LOGS, st.sampled_from(cohorts.GRAINS), st.integers(1, 140))
def test_cohorts_are_what_counting_by_hand_gives(log, grain, after):
    as_of = FROM + timedelta(days=after)
    calendar = starts(grain, as_of)
    place = {day: n for n, day in enumerate(calendar)}

    def period(day):
        return place[max(start for start in calendar if start <= day)]

    bought = defaultdict(list)
    for customer, day, value in log:
        if customer is not None and day is not None and day < as_of:
            bought[customer].append((period(day), value))
    born = defaultdict(list)
    for customer, purchases in bought.items():
        born[min(purchases)[0]].append(customer)
    now = period(as_of - timedelta(days=1))
    expected = []
    for begin in sorted(born):
        people, ages = born[begin], range(now - begin + 1)
        expected.append(
            cohorts.Cohort(
                start=calendar[begin],
                size=len(people),
                active=tuple(sum(any(p == begin + k for p, _ in bought[c]) for c in people) for k in ages),
                still=tuple(sum(any(p >= begin + k for p, _ in bought[c]) for c in people) for k in ages),
                purchases=tuple(sum(p == begin + k for c in people for p, _ in bought[c]) for k in ages),
                value=tuple(sum(v for c in people for p, v in bought[c] if p == begin + k) for k in ages),
                whole=period(as_of) - begin if as_of in calendar else now - begin,
            )
        )
    assert found(log, as_of, grain) == tuple(expected)


@pytest.fixture(scope="module")
def online_retail(test_data):
    rows = ibis.memtable(pq.read_table(test_data("online_retail/online_retail.parquet")))
    rows = rows.filter(rows.CustomerID.notnull(), rows.Quantity > 0, rows.UnitPrice > 0)
    return rows.select(
        customer_id=rows.CustomerID, day=rows.InvoiceDate.date(), revenue=rows.Quantity * rows.UnitPrice
    )


def test_online_retail_has_its_cohorts(online_retail):
    as_of = date(2011, 12, 10)
    rows = cohorts.cohort_table(online_retail, as_of=as_of).to_pyarrow().to_pylist()
    read = cohorts.read(rows, as_of=as_of)
    assert [one.size for one in read] == [885, 417, 380, 452, 300, 284, 242, 188, 169, 299, 358, 323, 41]
    first = (885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235)
    assert read[0].active == first
    assert read[1].active == (417, 92, 111, 96, 134, 120, 103, 101, 125, 136, 152, 49)
    assert sum(sum(one.value) for one in read) == pytest.approx(8_911_407.90, abs=0.01)
    # December 2011 is not over, so it counts for no comparison.
    assert read[0].whole == 12
    assert cohorts.retention_curve(read)[1].customers == 4338 - 41 - 323
    assert [str(one.start) for one in cohorts.compare(read, 1) if one.stands_out] == [
        "2010-12-01",
        "2011-03-01",
    ]


def test_waiting_for_the_second_purchase_is_counted_in_days():
    log = [(1, FROM, 1), (1, FROM, 1), (1, FROM + timedelta(days=9), 1), (2, FROM, 1), (3, None, 1)]
    rows = cohorts.waiting_table(table(log), as_of=FROM + timedelta(days=31)).to_pyarrow().to_pylist()
    assert sorted((row["days"], row["came"], row["customers"]) for row in rows) == [
        (9, True, 1),
        (30, False, 1),
    ]
    assert {cohorts.first_day(row["born"], "month") for row in rows} == {date(2023, 11, 1)}


def test_cohorts_that_began_earlier_still_decide_who_is_new():
    log = [(1, FROM, 1), (1, FROM + timedelta(days=40), 1), (2, FROM + timedelta(days=40), 1)]
    later = found(log, FROM + timedelta(days=60), "month", since=date(2023, 12, 15))
    assert [(one.start, one.size) for one in later] == [(date(2023, 12, 1), 1)]


def test_nobody_makes_no_cohort():
    assert found([], FROM, "month") == ()
    assert cohorts.retention_curve(()) == ()
    assert cohorts.compare((), 1) == ()


def test_one_customer_leaves_nearly_everything_open():
    read = found([(1, FROM, 1)], FROM + timedelta(days=90), "month")
    low, high = read[0].interval(1)
    assert (read[0].retention(1), low) == (0.0, 0.0)
    assert high > 0.75


def test_what_makes_no_sense_is_refused():
    with pytest.raises(NotASetting, match="no such period"):
        cohorts.known_grain("year")
    with pytest.raises(NotASetting, match="lacks columns"):
        cohorts.cohort_table(table([]).drop("revenue"), as_of=FROM)
    with pytest.raises(NotASetting, match="age"):
        found([(1, FROM, 1)], FROM + timedelta(days=1), "month")[0].retention(7)
    with pytest.raises(NotASetting, match="compared"):
        cohorts.compare((), 0)
