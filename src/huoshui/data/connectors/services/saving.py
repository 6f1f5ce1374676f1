"""Saving how files are to be read, and forgetting it."""

from __future__ import annotations

import re
from datetime import datetime

from huoshui.data.connectors.errors import NameTaken, NoSuchProfile
from huoshui.data.connectors.models import SavedMapping
from huoshui.data.connectors.reasons import without_headings
from huoshui.data.connectors.tools import TOOLS
from huoshui.data.connectors.understanding import NONE, Understood
from huoshui.kernel.actors import Actor, Right

_NAME = re.compile(r"[^\W_][\w .-]{0,59}")


def check_name(name: str) -> None:
    """Refuse a name that cannot be saved under. Raises `NameTaken`."""
    if not _NAME.fullmatch(name) or name == NONE or name in TOOLS:
        raise NameTaken(
            "A mapping cannot be saved under this name",
            received=repr(name),
            valid="letters, digits, spaces, points and hyphens, at most 60, and not the name of a tool’s profile",
        )


def save_mapping(*, actor: Actor, name: str, understood: Understood, now: datetime) -> None:
    """Save under ``name``, also in place of what was saved before, how the file is understood. Raises `NameTaken`."""
    actor.require(Right.IMPORTS_RUN)
    check_name(name)
    SavedMapping.objects.update_or_create(
        name=name,
        defaults={
            "kind": understood.kind.slug,
            "tool": understood.tool.name if understood.tool else "",
            "mapping": understood.mapping.as_dict(),
            "columns": list(without_headings(understood.file.columns)),
            "source": understood.source,
            "currency": understood.currency,
            "time_zone": understood.zone,
            "date_order": understood.date_order or "",
            "amounts_in": understood.amounts_in or "",
            "encoding": understood.encoding or "",
            "sheet": understood.sheet or "",
            "delimiter": understood.delimiter or "",
            "actor": actor.name,
            "saved_at": now,
        },
    )


def forget_mapping(*, actor: Actor, name: str) -> None:
    """Forget a saved mapping; loads that used it stay, and so does what they say of it. Raises `NoSuchProfile`."""
    actor.require(Right.IMPORTS_RUN)
    deleted, _ = SavedMapping.objects.filter(pk=name).delete()
    if not deleted:
        known = SavedMapping.objects.order_by("name").values_list("name", flat=True)
        raise NoSuchProfile(
            "No mapping is saved under this name",
            received=name,
            valid=", ".join(known) or "none: nothing is saved",
        )
