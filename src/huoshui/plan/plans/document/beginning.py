"""What a plan can begin from: the templates of the house, complete in both languages, in which companies write over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.document.content import Block, Content, Part, checked, new_key

Value = str | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A block of a template: its words in both languages, its codes in one."""

    kind: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A part of a template; ``title`` only where `content.PARTS` does not name it."""

    slug: str
    blocks: tuple[Written, ...] = ()
    title: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template: what it is for, and its parts."""

    slug: str
    label: Text
    says: Text
    chapters: tuple[Chapter, ...]

    def content(self, language: Language) -> Content:
        """The document that a plan begins with, in one language."""
        return Content(
            parts=tuple(
                Part(
                    slug=chapter.slug,
                    title=chapter.title.in_(language) if chapter.title else "",
                    blocks=tuple(
                        Block(
                            key=new_key(),
                            kind=one.kind,
                            values=checked(one.kind, {k: _said(v, language) for k, v in one.values.items()}),
                        )
                        for one in chapter.blocks
                    ),
                )
                for chapter in self.chapters
            )
        )


def text(en: str, zh: str) -> Written:
    """A block of words."""
    return Written(kind="text", values={"text": Text(en, zh)})


def block(kind: str, **values: Value) -> Written:
    """A block of another kind."""
    return Written(kind=kind, values=values)


def _said(value: Value, language: Language) -> str:
    return value.in_(language) if isinstance(value, Text) else value
