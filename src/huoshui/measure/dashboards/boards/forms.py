"""Composing a board in one form: what is not saved yet stands in the form itself, so that it works without JavaScript.

Every button sends the whole form; `acted` says what the button does to the blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from django.http import QueryDict

from huoshui.data.customers import keeping
from huoshui.data.customers.conditions import offered_populations
from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Language, Text
from huoshui.lake.kept import kept
from huoshui.measure.dashboards.boards.blocks import (
    COMPARE,
    FIRST,
    KINDS,
    LOOKS,
    MOST_BLOCKS,
    NAMES,
    USED,
    Block,
    Content,
    moved,
)
from huoshui.measure.dashboards.boards.drawing import TIMES
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import IN, named
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period
from huoshui.web.address import PERIODS

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Options = Sequence[tuple[str, str]]
Groups = Sequence[tuple[str, Options]]
SLICED = ("channel", "province", "category")
"""Dimensions beside traits whose values are offered as slices."""
MOST_VALUES = 40

FIRST_METRIC = "revenue"
"""What a new block shows until something else is chosen."""

LABELS: Mapping[str, Text] = {
    "title": Text("Title", "标题"),
    "metric": Text("Metric", "指标"),
    "period": Text("Period", "周期"),
    "compare": Text("Compared with", "对比"),
    "slice": Text("Only", "仅看"),
    "by": Text("By", "按"),
    "look": Text("Drawn as", "图形"),
    "view": Text("Saved view", "已存视图"),
    "group": Text("Group", "人群"),
    "first": Text("How many", "显示条数"),
    "text": Text("Text", "文字"),
}
HELP: Mapping[str, Text] = {
    "title": Text("Empty: its own name", "留空则用自身名称"),
    "group": Text("What stands behind in= in the address of a list", "列表地址中 in= 之后的内容"),
    "text": Text(
        "**bold**, *slanted*, - lists, [words](https://…)", "**粗体**、*斜体*、- 列表、[文字](https://…)"
    ),
}
OF_PAGE = Text("that of the page", "与页面相同")
EVERYTHING = Text("everything", "全部")
EVERYBODY = Text("all customers", "全部客户")
NO_MORE = Text("(no longer there)", "（已不存在）")
CHOOSE = Text("choose one", "请选择")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a block: ``groups`` of values to choose from, or words to be typed."""

    id: str
    label: str
    value: str
    help: str
    kind: Literal["choice", "line", "lines"]
    groups: Groups = ()
    longest: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """A block in the form."""

    number: int
    kind: str
    label: str
    fields: Sequence[Field]
    first: bool
    last: bool


def read(sent: QueryDict) -> Content:
    """What the form says."""
    number = sent.get("n", "")
    count = (
        min(int(number), MOST_BLOCKS) if number.isascii() and number.isdecimal() and len(number) < 6 else 0
    )
    return Content(
        title=sent.get("title", ""), blocks=tuple(filter(None, (_block(sent, i) for i in range(count))))
    )


def acted(content: Content, act: str) -> tuple[Content, str]:
    """The content after a button, and which control gets the keyboard; ``act`` is ``up:2``, ``add:metric`` …"""
    what, _sign, of = act.partition(":")
    blocks = content.blocks
    if what == "add" and of in KINDS:
        kind: Any = of
        new = Block(kind=kind, metric=FIRST_METRIC if "metric" in USED[kind] else "")
        blocks, focus = (*blocks, new), f"block-{len(blocks)}"
        return replace(content, blocks=blocks), focus
    at = int(of) if of.isascii() and of.isdecimal() and len(of) < 4 else -1
    if not 0 <= at < len(blocks):
        return content, ""
    if what == "remove":
        left = (*blocks[:at], *blocks[at + 1 :])
        return replace(content, blocks=left), f"block-{min(at, len(left) - 1)}" if left else "add"
    if what == "copy":
        return replace(content, blocks=(*blocks[: at + 1], blocks[at], *blocks[at + 1 :])), f"block-{at + 1}"
    by = {"up": -1, "down": 1}.get(what, 0)
    to = at + by
    ends = {0: "down", len(blocks) - 1: "up"}
    return replace(content, blocks=moved(blocks, at, by)), f"{ends.get(to, what)}-{to}"


