"""The values of a metric that people enter by hand."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import Said
from huoshui.measure.metrics import entered, entering
from huoshui.measure.metrics.errors import NoSuchEntry
from huoshui.measure.metrics.queries import metric
from huoshui.web import shell, undo


class ValueForm(forms.Form):
    """A share in percent for some days, with where it is known from."""

    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}))
    percent = forms.DecimalField(
        label=_("Share in percent"), min_value=0, max_value=100, max_digits=7, decimal_places=4
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=entering.LONGEST_SOURCE,
        help_text=_("Who published it, where and when, and what market it speaks of"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def values(request: HttpRequest, slug: str) -> HttpResponse:
    """What was entered, newest days first, and the form for another value."""
    declared, language = metric(slug), shell.language_now()
    if not declared.entered:
        raise NoSuchEntry("Values of this metric are computed", received=slug[:60])
    actor = shell.actor_of(request)
    form = ValueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            entering.enter(
                actor=actor,
                slug=slug,
                first_day=said["first_day"],
                last_day=said["last_day"],
                value=said["percent"] / Decimal(100),
                source=said["source"],
                now=clock.now(),
            )
        except Said as error:
            form.add_error(None, error.words.in_(language))
        else:
            undo.say(request, gettext("The value is entered"))
            return HttpResponseRedirect(reverse("metrics:values", args=[slug]))
    context = {
        "form": form,
        "slug": slug,
        "label": declared.label.in_(language),
        "meaning": declared.meaning.in_(language),
        "lines": [_line(one) for one in entered.entries(slug)],
        "may_enter": actor.may(Right.RESEARCH_EDIT),
    }
    return render(request, "metrics/values.html", context, status=400 if form.errors else 200)


@require_POST
def withdraw(request: HttpRequest, slug: str, entry_id: int) -> HttpResponse:
    """Let a value count no longer."""
    entering.withdraw(actor=shell.actor_of(request), slug=slug, entry_id=entry_id, now=clock.now())
    back = reverse("metrics:put_back_value", args=[slug, entry_id])
    undo.offer(request, gettext("The value no longer counts"), undo=back)
    return HttpResponseRedirect(reverse("metrics:values", args=[slug]))


@require_POST
def put_back(request: HttpRequest, slug: str, entry_id: int) -> HttpResponse:
    """Let a withdrawn value count again."""
    entering.put_back(actor=shell.actor_of(request), slug=slug, entry_id=entry_id, now=clock.now())
    undo.say(request, gettext("The value counts again"))
    return HttpResponseRedirect(reverse("metrics:values", args=[slug]))


def _line(one: entered.Entry) -> dict[str, object]:
    return {
        "id": one.id,
        "days": f"{one.first_day} – {one.last_day}",
        "value": f"{one.value * 100:.4f}".rstrip("0").rstrip(".") + "%",  # as it was entered
        "source": one.source,
        "by": one.by,
        "at": one.at,
    }
