"""The kinds of blocks that a plan is made of, and the fields that each has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from huoshui.kernel.texts import Text

Look = Literal["line", "lines", "choice", "choices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a block: a ``line``, several ``lines``, one of some (``choice``), or several of them (``choices``).

    Several are kept in one text with commas between. ``usual`` stands in a new block. ``longest`` is in characters.
    """

    name: str
    label: Text
    look: Look = "line"
    help: Text | None = None
    usual: str = ""
    longest: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of block. ``live`` says that figures in it are computed."""

    slug: str
    label: Text
    says: Text
    fields: tuple[Field, ...] = ()
    live: bool = True


TITLE = Field(
    name="title", label=Text("Heading", "标题"), help=Text("Empty: its own name", "留空则使用默认名称")
)
PERIOD = Field(name="period", label=Text("Period", "时段"), look="choice", usual="365d")
SLICE = Field(name="slice", label=Text("Only", "范围"), look="choice")
COMPARE = Field(name="compare", label=Text("Compared with", "对比"), look="choice", usual="previous")
LONG = 20_000
MARKS = Text(
    "Markdown: **bold**, *slanted*, - lists, ## headings, > quotes, | tables |, [words](https://…)",
    "支持 Markdown：**加粗**、*斜体*、- 列表、## 标题、> 引用、| 表格 |、[文字](https://…)",
)
GROUPS: Mapping[str, Text] = {
    "": Text("all measures", "全部措施"),
    "channel": Text("channels", "渠道"),
    "promotion": Text("promotions", "促销"),
    "advertising": Text("advertising", "广告"),
    "brand": Text("brand", "品牌"),
    "experience": Text("experience", "体验"),
    "training": Text("people and training", "人员与培训"),
}
PERIODS: Mapping[str, Text] = {
    "plan": Text("the days of the plan so far", "计划开始至今"),
    "30d": Text("last 30 days", "最近 30 天"),
    "90d": Text("last 90 days", "最近 90 天"),
    "365d": Text("last 365 days", "最近 365 天"),
    "year": Text("this calendar year", "今年"),
}
COMPARISONS: Mapping[str, Text] = {
    "previous": Text("the period before", "前一个周期"),
    "year": Text("the same days a year ago", "去年同期"),
    "": Text("nothing", "不比较"),
}
TIMES: Mapping[str, Text] = {
    "month": Text("month", "月"),
    "quarter": Text("quarter", "季度"),
    "week": Text("week", "周"),
}
LOOKS: Mapping[str, Text] = {"line": Text("line", "折线"), "bar": Text("bars", "柱状")}

KINDS: Mapping[str, Kind] = {
    one.slug: one
    for one in (
        Kind(
            slug="text",
            label=Text("Text", "文字"),
            says=Text("Words with lists, headings and tables", "文字、列表、标题与表格"),
            fields=(Field(name="text", label=Text("Text", "文字"), look="lines", help=MARKS, longest=LONG),),
            live=False,
        ),
        Kind(
            slug="metrics",
            label=Text("Figures", "指标"),
            says=Text("Figures in a row, each compared with before", "一行指标，各自与前期对比"),
            fields=(
                Field(name="metrics", label=Text("Metrics", "指标"), look="choices", longest=600),
                PERIOD,
                COMPARE,
                SLICE,
            ),
        ),
        Kind(
            slug="chart",
            label=Text("Chart", "图表"),
            says=Text("A metric over time or by a dimension", "指标随时间或按维度的图表"),
            fields=(
                Field(name="metric", label=Text("Metric", "指标"), look="choice"),
                Field(name="by", label=Text("By", "按"), look="choice", usual="month"),
                PERIOD,
                Field(name="look", label=Text("Drawn as", "样式"), look="choice", usual="line"),
                SLICE,
                TITLE,
            ),
        ),
        Kind(
            slug="table",
            label=Text("Table", "表格"),
            says=Text("Metrics by a dimension", "按维度列出多个指标"),
            fields=(
                Field(name="metrics", label=Text("Metrics", "指标"), look="choices", longest=600),
                Field(name="by", label=Text("By", "按"), look="choice", usual="stage"),
                PERIOD,
                SLICE,
                TITLE,
            ),
        ),
        Kind(
            slug="segment",
            label=Text("Segment", "分群"),
            says=Text("Who they are, how many, which share", "分群的规则、人数与占比"),
            fields=(Field(name="segment", label=Text("Segment", "分群"), look="choice"),),
        ),
        Kind(
            slug="persona",
            label=Text("Persona", "客户画像"),
            says=Text("A typical customer, with figures of the segment", "典型客户，附所属分群的实际数据"),
            fields=(
                Field(name="name", label=Text("Name", "名称")),
                Field(name="segment", label=Text("Segment", "分群"), look="choice"),
                Field(name="story", label=Text("Background", "背景故事"), look="lines", longest=2000),
                Field(name="pains", label=Text("Pains", "痛点"), look="lines", longest=2000),
                Field(name="expectations", label=Text("Expectations", "期望"), look="lines", longest=2000),
                Field(name="behaviour", label=Text("Behaviour", "行为"), look="lines", longest=2000),
                Field(
                    name="case",
                    label=Text("A real case", "真实案例"),
                    look="lines",
                    help=Text(
                        "What happened with one customer, without name, phone or address",
                        "一位真实客户的经历，不写姓名、电话与地址",
                    ),
                    longest=2000,
                ),
            ),
        ),
        Kind(
            slug="proposition",
            label=Text("Value proposition", "价值主张"),
            says=Text(
                "What customers get only here; measures support it", "客户只能在这里得到的价值，措施须支撑它"
            ),
            fields=(
                Field(name="statement", label=Text("In one sentence", "一句话"), longest=300),
                Field(
                    name="differentiation",
                    label=Text("What sets it apart", "差异化"),
                    look="lines",
                    longest=2000,
                ),
                Field(
                    name="scenes",
                    label=Text("Scenes", "场景"),
                    look="lines",
                    help=Text("One to a line: when, where, what changes", "每行一个：何时、何地、有何不同"),
                    longest=2000,
                ),
            ),
            live=False,
        ),
        Kind(
            slug="goals",
            label=Text("Goals", "目标"),
            says=Text("The goal tree with how each stands", "目标树与各目标的进展"),
            fields=(TITLE,),
        ),
        Kind(
            slug="measures",
            label=Text("Measures", "措施"),
            says=Text("Measures with owner, days, cost and effect", "措施、负责人、时间、费用与效果"),
            fields=(
                Field(name="group", label=Text("Which", "类别"), look="choice"),
                TITLE,
            ),
        ),
        Kind(
            slug="schedule",
            label=Text("Timeline", "时间表"),
            says=Text("The measures as a Gantt chart", "措施甘特图"),
            fields=(TITLE,),
        ),
        Kind(
            slug="budget",
            label=Text("Budget", "预算"),
            says=Text("Planned, committed, spent, remaining", "计划、承诺、已花与剩余"),
            fields=(TITLE,),
        ),
        Kind(
            slug="reviews",
            label=Text("Reviews", "复盘"),
            says=Text("When the plan is reviewed, and what was decided", "复盘安排与已做的决定"),
            fields=(TITLE,),
        ),
        Kind(
            slug="finding",
            label=Text("Finding", "研究结论"),
            says=Text("What research found, with its sources", "研究结论与出处"),
            fields=(
                Field(
                    name="text", label=Text("What was found", "结论"), look="lines", help=MARKS, longest=5000
                ),
                Field(name="cites", label=Text("Sources", "出处"), look="choices", longest=600),
            ),
        ),
        Kind(
            slug="quote",
            label=Text("Quote", "引述"),
            says=Text("What somebody said", "某人的原话"),
            fields=(
                Field(name="text", label=Text("Words", "原话"), look="lines", longest=2000),
                Field(name="by", label=Text("Who", "出自")),
            ),
            live=False,
        ),
    )
}
