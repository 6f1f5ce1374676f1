"""What a customer agreed to, for colleagues: what holds, what was said with its proof, recording more."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huoshui.data.customers import queries as customers
from huoshui.data.customers.subjects import called
from huoshui.data.privacy import pages, queries, services
from huoshui.data.privacy.forms import SaidForm
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.web import shell, undo

ASKED = ("purpose", "channel", "state")


@require_http_methods(["GET", "HEAD", "POST"])
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The consent of one customer; a POST records what they said."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    form = SaidForm(language, initial={name: request.GET[name] for name in ASKED if name in request.GET})
    if request.method == "POST":
        form = SaidForm(language, request.POST)
        if form.is_valid():
            services.say(actor=actor, customer_id=customer_id, now=now, **form.cleaned_data)
            undo.say(request, _("It is recorded and holds from now on."))
            return HttpResponseRedirect(reverse("privacy:customer", args=[customer_id]))
    said = queries.seen(actor=actor, customer_id=customer_id, now=now)
    young = queries.is_child(customer_id, now=now)
    alone = young and customer_id in queries.under_14([customer_id], now=now)
    context = {
        "customer_id": customer_id,
        "name": called(customer_id, customers.names([customer_id]).get(customer_id, ""), language),
        "holds": pages.holds(said, language, child=young, alone=alone),
        "alone": alone,
        "history": pages.history(said, language),
        "form": form if actor.may(Right.CONSENT_RECORD) else None,
        "record": _("Record what was said"),
    }
    return render(request, "privacy/customer.html", context, status=400 if form.errors else 200)
