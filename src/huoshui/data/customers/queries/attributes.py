"""Which attributes there are, and what of the house speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.data.customers.models import Attribute
from huoshui.kernel.plugs import ATTRIBUTE_USES
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAttribute:
    """An attribute as declared. ``type`` is a key of ``LAKE_TYPES``, ``kind`` ordinary, identifying or sensitive;
    ``purposes`` are what it may be used for."""

    slug: str
    label_en: str
    label_zh: str
    type: str
    kind: str
    preset: bool
    purposes: Sequence[str]
    retired_at: datetime | None = None


def attributes(*, kind: str | None = None, retired: bool = False) -> tuple[DeclaredAttribute, ...]:
    """All declared attributes, or those of one kind: presets first, then by slug; ``retired`` ones where asked for.

    What offers attributes or takes values leaves the retired ones out; what keeps or names values has them.
    """
    rows = Attribute.objects.order_by("-preset", "slug")
    if kind is not None:
        rows = rows.filter(kind=kind)
    if not retired:
        rows = rows.filter(retired_at=None)
    return tuple(DeclaredAttribute(**values) for values in rows.values(*DeclaredAttribute.__slots__))


def closed_to(purpose: str) -> dict[str, Text]:
    """What attributes that may not be used for ``purpose`` are called, by slug; retired ones too."""
    rows = Attribute.objects.values_list("slug", "label_en", "label_zh", "purposes")
    return {slug: Text(en, zh) for slug, en, zh, purposes in rows if purpose not in purposes}


def declared_attribute(row: Attribute) -> DeclaredAttribute:
    """What a row declares."""
    return DeclaredAttribute(**{name: getattr(row, name) for name in DeclaredAttribute.__slots__})


def uses_of_attributes() -> dict[str, list[Text]]:
    """Attributes that something of the house speaks of, by slug, each with what does."""
    found: dict[str, list[Text]] = {}
    for use in ATTRIBUTE_USES:
        for slug, places in use.places().items():
            found.setdefault(slug, []).extend(places)
    return found
