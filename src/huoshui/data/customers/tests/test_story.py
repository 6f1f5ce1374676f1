"""The list of customers in a real browser: who may change many at once, and who is told that they may not."""

from __future__ import annotations

import pytest

from tests.plugins.browser import Reader, Readers, Site

pytestmark = pytest.mark.slow


def let_in(reader: Readers, link: str) -> Reader:
    someone: Reader = reader(language="en", signed_in=False)
    someone.page.goto(link)
    someone.page.click("main form button")
    someone.page.wait_for_url(f"{someone.site.url}/")
    return someone


def test_an_operator_tags_a_filtered_list_and_takes_that_back_and_a_viewer_is_refused(
    reader: Readers, site: Site
):
    by_operator, by_viewer = site.links_for(Lin="operator", Vera="viewer")
    lin = let_in(reader, by_operator)
    page = lin.open("/customers/?stage=silent")
    matched = page.locator("table tbody tr").count()
    assert matched > 3
    page.select_option("#act-whom", "1")
    page.fill("#acts input[name=tag]", "to call")
    page.click("#acts button[value=tag]")
    page.wait_for_selector(".hs-toast")
    assert "stage=silent" in page.url
    assert "customers were changed" in page.inner_text(".hs-toast")
    page = lin.open("/customers/?tag=to+call")
    assert page.locator("table tbody tr").count() == matched

    vera = let_in(reader, by_viewer)
    page = vera.open("/customers/?tag=to+call")
    assert page.locator("table tbody tr").count() == matched
    assert page.locator("#acts, [data-selects]").count() == 0
    # Somebody who sends the form all the same.
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate(
        """() => { const form = document.createElement("form"); form.method = "post"; form.action = "/customers/act/";
        const token = document.querySelector("[name=csrfmiddlewaretoken]").cloneNode();
        form.append(token);
        for (const [name, value] of [["verb", "untag"], ["tag", "to call"], ["everything", "1"], ["query", ""]]) {
          const field = document.createElement("input"); field.name = name; field.value = value; form.append(field) }
        document.body.append(form); form.submit() }"""
    )
    page.wait_for_url("**/customers/act/")
    assert "Your role may not see this" in page.inner_text("h1")
    assert "Nothing was changed" in page.inner_text("main")
    assert vera.sideways == 0
    assert [said for said in vera.complaints if "status of 403" not in said] == []

    page = lin.open("/customers/?tag=to+call")
    assert page.locator("table tbody tr").count() == matched
    page.select_option("#act-whom", "1")
    page.fill("#acts input[name=tag]", "to call")
    page.click("#acts button[value=untag]")
    page.wait_for_selector(".hs-toast button")
    page.click(".hs-toast button")
    page.wait_for_selector(".hs-toast >> text=as before")
    page = lin.open("/customers/?tag=to+call")
    assert page.locator("table tbody tr").count() == matched
    assert lin.complaints == []
