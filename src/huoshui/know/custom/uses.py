"""Where traits and attributes are used: segments, saved views and formulas of traits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from huoshui.data.customers import keeping
from huoshui.kernel.texts import Text
from huoshui.know.custom import formulas, own
from huoshui.know.custom.definitions import Formula
from huoshui.know.segments import queries as segments

Where = Literal["segment", "view", "trait"]
KINDS: dict[Where, Text] = {
    "segment": Text("segment", "分群"),
    "view": Text("saved view", "已保存视图"),
    "trait": Text("trait", "特征"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """Something that speaks of a trait or attribute; ``slug`` is that of a segment or trait."""

    kind: Where
    name: Text
    slug: str = ""


def by_value() -> dict[str, list[Use]]:
    """Every trait and attribute that something speaks of, with what does: in rules that are broken, too."""
    found: dict[str, list[Use]] = {}
    for segment in segments.segments():
        for slug in set(_asked(segment.rule)):
            found.setdefault(slug, []).append(Use("segment", Text(segment.name, segment.name), segment.slug))
    for slug, names in keeping.views_by_value().items():
        found.setdefault(slug, []).extend(Use("view", Text(f"of {name}", f"{name}的视图")) for name in names)
    for one in own.everything():
        if one.content is not None and isinstance(one.content.definition, Formula):
            for slug in formulas.names(one.content.definition.tree):
                found.setdefault(slug, []).append(Use("trait", one.label, one.slug))
    return found


def of_attributes() -> dict[str, list[Text]]:
    """What speaks of a trait or attribute, in words, by its slug."""
    return {
        slug: [Text(f"{KINDS[u.kind].en} “{u.name.en}”", f"{KINDS[u.kind].zh}“{u.name.zh}”") for u in those]
        for slug, those in by_value().items()
    }


def _asked(rule: Any) -> Iterator[str]:
    """The traits and attributes that a rule speaks of, read or not."""
    if isinstance(rule, dict):
        yield from (rule[of] for of in ("trait", "attribute") if isinstance(rule.get(of), str))
        for part in rule.values():
            yield from _asked(part)
    elif isinstance(rule, list):
        for part in rule:
            yield from _asked(part)
