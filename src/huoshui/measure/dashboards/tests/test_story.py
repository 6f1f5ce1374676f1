"""The overview in a real browser."""

from __future__ import annotations

import pytest

from tests.plugins.browser import Readers, Site

pytestmark = pytest.mark.slow


def test_a_manager_opens_retention_down_to_names(reader: Readers, site: Site):
    (link,) = site.links_for(Lin="manager")
    manager = reader(language="en", signed_in=False)
    page = manager.open(link.removeprefix(site.url))
    page.click("main form button")
    manager.open("/")
    assert manager.findings() == []
    assert manager.sideways == 0
    cell = page.locator("table.hs-mx.wide tbody td[class^=q] a").first
    title = cell.locator("xpath=..").get_attribute("title") or ""
    number = int(title.split(" of ")[0].replace(",", ""))
    cell.click()
    page.wait_for_url("**/customers/?in=began*")
    assert page.locator("main tbody tr").count() == min(number, 25)
    assert "first bought in the month of" in page.inner_text(".hs-chip.on")
    page.locator("main tbody tr a").first.click()
    page.wait_for_url("**/customers/*/**")
    assert page.inner_text("h1").strip()
    assert manager.complaints == []
