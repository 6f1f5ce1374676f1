"""A campaign in a real browser, from the segment to the result, with the message read from a real mail server."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlparse

import pytest

from huoshui.desk.mail.tests import server as mail
from huoshui.desk.mail.tests.server import Server
from tests.plugins.browser import LOCALES, Reader, Site, serving

pytestmark = pytest.mark.slow

TURNS = count(1)
GROUND = """
import json
import sys
import django
django.setup()
from huoshui.act.channels import queries as mailing
from huoshui.act.channels import services as channels
from huoshui.act.messages import tuning
from huoshui.act.templates import services as templates
from huoshui.act.templates.content import Content, Words
from huoshui.data.privacy import services as privacy
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import CHANNELS
from huoshui.know.segments import services as segments
from huoshui.lake import open_lake
now, tables = clock.now(), open_lake().snapshot()
everybody = tables.arrow(tables.table("customers").select("customer_id"))["customer_id"].to_pylist()
people = sorted(CHANNELS["email"].addresses(everybody))
for person in people:
    privacy.say(actor=CONSOLE, customer_id=person, purpose="marketing", channel="email", state="granted",
                wording="2026", source="story", evidence="a form", now=now)
if not mailing.senders(actor=CONSOLE):
    draft = channels.Draft(name="活水商城", address="shop@example.org", contact="杭州市文三路 1 号")
    channels.add_sender(actor=CONSOLE, draft=draft, now=now)
tuning.set_rules(actor=CONSOLE, quiet_from=0, quiet_until=0, cap_day=None, cap_week=None, grace_minutes=720, now=now)
rule = {"orders": "times", "op": ">=", "value": 1}
slug = segments.add(actor=CONSOLE, name=sys.argv[1], rule=rule, now=now)
words = {"zh": Words(subject="【广告】春季上新", body="您好"), "en": Words(subject="AD: spring", body="Hello")}
template = templates.create(actor=CONSOLE, content=Content(name=sys.argv[1], words=words), now=now)
print(json.dumps({"people": len(people), "segment": slug, "template": template}))
"""
"""Who can be reached by e-mail agrees to it; a sender, a segment of who bought, and a template."""

WORK = """
import sys
from threading import Event
import django
django.setup()
from django.conf import settings
from huoshui.act.campaigns import following
from huoshui.act.messages import delivering
from huoshui.data.facts import queue
from huoshui.desk.mail.tests.server import Smtp
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.lake import open_lake
settings.HUOSHUI_SMTP = Smtp(int(sys.argv[1]))
lake, lane = open_lake(), delivering.Serving("email")
for _ in range(3):
    following.follow(actor=CONSOLE, lake=lake, now=clock.now())
    for _look in range(50):
        if not lane.look("story", Event()):
            break
queue.drain(lake=lake, now=clock.now())
"""
"""What the worker does until nothing is left to do."""

BEFORE = """
import sys
import django
django.setup()
from django.apps import apps
known = apps.get_model("customers", "Identity").objects.filter(kind="number", customer__deleted_at=None)
numbers = sorted(set(known.values_list("value", flat=True)))
print("number,group")
for place, number in enumerate(numbers):
    print(f"{number},{'control' if place % 4 == 0 else 'letter'}")
"""
"""The list of a campaign of another tool: everybody, of whom every fourth was left out."""

DRAIN = """
import django
django.setup()
from huoshui.data.facts import queue
from huoshui.kernel import clock
from huoshui.lake import open_lake
queue.drain(lake=open_lake(), now=clock.now())
"""


@pytest.fixture(scope="module")
def post() -> Iterator[tuple[Server, int]]:
    """A mail server on this machine, and its port."""
    with mail.serving() as found:
        yield found


@pytest.fixture(scope="module")
def site(
    post: tuple[Server, int], demo_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A demo house of its own, whose mail goes to that server."""
    url = f"smtp://127.0.0.1:{post[1]}?from=crm@example.org&tls=none"
    home = shutil.copytree(demo_home, tmp_path_factory.mktemp("story") / "demo")
    with serving(home, ("unfence",), HUOSHUI_SMTP_URL=url) as served:
        yield served


@pytest.fixture(params=["zh", "en"])
def colleagues(request, browser, site: Site) -> Iterator[tuple[str, Reader, Reader, Reader]]:
    """The language, an operator, a manager, and somebody outside who is signed in nowhere."""
    language = request.param
    turn = next(TURNS)
    links = site.links_for(**{f"Op{turn}": "operator", f"Ma{turn}": "manager"})
    contexts, readers = [], []
    for link in (*links, ""):
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale=LOCALES[language], reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        readers.append(Reader(context, site))
        if link:
            readers[-1].page.goto(link)
            readers[-1].page.click("main form button")
            readers[-1].page.wait_for_url(f"{site.url}/")
            if language == "zh":
                readers[-1].page.click("button[name=language][value='zh-hans']")
                readers[-1].page.wait_for_selector("html[lang^=zh]")
    yield language, *readers
    for context in contexts:
        context.close()


