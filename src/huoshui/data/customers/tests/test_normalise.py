"""One spelling for what names a person."""

from __future__ import annotations

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.customers.normalise import (
    NotAnIdentity,
    normalise_email,
    normalise_identity,
    normalise_many,
    normalise_name,
    normalise_phone,
)


@pytest.mark.parametrize(
    "written",
    [
        "mei@example.com",
        " Mei@Example.COM\t",
        "\ufeffmei@example.com",
        "ＭＥＩ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "mei@example.com\u200b",
    ],
)
def test_an_email_is_found_however_it_is_written(written):
    assert normalise_email(written) == "mei@example.com"


def test_two_unicode_forms_of_an_address_are_one():
    assert normalise_email("e\u0301@example.com") == normalise_email("é@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mei",
        "mei@",
        "@example.com",
        "mei@example",
        "a b@example.com",
        "a@b@example.com",
        "mei@example..com",
        "mei.@example.com",
        ".mei@example.com",
        "m..i@example.com",
        "mei@-example.com",
        "mei@example.com\x00",
        "Mei <mei@example.com>",
        "mei@example.123",
        "m" * 250 + "@example.com",
        "mei@example.com,li@example.com",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(NotAnIdentity):
        normalise_email(text)


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 138 1234 5678",
        "+8613812345678",
        "0086 13812345678",
        "86 13812345678",
        "１３８１２３４５６７８",
        "13812345678.0",
        "(+86)138-1234-5678",
        "\t13812345678 ",
    ],
)
def test_a_chinese_mobile_is_found_however_it_is_written(written):
    assert normalise_phone(written, region="CN") == "+8613812345678"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_the_short_way_for_chinese_mobiles_says_what_the_library_says(digits):
    number = phonenumbers.parse(f"+86{digits}")
    asked = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert phonenumbers.is_possible_number(number)
    assert normalise_phone(f"+86{digits}", region=None) == asked == f"+86{digits}"


def test_the_region_says_how_local_numbers_are_read():
    assert normalise_phone("020 7946 0018", region="GB") == "+442079460018"
    with pytest.raises(NotAnIdentity):
        normalise_phone("020 7946 0018", region=None)
    assert normalise_phone("+44 20 7946 0018", region=None) == "+442079460018"


@pytest.mark.parametrize(
    "text", ["", "12", "1.38E+10", "1.38123E10", "call me", "+", "0" * 30, "13812345678 ext 5"]
)
def test_what_is_no_phone_number_is_refused(text):
    with pytest.raises(NotAnIdentity):
        normalise_phone(text, region="CN")


def test_a_number_that_a_spreadsheet_has_damaged_says_so():
    with pytest.raises(NotAnIdentity, match="spreadsheet"):
        normalise_phone("1.38E+10", region="CN")


def test_numbers_of_shops_keep_their_zeros_and_their_case():
    assert normalise_identity("number", " 00Ab7 ") == "00Ab7"
    assert normalise_name("  Ann   Lee ") == "Ann Lee"


def test_many_are_judged_one_by_one_and_empty_is_no_problem():
    values = pa.array(["Mei@example.com", None, " ", "mei"])
    found = normalise_many("email", values)
    assert found[:3] == [("mei@example.com", ""), (None, ""), (None, "")]
    assert found[3] == (None, "This is not an e-mail address")
    assert normalise_many("phone", ["07700 900123"], region="GB") == [("+447700900123", "")]


@given(text=st.text(max_size=40), kind=st.sampled_from(["number", "phone", "email", "name", "wecom"]))
def test_normalising_again_changes_nothing(text, kind):
    ((value, problem),) = normalise_many(kind, [text], region="CN")
    if value is not None:
        assert normalise_many(kind, [value], region="CN") == [(value, "")]
        assert not problem


@given(number=st.integers(10**9, 10**13), region=st.sampled_from(["CN", "GB", "US", None]))
def test_every_phone_number_taken_is_in_the_spelling_of_the_house(number, region):
    ((value, _),) = normalise_many("phone", [f"+{number}"], region=region)
    if value is not None:
        assert value[0] == "+"
        assert value[1:].isdigit()
        assert len(value) <= 16
