"""Segments that every house has without making them: one for each stage, RFM segment and value class.

They are rules on traits whose values are codes, made from what the rooms above declare. They can be used and copied as
any other and not be changed, because their meaning is that of the trait.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text

TRAITS_OF_CLASSES = ("stage", "rfm_segment", "value_class")
SHIPPED = datetime(2026, 11, 22, tzinfo=UTC)
"""When their rules were last changed in the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """A segment out of the box."""

    slug: str
    label: Text
    rule: Mapping[str, Any]


def built_in() -> dict[str, BuiltIn]:
    """All of them by slug, such as ``stage-active``, in the order of the traits and their codes."""
    found = {}
    for slug in TRAITS_OF_CLASSES:
        if slug not in TRAITS:
            continue
        trait = TRAITS[slug]
        for code, label in trait.values.items():
            one = BuiltIn(
                slug=f"{slug}-{code}".replace("_", "-").lower(),
                label=Text(f"{trait.label.en}: {label.en}", f"{trait.label.zh}：{label.zh}"),
                rule={"trait": slug, "op": "=", "value": code},
            )
            found[one.slug] = one
    return found
