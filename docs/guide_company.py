"""What happens in the demo company before pictures of the guide are taken.

`main` works on the demo house of the environment, in the language that is the first word of the command, and prints
what the pictures show, by name, as JSON. Django must be set up before this is imported, as `make_shots.py` does.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import datetime, time, timedelta
from decimal import Decimal

import click
from django.apps import apps

from huoshui.act.campaigns import following, reaching
from huoshui.act.campaigns import services as campaigns
from huoshui.act.campaigns.drafts import Draft as Campaign
from huoshui.act.campaigns.drafts import VariantDraft
from huoshui.act.channels import services as channels
from huoshui.act.holdouts import services as holdouts
from huoshui.act.scripts import services as scripts
from huoshui.act.scripts.services import Draft as Script
from huoshui.act.templates import queries as written
from huoshui.act.templates import services as templates
from huoshui.act.templates.content import Content, Words
from huoshui.data.customers import queries
from huoshui.data.privacy import services as privacy
from huoshui.desk.users import queries as colleagues
from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.services import Draft as Task
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import HOUSE, HOUSE_ZONE
from huoshui.lake import open_lake
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.alerts import checking, jobs
from huoshui.measure.metrics.alerts import services as alerts


def said(zh: str, en: str) -> str:
    """What stands in both languages, in that of the company."""
    return zh if sys.argv[1] == "zh" else en


def live() -> None:
    """What colleagues of the company did, so that their pages are not empty."""
    now, users = clock.now(), apps.get_model("users", "User")
    today = now.astimezone(HOUSE_ZONE()).date()
    for name, role in (
        (said("林悦", "Yue Lin"), "manager"),
        (said("赵一鸣", "Yiming Zhao"), "operator"),
        ("Grace Hill", "analyst"),
        (said("何晓", "Xiao He"), "viewer"),
    ):
        number = users.objects.count()
        users.objects.create(email=f"colleague{number}@example.com", name=name, role=role, joined_at=now)
    me = users.objects.order_by("pk").first()
    people = [queries.find(f"K10000{number}")[0].customer_id for number in range(1, 7)]
    for (title, days, priority), customer in zip(
        (
            (said("回访：安装后的使用情况", "Ask how it goes after the installation"), -2, 2),
            (said("致电确认退货原因", "Call and ask why it came back"), 0, 2),
            (said("赠送滤芯，感谢推荐", "Give a filter as thanks for the referral"), 0, 1),
            (said("整理企业客户的采购清单", "Put the orders of company customers in order"), 2, 1),
            (said("核对双11后的地址变更", "Check addresses that changed after Double 11"), 4, 1),
            (said("更新门店导购话术", "Renew what the shops say"), 6, 0),
        ),
        people,
        strict=True,
    ):
        draft = Task(
            title=title,
            owner_id=me.pk,
            due=today + timedelta(days=days),
            priority=priority,
            subject=f"customer:{customer}",
        )
        worklist.add(actor=CONSOLE, draft=draft, now=now)


def speak() -> tuple[int, int]:
    """What the company says to its customers: a sender, templates, scripts, a control group, consents and a draft.

    Answers who of the customers consented, and the draft.
    """
    now = clock.now()
    contact = said("杭州市文三路 1 号", "1 Wensan Road, Hangzhou")
    sender = channels.Draft(
        name=said("活水商城", "Huoshui Shop"), address="shop@example.org", contact=contact
    )
    channels.add_sender(actor=CONSOLE, draft=sender, now=now)
    letters = (
        (
            said("春季上新", "New in spring"),
            "广告：春季新品到店",
            "春季新品已经上架。\n\n[去看看](https://shop.example.org/spring)",
            "AD: Spring is here",
            "Our spring collection is here.\n\n[Have a look](https://shop.example.org/spring)",
        ),
        (
            said("滤芯更换提醒", "A filter is due"),
            "广告：滤芯该换了",
            "您的滤芯已用满半年。",
            "AD: A new filter",
            "Your filter is half a year old.",
        ),
    )
    made = [
        templates.create(
            actor=CONSOLE,
            now=now,
            content=Content(
                name=name,
                words={
                    "zh": Words(subject=zh, body="{{ name | 朋友 }}，您好！\n\n" + body),
                    "en": Words(subject=en, body="Hello {{ name | friend }}!\n\n" + text),
                },
            ),
        )
        for name, zh, body, en, text in letters
    ]
    for title, question, text, stage in (
        (
            said("退货怎么办", "Sending it back"),
            said("我想退货", "I want to send it back"),
            said(
                "您好，七天内都可以退。我这就帮您预约上门取件。",
                "You have seven days for that. I will have it collected at your door.",
            ),
            "",
        ),
        (
            said("安装预约", "When it is installed"),
            said("什么时候能装", "When can you come"),
            said(
                "师傅一般次日上门，您明天几点方便？",
                "Usually the day after. What time suits you tomorrow?",
            ),
            "new",
        ),
        (
            said("久未下单的问候", "After a long silence"),
            "",
            said(
                "好久不见，家里的设备用得还顺手吗？",
                "It has been a while: is everything at home working as it should?",
            ),
            "silent",
        ),
    ):
        scripts.add(
            actor=CONSOLE, draft=Script(title=title, question=question, text=text, stage=stage), now=now
        )
    holdouts.set_group(actor=CONSOLE, share=0.02, reason=said("年度抽样", "Sample of the year"), now=now)
    for number in range(1, 7):
        customer = queries.find(f"K10000{number}")[0].customer_id
        for channel, state in (("email", "granted"), ("sms", "granted" if number % 2 else "withdrawn")):
            privacy.say(
                actor=CONSOLE,
                customer_id=customer,
                purpose="marketing",
                channel=channel,
                state=state,
                wording="2026-01",
                source=said("网店", "Web shop"),
                evidence=said("结账页勾选", "ticked at the till"),
                now=now,
            )
    campaign = campaigns.make(
        actor=CONSOLE,
        now=now,
        draft=Campaign(
            name=letters[0][0],
            audience={"segment": "value-class-high"},
            channel="email",
            variants=[VariantDraft(template_id=made[0], template_version=1)],
            choice="draw",
            share=0.1,
            plan="now",
        ),
    )
    return queries.find("K100001")[0].customer_id, campaign


def send() -> None:
    """A campaign of which most has gone out: some wait for the morning, of some nobody knows."""
    now, draw, lake, zone = clock.now(), random.Random(7), open_lake(), HOUSE_ZONE()  # noqa: S311 seconds on a picture
    name = said("滤芯更换提醒", "A filter is due")
    template = next(one.id for one in written.templates() if one.content.name == name)
    number = campaigns.make(
        actor=CONSOLE,
        now=now,
        draft=Campaign(
            name=name,
            audience={"segment": "value-class-high"},
            channel="email",
            variants=[VariantDraft(template_id=template, template_version=1)],
            choice="draw",
            share=0.1,
            plan="now",
        ),
    )
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


def watch() -> int:
    """Alerts, one of which rang in weeks before as well; answers that one."""
    now, house, tables = clock.now(), HOUSE(), open_lake().snapshot()
    me = colleagues.actor_of(apps.get_model("users", "User").objects.order_by("pk").first().pk)
    revenue, end = metrics.metric("revenue"), now.astimezone(house.zone).date()
    newest = checking.last_whole(end, "week", house.zone)
    weeks = [*checking.before(newest, "week", house.zone, count=51), newest]
    sold = [Decimal(cell.value or 0) for cell in checking.values(revenue, weeks, {}, tables)]
    bound = Decimal(int(sorted(sold)[6] / 1000) * 1000)
    asked = {"actor": me, "metric": "revenue", "tables": tables, "now": now}
    number = alerts.ask(**asked, kind="below", grain="week", bound=bound)
    alerts.ask(**asked, kind="unusual", grain="month")
    alerts.ask(**asked | {"metric": "orders"}, kind="unusual", grain="week")
    alerts.ask(**asked | {"metric": "average_order_value"}, kind="above", grain="month", bound=Decimal(5000))
    ring = apps.get_model("metrics", "Ring")
    for week, amount, earlier in zip(weeks[1:-1], sold[1:-1], sold[:-2], strict=True):
        if amount < bound <= earlier:
            found = checking.look(
                revenue,
                kind="below",
                bound=bound,
                grain="week",
                where={},
                period=week,
                tables=tables,
                house=house,
            )
            at = datetime.combine(week.end_day, time(3, 25), tzinfo=house.zone)
            told = {"en": found.said.en, "zh": found.said.zh}
            ring.objects.create(alert_id=number, at=at, period=week.first_day, said=told)
    for one in apps.get_model("metrics", "Alert").objects.order_by("pk"):
        jobs.check_one(one.pk, tables=tables, house=house, now=now)
    return number


def main() -> None:
    """Do all of it, and print the numbers of what there is to see."""
    live()
    consenting, campaign = speak()
    send()
    click.echo(json.dumps({"consenting": consenting, "campaign": campaign, "alert": watch()}))
