"""Who stands on a list is found by whatever names them, and by nothing else."""

from __future__ import annotations

import pytest

from huoshui.data.customers.naming import meant
from huoshui.data.customers.queries import find
from huoshui.data.customers.tests.factories import make_customers, make_house, tell
from huoshui.data.traits.tests.shop import Shop, as_of
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import now
from huoshui.know.segments import compiling, listed, lists, queries
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.reading import parse

TEXTS = (
    "7", " 7 ", "12347", "+44 7700 900123", "07700 900123", "ANN@example.com", "nobody", "", "a,b", "' OR 1=1",
    "ann@example", "0044 7700900123", "％", "\x00", "999999999999999",
)  # fmt: skip


def test_many_texts_find_whom_each_would_find_alone(database):
    make_house()
    ann, bob = make_customers("12347", "7", source="shop")
    make_customers("7", source="app")
    tell([ann], phone=["+447700900123"], email=["ann@example.com"])
    texts = (*TEXTS, str(ann), str(bob))
    expected = [frozenset(one.customer_id for one in find(text)) for text in texts]
    assert meant(texts, actor=CONSOLE) == expected
    assert sorted(map(len, expected))[-2:] == [2, 2]


def test_a_list_narrows_down_as_any_clause(database):
    make_house()
    ann, bob, eve = make_customers("1", "2", "3")
    made = lists.make(actor=CONSOLE, name="Two", texts=["1", "2", "1", "x"], now=now())
    assert (made.found, made.unknown, made.unclear) == (2, 1, 0)
    (number,) = listed.names()
    shop = Shop()
    for who in (ann, bob, eve):
        shop.customer(who)
    rules = {
        "on": parse({"list": number}, traits={}, attributes={}),
        "off": parse({"not": {"list": number}}, traits={}, attributes={}),
    }
    found = shop.rows_of(compiling.table(shop, as_of("2024-04-02"), rules, segments={}))
    assert {who: (row["on"], row["off"]) for who, row in found.items()} == {
        ann: (True, False),
        bob: (True, False),
        eve: (False, True),
    }
    with pytest.raises(BadRule, match="no such list"):
        queries.read({"list": number + 1})


@pytest.mark.parametrize("text", ["1\n2", "1, 2", "1；2", "1\t2", " 1 \n\n2\n", "1、2，"])
def test_what_is_pasted_is_taken_apart(text):
    assert [one.strip() for one in lists.split(text) if one.strip()] == ["1", "2"]
