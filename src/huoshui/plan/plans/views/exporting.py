"""Files of a plan, and its snapshots."""

from __future__ import annotations

import io

from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.exporting import queries, services
from huoshui.plan.plans.exporting.errors import NoSuchSnapshot, NotAnExport
from huoshui.plan.plans.pages import exporting as pages
from huoshui.plan.plans.pages.head import head
from huoshui.web import shell, undo


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, plan_id: int) -> HttpResponseBase:
    """What can be exported, and the snapshots; a POST makes a file, or with ``only=1`` a snapshot and no file."""
    actor, here, now = shell.actor_of(request), shell.language_now(), clock.now()
    plan = plans.plan(actor, plan_id)
    wrong, status = "", 200
    kind, language = request.POST.get("kind", ""), request.POST.get("language", here)
    if request.method == "POST":
        actor.require(Right.PLANS_EDIT)
        try:
            number = _number(request, plan_id)
            if request.POST.get("only"):
                undo.say(request, _("Snapshot %(number)s stands.") % {"number": number})
                return HttpResponseRedirect(reverse("plans:export", args=[plan_id]))
            made = services.export(
                actor=actor,
                plan_id=plan_id,
                number=number,
                kind=kind,
                language="zh" if language == "zh" else "en",
                now=now,
            )
        except NotAnExport as error:
            wrong, status = error.words.in_(here), 400
        except NoSuchSnapshot as error:
            wrong, status = error.says.in_(here), 400
        else:
            answer = FileResponse(
                io.BytesIO(made),
                as_attachment=True,
                filename=pages.name_of(plan.title, number, kind),
                content_type=pages.TYPES[kind],
            )
            answer["Cache-Control"] = "no-store"
            return answer
    context = {
        "head": head(actor, plan, "export"),
        "plan": plan,
        "formats": pages.formats(here, chosen=kind),
        "languages": [(key, label, key == language) for key, label in pages.LANGUAGES_OFFERED.items()],
        "snapshots": queries.snapshots(actor=actor, plan_id=plan_id),
        "may_export": actor.may(Right.PLANS_EDIT),
        "may_share": actor.may(Right.PLANS_SHARE),
        "wrong": wrong,
    }
    return render(request, "plans/export.html", context, status=status)


def _number(request: HttpRequest, plan_id: int) -> int:
    """The number of the snapshot that is asked for; one of now is made unless a number is said."""
    said = request.POST.get("snapshot", pages.NOW)
    if said == pages.NOW:
        return services.freeze(
            actor=shell.actor_of(request),
            plan_id=plan_id,
            tables=open_lake().snapshot(),
            house=HOUSE(),
            note=request.POST.get("note", ""),
            now=clock.now(),
        )
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0
