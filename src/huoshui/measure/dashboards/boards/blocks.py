"""What a board is made of: a title and blocks, as values and as the JSON that is kept.

Blocks stand in one row; a block of kind ``section`` begins a section, so that moving a block past it moves it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from huoshui.kernel.texts import Text
from huoshui.measure.dashboards.boards.errors import NotABoard
from huoshui.web.address import PERIODS

Kind = Literal["section", "metric", "chart", "list", "text"]
KINDS: Mapping[Kind, Text] = {
    "section": Text("Section", "分区"),
    "metric": Text("Figure", "指标"),
    "chart": Text("Chart", "图表"),
    "list": Text("Customers", "客户列表"),
    "text": Text("Text", "文字"),
}
USED: Mapping[Kind, tuple[str, ...]] = {
    "section": ("title",),
    "metric": ("title", "metric", "period", "compare", "slice"),
    "chart": ("title", "metric", "period", "compare", "slice", "by", "look"),
    "list": ("title", "view", "group", "first"),
    "text": ("title", "text"),
}
"""The fields that each kind of block has."""

COMPARE: Mapping[str, Text] = {
    "previous": Text("the period before", "前一个周期"),
    "year": Text("the same days a year ago", "去年同期"),
    "": Text("nothing", "不比较"),
}
LOOKS: Mapping[str, Text] = {"line": Text("line", "折线"), "bar": Text("bars", "柱状")}
FIRST = (5, 10, 25)
MOST_BLOCKS = 40
LONGEST: Mapping[str, int] = {"text": 5000, "group": 500}
LONGEST_OTHER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a board; `USED` says which fields its kind has.

    ``period`` is a key of `PERIODS`, empty for the one of the page. ``slice`` says ``dimension:value``, as in
    addresses. ``by`` is ``day``, ``week``, ``month`` or a dimension. ``view`` is the number of a saved view of the
    customers, ``group`` a population (``cohort:2024-03/2``); both hold; ``first`` is how many of them are shown.
    """

    kind: Kind
    title: str = ""
    metric: str = ""
    period: str = ""
    compare: str = "previous"
    slice: str = ""
    by: str = "day"
    look: str = "line"
    view: str = ""
    group: str = ""
    first: int = 5
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Title and blocks."""

    title: str
    blocks: tuple[Block, ...] = ()


NAMES = tuple(field.name for field in fields(Block) if field.name != "kind")


def checked(content: Content) -> Content:
    """The content with its ends trimmed. Raises `NotABoard`.

    Whether a metric, a dimension or a view is there is not asked: what vanishes later would keep a board from being
    changed. Its block says so.
    """
    title = " ".join(content.title.split())
    if not title or len(title) > LONGEST_OTHER:
        raise NotABoard(
            Text("A board needs a title of at most 200 characters", "看板需要标题，最多 200 字"),
            received=repr(title[:40]),
        )
    if len(content.blocks) > MOST_BLOCKS:
        raise NotABoard(
            Text(f"A board has at most {MOST_BLOCKS} blocks", f"一个看板最多 {MOST_BLOCKS} 个区块"),
            received=str(len(content.blocks)),
        )
    return Content(title=title, blocks=tuple(_checked(block) for block in content.blocks))


def as_json(content: Content) -> dict[str, Any]:
    """The content as it is kept: each block with the fields of its kind."""
    return {
        "title": content.title,
        "blocks": [
            {"kind": block.kind, **{name: getattr(block, name) for name in USED[block.kind]}}
            for block in content.blocks
        ],
    }


def from_json(kept: Any) -> Content:
    """What was kept, read as far as it can be: blocks of kinds that there are no more are left out."""
    kept = kept if isinstance(kept, Mapping) else {}
    blocks = [
        Block(**{name: value for name, value in one.items() if name in (*NAMES, "kind")})
        for one in kept.get("blocks", [])
        if isinstance(one, Mapping) and one.get("kind") in KINDS
    ]
    return Content(title=str(kept.get("title", "")), blocks=tuple(blocks))


def moved(blocks: Sequence[Block], at: int, by: int) -> tuple[Block, ...]:
    """The blocks with the one at ``at`` moved by ``by`` places; as they are where there is no such place."""
    to = at + by
    if not (0 <= at < len(blocks) and 0 <= to < len(blocks)):
        return tuple(blocks)
    left = [*blocks[:at], *blocks[at + 1 :]]
    return (*left[:to], blocks[at], *left[to:])


def _checked(block: Block) -> Block:
    said: dict[str, Any] = {
        name: str(getattr(block, name)).replace("\r\n", "\n").strip() for name in NAMES if name != "first"
    }
    valid = (
        (block.kind, get_args(Kind)),
        (said["period"], ("", *PERIODS)),
        (said["compare"], tuple(COMPARE)),
        (said["look"], tuple(LOOKS)),
        (block.first, FIRST),
    )
    for value, allowed in valid:
        if value not in allowed:
            raise NotABoard(
                Text("A block says what is not possible", "区块里有不可用的取值"), received=repr(value)[:40]
            )
    for name, value in said.items():
        if len(value) > LONGEST.get(name, LONGEST_OTHER) or "\0" in value:
            raise NotABoard(Text("A block is too long", "区块内容太长"), received=f"{len(value)} characters")
    return replace(block, **said)
