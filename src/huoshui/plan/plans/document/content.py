"""What the document of a plan is made of, as values and as the JSON that is kept: parts of blocks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.document.errors import NoSuchBlock, NoSuchPart
from huoshui.plan.plans.document.kinds import KINDS
from huoshui.plan.plans.errors import NotAPlan

MOST_BLOCKS = 600
MOST_PARTS = 40
LONGEST_TITLE = 200
PARTS: Mapping[str, Text] = {
    "overview": Text("Overview", "概述"),
    "customers": Text("Customer groups and personas", "客户群体与画像"),
    "research": Text("Market research", "市场调研"),
    "value": Text("Value proposition", "价值主张"),
    "strategy": Text("Marketing strategy", "营销策略"),
    "goals": Text("Goals and KPIs", "目标与 KPI"),
    "execution": Text("Execution", "执行计划"),
    "review": Text("Review and adjustment", "评估与调整"),
    "appendix": Text("Appendix", "附录"),
}
"""The parts that a customer development plan has, by what they are for."""
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block. ``key`` stays the same while it is moved; ``values`` has a text for each field of its kind."""

    key: str
    kind: str
    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """The text of a field; that of a new block where it says nothing."""
        if name in self.values:
            return self.values[name]
        return next((one.usual for one in KINDS[self.kind].fields if one.name == name), "")

    def several(self, name: str) -> tuple[str, ...]:
        """The codes of a field of several."""
        return tuple(code for code in (part.strip() for part in self[name].split(",")) if code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A chapter. Without a title of its own it is called as `PARTS` says, in the language of who reads."""

    slug: str
    title: str = ""
    blocks: tuple[Block, ...] = ()

    def called(self, language: Language) -> str:
        """Its title."""
        return self.title or (PARTS[self.slug].in_(language) if self.slug in PARTS else self.slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The parts of a document, in their order."""

    parts: tuple[Part, ...] = ()

    def __iter__(self) -> Iterator[Block]:
        """All blocks."""
        return (block for part in self.parts for block in part.blocks)

    def block(self, key: str) -> Block:
        """One block. Raises `NoSuchBlock`."""
        return self.parts[self.place(key)[0]].blocks[self.place(key)[1]]

    def place(self, key: str) -> tuple[int, int]:
        """The number of the part of a block, and its own in that. Raises `NoSuchBlock`."""
        for at, part in enumerate(self.parts):
            for number, block in enumerate(part.blocks):
                if block.key == key:
                    return at, number
        raise NoSuchBlock("There is no such block in this plan", received=repr(key[:40]))

    def part(self, slug: str) -> Part:
        """One part. Raises `NoSuchPart`."""
        return self.parts[self.number(slug)]

    def number(self, slug: str) -> int:
        """The place of a part. Raises `NoSuchPart`."""
        for at, part in enumerate(self.parts):
            if part.slug == slug:
                return at
        raise NoSuchPart("There is no such part in this plan", received=repr(slug[:40]))

    def with_part(self, part: Part) -> Content:
        """The content with another part of the same slug in its place."""
        at = self.number(part.slug)
        return replace(self, parts=(*self.parts[:at], part, *self.parts[at + 1 :]))

    def with_block(self, block: Block) -> Content:
        """The content with another block of the same key in its place. Raises `NoSuchBlock`."""
        at, number = self.place(block.key)
        part = self.parts[at]
        return self.with_part(
            replace(part, blocks=(*part.blocks[:number], block, *part.blocks[number + 1 :]))
        )

    def without(self, key: str) -> Content:
        """The content without a block. Raises `NoSuchBlock`."""
        at, number = self.place(key)
        part = self.parts[at]
        return self.with_part(replace(part, blocks=(*part.blocks[:number], *part.blocks[number + 1 :])))

    def put(self, block: Block, *, part: str, number: int) -> Content:
        """The content with a block more in ``part``, before the one that has this number now. Raises `NoSuchPart`."""
        into = self.part(part)
        at = max(0, min(number, len(into.blocks)))
        return self.with_part(replace(into, blocks=(*into.blocks[:at], block, *into.blocks[at:])))


def new_key() -> str:
    """A key that no other block has."""
    return secrets.token_hex(5)


def clean(text: str) -> str:
    """The text with one kind of line ends, and without what cannot be seen or turns the writing round."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def checked(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """The values of a block of ``kind``, each clean, those of other fields left out. Raises `NotAPlan`.

    Whether a metric, a segment or a source is there is not asked: what vanishes later would keep a block from being
    changed. It says so where it is shown.
    """
    if kind not in KINDS:
        raise NotAPlan(
            Text("There is no such kind of block", "没有这种区块"),
            received=repr(kind[:40]),
            valid=", ".join(KINDS),
        )
    found = {}
    for one in KINDS[kind].fields:
        text = clean(str(values.get(one.name, one.usual)))
        if one.look != "lines":
            text = " ".join(text.split())
        if len(text) > one.longest:
            raise NotAPlan(
                Text(
                    f"“{one.label.en}” is too long: at most {one.longest:,} characters",
                    f"“{one.label.zh}”太长：最多 {one.longest:,} 字",
                ),
                received=f"{len(text)} characters",
            )
        found[one.name] = text
    return found


def within_bounds(content: Content) -> Content:
    """The content. Raises `NotAPlan` for more parts or blocks than a plan may have."""
    if len(content.parts) > MOST_PARTS or sum(1 for _ in content) > MOST_BLOCKS:
        raise NotAPlan(
            Text(
                f"A plan has at most {MOST_PARTS} parts and {MOST_BLOCKS} blocks",
                f"一份计划最多 {MOST_PARTS} 个部分、{MOST_BLOCKS} 个区块",
            ),
            received=f"{len(content.parts)} parts, {sum(1 for _ in content)} blocks",
        )
    return content


def as_json(content: Content) -> dict[str, Any]:
    """The content as it is kept: blocks by key, so that two versions differ where they differ, whatever was moved."""
    return {
        "order": " ".join(part.slug for part in content.parts),
        "parts": {
            part.slug: {"title": part.title, "blocks": " ".join(one.key for one in part.blocks)}
            for part in content.parts
        },
        "blocks": {one.key: {"kind": one.kind, **one.values} for one in content},
    }


def from_json(kept: Any) -> Content:
    """What was kept, read as far as it can be: what is no block or of a kind that there is no more is left out."""
    parts: list[Part] = []
    said, blocks = _mapping(kept, "parts"), _mapping(kept, "blocks")
    taken: set[str] = set()
    for slug in dict.fromkeys(str(kept.get("order", "")).split() if isinstance(kept, Mapping) else ()):
        there = _mapping(said, slug)
        keys = [key for key in dict.fromkeys(str(there.get("blocks", "")).split()) if key not in taken]
        found = [one for key in keys if (one := _block(key, blocks.get(key))) is not None]
        taken.update(one.key for one in found)
        parts.append(Part(slug=slug, title=str(there.get("title", "")), blocks=tuple(found)))
    return Content(parts=tuple(parts))


def _block(key: str, kept: Any) -> Block | None:
    kind = kept.get("kind") if isinstance(kept, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        return None
    values = {one.name: str(kept[one.name]) for one in KINDS[kind].fields if one.name in kept}
    return Block(key=key, kind=kind, values=values)


def _mapping(kept: Any, name: str) -> Mapping[str, Any]:
    found = kept.get(name) if isinstance(kept, Mapping) else None
    return found if isinstance(found, Mapping) else {}
