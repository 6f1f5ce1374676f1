"""The budget of a plan: the grid, files that are taken in after a look at what they change, and the way back."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.data.connectors.receiving import ToFolder
from huoshui.data.connectors.services import uploads
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.budget import files, queries, services
from huoshui.plan.plans.budget.errors import NotABudget
from huoshui.plan.plans.errors import PlanChanged
from huoshui.plan.plans.measures import queries as measures
from huoshui.plan.plans.pages import budget as pages
from huoshui.plan.plans.pages.head import head
from huoshui.plan.plans.pages.measures import whole
from huoshui.web import figures, shell, undo

SALT = "huoshui.plan.budget"
NO_FILE = Text("No file came", "没有收到文件")
Names = dict[int, str]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The grid; sending it saves the cells that were changed."""
    actor, here, house, now = shell.actor_of(request), shell.language_now(), HOUSE(), clock.now()
    plan = plans.plan(actor, plan_id)
    scope = whole(request.GET.get("for", ""))
    one = measures.measure(actor=actor, plan_id=plan_id, measure_id=scope) if scope else None
    sent: pages.Sent | None = None
    wrong: Text | None = None
    meanwhile: PlanChanged | None = None
    status = 200
    if request.method == "POST":
        actor.require(Right.PLANS_EDIT)
        try:
            sent = pages.read(request.POST, measure_id=scope)
            wrong = sent.wrong
            if wrong is None:
                reason = request.POST.get("reason", "")
                services.keep(actor=actor, plan_id=plan_id, entries=sent.entries, reason=reason, now=now)
                undo.say(request, _("Saved."))
                return HttpResponseRedirect(request.get_full_path())
        except NotABudget as error:
            wrong = error.words
        except PlanChanged as error:
            meanwhile = error
        status = 409 if meanwhile else 400
    found = queries.budget(actor=actor, plan_id=plan_id, tables=open_lake().snapshot(), house=house, now=now)
    months, years = pages.windows(found.months, request.GET.get("year", ""), here)
    names = {it.id: it for it in measures.measures(actor=actor, plan_id=plan_id)}

    def money(value: Any) -> str:
        return "–" if value is None else figures.money(value, house.currency, here)

    context = {
        "head": head(actor, plan, "budget"),
        "grid": pages.grid(
            found, measure_id=scope, months=months, currency=house.currency, language=here, sent=sent
        ),
        "found": found,
        "years": years,
        "one": one,
        "wrong": wrong,
        "meanwhile": meanwhile,
        "changes": [(change, change.before, change.after) for change in meanwhile.changes]
        if meanwhile
        else [],
        "reason": request.POST.get("reason", ""),
        "by_measure": [
            (it, money(found.by_measure[it.id].planned), money(found.by_measure[it.id].committed))
            if it.id in found.by_measure
            else (it, "–", "–")
            for it in names.values()
            if it.state != "dropped" or it.id in found.by_measure
        ],
        "returned": f"{found.returned:.1f} ×" if found.returned is not None else "–",
        "export": f"{reverse('jobs:export', args=['plan-budget'])}?plan={plan_id}"
        f"&back={reverse('plans:budget', args=[plan_id])}",
        "largest": files.LARGEST_FILE // 1024**2,
    }
    return render(request, "plans/budget.html", context, status=status)


