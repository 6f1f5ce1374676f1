"""Pictures of the pages: ``python docs/make_shots.py [--to FOLDER] [--home HOUSE] [PATH …]``, ``… --guide``.

Makes a demo house under a real server (or uses the one in HOUSE) and takes each page at 1440 and 390 px, in English and
Chinese, light and dark. Without a PATH: the overview, the list of customers, the first customer, the search and the
style page. With ``--guide``: the pictures of the guide, in each language of a company that speaks it, into
``docs/guide/pictures``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.plugins import browser as pages  # noqa: E402 found by the path above

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = ((1440, 900), (390, 844))
GUIDE = ROOT / "docs" / "guide" / "pictures"
COMPANY = ("demo", "--customers", "2000", "--no-serve")
COLOURS = 128
POST = "smtp://127.0.0.1:2525?from=shop@example.org"
"""A demo house says that it can send where there is a mail server beside it; no picture sends anything."""
PATIENCE = 120_000
"""Milliseconds that a page may take: the first one that is asked for computes what others find there."""

SAID = """
import sys


def said(zh, en):
    return zh if sys.argv[1] == "zh" else en


"""
"""What begins each program over a company: it speaks one language."""


LIFE = """
from datetime import timedelta
import django
django.setup()
from django.apps import apps
from huoshui.data.customers import queries
from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.services import Draft
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import HOUSE_ZONE
now, users = clock.now(), apps.get_model("users", "User")
today = now.astimezone(HOUSE_ZONE()).date()
for name, role in (
    (said("林悦", "Yue Lin"), "manager"), (said("赵一鸣", "Yiming Zhao"), "operator"),
    ("Grace Hill", "analyst"), (said("何晓", "Xiao He"), "viewer"),
):
    number = users.objects.count()
    users.objects.create(email=f"colleague{number}@example.com", name=name, role=role, joined_at=now)
me = users.objects.order_by("pk").first()
people = [queries.find(f"K10000{number}")[0].customer_id for number in range(1, 7)]
for (title, days, priority), customer in zip((
    (said("回访：安装后的使用情况", "Ask how it goes after the installation"), -2, 2),
    (said("致电确认退货原因", "Call and ask why it came back"), 0, 2),
    (said("赠送滤芯，感谢推荐", "Give a filter as thanks for the referral"), 0, 1),
    (said("整理企业客户的采购清单", "Put the orders of company customers in order"), 2, 1),
    (said("核对双11后的地址变更", "Check addresses that changed after Double 11"), 4, 1),
    (said("更新门店导购话术", "Renew what the shops say"), 6, 0),
), people):
    draft = Draft(title=title, owner_id=me.pk, due=today + timedelta(days=days), priority=priority,
                  subject=f"customer:{customer}")
    worklist.add(actor=CONSOLE, draft=draft, now=now)
"""
"""What colleagues of the company did, so that their pages are not empty."""

ACT = """
import django
django.setup()
from huoshui.act.campaigns import services as campaigns
from huoshui.act.campaigns.drafts import Draft as Campaign, VariantDraft
from huoshui.act.channels import services as channels
from huoshui.act.holdouts import services as holdouts
from huoshui.act.scripts import services as scripts
from huoshui.act.scripts.services import Draft as Script
from huoshui.act.templates import services as templates
from huoshui.act.templates.content import Content, Words
from huoshui.data.customers import queries
from huoshui.data.privacy import services as privacy
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
now = clock.now()
contact = said("杭州市文三路 1 号", "1 Wensan Road, Hangzhou")
sender = channels.Draft(name=said("活水商城", "Huoshui Shop"), address="shop@example.org", contact=contact)
channels.add_sender(actor=CONSOLE, draft=sender, now=now)
letters = (
    (said("春季上新", "New in spring"), "广告：春季新品到店", "春季新品已经上架。\\n\\n[去看看](https://shop.example.org/spring)",
     "AD: Spring is here", "Our spring collection is here.\\n\\n[Have a look](https://shop.example.org/spring)"),
    (said("滤芯更换提醒", "A filter is due"), "广告：滤芯该换了", "您的滤芯已用满半年。",
     "AD: A new filter", "Your filter is half a year old."),
)
made = [
    templates.create(actor=CONSOLE, now=now, content=Content(
        name=name, words={
            "zh": Words(subject=zh, body="{{ name | 朋友 }}，您好！\\n\\n" + body),
            "en": Words(subject=en, body="Hello {{ name | friend }}!\\n\\n" + text)}))
    for name, zh, body, en, text in letters
]
for title, question, text, stage in (
    (said("退货怎么办", "Sending it back"), said("我想退货", "I want to send it back"), said(
        "您好，七天内都可以退。我这就帮您预约上门取件。",
        "You have seven days for that. I will have it collected at your door.",
    ), ""),
    (said("安装预约", "When it is installed"), said("什么时候能装", "When can you come"), said(
        "师傅一般次日上门，您明天几点方便？", "Usually the day after. What time suits you tomorrow?",
    ), "new"),
    (said("久未下单的问候", "After a long silence"), "", said(
        "好久不见，家里的设备用得还顺手吗？", "It has been a while: is everything at home working as it should?",
    ), "silent"),
):
    scripts.add(actor=CONSOLE, draft=Script(title=title, question=question, text=text, stage=stage), now=now)
