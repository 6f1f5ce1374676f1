"""One customer: made, edited, deleted and brought back by hand."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.data.customers import forms, listing, queries, services
from huoshui.data.customers.forms import CustomerForm
from huoshui.data.customers.scope import require_seen
from huoshui.data.customers.subjects import called, masked_contact
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.lake import open_lake
from huoshui.web import shell, undo


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new customer."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.CUSTOMERS_EDIT)
    form = CustomerForm(actor, language, request.POST or None)
    context = {"form": form, "title": _("New customer"), "known": [], "back": reverse("customers:list")}
    if request.method == "POST":
        try:
            typed = form.typed()
            if known := _known_already(request, typed, None):
                return render(request, "customers/form.html", {**context, "known": known})
            customer_id = services.create(actor=actor, typed=typed, now=clock.now())
        except services.WrongValues as error:
            form.show_wrong(error)
            return render(request, "customers/form.html", context, status=400)
        except services.NothingSaid as error:
            form.is_valid()
            form.add_error(None, type(error).says.in_(language))
            return render(request, "customers/form.html", context, status=400)
        undo.offer(
            request, _("The customer is stored."), undo=reverse("customers:delete", args=[customer_id])
        )
        return HttpResponseRedirect(reverse("dashboards:customer", args=[customer_id]))
    return render(request, "customers/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The form of a customer, and what to do where somebody else changed the same fields."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    actor.require(Right.CUSTOMERS_EDIT)
    require_seen(actor, customer_id)
    in_lake = queries.attributes_in_lake(open_lake().snapshot(), customer_id)
    stored = queries.values_of(customer_id, in_lake=in_lake)
    form = CustomerForm(actor, language)
    page = reverse("dashboards:customer", args=[customer_id])
    context = {
        "title": called(customer_id, stored["name"], language),
        "known": [],
        "back": page,
        "customer_id": customer_id,
        "editing": True,
    }
    if request.method != "POST":
        form = CustomerForm(actor, language, initial=forms.shown(form, stored))
        return render(
            request,
            "customers/form.html",
            {**context, "form": form, "seen": forms.seal(customer_id, form, stored)},
        )
    form = CustomerForm(actor, language, request.POST)
    sealed = request.POST.get("seen", "")
    context |= {"form": form, "seen": sealed}
    seen = forms.opened(customer_id, sealed)
    if seen is None:
        # Without what was seen nobody can tell what somebody else changed: what was typed stays in the form.
        form.is_valid()
        form.add_error(None, _("This form had expired. Look at it again, then store it."))
        context["seen"] = forms.seal(customer_id, form, stored)
        return render(request, "customers/form.html", context, status=400)
    try:
        typed = form.typed()
        if known := _known_already(request, typed, customer_id):
            return render(request, "customers/form.html", {**context, "known": known})
        changed = services.edit(
            actor=actor, customer_id=customer_id, seen=seen, typed=typed, in_lake=in_lake, now=now
        )
    except services.WrongValues as error:
        form.show_wrong(error)
        return render(request, "customers/form.html", context, status=400)
    except services.NothingSaid as error:
        form.is_valid()
        form.add_error(None, type(error).says.in_(language))
        return render(request, "customers/form.html", context, status=400)
    except services.ChangedMeanwhile as error:
        return _meanwhile(request, customer_id, form, typed, seen, error, context)
    undo.say(request, _("Stored.") if changed else _("Nothing had changed."))
    return HttpResponseRedirect(page)


@require_POST
def delete(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Delete a customer, with the way back."""
    services.delete(actor=shell.actor_of(request), customer_id=customer_id, now=clock.now())
    undo.offer(request, _("The customer is deleted."), undo=reverse("customers:restore", args=[customer_id]))
    return HttpResponseRedirect(reverse("customers:list"))


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Bring a deleted customer back; the page of a GET asks first."""
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_EDIT)
    if request.method != "POST":
        title = called(customer_id, queries.deleted(actor, customer_id), shell.language_now())
        return render(request, "customers/restore.html", {"title": title, "customer_id": customer_id})
    services.restore(actor=actor, customer_id=customer_id, now=clock.now())
    undo.say(request, _("The customer is back."))
    return HttpResponseRedirect(reverse("dashboards:customer", args=[customer_id]))


def _known_already(request: HttpRequest, typed: Mapping[str, str], but: int | None) -> list[dict[str, str]]:
    """Customers with the same phone or e-mail, unless the reader has seen them and wants to store it anyway."""
    if request.POST.get("anyway"):
        return []
    actor, language = shell.actor_of(request), shell.language_now()
    ids = services.known_already(
        actor=actor, phone=typed.get("phone", ""), email=typed.get("email", ""), but=but
    )
    people = listing.contacts(ids)
    return [
        {
            "name": called(pk, people[pk]["name"], language),
            "contact": masked_contact(people[pk]["phone"], people[pk]["email"]),
            "address": reverse("dashboards:customer", args=[pk]),
        }
        for pk in ids
        if pk in people
    ]


def _meanwhile(
    request: HttpRequest,
    customer_id: int,
    form: CustomerForm,
    typed: Mapping[str, str],
    seen: Mapping[str, str],
    error: services.ChangedMeanwhile,
    context: dict[str, object],
) -> HttpResponse:
    """Both values of each field; whatever else was typed goes along, whatever else somebody changed stays."""
    clashing = {one.field for one in error.fields}
    rest = {
        name: (typed[name] if typed[name].strip() != seen.get(name, "") else error.now_stored.get(name, ""))
        for name in form.fields
        if name not in clashing
    }
    fields = [
        {
            "name": one.field,
            "label": form.fields[one.field].label,
            "was": _spoken(form, one.field, one.was),
            "choices": [
                {
                    "value": _typeable(one.field, one.theirs),
                    "text": _spoken(form, one.field, one.theirs),
                    "theirs": True,
                },
                {
                    "value": _typeable(one.field, one.mine),
                    "text": _spoken(form, one.field, one.mine),
                    "theirs": False,
                },
            ],
        }
        for one in error.fields
    ]
    context |= {
        "fields": fields,
        "rest": {name: _typeable(name, value) for name, value in rest.items()},
        "seen": forms.seal(customer_id, form, error.now_stored),
    }
    return render(request, "customers/meanwhile.html", context, status=409)


def _typeable(field: str, value: str) -> str:
    """The value as the form takes it."""
    return queries.account_name(int(value)) if field == "account" and value else value


def _spoken(form: CustomerForm, field: str, value: str) -> str:
    """The value as people read it."""
    choices = dict(getattr(form.fields[field].widget, "choices", []))
    return str(choices.get(value, "")) or _typeable(field, value)
