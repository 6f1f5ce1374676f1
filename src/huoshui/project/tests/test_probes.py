"""Hostile text in every field, looked at by an administrator in a real browser: it stays text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from huoshui.project.tests.hostile import PROBES
from tests.plugins.browser import Readers, Site

if TYPE_CHECKING:
    from playwright.sync_api import Dialog

pytestmark = pytest.mark.slow

WATCH = "window.called = 0; window.__x = () => { window.called += 1 }"


def test_no_page_runs_what_stands_in_a_field(reader: Readers, site: Site):
    paths = json.loads(site.ask("huoshui.project.tests.hostile").splitlines()[-1])
    someone = reader(language="en")
    page, shown = someone.page, ""
    dialogs: list[str] = []

    def hear(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.add_init_script(WATCH)
    page.on("dialog", hear)
    for path in paths:
        someone.open(path)
        assert page.evaluate("window.called") == 0, path
        assert page.title().endswith("Huoshui"), path
        assert page.locator("main").is_visible(), path
        assert page.locator("main :is(iframe, base, math, style, [onload], [onerror])").count() == 0, path
        shown += page.inner_text("main")
    for probe in PROBES:
        assert probe.strip("\u202e\u202c\u200b").replace("\u202c", "") in shown.replace("\u202c", ""), probe
    assert dialogs == []
    # What was asked for in the address and is not offered is refused with 400, which browsers note.
    assert [said for said in someone.complaints if "status of 4" not in said] == []
