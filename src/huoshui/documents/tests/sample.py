"""Papers with every element, long tables, both languages and hostile texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from huoshui.documents.looks import Look, Order, Writing
from huoshui.kernel.charts import Chart, Note, Series
from huoshui.kernel.papers import (
    Bar,
    Block,
    Drawing,
    Fact,
    Facts,
    Grid,
    Heading,
    Notice,
    Paper,
    Paragraph,
    Part,
    Points,
    Quote,
    Run,
    Schedule,
)
from huoshui.kernel.texts import Language, Text

HOSTILE = (
    "#import \"x\" = <b>&amp; ]#{panic()} $x^2$ `raw` *a* _b_ // c \\ @ref ‮abc\x00\x0b{{ 1 }} =cmd|' /C'!A0"
)
MADE_AT = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)


def words(text: str) -> tuple[Run, ...]:
    return (Run(text=text),)


def _chart(kind: str) -> Chart:
    months = tuple(date(2026, month, 1) for month in range(1, 13))
    return Chart(
        kind=kind,  # type: ignore[arg-type]  # line, bar, stack or heat
        title=Text("Revenue by month against the path", "各月净收入与目标路径"),
        axis=Text("Month", "月份"),
        unit="money",
        currency="CNY",
        monthly=True,
        places=months,
        series=(
            Series(
                name=Text("actual", "实际"),
                values=tuple(
                    Decimal(310_000 + 23_000 * (n % 5) + 9_000 * n) if n < 10 else None for n in range(12)
                ),
            ),
            Series(
                name=Text("target", "目标"),
                values=tuple(330_000 + 12_000 * n for n in range(12)),
                part="target" if kind == "line" else "",
            ),
        ),
        notes=(Note(place=5, text=Text("618 sale", "618 大促")),),
    )


def _zh(language: Language, en: str, zh: str) -> str:
    return zh if language == "zh" else en


def paper(language: Language, *, hostile: bool = False, long_rows: int = 46) -> Paper:
    def t(en: str, zh: str) -> str:
        return _zh(language, en, zh)

    bad = HOSTILE if hostile else ""
    overview = Block(
        key="o1",
        elements=(
            Paragraph(
                words=(
                    Run(
                        text=t(
                            "Over the next year we grow the base of customers by ",
                            "未来一年，我们把客户基数提高 ",
                        )
                    ),
                    Run(text="20%", bold=True),
                    Run(
                        text=t(
                            ", keep nine of ten high-value customers, and bring the cost of winning one below five "
                            "percent of what an interaction is worth. ",
                            "，高价值客户留存率保持在 90% 以上，并把获客成本降到单次互动价值的 5% 以内。",
                        )
                    ),
                    Run(
                        text=t("How this is counted", "口径说明"), link="https://example.com/metrics?a=1&b=2"
                    ),
                    Run(text=bad),
                )
            ),
            Facts(
                facts=(
                    Fact(
                        label=t("Net revenue", "净收入"),
                        value="¥486.2 万",
                        note=t("Jan–Oct, +12.4%", "1–10 月，+12.4%"),
                        tone="good",
                    ),
                    Fact(
                        label=t("Customers", "客户总数"),
                        value="18,420",
                        note=t("as of 20 Nov", "截至 11月20日"),
                    ),
                    Fact(
                        label=t("Churned in 30 days", "30 天流失"),
                        value="312",
                        note=t("target ≤ 280", "目标 ≤ 280"),
                        tone="bad",
                    ),
                    Fact(
                        label="NPS" + bad,
                        value=t("not yet known", "还不能知道"),
                        note=t("from the survey in December", "12 月问卷后可知"),
                        tone="muted",
                    ),
                )
            ),
            Heading(text=t("What we do first", "首先要做的事")),
            Points(
                items=(
                    words(t("Bring back silent customers before they leave", "在沉默客户流失之前唤回他们")),
                    words(
                        t(
                            "Give members of the first year a reason for a second purchase",
                            "给首年会员一个复购的理由",
                        )
                    ),
                    words(
                        t(
                            "Stop spending where a customer costs more than they bring",
                            "停掉获客成本高于客户价值的投放",
                        )
                    ),
                ),
                numbered=True,
            ),
            Notice(
                text=t(
                    "The NPS goal has no baseline yet: the survey ends on 12 December." + bad,
                    "NPS 目标还没有基线：问卷 12 月 12 日结束后可知。" + bad,
                )
            ),
        ),
    )
    research = Block(
        key="r1",
        elements=(
            Heading(text=t("The market grows, and so do the others", "市场在增长，对手也在增长")),
            Paragraph(
                words=words(
                    t(
                        "The smart-home market of the region grew by 14 percent last year [1]. Half of those who buy "
                        "for the first time compare three shops, and price is named less often than service [2].",
                        "去年本区域智能家居市场增长 14% [1]。"
                        "首次购买者中有一半会比较三家店铺，提到服务的比提到价格的更多 [2]。",
                    )
                )
            ),
            Drawing(
                chart=_chart("line"),
                alternative=t(
                    "Revenue rises from 310 thousand in January to 473 thousand in October.",
                    "净收入从 1 月的 31 万升至 10 月的 47.3 万。",
                ),
                note=t(
                    "Net of returns; data of 20 November 2026, 14:20.",
                    "已扣除退货；数据截至 2026年11月20日 14:20。",
                ),
            ),
            Heading(text=t("In the words of customers", "客户原话"), level=3),
            Quote(
                words=words(
                    t("I would pay more if somebody set it up for me.", "如果有人帮我装好，多付点钱也愿意。")
                    + bad
                ),
                by=t("Ms L., new home owner", "L 女士，新房业主"),
            ),
            Points(
                items=(
                    words(t("Set-up is the first worry", "安装是第一顾虑")),
                    words(t("The second is what happens when it breaks", "第二是坏了找谁")),
                )
            ),
        ),
    )
    goals = Block(
        key="g1",
        elements=(
            Grid(
                title=t("Goals and where they stand", "目标与进度"),
                head=(
                    t("Goal", "目标"),
                    t("Baseline", "基线"),
                    t("Actual", "实际"),
                    t("Target", "目标值"),
                    t("Pace", "进度"),
                ),
                rows=(
                    (
                        t("Monthly sales", "月度销售额"),
                        "¥3,842,100",
                        "¥4,120,800",
                        "¥4,610,000",
                        t("on track", "正常"),
                    ),
                    (t("Base customers", "客户基数"), "15,350", "18,420", "18,420", t("reached", "已达成")),
                    (
                        t("High-value retention", "高价值客户留存率") + bad,
                        "84.1%",
                        "82.0%",
                        "90.0%",
                        t("far behind", "严重落后"),
                    ),
                    (t("Together", "合计"), "", "", "", ""),
                ),
                numeric=(1, 2, 3),
                total=True,
                note=t("Pace compares with the path of today.", "进度与今天的路径值相比。"),
                tones=((0, 4, "good"), (1, 4, "good"), (2, 4, "bad")),
            ),
            Drawing(
                chart=_chart("bar"),
                alternative=t("Bars of revenue beside the target.", "净收入与目标的柱状图。"),
            ),
        ),
    )
    measures = Block(
        key="m1",
        elements=(
            Heading(text=t("Timeline", "时间表")),
            Schedule(
                title=t("Measures of 2026", "2026 年措施"),
                first=date(2026, 1, 1),
                last=date(2026, 12, 31),
                today=date(2026, 11, 20),
                bars=(
                    Bar(
                        name=t("Win back silent customers", "沉默客户唤回"),
                        who=t("CRM team", "会员组"),
                        start=date(2026, 1, 10),
                        end=date(2026, 5, 31),
                        done=1.0,
                    ),
                    Bar(
                        name=t("Second purchase within 60 days", "60 天复购计划"),
                        who=t("Shop", "店铺运营"),
                        start=date(2026, 6, 1),
                        end=date(2026, 10, 31),
                        done=0.8,
                        after=(0,),
                    ),
                    Bar(
                        name=t("Installation service", "上门安装服务") + bad,
                        who="陈晓",
                        start=date(2026, 3, 1),
                        end=date(2026, 12, 20),
                        done=0.4,
                        tone="warning",
                    ),
                    Bar(
                        name=t("Retention programme for high-value customers", "高价值客户留存计划"),
                        who=t("Li Na", "李娜"),
                        start=date(2026, 11, 1),
                        end=date(2026, 12, 31),
                        after=(1,),
                    ),
                ),
                alternative=t(
                    "Four measures over the year; two are done or nearly so.",
                    "全年四项措施，两项已完成或接近完成。",
                ),
            ),
            Grid(
                title=t("Budget by channel and month", "分渠道分月预算"),
                head=(
                    t("Month", "月份"),
                    t("Channel", "渠道"),
                    t("What for", "用途"),
                    t("Planned", "计划"),
                    t("Spent", "已花"),
                ),
                rows=tuple(
                    (
                        f"2026-{1 + n % 12:02d}",
                        (t("Search", "搜索"), t("Short video", "短视频"), t("Mail", "邮件"))[n % 3],
                        t(
                            "Reaching people who looked at a device twice and did not buy it",
                            "触达两次浏览设备但未下单的人群",
                        )
                        if n % 4
                        else t("Sale", "大促"),
                        f"¥{12_000 + 731 * n:,}",
                        f"¥{9_000 + 655 * n:,}" if n < 30 else "—",
                    )
                    for n in range(long_rows)
                ),
                numeric=(3, 4),
            ),
        ),
    )
    return Paper(
        title=t("Customer development plan 2026", "2026 年客户发展管理计划书") + bad,
        subtitle=t("Smart home, eastern region", "智能家居 · 华东区"),
        organisation=t("Qinghe Smart Home", "清禾智能家居"),
        language=language,
        facts=(
            (t("Data of", "数据截至"), t("20 Nov 2026, 14:20", "2026年11月20日 14:20")),
            (t("Snapshot", "快照"), t("No. 3", "第 3 号") + bad),
            (t("Period", "计划期"), "2026-01-01 – 2026-12-31"),
            (t("Owner", "负责人"), t("Zhou Min, customer development", "周敏，客户发展部")),
        ),
        parts=(
            Part(slug="overview", title=t("Overview", "概述"), blocks=(overview,)),
            Part(slug="research", title=t("Market research", "市场调研"), blocks=(research,)),
            Part(slug="goals", title=t("Goals and KPIs", "目标与 KPI"), blocks=(goals,)),
            Part(slug="execution", title=t("Execution", "执行计划") + bad, blocks=(measures,)),
            Part(slug="empty", title=t("Appendix", "附录"), blocks=()),
        ),
        sources=(
            t(
                "Association of smart homes, Market report 2026, p. 12 (12 March 2026)",
                "智能家居协会《2026 市场报告》第 12 页（2026-03-12）",
            ),
            t("Own interviews with 24 households, August 2026", "自有访谈，24 户家庭，2026 年 8 月") + bad,
        ),
    )


def writing() -> Writing:
    def place(at: date | Text, chart: Chart, language: Language) -> str:
        return (
            at.in_(language) if isinstance(at, Text) else f"{at.month}月" if language == "zh" else f"{at:%b}"
        )

    def number(value: object, chart: Chart, language: Language) -> str:
        tens = float(str(value)) / 10_000
        return f"¥{tens:,.0f} 万" if language == "zh" else f"¥{tens * 10:,.0f}k"

    return Writing(place=place, number=number)


def order(
    language: Language, *, hostile: bool = False, look: Look | None = None, long_rows: int = 46
) -> Order:
    return Order(
        paper=paper(language, hostile=hostile, long_rows=long_rows),
        look=look or Look(),
        writing=writing(),
        made_at=MADE_AT,
    )
