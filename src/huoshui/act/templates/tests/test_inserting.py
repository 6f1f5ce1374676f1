"""A field is put where the cursor stands by one click; without scripts its code stands there to be typed."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_click_puts_a_field_where_the_cursor_was(reader):
    here = reader(language="en")
    opened = here.open("/templates/new/")
    body = opened.locator("[name=body_en]")
    body.fill("Dear , welcome")
    body.evaluate("box => box.setSelectionRange(5, 5)")
    opened.get_by_role("button", name="Insert: Name", exact=True).click()
    assert body.input_value() == "Dear {{ name | friend }}, welcome"
    assert here.complaints == []


def test_without_scripts_there_is_no_button_but_the_code(reader):
    opened = reader(language="en", scripts=False).open("/templates/new/")
    assert opened.get_by_role("button", name="Insert: Name", exact=True).count() == 0
    assert opened.get_by_text("{{ name | friend }}", exact=True).first.is_visible()
