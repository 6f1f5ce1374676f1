"""The style page: every component with what it takes and its states, the tokens, the icons."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from huoshui.kernel.charts import Chart, Note, Series
from huoshui.kernel.texts import Text
from huoshui.web import charts, figures, shell
from huoshui.web.components import COMPONENTS
from huoshui.web.lists import Chip, Column, Fact, Listing, Moment, Part, Progress, Tab
from huoshui.web.templatetags.ui import icons
from huoshui.web.undo import Toast

COLOURS = ("c1", "c2", "c3", "c4", "c5", "c6", "c0")


class Sample(forms.Form):
    """A form with a field of each kind, sent with mistakes."""

    holdout = forms.IntegerField(
        label="对照组比例 Holdout",
        min_value=5,
        max_value=50,
        help_text="5–50 %",
    )
    text = forms.CharField(label="短信内容 Text", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    channel = forms.ChoiceField(label="渠道 Channel", choices=[("sms", "短信 SMS"), ("email", "邮件 E-mail")])
    sure = forms.BooleanField(label="我已看过 I have looked", required=False)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The style page."""
    zh = shell.language_now() == "zh"
    here = reverse("web:style")
    columns = [
        Column(key="name", label="客户" if zh else "Customer", sort=True),
        Column(key="stage", label="阶段" if zh else "Stage"),
        Column(key="spent", label="消费" if zh else "Spent", sort=True, number=True),
        Column(key="city", label="城市" if zh else "City", wide=True),
    ]
    listing = Listing(
        path=here,
        query=[("stage", "silent"), ("sort", "-spent")],
        page=2,
        size=10,
        total=186,
        sort="-spent",
        chips=[Chip(name="阶段" if zh else "Stage", value="沉默" if zh else "Silent", without=here)],
        columns=columns,
        chosen=[column.key for column in columns],
    )
    context = {
        "components": COMPONENTS.values(),
        "icons": sorted(icons()),
        "colours": COLOURS,
        "line": line_chart(),
        "bars": bar_chart(),
        "stack": stack_chart(),
        "heat": heat_chart(),
        "nothing": Chart(
            kind="line",
            title=Text("Nothing yet", "还没有"),
            axis=Text("Day", "日期"),
            unit="count",
            places=(),
            series=(),
        ),
        "figure": figures.short_money(Decimal("4862000"), "CNY", shell.language_now()),
        "better": figures.difference(4862, 4106, language=shell.language_now(), direction="up"),
        "worse": figures.difference(86, 79, language=shell.language_now(), direction="down"),
        "spark": charts.spark([3, 4, 3, 5, 6, 9, 7, 8], [4, 4, 5, 4, 5, 5, 6, 5]),
        "columns": columns,
        "listing": listing,
        "rows": [
            ("陈雨桐", "warn", "沉默" if zh else "silent", "¥28,640", "上海"),
            ("Liam Novak", "good", "活跃" if zh else "active", "¥3,298", "Praha"),
        ],
        "tabs": [
            Tab(label="全部" if zh else "All", address=here, number=58240, current=True),
            Tab(label="流失预警" if zh else "At risk", address=here, number=186),
        ],
        "form": Sample({"holdout": "0", "channel": "sms"}),
        "moments": [
            Moment(
                day="2026-11-17",
                time="20:55",
                icon="shopping-bag",
                kind="buy",
                strong=True,
                title="下单 ¥3,298.00" if zh else "Ordered for ¥3,298.00",
                text="天猫旗舰店" if zh else "Tmall store",
            ),
            Moment(
                day="2026-11-17",
                time="08:16",
                icon="message-report",
                kind="bad",
                title="投诉：门锁低温失灵" if zh else "Complaint: lock fails in the cold",
            ),
            Moment(
                day="2026-11-09",
                time="21:37",
                icon="eye",
                title="看了智能门锁 3 次" if zh else "Looked at the lock 3 times",
            ),
        ],
        "facts": [
            Fact(
                name="惯常间隔" if zh else "Usual gap",
                value="34 天" if zh else "34 days",
                why="15 次间隔的中位数，不含退货单。"
                if zh
                else "Median of 15 gaps, without returned orders.",
                proof="orders · 2026-11-18 05:12",
            ),
            Fact(name="城市" if zh else "City", value="上海" if zh else "Shanghai"),
        ],
        "jobs": [
            Progress(
                title="重算全部特征" if zh else "Compute all traits",
                state="running",
                share=0.6,
                counted="34,900 / 58,240",
                note="第 3 步，共 5 步" if zh else "step 3 of 5",
            ),
            Progress(
                title="导出名单" if zh else "Export the list",
                state="waiting",
                note="前面还有 1 个任务" if zh else "one job before it",
            ),
            Progress(
                title="生成计划书" if zh else "Make the plan document",
                state="failed",
                note="图 5-3 没有数据" if zh else "Figure 5-3 has no data",
            ),
        ],
        "parts": [
            Part(label="高价值" if zh else "High value", number="4,912", size=4912, colour="c1"),
            Part(label="潜力" if zh else "Potential", number="12,640", size=12640, colour="c3"),
            Part(label="普通" if zh else "Ordinary", number="31,084", size=31084, colour="c0"),
            Part(label="风险" if zh else "At risk", number="9,604", size=9604, colour="c2"),
        ],
        "toast": Toast(
            text="已把 3 位客户放入“沉默唤回”" if zh else "3 customers added to “Win-back”", undo=here
        ),
        "tags": ["VIP", "装修中" if zh else "moving house"],
        "page": here,
    }
    return render(request, "huoshui/style.html", context)


