"""Does a campaign use what customers gave for other purposes: an attribute says what it may be used for (PIPL 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huoshui.act.templates import queries as templates
from huoshui.data.customers import queries as customers
from huoshui.data.customers.purposes import MARKETING
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import Rule, Value, clauses


def outside(*, audience: Any, messages: Sequence[tuple[int, int]]) -> list[Text]:
    """Where a campaign uses an attribute that may not be used for marketing, in words; nothing where it does not.

    ``audience`` is a rule as JSON, or nothing, and ``messages`` are templates with their versions. Segments are looked
    into, whatever they lead to. A rule that means nothing is left to whoever reads it.
    """
    closed = customers.closed_to(MARKETING)
    if not closed:
        return []
    found = [*_asked_of(audience, closed), *_written_in(messages, closed)]
    return list(dict.fromkeys(found))


def _asked_of(audience: Any, closed: Mapping[str, Text]) -> Iterator[Text]:
    if audience is None:
        return
    try:
        rule = segments.read(audience)
        rules = {"": rule, **segments.resolve(rule)}
    except BadRule:
        return
    names = segments.names()
    for slug, one in rules.items():
        for attribute in _attributes(one):
            if attribute not in closed:
                continue
            label = closed[attribute]
            of = names.get(slug, Text(slug, slug)) if slug else None
            en = f"“{label.en}” in the segment “{of.en}”" if of else f"“{label.en}”"
            zh = f"“{label.zh}”（分群“{of.zh}”）" if of else f"“{label.zh}”"
            yield Text(
                f"The audience asks for {en}, which may not be used for marketing. Take the condition out, or say "
                "under Settings → Attributes that it may.",
                f"受众条件用到了{zh}，而该属性未允许用于营销。请去掉这个条件，或在“设置 → 属性”中允许。",
            )


def _written_in(messages: Sequence[tuple[int, int]], closed: Mapping[str, Text]) -> Iterator[Text]:
    for template_id, version in messages:
        content = templates.template(template_id, version).content
        for language in content.languages:
            for merge in content.words[language].layout(language).merges:
                if merge.field in closed:
                    label = closed[merge.field]
                    yield Text(
                        f"The message names “{label.en}”, which may not be used for marketing. Take the field out, or "
                        "say under Settings → Attributes that it may.",
                        f"消息中用到了“{label.zh}”，而该属性未允许用于营销。请去掉这个字段，或在“设置 → 属性”中允许。",
                    )


def _attributes(rule: Rule) -> list[str]:
    return [
        clause.slug
        for _path, clause in clauses(rule)
        if isinstance(clause, Value) and clause.of == "attribute"
    ]
