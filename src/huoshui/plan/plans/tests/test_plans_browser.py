"""Writing a plan in a browser: in place with scripts, and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def drag(page: Page, block: str, onto: str) -> None:
    """Drag a block by its handle onto the upper edge of another one: as a hand does it, not in one step."""
    target = page.locator(onto).first
    target.evaluate("one => one.scrollIntoView({block: 'center'})")
    page.hover(block, position={"x": 40, "y": 10})
    grip, place = page.locator(f"{block} .hs-grip").bounding_box(), target.bounding_box()
    assert grip is not None
    assert place is not None
    page.mouse.move(grip["x"] + 7, grip["y"] + 7)
    page.mouse.down()
    page.mouse.move(grip["x"] + 7, grip["y"] + 27, steps=4)
    page.mouse.move(place["x"] + 60, place["y"] + 4, steps=12)
    page.mouse.up()


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
    # By the mouse, over the edge into another part, and back with Alt and an arrow.
    first, second = (f"#{page.locator('.hs-plan-part').nth(n).get_attribute('id')}" for n in (0, 1))
    mark = page.locator(f"{first} .hs-plan-block").last.get_attribute("id")
    drag(page, f"#{mark}", f"{second} .hs-plan-block")
    page.wait_for_url(re.compile(rf"#block-{mark.removeprefix('block-')}$"))
    page.wait_for_selector(f"{second} #{mark}")
    page.focus(f"#{mark} .hs-plan-tools a")
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_selector(f"{first} #{mark}")
    page.wait_for_load_state()
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
