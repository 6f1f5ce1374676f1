"""Why rows are set aside: one code and words in two languages for everything that may be said."""

from __future__ import annotations

import pyarrow as pa
import pytest

from huoshui.data.connectors.reasons import REASONS, reason_of, without_headings
from huoshui.data.connectors.recipes import Columns, in_cents
from huoshui.data.connectors.tools import TOOLS
from huoshui.data.connectors.values import EARLIEST_YEAR, LONGEST, LONGEST_ID
from huoshui.data.customers import normalise
from huoshui.data.privacy import queries as privacy


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.text.en)
def test_each_reason_is_found_by_its_words_and_told_in_chinese(reason):
    given = reason.text.en.replace("…", "9")
    assert reason_of(given) == reason
    assert reason.in_("en", given) == given
    assert reason.in_("zh", given) == reason.text.zh.replace("…", "9")


@pytest.mark.parametrize(
    ("given", "chinese"),
    [
        (f"is longer than {LONGEST} characters", "长于 10000 个字符"),
        (f"is longer than {LONGEST_ID} characters", "长于 200 个字符"),
        (f"lies before {EARLIEST_YEAR}", "早于 1970 年"),
        (f"state is none of {', '.join(privacy.STATES)}", f"状态不在此列：{', '.join(privacy.STATES)}"),
    ],
)
def test_what_differs_from_case_to_case_is_kept(given, chinese):
    assert reason_of(given).in_("zh", given) == chinese


def test_what_is_not_declared_is_an_error_of_the_program():
    with pytest.raises(LookupError, match="somehow wrong"):
        reason_of("is somehow wrong")


def test_whatever_people_are_refused_for_is_declared():
    values = pa.array(["x", "\x01", "a" * 300 + "@b.c", "1.38E+10", "1", "名" * 300])
    for kind in ("email", "phone", "number", "name"):
        for _, why in normalise.normalise_many(kind, values, region="CN"):
            assert not why or reason_of(why).code
    for tool in TOOLS.values():
        assert all(reason_of(rule.reason).code for rule in tool.no_sale)


def test_the_columns_of_rejected_rows_are_those_of_the_original():
    assert without_headings(("line", "column", "reason", "a", "b")) == ("a", "b")
    assert without_headings(("行号", "列名", "拒绝原因", "a")) == ("a",)
    assert without_headings(("a", "line", "column", "reason")) == ("a", "line", "column", "reason")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Phone", "Phone"),
        ("phone | Billing Phone", "Phone | Billing Phone"),
        ("Nothing | billing  phone", "Billing Phone"),
        ("First + Last", "First + Last"),
        ("First + Middle", "First"),
        ("A | B", "A | B"),
        ("Nothing | Nowhere", None),
    ],
)
def test_recipes_take_the_columns_that_are_there(text, expected):
    here = Columns(["Phone", "Billing Phone", "First", "Last", "A | B"])
    found = here.read(text)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("name", "cents"),
    [
        ("金额(分)", True),
        ("金额（单位：分）", True),
        ("amount_cents", True),
        ("金额(元)", False),
        ("积分", False),
        ("percent", False),
    ],
)
def test_hundredths_are_told_by_the_name_of_the_column(name, cents):
    here = Columns([name])
    recipe = here.read(name)
    assert recipe is not None
    assert in_cents(recipe) is cents
    assert (here.find("金额") == name) is name.startswith("金额")
