"""The board that the invented company looks at every Monday."""

from __future__ import annotations

from datetime import datetime

from huoshui.kernel.actors import Actor
from huoshui.measure.dashboards.boards import services
from huoshui.measure.dashboards.boards.blocks import Block, Content

TEXT = """\
每周一早会先看这一页：

- **净收入**与去年同期比，大促错开时以月图为准
- 沉默客户增加时，先看**高价值**的那几位

*点开数字，就能看到背后的客户。*
"""

CONTENT = Content(
    title="每周经营看板",
    blocks=(
        Block(kind="metric", metric="revenue"),
        Block(kind="metric", metric="orders"),
        Block(kind="metric", metric="average_order_value"),
        Block(kind="metric", metric="new_customers", compare="year"),
        Block(kind="text", text=TEXT),
        Block(kind="section", title="收入从哪里来"),
        Block(kind="chart", metric="revenue", by="day", look="line"),
        Block(kind="chart", metric="revenue", by="channel", look="bar"),
        Block(kind="section", title="客户"),
        Block(kind="chart", metric="customers_by_stage", by="stage", look="bar"),
        Block(kind="list", title="最近下单的客户", first=5),
    ),
)


def compose(*, actor: Actor, now: datetime) -> int:
    """Make the board, seen by everybody, and return its number."""
    return services.create(actor=actor, content=CONTENT, now=now)
