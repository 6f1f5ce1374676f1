"""Saved views of the list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huoshui.data.customers import asking, keeping, services
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.web import shell, undo


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """All views that the reader has before them."""
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_VIEW)
    return render(request, "customers/views.html", {"saved": keeping.views(actor)})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Save the list of ``query`` under a name."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop("page", None)
    asking.read(query)  # what means nothing today is not saved for tomorrow
    services.save_view(
        actor=shell.actor_of(request),
        name=request.POST.get("name", ""),
        query=query.urlencode(),
        sharing=request.POST.get("sharing", "own"),
    )
    undo.say(request, _("The view is saved."))
    path = reverse("customers:list")
    return HttpResponseRedirect(f"{path}?{query.urlencode()}" if query else path)


@require_POST
def rename(request: HttpRequest, view_id: int) -> HttpResponse:
    """Give a view another name."""
    services.rename_view(actor=shell.actor_of(request), view_id=view_id, name=request.POST.get("name", ""))
    return _done(request, _("The view has its new name."))


@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a view, with the way back."""
    services.delete_view(actor=shell.actor_of(request), view_id=view_id, now=clock.now())
    undo.offer(request, _("The view is deleted."), undo=reverse("customers:view-restore", args=[view_id]))
    return HttpResponseRedirect(reverse("customers:views"))


@require_POST
def restore(request: HttpRequest, view_id: int) -> HttpResponse:
    """Bring a view back."""
    services.restore_view(actor=shell.actor_of(request), view_id=view_id)
    return _done(request, _("The view is back."))


@require_POST
def always(request: HttpRequest, view_id: int) -> HttpResponse:
    """Open the list with this view from now on, or, when it was so, with all customers."""
    actor = shell.actor_of(request)
    usual = any(view.id == view_id and view.usual for view in keeping.views(actor))
    services.use_always(actor=actor, view_id=None if usual else view_id)
    return _done(
        request, _("The list opens with all customers.") if usual else _("The list opens with this view.")
    )


def _done(request: HttpRequest, text: str) -> HttpResponse:
    undo.say(request, text)
    return HttpResponseRedirect(reverse("customers:views"))
