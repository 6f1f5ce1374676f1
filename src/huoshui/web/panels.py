"""The parts that other rooms show on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string

from huoshui.kernel.plugs import PANELS
from huoshui.web import shell


@dataclass(frozen=True, slots=True)
class Shown:
    """A part as a page shows it: its heading and its content."""

    slug: str
    label: str
    width: str
    content: str


def shown(request: HttpRequest, page: str, subject: str = "") -> Sequence[Shown]:
    """The parts of ``page`` about ``subject`` that the reader may see, in their order.

    A part that has nothing to say, not even that there is nothing yet, is left out.
    """
    actor, language = shell.actor_of(request), shell.language_now()
    wanted = [
        panel for panel in PANELS if panel.page == page and (panel.right is None or actor.may(panel.right))
    ]
    parts = [
        Shown(
            slug=panel.slug,
            label=panel.label.in_(language),
            width=panel.width,
            content=render_to_string(
                panel.template,
                {**panel.context(actor, subject, language), "subject": subject},
                request=request,
            ),
        )
        for panel in sorted(wanted, key=lambda one: one.place)
    ]
    return [part for part in parts if part.content.strip()]
