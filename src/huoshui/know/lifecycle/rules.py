"""Which rule of stages this house goes by."""

from __future__ import annotations

from django.conf import settings

from huoshui.science.lifecycle import USUAL_STAGES, FixedDays, OwnRhythm


def rule_in_use() -> OwnRhythm | FixedDays:
    """Fixed days where ``HUOSHUI_STAGE_DAYS`` asks for them, else each customer's own rhythm."""
    days: tuple[int, int, int] | None = getattr(settings, "HUOSHUI_STAGE_DAYS", None)
    return FixedDays(*days) if days is not None else USUAL_STAGES