holdouts.set_group(actor=CONSOLE, share=0.02, reason=said("年度抽样", "Sample of the year"), now=now)
for number in range(1, 7):
    customer = queries.find(f"K10000{number}")[0].customer_id
    for channel, state in (("email", "granted"), ("sms", "granted" if number % 2 else "withdrawn")):
        privacy.say(actor=CONSOLE, customer_id=customer, purpose="marketing", channel=channel, state=state,
                    wording="2026-01", source=said("网店", "Web shop"),
                    evidence=said("结账页勾选", "ticked at the till"), now=now)
campaign = campaigns.make(actor=CONSOLE, now=now, draft=Campaign(
    name=letters[0][0], audience={"segment": "value-class-high"}, channel="email",
    variants=[VariantDraft(template_id=made[0], template_version=1)], choice="draw", share=0.1, plan="now"))
print(queries.find("K100001")[0].customer_id, campaign)
"""
"""What the company says to its customers: a sender, templates, scripts, a control group, consents and a draft."""

SENT = """
import os
import random
from datetime import timedelta
import django
os.environ["HUOSHUI_SMTP_URL"] = "smtp://127.0.0.1:2525?from=shop@example.org"
django.setup()
from django.apps import apps
from huoshui.act.campaigns import following, reaching
from huoshui.act.campaigns import services as campaigns
from huoshui.act.campaigns.drafts import Draft as Campaign, VariantDraft
from huoshui.act.templates import queries as templates
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.lake import open_lake
now, draw, lake, zone = clock.now(), random.Random(7), open_lake(), HOUSE_ZONE()
name = said("滤芯更换提醒", "A filter is due")
template = next(one.id for one in templates.templates() if one.content.name == name)
number = campaigns.make(actor=CONSOLE, now=now, draft=Campaign(
    name=name, audience={"segment": "value-class-high"}, channel="email",
    variants=[VariantDraft(template_id=template, template_version=1)], choice="draw", share=0.1, plan="now"))
reaching.submit(actor=CONSOLE, number=number, tables=lake.snapshot(), zone=zone, now=now)
campaigns.start(actor=CONSOLE, number=number, zone=zone, now=now)
following.follow(actor=CONSOLE, lake=lake, now=now)
waiting = apps.get_model("outbox", "Message").objects.filter(errand__origin_id=number, state="pending")
morning = (now.astimezone(zone) + timedelta(days=1)).replace(hour=8, minute=0)
for place, row in enumerate(waiting.order_by("pk")):
    row.attempts, row.settled_at = 1, now - timedelta(seconds=draw.randint(20, 600))
    if place in (5, 17, 31):
        row.state, row.reason = "uncertain", "no_answer"
    elif place in (8, 40):
        row.state, row.reason, row.answer = "failed", "refused", "550 no such mailbox"
    elif place % 7 == 3:
        row.attempts, row.settled_at, row.not_before = 0, None, morning
    else:
        row.state, row.local_day = "sent", now.astimezone(zone).date()
    row.save()
