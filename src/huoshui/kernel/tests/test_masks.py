"""Masked contacts say who it may be and never how to reach them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel import masks
from huoshui.kernel.actors import Role, actor_of_role


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800138000", "138****8000"),
        ("13800138000", "138****8000"),
        ("+442079460958", "+4420****0958"),
        ("12345", "12****"),
        ("", ""),
    ],
)
def test_a_phone_keeps_its_first_and_last_digits(number: str, shown: str):
    assert masks.phone(number) == shown


@given(st.text("0123456789", min_size=8, max_size=15))
def test_four_digits_of_every_phone_are_hidden(digits: str):
    shown = masks.phone(digits)
    assert masks.HIDDEN in shown
    assert len(shown.replace("*", "")) <= max(7, len(digits) - 4)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rose@example.com", "r***@e***.com"),
        ("r@mail.example.co", "r***@m***.co"),
        ("rose@localhost", "r***@***"),
        ("nonsense", "****"),
        ("", ""),
    ],
)
def test_an_address_keeps_its_first_letters_and_its_ending(address: str, shown: str):
    assert masks.email(address) == shown


def test_contacts_are_whole_for_whom_they_may_be_and_masked_for_others():
    viewer, operator = actor_of_role("v", Role.VIEWER), actor_of_role("o", Role.OPERATOR)
    assert masks.phone_for(operator, "+8613800138000") == "+8613800138000"
    assert masks.phone_for(viewer, "+8613800138000") == "138****8000"
    assert masks.email_for(operator, "rose@example.com") == "rose@example.com"
    assert masks.email_for(viewer, "rose@example.com") == "r***@e***.com"
