"""What a template says: a subject and a body for each language, and where wanted the neutral words for people who do
not want content based on what they are like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from huoshui.act.templates import fields
from huoshui.act.templates.errors import NotATemplate
from huoshui.act.templates.fields import Field
from huoshui.act.templates.layout import Layout, layout
from huoshui.kernel.texts import LANGUAGES, Language, Text

LONGEST_NAME, LONGEST_NOTE = 120, 500
LANGUAGE_NAMES: Mapping[Language, Text] = {"zh": Text("Chinese", "中文"), "en": Text("English", "英文")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A subject (empty where a channel has none) and a body in Markdown."""

    subject: str = ""
    body: str

    def layout(self, language: Language) -> Layout:
        """The pieces. Raises `NotATemplate`."""
        return layout(self.subject, self.body, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A template as it is kept: at least one language, and neutral words only for languages that there are."""

    name: str
    note: str = ""
    words: Mapping[Language, Words]
    neutral: Mapping[Language, Words] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages it is written in, Chinese first."""
        return tuple(one for one in ("zh", "en") if one in self.words)


def as_json(content: Content) -> dict[str, Any]:
    """As a version keeps it, and as the API shows it."""

    def plain(words: Mapping[Language, Words]) -> dict[str, Any]:
        return {
            language: {"subject": words[language].subject, "body": words[language].body}
            for language in LANGUAGES
            if language in words
        }

    said: dict[str, Any] = {"name": content.name, "note": content.note, "words": plain(content.words)}
    return {**said, "neutral": plain(content.neutral)}


def from_json(plain: Mapping[str, Any]) -> Content:
    """What a version kept."""

    def words(of: str) -> dict[Language, Words]:
        told: Mapping[str, Any] = plain.get(of) or {}
        return {
            language: Words(subject=str(told[language]["subject"]), body=str(told[language]["body"]))
            for language in LANGUAGES
            if language in told
        }

    return Content(
        name=str(plain.get("name", "")),
        note=str(plain.get("note", "")),
        words=words("words"),
        neutral=words("neutral"),
    )


def checked(content: Content) -> Content:
    """The content, which can be filled for anybody. Raises `NotATemplate`."""
    name = " ".join(content.name.split())
    if not 0 < len(name) <= LONGEST_NAME or len(content.note) > LONGEST_NOTE:
        raise NotATemplate(
            Text(
                "A template has a name of 1 to 120 characters and a note of at most 500",
                "模板须有 1 到 120 个字符的名称，备注最多 500 个字符",
            ),
            received=repr(content.name[:60]),
        )
    if not content.words:
        raise NotATemplate(
            Text("A template is written in at least one language", "模板至少须有一种语言的正文")
        )
    if alone := [one for one in content.neutral if one not in content.words]:
        raise NotATemplate(
            Text(
                "Neutral words need the usual ones in the same language", "通用版本须与同一语言的普通版本并存"
            ),
            received=", ".join(alone),
        )
    known = fields.by_slug()
    for language, words in content.words.items():
        _require_known(words.layout(language), known)
    for language, words in content.neutral.items():
        _require_known(words.layout(language), {slug: one for slug, one in known.items() if not one.personal})
    return Content(name=name, note=content.note.strip(), words=content.words, neutral=content.neutral)


def _require_known(there: Layout, known: Mapping[str, Field]) -> None:
    for merge in there.merges:
        of = known.get(merge.field)
        if of is None:
            raise NotATemplate(
                Text("There is no such field here", "这里没有这个合并字段"),
                received=str(merge),
                valid=", ".join(list(known)[:40]),
            )
        if merge.format and merge.format not in of.formats:
            raise NotATemplate(
                Text("The field is not written in this format", "该字段没有这种格式"),
                received=str(merge),
                valid=", ".join(of.formats) or "no format",
            )
