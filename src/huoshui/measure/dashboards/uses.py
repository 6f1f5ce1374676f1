"""Where metrics are shown: on the overview, and on boards that the reader sees."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import METRIC_USES, Hit, MetricUse
from huoshui.measure.dashboards.boards import queries as boards
from huoshui.measure.dashboards.queries.overview import LATELY, TOTALS


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


def declare() -> None:
    """Called once, when the app starts."""
    METRIC_USES.declare(MetricUse(slug="dashboards", places=places))
