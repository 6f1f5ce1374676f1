"""EXP-01: what spreadsheets would run is shown as text, numbers stay numbers, and reading gives it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.cells import as_text, as_written

STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
PAYLOADS = (
    *(f"{start}cmd|' /C calc'!A0" for start in STARTS),
    *(f" {start}1+1" for start in STARTS),
    *(f"\t{start}x" for start in STARTS),
    *(f"\u3000{start}x" for start in ("=", "＝", "-")),
    "\tplain",
    "\rplain",
    "\nplain",
    "\x00plain",
    "\x00=1",
    "\x1b=1",
    "\x7f=1",
    "\xa0=1",
    "\u200b=1",
    "\ufeff=1",
    '=HYPERLINK("http://example.com","x")',
    "-2+3",
    "+86 138 0013 8000",
)


def test_there_are_forty_payloads_that_differ():
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 40


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_a_payload_gets_an_apostrophe_and_comes_back(payload):
    assert as_text(payload) == "'" + payload
    assert as_written(as_text(payload)) == payload


@pytest.mark.parametrize(
    "text", ["-5", "-12.50", "-1,234.5", "0", "17", "", "a=b", "x-y", "'tis", "名 = 值", " a"]
)
def test_numbers_and_plain_texts_stay_as_they_are(text):
    assert as_text(text) == text == as_written(text)


@given(st.text(alphabet=st.sampled_from("'=+-@＝\t\r\n\x00 \u3000a1.") | st.characters(), max_size=8))
def test_whatever_is_written_comes_back_and_never_starts_like_a_formula(text):
    shown = as_text(text)
    assert as_written(shown) == text
    start = shown.lstrip("\x00\t\r\n \u3000")[:1]
    assert start not in STARTS or (start == "-" and shown[1:2].isdecimal())
