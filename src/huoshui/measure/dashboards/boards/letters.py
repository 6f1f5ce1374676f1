"""A board as a letter: figures and tables as HTML and text, charts as pictures.

Customers of a list are counted and not named: a letter passes through hands that may not see them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from huoshui.kernel.actors import Actor
from huoshui.kernel.charts import Chart
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language
from huoshui.measure.dashboards.boards.queries import BoardSeen
from huoshui.measure.dashboards.boards.reading import Reader, page
from huoshui.web import charts

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What goes into the outbox. ``pictures`` are PNG files by the names that ``html`` shows them by."""

    subject: str
    text: str
    html: str
    pictures: dict[str, bytes]


def write(
    board: BoardSeen,
    *,
    tables: Snapshot,
    actor: Actor,
    house: House,
    language: Language,
    leave: str,
    now: datetime,
) -> Written:
    """The board as ``actor`` sees it now; ``leave`` is the address that ends the subscription. Raises `NotAllowed`."""
    reader = Reader(actor=actor, house=house, language=language, now=now, cut={})
    pictures: dict[str, bytes] = {}
    parts = []
    seen = page(board.content, tables=tables, reader=reader)
    for section in seen.sections:
        blocks = []
        for block in section.blocks:
            cid, table = "", charts.table(block.chart, language) if block.chart else ([], [])
            if block.chart is not None and not block.chart.empty:
                cid = f"chart{len(pictures) + 1}"
                pictures[cid] = picture(block.chart, language)
            blocks.append({"block": block, "cid": cid, "heads": table[0], "rows": table[1]})
        parts.append({"title": section.title, "blocks": blocks})
    day = now.astimezone(house.zone).date()
    address = f"{settings.HUOSHUI_URL.rstrip('/')}{reverse('boards:board', args=[board.id])}"
    context = {
        "title": board.content.title,
        "house": house,
        "first": seen.first,
        "last": seen.last,
        "sections": parts,
        "address": address,
        "leave": leave,
    }
    with translation.override("zh-hans" if language == "zh" else "en"):
        html = render_to_string("boards/letter.html", context)
        text = render_to_string("boards/letter.txt", context)
    subject = " ".join(f"{board.content.title} · {day}".split())
    return Written(subject=subject, text=text, html=html, pictures=pictures)


def picture(chart: Chart, language: Language) -> bytes:
    """The chart as PNG, with places and numbers written as on pages."""
    # Here and not above: Matplotlib takes a second to be imported, which pages need not wait for.
    from huoshui.documents import pictures

    return pictures.png(
        chart,
        language,
        places=[charts.place_label(place, chart, language) for place in chart.places],
        write=lambda value: charts.briefly(value, chart, language),
    )
