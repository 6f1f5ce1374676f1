"""Colleagues in a real browser."""

from __future__ import annotations

import pytest

from tests.plugins.browser import Readers, Site

pytestmark = pytest.mark.slow


def test_an_administrator_invites_a_colleague_who_comes_in_on_a_phone_without_scripts(
    reader: Readers, site: Site
):
    administrator = reader(language="en")
    page = administrator.open("/settings/colleagues/")
    page.click("text=Invite somebody")
    page.fill("[name=name]", "孙悦 <i>")
    page.fill("[name=email]", "sunyue@example.com")
    page.select_option("[name=role]", "viewer")
    page.check("label:has-text('Sales')")
    page.click("main form button")
    link = page.input_value("#link")
    assert link.startswith(f"{site.url}/account/link/")
    assert administrator.findings() == []

    newcomer = reader(language="zh", width=390, scripts=False, signed_in=False)
    page = newcomer.open(link.removeprefix(site.url))
    page.fill("[name=new]", "short")
    page.fill("[name=again]", "short")
    page.click("main form button")
    assert page.locator(".wrong").count() == 1
    page.fill("[name=new]", "four calm rivers meet")
    page.fill("[name=again]", "four calm rivers meet")
    page.click("main form button")
    assert page.url == f"{site.url}/"
    newcomer.open("/account/")
    assert "孙悦 <i>" in page.input_value("[name=name]")
    assert newcomer.sideways == 0
    refused = newcomer.page.goto(f"{site.url}/settings/colleagues/")
    assert refused is not None
    assert refused.status == 403

    page = administrator.open("/settings/colleagues/")
    page.click("text=孙悦 <i>")
    page.click("button:text-is('Deactivate')")
    page.wait_for_selector("text=Cannot sign in.")
    newcomer.page.goto(f"{site.url}/account/")
    assert "/account/sign-in/" in newcomer.page.url
    assert administrator.complaints == []
