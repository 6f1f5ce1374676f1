"""Formulas: what is read is what was meant, whatever is written."""

from __future__ import annotations

import math
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.texts import Text
from huoshui.know.custom import formulas
from huoshui.know.custom.errors import NotADefinition
from huoshui.know.custom.formulas import Kind, Minus, Name, Number, Two

NUMBERS = st.sampled_from(["0", "1", "2", "0.5", "1000000", "3.125"]).map(Number)
NAMES = st.sampled_from(["a", "b", "c_2"]).map(Name)
TREES = st.recursive(
    NUMBERS | NAMES,
    lambda part: part.map(Minus) | st.builds(Two, st.sampled_from("+-*/"), part, part),
    max_leaves=12,
)
VALUES = st.one_of(st.none(), st.integers(-5, 5).map(float), st.sampled_from([1e308, -1e308, 0.1, 1e-300]))


def by_hand(tree: Any, row: dict[str, float | None]) -> float | None:
    """The value of a tree, one row at a time."""
    match tree:
        case Number(text):
            return float(text)
        case Name(slug):
            return row[slug]
        case Minus(part):
            found = by_hand(part, row)
            return None if found is None else -found
    a, b = by_hand(tree.left, row), by_hand(tree.right, row)
    if a is None or b is None or (tree.sign == "/" and b == 0):
        return None
    try:
        made = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[tree.sign]()
    except OverflowError:
        return None
    return made if math.isfinite(made) else None


@given(TREES)
def test_what_is_written_is_read_again_as_the_same_tree(tree):
    assert formulas.parse(formulas.written(tree)) == tree


def test_values_are_those_of_arithmetic_by_hand():
    trees: list[Any] = []
    rows: list[dict[str, float | None]] = []

    @given(TREES, st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c_2": VALUES}))
    def collect(tree, row):
        trees.append(tree)
        rows.append(row)

    collect()
    table = ibis.memtable(
        pa.Table.from_pylist(rows, schema=pa.schema([(n, pa.float64()) for n in ("a", "b", "c_2")]))
    )
    engine = ibis.duckdb.connect(":memory:")
    some = trees[::4]
    asked = table.select(**{f"t{n}": formulas.value(tree, table) for n, tree in enumerate(some)})
    found = engine.to_pyarrow(asked).to_pylist()
    for row, values in zip(rows, found, strict=True):
        for n, tree in enumerate(some):
            expected = by_hand(tree, row)
            given_ = values[f"t{n}"]
            assert (given_ is None) == (expected is None), (formulas.written(tree), row, given_)
            assert expected is None or given_ == pytest.approx(expected, rel=1e-12)


@given(st.text(alphabet="ab1.+-*/() \n×÷（）';\"${}\\\0", max_size=40))
def test_any_text_is_a_formula_or_refused_in_both_languages(text):
    try:
        tree = formulas.parse(text)
    except NotADefinition as error:
        refused = error
    else:
        assert formulas.parse(formulas.written(tree)) == tree
        return
    assert refused.words.zh
    assert refused.received


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c", "a + b * c"),
        ("(a + b) * c", "(a + b) * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("（a＋b）÷2", "(a + b) / 2"),
        ("a × -b", "a * -b"),
        ("((a))", "a"),
    ],
)
def test_brackets_bind_as_in_arithmetic(text, expected):
    assert formulas.written(formulas.parse(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a +",
        "(a",
        "a)",
        "a ** b",
        "1.2.3",
        "A",
        "a; DROP TABLE traits",
        "__import__('os')",
        "(" * 30 + "a" + ")" * 30,
        "a+" * 300 + "a",
        None,
        7,
    ],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(NotADefinition):
        formulas.parse(text)


DAYS = Text("days", "天")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("money + money", Kind(money=True)),
        ("money / orders", Kind(money=True)),
        ("money / money", Kind()),
        ("money * 2 + 1", Kind(money=True)),
        ("days - days", Kind(unit=DAYS)),
        ("days + orders", Kind()),
        ("1 / days", Kind()),
        ("orders * money", Kind(money=True)),
        ("3 * 4", Kind(plain=True)),
    ],
)
def test_the_unit_of_a_formula_follows_from_its_traits(text, expected):
    kinds = {"money": Kind(money=True), "orders": Kind(), "days": Kind(unit=DAYS)}
    assert formulas.kind(formulas.parse(text), kinds) == expected


def test_money_and_days_do_not_add_up():
    kinds = {"money": Kind(money=True), "days": Kind(unit=DAYS)}
    with pytest.raises(NotADefinition, match="add up") as refused:
        formulas.kind(formulas.parse("money + days"), kinds)
    assert "金额" in refused.value.words.zh