def editing(content: Content, offered: Mapping[str, Groups], language: Language) -> list[Editing]:
    """The blocks for the template."""
    last = len(content.blocks) - 1
    return [
        Editing(
            number=number,
            kind=block.kind,
            label=KINDS[block.kind].in_(language),
            fields=[_field(block, number, name, offered, language) for name in USED[block.kind]],
            first=number == 0,
            last=number == last,
        )
        for number, block in enumerate(content.blocks)
    ]


def offers(*, actor: Actor, tables: Snapshot, as_of: AsOf, language: Language) -> dict[str, Groups]:
    """What each field can be, for this reader: name of the field → groups of value and words."""

    def plain(texts: Mapping[str, Text]) -> Groups:
        return [("", [(code, text.in_(language)) for code, text in texts.items()])]

    split = [one for one in metrics.dimensions(tables) if one.kind != "time"]
    return {
        "metric": [("", [(one.slug, one.label.in_(language)) for one in metrics.catalogue()])],
        "period": plain({"": OF_PAGE, **PERIODS}),
        "compare": plain(COMPARE),
        "look": plain(LOOKS),
        "first": [("", [(str(n), str(n)) for n in FIRST])],
        "by": [
            *plain(TIMES),
            (Text("Split by", "拆分").in_(language), [(d.slug, d.label.in_(language)) for d in split]),
        ],
        "view": [
            ("", [("", EVERYBODY.in_(language)), *((str(v.id), v.name) for v in keeping.views(actor))]),
        ],
        "slice": [("", [("", EVERYTHING.in_(language))]), *_slices(tables, as_of, language)],
    }


def _slices(tables: Snapshot, as_of: AsOf, language: Language) -> Groups:
    labels = {one.slug: one.label.in_(language) for one in metrics.dimensions(tables)}
    found: list[tuple[str, Options]] = []
    if of_people := [(f"{IN}:{group}", name.in_(language)) for group, name in offered_populations()]:
        found.append((named(IN).in_(language), of_people))
    for name in SLICED:
        key = ("values", str(tables.lake.root), tables.version, name)
        values = kept(key, partial(_values, tables, name, as_of))
        if values and name in labels:
            found.append((labels[name], [(f"{name}:{value}", value) for value in values]))
    for trait in TRAITS:
        if trait.values:
            codes = [(f"{trait.slug}:{code}", text.in_(language)) for code, text in trait.values.items()]
            found.append((trait.label.in_(language), codes))
    return found


def _values(tables: Snapshot, name: str, as_of: AsOf) -> list[str]:
    """The values that orders have of a dimension, those with most orders first."""
    try:
        cells = metrics.evaluate("orders", tables=tables, period=Period.all_until(as_of), by=(name,))
    except UnknownDimension:
        return []
    known = [(str(c.dimensions[name]), c.numerator) for c in cells if c.dimensions[name]]
    return [value for value, _n in sorted(known, key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES]]


def _block(sent: QueryDict, number: int) -> Block | None:
    kind: Any = sent.get(f"b{number}-kind", "")
    if kind not in KINDS:
        return None
    said: dict[str, Any] = {name: sent[f"b{number}-{name}"] for name in NAMES if f"b{number}-{name}" in sent}
    first = said.pop("first", "5")
    return Block(kind=kind, first=int(first) if first in map(str, FIRST) else FIRST[0], **said)


def _field(block: Block, number: int, name: str, offered: Mapping[str, Groups], language: Language) -> Field:
    value = str(getattr(block, name))
    named = name == "title" and "metric" not in USED[block.kind]
    help_ = HELP[name].in_(language) if name in HELP and not named else ""
    groups = list(offered.get(name, ()))
    if groups and value not in {code for _label, options in groups for code, _words in options}:
        # What vanished stays chosen, and says so: looking at a form changes nothing.
        words = f"{value} {NO_MORE.in_(language)}" if value else CHOOSE.in_(language)
        groups = [("", [(value, words)]), *groups]
    return Field(
        id=f"b{number}-{name}",
        label=LABELS[name].in_(language),
        value=value,
        help=help_,
        kind="choice" if groups else "lines" if name == "text" else "line",
        groups=groups,
        longest=500 if name == "group" else 200,
    )