def line_chart() -> Chart:
    """Two periods of days, with a note."""
    now = (119, 113, 127, 123, 132, 143, 140, 126, 121, 130, 134, 158, 216, 194, 152)
    before = (125, 132, 123, 128, 135, 144, 140, 122, 126, 131, 129, 138, 147, 151, 132)
    first = date(2026, 10, 19)
    return Chart(
        kind="line",
        title=Text("Revenue by day", "每日销售额"),
        axis=Text("Day", "日期"),
        unit="money",
        currency="CNY",
        places=tuple(first + timedelta(days=n) for n in range(len(now))),
        series=(
            Series(name=Text("this period", "本期"), values=tuple(n * 1000 for n in now)),
            Series(
                name=Text("period before", "前期"), values=tuple(n * 1000 for n in before), part="previous"
            ),
        ),
        notes=(Note(place=12, text=Text("presale opens", "预售开启")),),
    )


def bar_chart() -> Chart:
    """Months."""
    return Chart(
        kind="bar",
        title=Text("Orders by month", "每月订单"),
        axis=Text("Month", "月份"),
        unit="count",
        monthly=True,
        places=tuple(date(2025 + n // 12, n % 12 + 1, 1) for n in range(6, 15)),
        series=(
            Series(name=Text("orders", "订单"), values=(820, 910, 1004, 1180, 960, 890, 1301, 990, 1020)),
        ),
    )


def stack_chart() -> Chart:
    """Parts of a whole over months."""
    return Chart(
        kind="stack",
        title=Text("Customers by stage", "各阶段客户数"),
        axis=Text("Month", "月份"),
        unit="count",
        monthly=True,
        places=tuple(date(2026, n, 1) for n in range(1, 7)),
        series=(
            Series(name=Text("active", "活跃"), values=(184, 190, 198, 204, 211, 220), colour="c1"),
            Series(name=Text("new", "新"), values=(11, 12, 9, 14, 12, 16), colour="c3"),
            Series(name=Text("silent", "沉默"), values=(80, 82, 85, 84, 88, 90), colour="c2"),
            Series(name=Text("lost", "流失"), values=(210, 214, 217, 221, 224, 226), colour="c0"),
        ),
    )


def heat_chart() -> Chart:
    """A two-way table."""
    return Chart(
        kind="heat",
        title=Text("Customers by recency and frequency", "按最近购买与次数的客户数"),
        axis=Text("orders ＼ last", "次数 ＼ 最近"),
        unit="count",
        places=(Text("> 1 year", "> 1 年"), Text("3–12 months", "3–12 月"), Text("< 3 months", "3 个月内")),
        series=(
            Series(name=Text("6 or more", "≥ 6 次"), values=(86, 318, 2874)),
            Series(name=Text("2–5", "2–5 次"), values=(620, 2218, 4127)),
            Series(name=Text("once", "1 次"), values=(11248, 3140, None)),
        ),
    )