"""
"""A campaign of which most has gone out: some wait for the morning, of some nobody knows."""

ALERTS = """
from datetime import datetime, time, timedelta
from decimal import Decimal
import django
django.setup()
from django.apps import apps
from huoshui.data.traits import queries as traits
from huoshui.desk.users import queries as users
from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.alerts import checking, jobs, services
now, house, tables = clock.now(), HOUSE(), open_lake().snapshot()
me = users.actor_of(apps.get_model("users", "User").objects.order_by("pk").first().pk)
revenue, end = metrics.metric("revenue"), now.astimezone(house.zone).date()
newest = checking.last_whole(end, "week", house.zone)
weeks = [*checking.before(newest, "week", house.zone, count=51), newest]
sold = [Decimal(cell.value or 0) for cell in checking.values(revenue, weeks, {}, tables)]
bound = Decimal(int(sorted(sold)[6] / 1000) * 1000)
asked = {"actor": me, "metric": "revenue", "tables": tables, "now": now}
number = services.ask(**asked, kind="below", grain="week", bound=bound)
services.ask(**asked, kind="unusual", grain="month")
services.ask(**asked | {"metric": "orders"}, kind="unusual", grain="week")
services.ask(**asked | {"metric": "average_order_value"}, kind="above", grain="month", bound=Decimal(5000))
ring = apps.get_model("metrics", "Ring")
for week, amount, earlier in zip(weeks[1:-1], sold[1:], sold):
    if amount < bound <= earlier:
        found = checking.look(revenue, kind="below", bound=bound, grain="week", where={}, period=week,
                              tables=tables, house=house)
        at = datetime.combine(week.end_day, time(3, 25), tzinfo=house.zone)
        said = {"en": found.said.en, "zh": found.said.zh}
        ring.objects.create(alert_id=number, at=at, period=week.first_day, said=said)
for one in apps.get_model("metrics", "Alert").objects.order_by("pk"):
    jobs.check_one(one.pk, tables=tables, house=house, now=now)
