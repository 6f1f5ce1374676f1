"""Two colleagues in a real browser: one names the other, who opens the task, does it, and takes that back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugins.browser import LOCALES, Reader, Site

pytestmark = pytest.mark.slow


@pytest.fixture
def colleagues(browser, site: Site) -> Iterator[tuple[Reader, Reader]]:
    """Mei in Chinese on a desk, Bo in English on a telephone without scripts."""
    links = site.links_for(Mei="operator", Bo="operator")
    contexts, readers = [], []
    for link, language, width, scripts in zip(links, ("zh", "en"), (1440, 390), (True, False), strict=True):
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=LOCALES[language],
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        reader = Reader(context, site)
        reader.page.goto(link)
        reader.page.click("main form button")
        reader.page.wait_for_url(f"{site.url}/")
        readers.append(reader)
    yield readers[0], readers[1]
    for context in contexts:
        context.close()


def test_a_mention_reaches_a_colleague_who_does_the_task_and_takes_that_back(colleagues):
    mei, bo = colleagues
    page = mei.open("/work/")
    page.fill(".hs-quick input[name=title]", "回访王芳")
    page.click(".hs-quick button")
    page.click("a.hs-task-title >> text=回访王芳")
    page.wait_for_url("**/work/*/")
    page.fill(".hs-write textarea", "今天能打吗？ <b>https://a.example/x</b>")
    page.click(".hs-pick summary")
    page.check(".hs-pick label:has-text('Bo') input")
    page.click(".hs-write button")
    page.wait_for_selector(".hs-mention >> text=@Bo")
    assert page.locator(".hs-comments a[rel~=noopener]").inner_text() == "https://a.example/x"
    assert mei.findings() == []
    for path in ("/work/", "/work/all/", "/work/add/", "/inbox/"):
        mei.open(path)
        assert mei.findings() == [], path
        assert mei.sideways == 0, path
    assert mei.complaints == []

    page = bo.open("/inbox/")
    assert "1 new" in page.inner_text("h1 + *")
    page.click("main li form button")
    assert "回访王芳" in page.inner_text("h1")
    page.click("main .hs-head .btn-primary")
    assert page.locator(".hs-head .hs-tag.good").count() == 1
    page.click(".hs-toast button")
    assert page.locator(".hs-head .hs-tag.good").count() == 0
    assert page.locator("main .hs-head .btn-primary").count() == 1
    assert bo.open("/inbox/").locator("h1 + *").count() == 0
