"""The words that find people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.customers.words import asked, plain, words_of


def found(name: str, typed: str, contacts=(), numbers=()) -> bool:
    words = words_of(name, contacts, numbers).split()
    looked_for = asked(typed)
    return bool(looked_for) and all(any(word.startswith(one) for word in words) for one in looked_for)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王小梅", "王"),
        ("王小梅", "小梅"),
        ("王小梅", "wangxiaomei"),
        ("王小梅", "wang xiaomei"),
        ("王小梅", "WXM"),
        ("王小梅", "xiaom"),
        ("王梅", "wang mei"),
        ("单雄信", "shanxiongxin"),
        ("单雄信", "danxiongxin"),
        ("曾小贤", "zeng"),
        ("仇英", "qiuying"),
        ("尉迟恭", "yuchi"),
        ("吕小乐", "lvxiaole"),
        ("Rosé Tyler", "rose"),
        ("Rosé Tyler", "tyler"),
        ("Rosé Tyler", "rosetyler"),
        ("O'Neil", "oneil"),
        ("Ｍｅｉ", "mei"),
        ("王 Mei", "mei"),
    ],
)
def test_a_name_is_found_by_its_parts_and_its_sound(name, typed):
    assert found(name, typed)


@pytest.mark.parametrize(
    "typed",
    ["13812", "+86 138 1234 5678", "138-1234-5678", "5678", "mei.wang", "mei.wang@example", "wang", "c-00"],
)
def test_people_are_found_by_the_beginning_of_what_they_are_known_by(typed):
    assert found("", typed, ["+8613812345678", "mei.wang@example.com"], ["C-0017"])


@pytest.mark.parametrize("typed", ["梅王", "xiaowang", "1381234567890", "8123", "", "!!", "@"])
def test_what_is_not_meant_is_not_found(typed):
    assert not found("王小梅", typed, ["+8613812345678", "mei.wang@example.com"], ["C-0017"])


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_makes_words_of_letters_and_digits_only(name, number):
    for word in words_of(name, ["+8613812345678"], [number]).split(" "):
        assert word.isalnum()
    assert plain(plain(name)) == plain(name)


@given(st.text(alphabet="王李单曾仇解乐重行长梅小雪一", min_size=1, max_size=6), st.data())
def test_every_part_of_a_chinese_name_finds_it(name, data):
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert found(name, name[start:end])
