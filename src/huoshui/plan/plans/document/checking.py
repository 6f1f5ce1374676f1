"""What is not in order in a plan: said beside it, and never in the way of writing on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from huoshui.kernel.texts import Text
from huoshui.plan.plans.document.content import Block, Content

PAGE = 900
"""What fits on a page of A4 in 11 points beside its heading: Chinese characters; a Latin word takes two of them."""
ROOM = {"metrics": 130, "chart": 330, "table": 250, "segment": 150, "persona": 450, "proposition": 60}
"""About as much of a page is taken by a block beside its words."""
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_\u3400-\u9fff\uf900-\ufaff]+")

NAMED = 3
"""So many names stand in a remark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that is not in order. ``part`` and ``key`` say where, ``page`` is the tab where it is put right."""

    words: Text
    part: str = ""
    key: str = ""
    page: str = "document"


class Goal(Protocol):
    """As much of a goal as is looked at."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def owner_id(self) -> int | None:
        """Whose it is."""


class Measure(Protocol):
    """As much of a measure as is looked at."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def proposition(self) -> str:
        """The key of the value proposition that it supports."""

    @property
    def owner_id(self) -> int | None:
        """Whose it is."""

    @property
    def state(self) -> str:
        """Whether it was dropped."""


def pages_of(blocks: Sequence[Block]) -> float:
    """How many pages the blocks take, about."""
    taken = 0
    for block in blocks:
        words = " ".join(block.values.values()) if block.kind not in ("metrics", "chart", "table") else ""
        taken += ROOM.get(block.kind, 0) + len(_CHINESE.findall(words)) + 2 * len(_WORD.findall(words))
    return taken / PAGE


def remarks(content: Content, *, goals: Sequence[Goal], measures: Sequence[Measure]) -> list[Remark]:
    """What is not in order, in the order of the document."""
    return [*_of_parts(content), *_of_blocks(content), *_of_goals(goals), *_of_measures(content, measures)]


def propositions(content: Content) -> dict[str, str]:
    """The value propositions of a plan, each with its sentence, by key."""
    return {block.key: block["statement"] for block in content if block.kind == "proposition"}


def _of_parts(content: Content) -> Iterator[Remark]:
    for part in content.parts:
        if not part.blocks:
            yield Remark(words=Text("This part is empty", "这一部分还是空的"), part=part.slug)
        pages = pages_of(part.blocks)
        if part.slug == "overview" and pages > 1:
            yield Remark(
                words=Text(
                    f"The overview takes about {pages:.1f} pages; it should fit on one",
                    f"概述约 {pages:.1f} 页，应控制在一页以内",
                ),
                part=part.slug,
            )
        if (
            part.slug == "research"
            and part.blocks
            and not any(one.kind == "finding" and one["cites"] for one in part.blocks)
        ):
            yield Remark(
                words=Text("Market research cites no source", "市场调研没有引用任何出处"), part=part.slug
            )
        if part.slug == "value" and part.blocks and not any(one.kind == "proposition" for one in part.blocks):
            yield Remark(
                words=Text(
                    "There is no value proposition for measures to support", "还没有可供措施支撑的价值主张"
                ),
                part=part.slug,
            )


def _of_blocks(content: Content) -> Iterator[Remark]:
    for part in content.parts:
        for one in part.blocks:
            for words in _of_block(one):
                yield Remark(words=words, part=part.slug, key=one.key)


def _of_block(block: Block) -> Iterator[Text]:
    needed = {
        "text": ("text",),
        "quote": ("text",),
        "metrics": ("metrics",),
        "chart": ("metric",),
        "table": ("metrics",),
        "segment": ("segment",),
        "finding": ("text",),
    }
    if not all(block[name] for name in needed.get(block.kind, ())):
        yield Text("A block is not filled in", "有区块尚未填写")
    if block.kind == "persona":
        name = block["name"] or "?"
        if not block["segment"]:
            yield Text(f"Persona “{name}” has no segment behind it", f"画像“{name}”没有对应的分群")
        if not block["case"]:
            yield Text(f"Persona “{name}” has no real case", f"画像“{name}”缺少真实案例")
    if block.kind == "proposition":
        if not block["statement"]:
            yield Text("A value proposition has no sentence yet", "价值主张还没有写成一句话")
        else:
            if not block["differentiation"]:
                yield Text("A value proposition does not say what sets it apart", "价值主张没有写明差异化")
            if not block["scenes"]:
                yield Text("A value proposition has no scene", "价值主张没有写明具体场景")


def _of_goals(goals: Sequence[Goal]) -> Iterator[Remark]:
    if not goals:
        yield Remark(words=Text("No goal is set", "还没有设定目标"), page="goals")
    yield from _without_owner(goals, Text("Goals", "目标"), "goals")


def _without_owner(those: Sequence[Goal | Measure], what: Text, page: str) -> Iterator[Remark]:
    """One remark for all that nobody answers for."""
    names = [one.name for one in those if one.owner_id is None]
    if names:
        more_en = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        more_zh = f"等 {len(names)} 项" if len(names) > NAMED else ""
        first_en = ", ".join(f"“{name}”" for name in names[:NAMED])
        first_zh = "、".join(f"“{name}”" for name in names[:NAMED])
        yield Remark(
            words=Text(
                f"{what.en} without an owner: {first_en}{more_en}",
                f"{what.zh}没有负责人：{first_zh}{more_zh}",
            ),
            page=page,
        )


def _of_measures(content: Content, measures: Sequence[Measure]) -> Iterator[Remark]:
    known = propositions(content)
    yield from _without_owner(
        [m for m in measures if m.state != "dropped"], Text("Measures", "措施"), "measures"
    )
    if not measures:
        yield Remark(words=Text("No measure is planned", "还没有安排措施"), page="measures")
    for one in measures:
        if one.state == "dropped":
            continue
        if one.proposition not in known:
            yield Remark(
                words=Text(
                    f"Measure “{one.name}” supports no value proposition",
                    f"措施“{one.name}”没有支撑任何价值主张",
                ),
                page="measures",
            )