print(number)
"""
"""Alerts, one of which rang in weeks before as well."""


@dataclass(frozen=True)
class Picture:
    """A picture of the guide: ``path`` may hold ``{customer}`` and such; narrow ones are as on a phone."""

    name: str
    path: str
    narrow: bool = False
    height: int = 900


PICTURES = (
    Picture("overview", "/", height=1100),
    Picture("overview-phone", "/", narrow=True),
    Picture("customers", "/customers/"),
    Picture("customers-phone", "/customers/", narrow=True),
    Picture("customer", "/customers/{customer}/", height=1000),
    Picture("customer-why", "/customers/{customer}/traits/stage/"),
    Picture("customer-orders", "/customers/{customer}/orders/"),
    Picture("metrics", "/metrics/"),
    Picture("traits", "/traits/"),
    Picture("value", "/value/"),
    Picture("lifecycle", "/lifecycle/"),
    Picture("cohorts", "/cohorts/"),
    Picture("dashboards", "/boards/1/", height=1000),
    Picture("alerts", "/metrics/alerts/{alert}/"),
    Picture("experiment", "/experiments/of/campaign:5/"),
    Picture("campaigns", "/campaigns/"),
    Picture("campaign", "/campaigns/{campaign}/edit/message/?who=K100001", height=1000),
    Picture("outbox", "/outbox/"),
    Picture("templates", "/templates/1/?who=K100001"),
    Picture("scripts", "/scripts/"),
    Picture("holdouts", "/holdouts/"),
    Picture("consent", "/privacy/customers/{consenting}/"),
    Picture("email", "/channels/email/"),
    Picture("api", "/api/docs/"),
    Picture("segment-building", "/segments/new/?from=sleeping"),
    Picture("segment", "/segments/value-class-high/"),
    Picture("imports", "/imports/"),
    Picture("upload", "/imports/new/"),
    Picture("tasks", "/work/"),
    Picture("tasks-phone", "/work/", narrow=True),
    Picture("colleagues", "/settings/colleagues/"),
    Picture("export", "/jobs/export/tasks/?view=all"),
    Picture("jobs", "/jobs/"),
    Picture("audit", "/settings/audit/"),
    Picture("organisation", "/settings/house/"),
    Picture("festivals", "/settings/house/festivals/", height=1000),
    Picture("attributes", "/customers/attributes/"),
    Picture("sources", "/imports/sources/"),
    Picture("data", "/settings/house/data/"),
    Picture("plans", "/plans/1/", height=1000),
    Picture("plan-goals", "/plans/1/goals/"),
    Picture("plan-measures", "/plans/1/measures/", height=1000),
    Picture("plan-budget", "/plans/1/budget/"),
    Picture("plan-reviews", "/plans/1/reviews/"),
    Picture("plan-export", "/plans/1/export/"),
    Picture("plan-share", "/plans/1/share/"),
    Picture("research", "/research/"),
)


@click.command(help=__doc__)
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path("shots"), show_default=True)
@click.option("--home", type=click.Path(path_type=Path, exists=True), help="a house that is there already")
@click.option("--guide", is_flag=True, help="the pictures of the guide")
@click.argument("paths", nargs=-1)
def main(folder: Path, home: Path | None, guide: bool, paths: tuple[str, ...]) -> None:
    """Take the pictures and print their names."""
    from playwright.sync_api import sync_playwright

    found = pages.chromium()
    if found is None:
        raise click.ClickException("no Chromium on this machine")
    pages.use_own_node()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(pages.FLAGS))
        if guide:
            for language in pages.LOCALES:
                with _house(home, (*COMPANY, "--language", language)) as site:
                    for file in _of_guide(started, site, language, paths):
                        click.echo(file)
            return
        with _house(home, pages.DEMO) as site:
            for file in _of_pages(started, site, folder, paths):
                click.echo(file)


@contextmanager
def _house(home: Path | None, first: tuple[str, ...]) -> Iterator[pages.Site]:
    if home is not None:
        with pages.serving(home, ("imports",)) as site:
            yield site
        return
    with (
        TemporaryDirectory() as made,
        pages.serving(Path(made) / "house", first, HUOSHUI_SMTP_URL=POST) as site,
    ):
        yield site


def _of_pages(started: Browser, site: pages.Site, folder: Path, paths: tuple[str, ...]) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths or usual(site):
        name = re.sub(r"\W+", "-", path).strip("-") or "overview"
        for language in pages.LOCALES:
            for theme in ("light", "dark"):
                for width, height in SIZES:
                    with _page(started, site, language, width, height, theme, path) as page:
                        file = folder / f"{name}.{language}.{width}.{theme}.png"
                        page.screenshot(path=file, full_page=True)
                    yield file


def _of_guide(started: Browser, site: pages.Site, language: str, names: tuple[str, ...]) -> Iterator[Path]:
    """The pictures in one language, with few colours: they stay small and are hardly to be told from the page."""
    GUIDE.mkdir(parents=True, exist_ok=True)
    site.ask("-c", SAID + LIFE, language)
    consenting, campaign = site.ask("-c", SAID + ACT, language).split()
    site.ask("-c", SAID + SENT, language)
    alert = site.ask("-c", ALERTS).strip()
    places = {
        "customer": first_customer(site),
        "consenting": consenting,
        "campaign": campaign,
        "alert": alert,
    }
    for picture in PICTURES:
        if names and picture.name not in names:
            continue
        width, height = (390, 844) if picture.narrow else (1440, picture.height)
        file = GUIDE / f"{picture.name}.{language}.png"
        with _page(started, site, language, width, height, "light", picture.path.format(**places)) as page:
            page.screenshot(path=file)
        few = Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(file, optimize=True)
        yield file


@contextmanager
def _page(
    started: Browser, site: pages.Site, language: str, width: int, height: int, theme: str, path: str
) -> Iterator[Page]:
    context = started.new_context(
        viewport={"width": width, "height": height},
        locale=pages.LOCALES[language],
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    if not path.startswith("/account/sign-in"):
        site.let_in(context)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answer = page.goto(site.url + path)
    if answer is None or not answer.ok:
        raise click.ClickException(f"{path} answered {answer.status if answer else 'nothing'}")
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def usual(site: pages.Site) -> tuple[str, ...]:
    """The pages that everybody opens."""
    return ("/", "/customers/", f"/customers/{first_customer(site)}/", "/search/?q=K1", "/style/")


def first_customer(site: pages.Site) -> str:
    """The id of the customer who bought last."""
    with site.get("/customers/?sort=-frequency") as answer:
        found = re.search(r'href="/customers/(\d+)/', answer.read().decode())
    if found is None:
        raise click.ClickException("the house has no customers")
    return found[1]


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"the demo house could not be made: {error.stderr}")
