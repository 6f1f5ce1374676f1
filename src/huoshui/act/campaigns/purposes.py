"""Does a campaign use what is there for other purposes: attributes and events say what they are for (PIPL 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huoshui.act.templates import queries as templates
from huoshui.data.customers import queries as customers
from huoshui.data.customers.purposes import MARKETING
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import Did, Rule, Then, Value, clauses


def outside(*, audience: Any, messages: Sequence[tuple[int, int]]) -> list[Text]:
    """Where a campaign uses an attribute or an event that may not be used for marketing, in words.

    ``audience`` is a rule as JSON, or nothing, and ``messages`` are templates with their versions. Segments are looked
    into, whatever they lead to. A rule that means nothing is left to whoever reads it.
    """
    closed = customers.closed_to(MARKETING)
    events = {name: Text(name, name) for name in customers.events_closed_to(MARKETING)}
    if not closed and not events:
        return []
    found = [*_asked_of(audience, closed, events), *_written_in(messages, closed)]
    return list(dict.fromkeys(found))


def _asked_of(audience: Any, closed: Mapping[str, Text], events: Mapping[str, Text]) -> Iterator[Text]:
    if audience is None:
        return
    try:
        rule = segments.read(audience)
        rules = {"": rule, **segments.resolve(rule)}
    except BadRule:
        return
    names = segments.names()
    for slug, one in rules.items():
        named = [("", "属性", closed[it]) for it in _attributes(one) if it in closed]
        named += [("the event ", "行为事件", events[it]) for it in _events(one) if it in events]
        for the, kind, label in named:
            of = names.get(slug, Text(slug, slug)) if slug else None
            en = f"{the}“{label.en}”" + (f" in the segment “{of.en}”" if of else "")
            zh = f"“{label.zh}”" + (f"（分群“{of.zh}”）" if of else "")
            yield Text(
                f"The audience asks for {en}, which may not be used for marketing. Take the condition out, or say "
                "under Settings → Attributes that it may.",
                f"受众条件用到了{zh}，而该{kind}未允许用于营销。请去掉这个条件，或在“设置 → 属性”中允许。",
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


def _events(rule: Rule) -> list[str]:
    found: list[str] = []
    for _path, clause in clauses(rule):
        match clause:
            case Did(facts="did", name=name):
                found.append(name)
            case Then(first=first, then=then):
                found += [first, then]
    return found


def _attributes(rule: Rule) -> list[str]:
    return [
        clause.slug
        for _path, clause in clauses(rule)
        if isinstance(clause, Value) and clause.of == "attribute"
    ]
