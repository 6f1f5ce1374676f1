"""Writing a plan in a browser: in place with scripts, and by keyboard."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.slow


def test_a_block_is_edited_in_place_moved_and_brought_back(reader):
    someone = reader(language="zh")
    page = someone.open("/plans/new/")
    page.fill("#title", "浏览器里的计划")
    page.click("main button.btn-primary")
    page.wait_for_url(re.compile(r"/plans/\d+/$"))
    address = page.url
    block = page.locator(".hs-plan-block").first
    mark = block.get_attribute("id")
    block.hover()
    block.locator(".hs-plan-tools a").click()
    page.wait_for_selector(f"#{mark} textarea")
    assert page.url == address, "in place"
    page.fill(f"#{mark} textarea", "**写在原处** <b>不是标签</b>")
    page.click(f"#{mark} button.btn-primary")
    page.wait_for_selector(f"#{mark}:not(.is-open)")
    assert "写在原处 <b>不是标签</b>" in page.inner_text(f"#{mark}")
    # By keyboard: the buttons show themselves to who walks to them, and moving keeps the place.
    page.focus(f"#{mark} button[value=down]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"#block-{mark.removeprefix('block-')}$"))
    assert page.locator(".hs-plan-block").nth(1).get_attribute("id") == mark
    page.focus(f"#{mark} button[value=remove]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hs-toast form")
    assert page.locator(f"#{mark}").count() == 0
    page.click(".hs-toast form button")
    page.wait_for_selector(f"#{mark}")
    # At the top of the page: the bar that stays lies over whatever is scrolled below it.
    page.goto(address)
    assert someone.findings() == []
    assert someone.complaints == []
