"""Beginning a plan, its title, days and owner, its way to the archive, and templates of one's own."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.desk.users import queries as users
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import NotADate, parse_day
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics.periods import months_after
from huoshui.plan.plans import queries
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.document import services
from huoshui.plan.plans.document.offered import TEMPLATES
from huoshui.plan.plans.errors import NotAPlan
from huoshui.plan.plans.pages.head import head
from huoshui.web import shell, undo

LANGUAGES: tuple[tuple[Language, str], ...] = (("zh", "中文"), ("en", "English"))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a plan from a template."""
    actor, now, here = shell.actor_of(request), clock.now(), shell.language_now()
    actor.require(Right.PLANS_EDIT)
    today = now.astimezone(HOUSE().zone).date()
    first = today.replace(day=1)
    form = {
        "title": "",
        "template": "development",
        "language": here,
        "first_day": first.isoformat(),
        "last_day": (months_after(first, 12) - timedelta(days=1)).isoformat(),
    }
    wrong, status = "", 200
    if request.method == "POST":
        form |= {name: request.POST.get(name, "") for name in form}
        try:
            language: Language = "zh" if form["language"] == "zh" else "en"
            made = services.create(
                actor=actor,
                title=form["title"],
                template=form["template"],
                first_day=parse_day(form["first_day"]),
                last_day=parse_day(form["last_day"]),
                language=language,
                now=now,
            )
        except NotAPlan as error:
            wrong, status = error.words.in_(here), 400
        except NotADate:
            wrong, status = _NO_DAY.in_(here), 400
        else:
            undo.say(request, _("The plan is begun. Its figures are filled in; write over the words."))
            return HttpResponseRedirect(reverse("plans:plan", args=[made]))
    context = {
        "form": form,
        "wrong": wrong,
        "templates": [(one.slug, one.label.in_(here), one.says.in_(here)) for one in TEMPLATES.values()],
        "own": documents.own_templates(actor=actor),
        "languages": LANGUAGES,
    }
    return render(request, "plans/new.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Title, days and owner, and what can be done with the plan as a whole."""
    actor, here = shell.actor_of(request), shell.language_now()
    actor.require(Right.PLANS_EDIT)
    plan = queries.plan(actor, plan_id)
    form = {
        "title": plan.title,
        "first_day": plan.first_day.isoformat(),
        "last_day": plan.last_day.isoformat(),
        "owner": str(plan.owner_id or ""),
        "reason": "",
    }
    wrong, status = "", 200
    if request.method == "POST":
        form |= {name: request.POST.get(name, "") for name in form}
        owner = form["owner"]
        try:
            services.change(
                actor=actor,
                plan_id=plan_id,
                title=form["title"],
                first_day=parse_day(form["first_day"]),
                last_day=parse_day(form["last_day"]),
                owner_id=int(owner) if owner.isascii() and owner.isdecimal() and len(owner) < 16 else None,
                reason=form["reason"],
                now=clock.now(),
            )
        except NotAPlan as error:
            wrong, status = error.words.in_(here), 400
        except NotADate:
            wrong, status = _NO_DAY.in_(here), 400
        else:
            undo.say(request, _("Saved."))
            return HttpResponseRedirect(reverse("plans:plan", args=[plan_id]))
    context = {
        "head": head(actor, plan, "document"),
        "plan": plan,
        "form": form,
        "wrong": wrong,
        "owners": [(str(id_), name) for id_, name in users.who_may(Right.PLANS_EDIT).items()],
    }
    return render(request, "plans/settings.html", context, status=status)


@require_POST
def to(request: HttpRequest, plan_id: int, act: str) -> HttpResponse:
    """Put a plan in force, archive or delete it, bring it back, or begin another with its words."""
    actor, now = shell.actor_of(request), clock.now()
    here = reverse("plans:plan", args=[plan_id])
    if act == "activate":
        services.activate(actor=actor, plan_id=plan_id, now=now)
        undo.say(request, _("The plan is in force."))
    elif act == "archive":
        services.archive(actor=actor, plan_id=plan_id, now=now)
        undo.offer(request, _("The plan is archived."), undo=reverse("plans:to", args=[plan_id, "reopen"]))
    elif act == "reopen":
        services.bring_back(actor=actor, plan_id=plan_id, now=now)
        undo.say(request, _("The plan is in force again."))
    elif act == "delete":
        services.delete(actor=actor, plan_id=plan_id, now=now)
        undo.offer(request, _("The plan is deleted."), undo=reverse("plans:to", args=[plan_id, "restore"]))
        here = reverse("plans:list")
    elif act == "restore":
        services.restore(actor=actor, plan_id=plan_id, now=now)
        undo.say(request, _("The plan is back."))
    elif act == "duplicate":
        made = services.duplicate(actor=actor, plan_id=plan_id, now=now)
        here = reverse("plans:plan", args=[made])
        undo.offer(request, _("This is the copy."), undo=reverse("plans:to", args=[made, "delete"]))
    else:
        raise Http404
    return HttpResponseRedirect(here)


@require_POST
def keep_template(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Keep the words of a plan for others to begin from."""
    try:
        services.save_template(
            actor=shell.actor_of(request),
            plan_id=plan_id,
            name=request.POST.get("name", ""),
            now=clock.now(),
        )
    except NotAPlan as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
    else:
        undo.say(request, _("Kept as a template: it is offered with every new plan."))
    return HttpResponseRedirect(reverse("plans:settings", args=[plan_id]))


@require_POST
def forget_template(request: HttpRequest, template_id: int) -> HttpResponse:
    """Throw a template of the organisation away."""
    services.delete_template(actor=shell.actor_of(request), template_id=template_id, now=clock.now())
    undo.say(request, _("The template is gone. Plans made from it stay."))
    return HttpResponseRedirect(reverse("plans:new"))


_NO_DAY = Text("A day is written as 2026-01-31", "日期请写成 2026-01-31 的形式")
