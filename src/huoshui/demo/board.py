"""The board that the invented company looks at every Monday."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huoshui.demo.saying import said
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.boards import services
from huoshui.measure.dashboards.boards.blocks import Block, Content

TEXT = Text(
    """\
We look at this page first on Mondays:

- **Net revenue** against the same days a year ago; where festivals moved, go by the chart of months
- When more customers fall silent, look at those of **high value** first

*Open a figure to see the customers behind it.*
""",
    """\
每周一早会先看这一页：

- **净收入**与去年同期比，大促错开时以月图为准
- 沉默客户增加时，先看**高价值**的那几位

*点开数字，就能看到背后的客户。*
""",
)

TITLE = Text("Every Monday", "每周经营看板")
BLOCKS: tuple[dict[str, Any], ...] = (
    {"kind": "metric", "metric": "revenue"},
    {"kind": "metric", "metric": "orders"},
    {"kind": "metric", "metric": "average_order_value"},
    {"kind": "metric", "metric": "new_customers", "compare": "year"},
    {"kind": "text", "text": TEXT},
    {"kind": "section", "title": Text("Where revenue comes from", "收入从哪里来")},
    {"kind": "chart", "metric": "revenue", "by": "day", "look": "line"},
    {"kind": "chart", "metric": "revenue", "by": "channel", "look": "bar"},
    {"kind": "section", "title": Text("Customers", "客户")},
    {"kind": "chart", "metric": "customers_by_stage", "by": "stage", "look": "bar"},
    {"kind": "list", "title": Text("Who bought last", "最近下单的客户"), "first": 5},
)


def content(language: Language) -> Content:
    """The board in one language."""
    blocks = tuple(Block(**one) for one in said(BLOCKS, language))
    return Content(title=TITLE.in_(language), blocks=blocks)


def compose(*, actor: Actor, language: Language, now: datetime) -> int:
    """Make the board, seen by everybody, and return its number."""
    return services.create(actor=actor, content=content(language), now=now)
