"""Pages of experiments: the list, a table of results that is sent and read, and what it says."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.data.connectors import tickets
from huoshui.data.connectors.errors import FileRefused
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.lake import open_lake
from huoshui.measure.experiments import pages, queries, results, services
from huoshui.measure.experiments.errors import NotAResult
from huoshui.measure.experiments.results import Asked
from huoshui.measure.experiments.trials import effects, page, total_page
from huoshui.measure.experiments.trials import total as totals
from huoshui.web import shell, subjects, undo

ROOM = "experiments"


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Every experiment, and what its first outcome says."""
    actor = shell.actor_of(request)
    context = {
        "trials": page.entries(effects.trials(actor=actor), shell.language_now()),
        "lines": [pages.summary(one, shell.language_now()) for one in queries.experiments(actor=actor)],
        "may_edit": actor.may(Right.EXPERIMENTS_EDIT),
    }
    return render(request, "experiments/list.html", context)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """What one experiment says."""
    actor = shell.actor_of(request)
    context = {
        "page": pages.page(queries.experiment(number, actor=actor), shell.language_now()),
        "may_edit": actor.may(Right.EXPERIMENTS_EDIT),
    }
    return render(request, "experiments/experiment.html", context)


@require_safe
def trial(request: HttpRequest, what: str) -> HttpResponse:
    """What an action of the house added."""
    actor = shell.actor_of(request)
    found = effects.effect(what, actor=actor, tables=open_lake().snapshot(), now=clock.now())
    about = subjects.named(actor, [what]).get(what)
    context = {
        "page": page.page(
            found,
            segments.names(),
            address=about.address if about else "",
            house=HOUSE(),
            language=shell.language_now(),
        )
    }
    return render(request, "experiments/trial.html", context)


@require_safe
def total(request: HttpRequest) -> HttpResponse:
    """What everything together added."""
    actor, house = shell.actor_of(request), HOUSE()
    found = totals.total(actor=actor, tables=open_lake().snapshot(), zone=house.zone, now=clock.now())
    shown = total_page.page(found, house=house, language=shell.language_now()) if found else None
    return render(request, "experiments/total.html", {"page": shown})


def _table(path: Path) -> pa.Table:
    with TemporaryDirectory() as workspace:
        return results.table_of(path, workspace=Path(workspace))


new = tickets.form(
    room=ROOM,
    right=Right.EXPERIMENTS_EDIT,
    template="experiments/new.html",
    then="experiments:choose",
    read=_table,
)
"""The form that takes a table of results."""


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, file: str) -> HttpResponse:
    """Which columns say who was treated and what came of it; then the reading."""
    actor = shell.actor_of(request)
    actor.require(Right.EXPERIMENTS_EDIT)
    sent = tickets.opened(file, actor=actor, room=ROOM)
    if sent is None:
        raise Http404
    refused: HuoshuiError | None = None
    if request.method == "POST":
        try:
            number = services.read(
                actor=actor,
                name=request.POST.get("name", ""),
                note=request.POST.get("note", ""),
                path=sent.path,
                file_name=sent.name,
                asked=_asked(request.POST),
                now=clock.now(),
            )
            sent.remove()
            return HttpResponseRedirect(reverse("experiments:experiment", args=[number]))
        except (NotAResult, FileRefused) as error:
            refused = error
    table = _table(sent.path)
    context = {
        "file_name": sent.name,
        "rows": table.num_rows,
        "columns": pages.choices(results.columns_of(table), table, request.POST),
        "refused": refused,
        "name": request.POST.get("name", Path(sent.name).stem[: services.LONGEST_NAME]),
        "note": request.POST.get("note", ""),
        "control_share": request.POST.get("control_share", ""),
        "before": request.POST.get("before", ""),
    }
    return render(request, "experiments/choose.html", context, status=400 if refused else 200)


@require_POST
def retire(request: HttpRequest, number: int) -> HttpResponse:
    """Put an experiment away."""
    services.retire(actor=shell.actor_of(request), number=number, now=clock.now())
    undo.offer(
        request, gettext("The experiment is put away"), undo=reverse("experiments:bring_back", args=[number])
    )
    return HttpResponseRedirect(reverse("experiments:list"))


@require_POST
def bring_back(request: HttpRequest, number: int) -> HttpResponse:
    """Bring it back."""
    services.bring_back(actor=shell.actor_of(request), number=number, now=clock.now())
    undo.say(request, gettext("The experiment is back"))
    return HttpResponseRedirect(reverse("experiments:experiment", args=[number]))


def _asked(sent: QueryDict) -> Asked:
    arm, _, control = sent.get("control", "").partition("\x1f")
    share = sent.get("control_share", "").strip().removesuffix("%")
    try:
        control_share = float(share) / 100 if share else None
    except ValueError:
        raise NotAResult(
            Text("This is no share of people", "这不是人数占比"),
            received=share[:40],
            valid="percent, such as 20",
        ) from None
    return Asked(
        arm=arm,
        control=control,
        outcomes=sent.getlist("outcome"),
        before=sent.get("before", ""),
        groups=sent.getlist("group"),
        control_share=control_share,
    )
