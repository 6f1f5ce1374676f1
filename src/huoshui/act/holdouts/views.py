"""The page of control groups: who is left out, by which lots, and what that can show."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huoshui.act.holdouts import page, queries, services
from huoshui.act.holdouts.forms import GroupForm
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.web import shell, subjects, undo


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The global control group with its history, what was drawn, and how it can be drawn again."""
    actor, now = shell.actor_of(request), clock.now()
    actor.require(Right.CUSTOMERS_VIEW)
    group = queries.group()
    form = GroupForm(request.POST or None, initial={"share": f"{100 * group.share:g}" if group else "5"})
    if request.method == "POST":
        actor.require(Right.HOUSE_MANAGE)
        if form.is_valid():
            typed = form.cleaned_data
            services.set_group(
                actor=actor, share=typed["share"] / 100, anew=typed["anew"], reason=typed["reason"], now=now
            )
            undo.say(request, _("The global control group is set. It holds for what is started from now on."))
            return HttpResponseRedirect(reverse("holdouts:home"))
    standing = queries.standing(
        actor=actor, tables=open_lake().snapshot(), asked=request.GET.get("customer", ""), now=now
    )
    context = {
        "page": page.page(
            standing,
            addresses={
                what: one.address
                for what, one in subjects.named(actor, [trial.what for trial in standing.trials]).items()
            },
            house=HOUSE(),
            language=shell.language_now(),
        ),
        "form": form if actor.may(Right.HOUSE_MANAGE) else None,
    }
    return render(request, "holdouts/home.html", context, status=400 if request.method == "POST" else 200)
