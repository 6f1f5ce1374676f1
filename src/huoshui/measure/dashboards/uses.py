"""Where metrics, segments and attributes are shown: on the overview, on boards, in own metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import ATTRIBUTE_USES, METRIC_USES, PANELS, AttributeUse, Hit, MetricUse, Panel
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.boards import queries as boards
from huoshui.measure.dashboards.queries.overview import LATELY, TOTALS
from huoshui.measure.metrics import own
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


def of_attributes() -> Mapping[str, Sequence[Text]]:
    """Own metrics and boards that speak of attributes of customers, by attribute.

    What a board is called is its owner's own business.
    """
    found: dict[str, list[Text]] = {}
    for metric in own.everything():
        parts = (metric.content.definition.numerator, metric.content.definition.denominator)
        of_people = [part for part in parts if part is not None and part.of == "customers"]
        names = {part.column for part in of_people} | {f.column for part in of_people for f in part.filters}
        for slug in sorted(names - {""}):
            label = metric.metric.label
            found.setdefault(slug, []).append(Text(f"metric “{label.en}”", f"指标“{label.zh}”"))
    for board in boards.every_board():
        for slug in sorted(
            {name for b in board.content.blocks for name in (b.by, b.slice.partition(":")[0])}
        ):
            of = (
                Text(f"board of {board.owner}", f"{board.owner}的看板")
                if board.owner
                else Text("board", "看板")
            )
            found.setdefault(slug, []).append(of)
    return found


def declare() -> None:
    """Called once, when the app starts."""
    ATTRIBUTE_USES.declare(AttributeUse(slug="dashboards", places=of_attributes))
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