def test_a_campaign_goes_from_its_segment_to_its_result_and_who_unsubscribes_is_heard(colleagues, site, post):
    language, operator, manager, outside = colleagues
    server, port = post
    server.taken.clear()
    ground = json.loads(site.ask("-c", GROUND, f"story {language}"))

    page = operator.open(f"/segments/{ground['segment']}/")
    assert f"story {language}" in page.inner_text("h1")
    page = operator.open("/campaigns/new/")
    page.fill("input[name=name]", f"Spring {language}")
    page.select_option(f"select[name='s.{ground['segment']}']", "in")
    page.click("main form .btn-primary")
    page.wait_for_url("**/edit/message/")
    page.check("input[name=channel][value=email]")
    page.select_option("select[name='template.0']", str(ground["template"]))
    page.click("main form .btn-primary")
    page.wait_for_url("**/edit/measuring/")
    page.check("input[name=choice][value=draw]")
    page.fill("input[name=share]", "20")
    page.click("main form .btn-primary")
    page.wait_for_url("**/edit/schedule/")
    page.check("input[name=plan][value=now]")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    assert operator.findings() == []
    if language == "en":  # the rest does not depend on the language
        return
    address = urlparse(page.url).path
    page.click("form[action$='/do/submit/'] button")
    assert page.locator("form[action$='/do/approve/']").count() == 0

    page = manager.open(address)
    page.click("form[action$='/do/approve/'] button")
    page.wait_for_load_state()
    page = operator.open(address)
    page.click("form[action$='/do/start/'] button")
    page.wait_for_load_state()
    site.ask("-c", WORK, str(port))

    addressees = [envelope.rcpt_tos[0] for envelope, _ in server.taken]
    assert addressees
    assert len(addressees) == len(set(addressees)) < ground["people"]
    letter = server.taken[0][1]
    leave = str(letter["List-Unsubscribe"]).strip("<>")
    assert leave.startswith(site.url)
    said = letter.get_body(("plain",)).get_content()
    preferences = re.search(r"https?://\S+/preferences/\S+/", said)
    assert preferences is not None

    page = outside.open(urlparse(preferences[0]).path)
    assert outside.findings() == []
    page.click("button[value='marketing:email:withdrawn']")
    assert page.locator(".hs-note.good").count() == 1
    assert page.locator("button[value='marketing:email:withdrawn']").count() == 0
    page = outside.open(urlparse(leave).path)
    assert page.locator("main form button").count() <= 1

    page = operator.open(address)
    page.click("a[href*='/experiments/of/']")
    page.wait_for_url("**/experiments/of/**")
    text = page.inner_text("main")
    assert "之前无法定论" in text, text[:600]
    assert operator.findings() == []

    for one in (operator, manager, outside):
        assert one.complaints == []


@pytest.mark.parametrize("colleagues", ["zh"], indirect=True)
def test_what_a_finished_campaign_added_is_opened_by_who_brings_it_with_its_list(colleagues, site):
    """What a campaign added is known when it is over: here is one of another tool, written down from its list."""
    operator = colleagues[1]
    page = operator.open("/campaigns/")
    page.click("a[href='/campaigns/past/']")
    page.set_input_files(
        "input[name=file]",
        {"name": "七月.csv", "mimeType": "text/csv", "buffer": site.ask("-c", BEFORE).encode()},
    )
    page.click("main form .btn-primary")
    page.wait_for_selector("select[name=who]")
    assert page.input_value("select[name=who]") == "number"
    assert page.input_value("select[name=held]") == "group\x1fcontrol"
    assert operator.findings() == []
    page.fill("input[name=day]", "2024-07-01")
    page.select_option("select[name=goal]", "orders")
    page.fill("input[name=horizon_days]", "60")
    page.fill("input[name=share]", "25")
    page.click("main form .btn-primary")
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    site.ask("-c", DRAIN)
    page.click("a[href*='/experiments/of/']")
    page.wait_for_url("**/experiments/of/**")
    text = page.inner_text("main")
    assert "已定论" in text, text[:600]
    row = page.inner_text("main table tbody tr >> nth=0")
    assert re.search(r"触达组[\s\S]*[+−][\d.]+\s[+−][\d.]+ … [+−][\d.]+", row), row
    assert operator.findings() == []
    page.set_viewport_size({"width": 360, "height": 900})
    assert operator.sideways == 0
    assert operator.complaints == []
