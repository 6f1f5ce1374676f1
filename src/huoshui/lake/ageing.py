"""How old the tables of the lake are: when each was last changed, as far back as house versions are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.lake.models import HouseVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """When each table was changed, by slug; when small files were last merged; when the oldest kept version is from.

    A table that is not named was changed before ``since``, and so was the last merging where there is none.
    """

    changed: dict[str, datetime]
    merged: datetime | None
    since: datetime | None


def ages() -> Ages:
    """The ages of all tables, from the versions that are kept."""
    changed: dict[str, datetime] = {}
    merged = since = None
    before: dict[str, int] | None = None
    rows = HouseVersion.objects.order_by("version").values_list("tables", "reason", "published_at")
    for tables, reason, at in rows:
        since = since or at
        if before is not None:
            changed.update({slug: at for slug, version in tables.items() if before.get(slug) != version})
        if reason == "compaction":
            merged = at
        before = tables
    return Ages(changed=changed, merged=merged, since=since)
