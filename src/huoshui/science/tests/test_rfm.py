"""RFM scores, segments and classes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.science import rfm
from huoshui.science.errors import NotASetting

AS_OF = datetime(2024, 3, 10, tzinfo=UTC)
VALUES = st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=40)
SCORES = range(1, 6)


def scored(values, **options):
    table = ibis.memtable(pa.table({"n": range(len(values)), "value": pa.array(values, pa.int64())}))
    answer = table.mutate(score=rfm.quantile_score(table.value, **options)).order_by("n")
    return answer.to_pyarrow()["score"].to_pylist()


def by_hand(values, quantiles=5, larger_is_better=True):
    there = [v for v in values if v is not None]

    def score(value):
        worse = sum(v < value if larger_is_better else v > value for v in there)
        return 1 + quantiles * worse // len(there)

    return [None if v is None else score(v) for v in values]


def test_without_ties_the_five_groups_are_equal():
    assert scored([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_ties_get_the_same_quintile():
    # Six of ten bought once: all of them are worst, nobody is put above another by chance.
    assert scored([1, 1, 1, 1, 1, 1, 2, 3, 4, 5]) == [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]


def test_few_days_are_best_for_recency():
    assert scored([1, 2, 3, 4, 5], larger_is_better=False) == [5, 4, 3, 2, 1]


def test_a_missing_value_has_no_score_and_does_not_count():
    assert scored([None, 1, 2, None]) == [None, 1, 3, None]


def test_a_single_customer_gets_the_lowest_score():
    assert scored([7]) == [1]


def test_groups_are_scored_apart():
    table = ibis.memtable(pa.table({"shop": ["a", "a", "b", "b"], "value": [1, 2, 10, 20]}))
    answer = table.mutate(score=rfm.quintile(table.value, within=table.shop)).order_by("value")
    assert answer.to_pyarrow()["score"].to_pylist() == [1, 3, 1, 3]


def test_fewer_than_two_groups_are_refused():
    with pytest.raises(NotASetting):
        rfm.quantile_score(ibis.memtable(pa.table({"value": [1]})).value, quantiles=1)


@settings(max_examples=50)
@given(VALUES, st.integers(2, 10), st.booleans())
def test_scores_equal_their_definition(values, quantiles, larger_is_better):
    assert scored(values, quantiles=quantiles, larger_is_better=larger_is_better) == by_hand(
        values, quantiles, larger_is_better
    )


def test_every_cell_belongs_to_exactly_one_segment():
    cells = [cell for one in rfm.SEGMENTS for cell in rfm.cells_of(one.code)]
    assert sorted(cells) == [(r, f) for r in SCORES for f in SCORES]


@pytest.mark.parametrize(
    ("r", "f", "expected"),
    [
        (5, 5, "champions"),
        (5, 4, "champions"),
        (3, 5, "loyal_customers"),
        (4, 4, "loyal_customers"),
        (4, 2, "potential_loyalists"),
        (5, 3, "potential_loyalists"),
        (5, 1, "new_customers"),
        (4, 1, "promising"),
        (3, 3, "need_attention"),
        (3, 1, "about_to_sleep"),
        (2, 4, "at_risk"),
        (1, 5, "cannot_lose_them"),
        (2, 2, "hibernating"),
        (None, None, None),
    ],
)
def test_segments_are_those_of_the_published_table(r, f, expected):
    table = ibis.memtable(pa.table({"r": pa.array([r], pa.int64()), "f": pa.array([f], pa.int64())}))
    assert table.select(s=rfm.segment(table.r, table.f)).to_pyarrow()["s"].to_pylist() == [expected]


def test_every_combination_of_scores_has_one_value_class():
    cells = [(r, f, m) for r in SCORES for f in SCORES for m in SCORES]
    table = ibis.memtable(pa.table(dict(zip("rfm", map(list, zip(*cells, strict=True)), strict=True))))
    found = table.mutate(c=rfm.value_class(table.r, table.f, table.m)).to_pyarrow().to_pylist()

    def expected(r, f, m):
        if r >= 3 and f + m >= 8:
            return "high"
        if r <= 2 and f + m >= 6:
            return "at_risk"
        return "potential" if r >= 4 else "ordinary"

    assert {(x["r"], x["f"], x["m"]): x["c"] for x in found} == {cell: expected(*cell) for cell in cells}
    assert {x["c"] for x in found} == set(rfm.VALUE_CLASSES)


def test_a_customer_without_scores_has_no_value_class():
    empty = pa.array([None], pa.int64())
    table = ibis.memtable(pa.table({"r": empty, "f": empty, "m": empty}))
    assert table.select(c=rfm.value_class(table.r, table.f, table.m)).to_pyarrow()["c"].to_pylist() == [None]


def purchases(*rows):
    schema = pa.schema(
        {"customer_id": pa.int64(), "ordered_at": pa.timestamp("us", "UTC"), "revenue": pa.decimal128(18, 4)}
    )
    names = schema.names
    return ibis.memtable(
        pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)
    )


def test_the_table_of_a_small_shop_is_the_one_computed_by_hand():
    day = timedelta(days=1)
    orders = purchases(
        (1, AS_OF - 1 * day, 100), (1, AS_OF - 5 * day, 50), (1, AS_OF - 9 * day, 50),
        (2, AS_OF - 30 * day, 20),
        (3, AS_OF - 2 * day + timedelta(seconds=1), 5), (3, AS_OF - 40 * day, 5),
        (4, AS_OF - 90 * day, 500),
        (5, AS_OF, 9), (5, AS_OF - 60 * day, 1),
        (None, AS_OF - day, 1000),
    )  # fmt: skip
    table = rfm.rfm_table(orders, as_of=AS_OF).order_by("customer_id").to_pyarrow().to_pylist()
    names = ("customer_id", "recency", "frequency", "monetary", "r", "f", "m", "segment")
    assert [tuple(row[n] for n in names) for row in table] == [
        (1, 1, 3, 200, 4, 5, 4, "loyal_customers"),  # customers 1 and 3 both bought 1 whole day ago
        (2, 30, 1, 20, 3, 1, 3, "about_to_sleep"),
        (3, 1, 2, 10, 4, 4, 2, "loyal_customers"),
        (4, 90, 1, 500, 1, 1, 5, "hibernating"),
        (5, 60, 1, 1, 2, 1, 1, "hibernating"),
    ]


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(NotASetting):
        rfm.rfm_table(purchases((1, AS_OF, 1)), as_of=AS_OF.replace(tzinfo=None))


def cells(rows):
    return ibis.memtable(pa.Table.from_pylist([{"customer_id": i, "r": r, "f": f} for i, r, f in rows]))


def test_movement_counts_who_went_from_which_cell_to_which():
    before = cells([(1, 5, 5), (2, 5, 5), (3, 1, 1)])
    after = cells([(1, 5, 5), (2, 2, 5), (4, 5, 1)])
    found = rfm.movement(before, after).to_pyarrow().to_pylist()
    assert {tuple(row.values()) for row in found} == {
        (5, 5, 5, 5, 1),
        (5, 5, 2, 5, 1),
        (1, 1, None, None, 1),
        (None, None, 5, 1, 1),
    }
    with pytest.raises(NotASetting, match="cells"):
        rfm.movement(before, after, by=("m",))


def test_the_value_matrix_adds_up_to_the_customers_and_what_they_spent():
    rows = [(1, 5, 5, 5, 100), (2, 5, 4, 5, 50), (3, 1, 1, 2, 7), (4, None, 1, 1, 9), (5, 1, 4, 3, 5)]
    names = ("customer_id", "r", "f", "m", "monetary")
    scored = ibis.memtable(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]))
    found = rfm.value_matrix(scored).to_pyarrow().to_pylist()
    assert {tuple(row.values()) for row in found} == {
        (5, 10, "high", 1, 100),
        (5, 9, "high", 1, 50),
        (1, 3, "ordinary", 1, 7),
        (1, 7, "at_risk", 1, 5),
    }
