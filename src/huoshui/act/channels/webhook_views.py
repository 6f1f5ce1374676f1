"""Pages of webhooks: which there are, what was delivered, and what waits for a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.channels import webhook_queries as queries
from huoshui.act.channels import webhook_services as services
from huoshui.act.channels.webhook_errors import NotAnEndpoint
from huoshui.kernel import clock
from huoshui.kernel.outside import AddressRefused
from huoshui.kernel.texts import Language
from huoshui.web import shell, undo
from huoshui.web.lists import Tone

TONES: dict[str, Tone] = {
    "waiting": "info",
    "trying": "info",
    "delivered": "good",
    "uncertain": "warn",
    "dead": "bad",
    "stopped": "",
}


class EndpointForm(forms.Form):
    """What a webhook is."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://hooks.example.com/huoshui", "inputmode": "url"}),
        help_text=gettext_lazy("https on port 443 or 8443, at a host of the public Internet"),
    )
    contact = forms.ChoiceField(
        label=gettext_lazy("Contact that goes along"),
        help_text=gettext_lazy(
            "Only what the receiver needs to reach the person. Who has none is not sent to it."
        ),
    )
    repeats = forms.BooleanField(
        label=gettext_lazy("The receiver takes the same webhook-id twice for one"),
        required=False,
        help_text=gettext_lazy(
            "Then marketing messages are also repeated when the line broke and nobody knows whether they arrived."
        ),
    )

    def __init__(self, data: Any, *, language: Language, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        choices = [(slug, label.in_(language)) for slug, label in queries.CONTACTS.items()]
        self.fields["contact"].choices = choices  # type: ignore[attr-defined]


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """All webhooks."""
    found = queries.endpoints(actor=shell.actor_of(request))
    return render(
        request, "channels/webhooks.html", {"endpoints": found, "inner_hosts": queries.inner_hosts()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Add one; its secret is shown this once."""
    form = EndpointForm(request.POST if request.method == "POST" else None, language=shell.language_now())
    if form.is_valid():
        try:
            number, secret = services.add(actor=shell.actor_of(request), **form.cleaned_data, now=clock.now())
        except (NotAnEndpoint, AddressRefused) as error:
            _refuse(form, error)
        else:
            return _secret(request, number, secret)
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Change one."""
    actor = shell.actor_of(request)
    found = queries.endpoint(actor=actor, endpoint_id=endpoint_id)
    initial = {name: getattr(found, name) for name in ("name", "url", "contact", "repeats")}
    form = EndpointForm(
        request.POST if request.method == "POST" else None, language=shell.language_now(), initial=initial
    )
    if form.is_valid():
        try:
            services.change(actor=actor, endpoint_id=endpoint_id, **form.cleaned_data, now=clock.now())
        except (NotAnEndpoint, AddressRefused) as error:
            _refuse(form, error)
        else:
            undo.say(request, gettext("Saved"))
            return _to(endpoint_id)
    return _form(request, form, found)


@require_safe
def show(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """One webhook and its newest deliveries."""
    actor, language = shell.actor_of(request), shell.language_now()
    state = request.GET.get("state", "")
    state = state if state in queries.STATES else ""
    before = request.GET.get("before", "")
    older = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = queries.endpoint(actor=actor, endpoint_id=endpoint_id)
    rows = queries.deliveries(
        actor=actor, endpoint_id=endpoint_id, state=state, before=older, size=queries.SIZE + 1
    )
    shown = rows[: queries.SIZE]
    context = {
        "webhook": found,
        "because": queries.BECAUSE[found.because].in_(language) if found.because else "",
        "contact": queries.CONTACTS[found.contact].in_(language),
        "states": [
            (slug, label.in_(language), found.counts.get(slug, 0), slug == state)
            for slug, label in queries.STATES.items()
            if found.counts.get(slug) or slug == state
        ],
        "state": state,
        "lines": [
            {
                "there": row,
                "state": queries.STATES[row.state].in_(language),
                "tone": TONES[row.state],
                "answer": queries.in_words(row.answer, language),
                "tries": [(tried, queries.in_words(tried.answer, language)) for tried in row.tries],
            }
            for row in shown
        ],
        "older": shown[-1].id if len(rows) > len(shown) else None,
        "may_send": queries.may_send(),
    }
    return render(request, "channels/webhook.html", context)


@require_POST
def test(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Post a test, and say how it went."""
    actor = shell.actor_of(request)
    number = services.test(actor=actor, endpoint_id=endpoint_id, now=clock.now())
    tried = queries.delivery(actor=actor, delivery_id=number).tries[-1]
    words = gettext("Test: %(answer)s after %(ms)s ms")
    said = queries.in_words(tried.answer, shell.language_now())
    undo.say(request, words % {"answer": said, "ms": tried.milliseconds})
    return _to(endpoint_id)


@require_POST
@never_cache
def rotate(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """A new secret, shown this once."""
    secret = services.rotate(actor=shell.actor_of(request), endpoint_id=endpoint_id, now=clock.now())
    return _secret(request, endpoint_id, secret, rotated=True)


@require_POST
def switch(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """On or off."""
    on = request.POST.get("on") == "yes"
    services.switch(actor=shell.actor_of(request), endpoint_id=endpoint_id, on=on, now=clock.now())
    undo.say(request, gettext("The webhook is on") if on else gettext("The webhook is off"))
    return _to(endpoint_id)


@require_POST
def all_again(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """Send everything again that was given up."""
    count = services.all_again(actor=shell.actor_of(request), endpoint_id=endpoint_id, now=clock.now())
    undo.say(request, gettext("Sent again: %(count)s") % {"count": count})
    return _to(endpoint_id)


@require_POST
def again(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send one delivery again."""
    actor = shell.actor_of(request)
    services.again(actor=actor, delivery_id=delivery_id, now=clock.now())
    undo.say(request, gettext("It is sent again now."))
    return _to(queries.delivery(actor=actor, delivery_id=delivery_id).endpoint_id)


def _to(endpoint_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("webhooks:webhook", args=[endpoint_id]))


def _secret(request: HttpRequest, endpoint_id: int, secret: str, *, rotated: bool = False) -> HttpResponse:
    found = queries.endpoint(actor=shell.actor_of(request), endpoint_id=endpoint_id)
    context = {"webhook": found, "secret": secret, "rotated": rotated}
    return render(request, "channels/webhook_secret.html", context)


def _form(
    request: HttpRequest, form: EndpointForm, webhook: queries.EndpointSeen | None = None
) -> HttpResponse:
    context = {"form": form, "webhook": webhook, "inner_hosts": queries.inner_hosts()}
    return render(request, "channels/webhook_form.html", context, status=400 if form.is_bound else 200)


def _refuse(form: EndpointForm, error: NotAnEndpoint | AddressRefused) -> None:
    language = shell.language_now()
    if isinstance(error, NotAnEndpoint):
        form.add_error(error.field, error.words.in_(language))
    else:
        form.add_error("url", error.words.in_(language))
