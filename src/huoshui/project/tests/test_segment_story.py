"""A nested segment is built by clicking, by keys and by dragging; who belongs to it is asked from outside."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.plugins.browser import Readers, Site

pytestmark = pytest.mark.slow

WORDS = {
    "zh": ("保存分群", r"([\d,]+) / 共 ([\d,]+) 位客户"),
    "en": ("Store the segment", r"([\d,]+) of ([\d,]+) customers"),
}


MADE = """
import django; django.setup()
from datetime import timedelta
from django.contrib.auth import get_user_model
from huoshui.desk.users import queries, services
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
actor = queries.actor_of(get_user_model().objects.order_by("pk").first().pk)
print(services.make_token(actor=actor, name="story", rights=[Right.CUSTOMERS_VIEW], lifetime=timedelta(days=1),
                          now=clock.now()))
"""


def told_by_program(site: Site, secret: str, path: str) -> dict[str, Any]:
    """What the API of the house answers to a program with a token."""
    asked = Request(f"{site.url}/api/{path}", headers={"Authorization": f"Bearer {secret}"})
    with urlopen(asked, timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_nested_segment_is_built_by_clicking_and_read_from_outside(
    reader: Readers, site: Site, language: str
):
    someone = reader(language=language)
    store, counted = WORDS[language]
    page = someone.open("/segments/new/")

    def settled(act) -> None:
        with page.expect_response(lambda answer: "/segments/new/" in answer.url):
            act()
        page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added", state="detached")

    def choose(key: str, value: str) -> None:
        settled(lambda: page.select_option(f'[name="{key}"]', value))

    def write(key: str, value: str) -> None:
        page.fill(f'[name="{key}"]', value)
        settled(lambda: page.press(f'[name="{key}"]', "Tab"))

    choose("0.0.field", "trait:stage")
    choose("0.0.op", "=")
    settled(lambda: page.select_option('[name="0.0.value"]', "lost"))
    if language == "en":  # the rest does not depend on the language
        page.click(f"button:text('{store}')", trial=True)
        assert re.search(counted, page.inner_text("main .hs-verdict"))
        assert someone.findings() == []
        assert not someone.complaints
        return
    settled(lambda: page.click('[name="0.0.not"]'))
    settled(lambda: page.click('button[value="nest:0"]'))
    choose("0.1.0.field", "products:times")
    choose("0.1.0.op", ">=")
    write("0.1.0.value", "1")
    choose("0.1.0.w0.property", "category")
    choose("0.1.0.w0.compared", "=")
    write("0.1.0.w0.against", page.get_attribute("datalist[id] option >> nth=0", "value") or "")
    settled(lambda: page.click('button[value="add:0"]'))
    choose("0.2.field", "consent:sms")
    # By keys: into the group above it, up there, and back out by the menu of the clause.
    page.focus('[name="0.2.field"]')
    settled(lambda: page.keyboard.press("Alt+ArrowRight"))
    assert page.evaluate("document.activeElement.closest('[data-part]').dataset.part") == "0.1.1"
    settled(lambda: page.keyboard.press("Alt+ArrowUp"))
    assert page.input_value('[name="0.1.0.field"]') == "consent:sms"
    settled(lambda: page.keyboard.press("Alt+ArrowLeft"))
    page.click('[id="f-0.2.moves"]')
    settled(lambda: page.click('button[value="in:0.2"]'))
    assert page.input_value('[name="0.1.1.field"]') == "consent:sms"
    page.click(f"button:text('{store}')", trial=True)
    shown = page.inner_text("main .hs-verdict")
    count, everybody = (int(one.replace(",", "")) for one in re.findall(counted, shown)[0])
    assert 0 < count < everybody
    assert someone.findings() == []

    # By the mouse: the clause is dragged out of the group, before the first one.
    settled(
        lambda: page.drag_and_drop(
            '[id="part-0.1.1"] .hs-grip', '[id="part-0.0"] .hs-grip', target_position={"x": 4, "y": 1}
        )
    )
    assert page.input_value('[name="0.0.field"]') == "consent:sms"
    shown = page.inner_text("main .hs-verdict")
    count = int(re.findall(counted, shown)[0][0].replace(",", ""))
    page.fill("#name", "点出来的分群")
    page.click(f"button:text('{store}')")
    page.wait_for_url("**/segments/dian-chu-lai-de-fen-qun/")
    assert not someone.complaints
    secret = site.ask("-c", MADE).strip()
    kept = told_by_program(site, secret, "segments/dian-chu-lai-de-fen-qun")
    assert kept["count"] == count
    assert {"not": {"trait": "stage", "op": "=", "value": "lost"}} in kept["rule"]["all"]
    assert (
        told_by_program(site, secret, "segments/dian-chu-lai-de-fen-qun/members?limit=200")["total"] == count
    )
