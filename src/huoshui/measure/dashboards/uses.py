"""Where metrics and segments are shown: on the overview, and on boards that the reader sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import METRIC_USES, PANELS, Hit, MetricUse, Panel
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.boards import queries as boards
from huoshui.measure.dashboards.queries.overview import LATELY, TOTALS
from huoshui.measure.metrics.dimensions import IN


def places(actor: Actor, slug: str) -> Sequence[Hit]:
    """The pages that show a metric. Raises `NotAllowed`."""
    found = []
    if slug in (*LATELY, *TOTALS):
        found.append(
            Hit(title=gettext("Overview"), note="", url="dashboards:overview", icon="layout-dashboard")
        )
    for board in boards.boards(actor=actor):
        if any(block.metric == slug for block in board.content.blocks):
            found.append(
                Hit(
                    title=board.content.title,
                    note="",
                    url="boards:board",
                    arguments={"board_id": board.id},
                    icon="columns-3",
                )
            )
    return found


def of_segment(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    """The boards that the actor sees on which a figure is cut to a segment, or its customers are listed."""
    return {
        "boards": [
            (board.id, board.content.title)
            for board in boards.boards(actor=actor)
            if any(
                subject in (block.group, block.slice.removeprefix(f"{IN}:")) for block in board.content.blocks
            )
        ]
    }


def declare() -> None:
    """Called once, when the app starts."""
    METRIC_USES.declare(MetricUse(slug="dashboards", places=places))
    PANELS.declare(
        Panel(
            slug="boards_of_segment",
            label=Text("On boards", "出现在看板"),
            page="segment",
            width="narrow",
            place=90,
            template="boards/_of_segment.html",
            context=of_segment,
        )
    )
