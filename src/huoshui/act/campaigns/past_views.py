"""Pages that write down a campaign of the past: its list is sent, its columns are chosen."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from huoshui.act.campaigns import drafts, past_forms, past_lists
from huoshui.act.campaigns.past_lists import People
from huoshui.data.connectors import cells, tickets
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.web import shell, undo

ROOM = "campaigns"


def _texts(path: Path) -> pa.Table:
    with TemporaryDirectory() as workspace:
        return cells.texts(path, workspace=Path(workspace))


new = tickets.form(
    room=ROOM,
    right=Right.CAMPAIGNS_EDIT,
    template="campaigns/past_new.html",
    then="campaigns:past",
    read=_texts,
)
"""The form that takes the list of a campaign of the past."""


@require_http_methods(["GET", "HEAD", "POST"])
def past(request: HttpRequest, file: str) -> HttpResponse:
    """What the campaign was, and which columns say who got it; then it is written down."""
    actor, house = shell.actor_of(request), HOUSE()
    actor.require(Right.CAMPAIGNS_EDIT)
    sent = tickets.opened(file, actor=actor, room=ROOM)
    if sent is None:
        raise Http404
    table = _texts(sent.path)
    refused: HuoshuiError | None = None
    if request.method == "POST":
        try:
            campaign, share, asked = past_forms.read(request.POST, house.zone)
            made = past_lists.record(
                actor=actor,
                past=campaign,
                share=share,
                cells=table,
                asked=asked,
                zone=house.zone,
                now=clock.now(),
            )
            sent.remove()
            undo.say(request, _told(made.people))
            return HttpResponseRedirect(reverse("campaigns:campaign", args=[made.number]))
        except HuoshuiError as error:
            refused = error
    context = {
        "file_name": sent.name,
        "rows": table.num_rows,
        "form": past_forms.form(table, request.POST, name=Path(sent.name).stem[: drafts.LONGEST_NAME]),
        "refused": refused,
        "currency": house.currency,
        "zone": house.zone.key,
        "today": clock.now().astimezone(house.zone).date(),
    }
    return render(request, "campaigns/past.html", context, status=400 if refused else 200)


def _told(people: People) -> str:
    """What became of the list, in words."""
    told = gettext("Written down: %(n)s people. The result follows in about a minute") % {
        "n": f"{people.table.num_rows:,}"
    }
    if left := people.unknown + people.again + people.both:
        told += gettext("; %(n)s rows of the list do not count") % {"n": f"{left:,}"}
    return told