@csrf_exempt  # what is sent is read, and its token checked, when it is known where it goes: see _file
@never_cache
@require_POST
def file(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take a file, and go to what it would change."""
    shell.actor_of(request).require(Right.PLANS_EDIT)
    request.upload_handlers = [ToFolder(min(files.LARGEST_FILE, uploads.largest()))]
    return _file(request, plan_id)


@csrf_protect
def _file(request: HttpRequest, plan_id: int) -> HttpResponse:
    request.POST, request.FILES  # noqa: B018 now what is sent is read
    (handler,) = request.upload_handlers
    if not isinstance(handler, ToFolder):
        raise TypeError("files of budgets go to their own folder")
    try:
        if handler.problem is not None:
            raise handler.problem
        if not handler.token:
            raise NotABudget(NO_FILE)
        _proposed(request, plan_id, handler.token, handler.name)
    except HuoshuiError as error:
        if handler.token:
            uploads.remove_folder(handler.token)
        return _refused(request, plan_id, error)
    said = [handler.token, handler.name, shell.actor_of(request).user_id, plan_id]
    return HttpResponseRedirect(reverse("plans:budget_look", args=[plan_id, signing.dumps(said, salt=SALT)]))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest, plan_id: int, sent: str) -> HttpResponse:
    """What a file would change; sending it changes that."""
    actor, house = shell.actor_of(request), HOUSE()
    actor.require(Right.PLANS_EDIT)
    plan = plans.plan(actor, plan_id)
    try:
        token, name, user, number = signing.loads(sent, salt=SALT, max_age=uploads.KEPT)
    except signing.BadSignature as error:
        raise Http404 from error
    if user != actor.user_id or number != plan_id or not uploads.path_of(token, name).is_file():
        raise Http404
    proposal, names = _proposed(request, plan_id, token, name)
    meanwhile, status = False, 200
    if request.method == "POST":
        if request.POST.get("mark") == proposal.mark:
            try:
                count = services.keep(
                    actor=actor,
                    plan_id=plan_id,
                    entries=proposal.entries,
                    act="budget.imported",
                    now=clock.now(),
                )
            except PlanChanged:
                proposal, names = _proposed(request, plan_id, token, name)
            else:
                uploads.remove_folder(token)
                said = ngettext("%(count)s cell is changed.", "%(count)s cells are changed.", count)
                undo.offer(
                    request, said % {"count": count}, undo=reverse("plans:budget_undo", args=[plan_id])
                )
                return HttpResponseRedirect(reverse("plans:budget", args=[plan_id]))
        meanwhile, status = True, 409
    here = shell.language_now()

    def money(value: Any) -> str:
        return figures.money(value, house.currency, here, exact=True) if value else "–"

    context = {
        "head": head(actor, plan, "budget"),
        "file_name": name,
        "proposal": proposal,
        "count": len(proposal.entries),
        "more": max(0, len(proposal.entries) - pages.MOST_SHOWN),
        "lines": [
            (
                it.channel,
                f"{it.month:%Y-%m}",
                names.get(it.measure_id or 0, ""),
                money(it.was[0]),
                money(it.planned),
                money(it.was[1]),
                money(it.committed),
            )
            for it in proposal.entries[: pages.MOST_SHOWN]
        ],
        "meanwhile": meanwhile,
    }
    return render(request, "plans/budget_file.html", context, status=status)


@require_POST
def take_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take the last file back."""
    try:
        services.undo(actor=shell.actor_of(request), plan_id=plan_id, now=clock.now())
    except (NotABudget, PlanChanged) as error:
        undo.say(request, _words(error).in_(shell.language_now()), tone="bad")
    else:
        undo.say(request, _("The file is taken back."))
    return HttpResponseRedirect(reverse("plans:budget", args=[plan_id]))


def _proposed(request: HttpRequest, plan_id: int, token: str, name: str) -> tuple[files.Proposal, Names]:
    actor = shell.actor_of(request)
    plan = plans.plan(actor, plan_id)
    names = {it.id: it.name for it in measures.measures(actor=actor, plan_id=plan_id)}
    there = queries.entered(actor=actor, plan_id=plan_id)
    months = queries.months_of(plan)
    return files.proposed(uploads.path_of(token, name), there=there, months=months, measures=names), names


def _refused(request: HttpRequest, plan_id: int, error: HuoshuiError) -> HttpResponse:
    plan = plans.plan(shell.actor_of(request), plan_id)
    context = {
        "head": head(shell.actor_of(request), plan, "budget"),
        "refused": error,
        "words": _words(error),
    }
    return render(request, "plans/budget_file.html", context, status=400)


def _words(error: HuoshuiError) -> Text:
    if isinstance(error, Said):
        return error.words
    return error.says or Text(str(error), str(error))
