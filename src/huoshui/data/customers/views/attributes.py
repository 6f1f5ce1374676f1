"""The attributes that customers can have, and what they and events may be used for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.data.customers import queries, services
from huoshui.data.customers.purposes import PURPOSES
from huoshui.data.customers.services.declaring import MOST_ATTRIBUTES
from huoshui.desk.audit import services as audit
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.web import shell, undo

TYPES: dict[str, Text] = {
    "text": Text("text", "文本"),
    "integer": Text("whole number", "整数"),
    "decimal": Text("number", "小数"),
    "boolean": Text("yes or no", "是或否"),
    "date": Text("day", "日期"),
}
CARE: dict[str, Text] = {
    "ordinary": Text("ordinary: lists filter by it, figures split by it", "普通：可用于筛选和分组"),
    "identifying": Text(
        "identifying: stays in the database, never in figures", "可识别身份：仅存数据库，不进入分析"
    ),
    "sensitive": Text("sensitive: stays in the database, never in figures", "敏感：仅存数据库，不进入分析"),
}
SHORT: dict[str, Text] = {
    "ordinary": Text("ordinary", "普通"),
    "identifying": Text("identifying", "可识别身份"),
    "sensitive": Text("sensitive", "敏感"),
}


class AttributeForm(forms.Form):
    """A new attribute, or other labels for one that there is."""

    slug = forms.CharField(
        label=gettext_lazy("Name of the column"),
        max_length=60,
        help_text=gettext_lazy("Small letters, digits and _, such as skin_type. It cannot be changed later."),
    )
    label_zh = forms.CharField(label=gettext_lazy("Chinese label"), max_length=100)
    label_en = forms.CharField(label=gettext_lazy("English label"), max_length=100)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        language = shell.language_now()
        self.fields["type"] = forms.ChoiceField(
            label=_("Type"), choices=[(slug, text.in_(language)) for slug, text in TYPES.items()]
        )
        self.fields["kind"] = forms.ChoiceField(
            label=_("Care"), choices=[(slug, text.in_(language)) for slug, text in CARE.items()]
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """All attributes with how many customers have a value; a form for another one, or to change the one asked for."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.HOUSE_MANAGE)
    form = AttributeForm(request.POST or None)
    known = {attribute.slug: attribute for attribute in queries.attributes(retired=True)}
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            services.declare_attribute(actor=actor, **typed)
        except HuoshuiError as refusal:
            form.add_error("slug", _refused(refusal).in_(language))
        else:
            slug, now = typed["slug"], clock.now()
            act = "attribute.changed" if slug in known else "attribute.added"
            audit.record(actor=actor, act=act, detail={"attribute": slug, "type": typed["type"]}, now=now)
            undo.say(request, _("“%(name)s” is saved.") % {"name": typed[f"label_{language}"]})
            return HttpResponseRedirect(reverse("customers:attributes"))
    tables = open_lake().snapshot()
    filled, uses = queries.filled(tables), queries.uses_of_attributes()
    lines = [
        {
            "attribute": one,
            "label": one.label_zh if language == "zh" else one.label_en,
            "type": TYPES[one.type].in_(language),
            "kind": SHORT[one.kind].in_(language),
            "filled": filled.get(one.slug),
            "purposes": _purposes(one.purposes, language),
            "uses": [place.in_(language) for place in uses.get(one.slug, ())],
        }
        for one in sorted(known.values(), key=lambda one: one.retired_at is not None)
    ]
    asked = known.get(request.GET.get("change", ""))
    events = [
        {"name": one.name, "times": one.times, "purposes": _purposes(one.purposes, language)}
        for one in queries.event_types(tables)
    ]
    event = next((one for one in events if one["name"] == request.GET.get("event", "")), None)
    context = {
        "at": "attributes",
        "lines": lines,
        "events": events,
        "event": event,
        "changing": next((line for line in lines if line["attribute"] is asked), None) if asked else None,
        "own": sum(not one.preset for one in known.values()),
        "most": MOST_ATTRIBUTES,
        "form": form,
    }
    return render(request, "customers/attributes.html", context, status=400 if form.is_bound else 200)


@require_POST
def allow(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what an attribute may be used for."""
    actor, chosen = shell.actor_of(request), request.POST.getlist("purpose")
    services.allow_attribute(actor=actor, slug=slug, purposes=chosen, now=clock.now())
    undo.say(request, _("What “%(name)s” may be used for is saved.") % {"name": slug})
    return HttpResponseRedirect(reverse("customers:attributes"))


@require_POST
def allow_event(request: HttpRequest) -> HttpResponse:
    """Say what events of a name may be used for."""
    actor, name = shell.actor_of(request), request.POST.get("name", "")
    services.allow_event(actor=actor, name=name, purposes=request.POST.getlist("purpose"), now=clock.now())
    undo.say(request, _("What “%(name)s” may be used for is saved.") % {"name": name})
    return HttpResponseRedirect(reverse("customers:attributes"))


@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer an attribute no longer; the page has said what speaks of it."""
    actor = shell.actor_of(request)
    services.retire_attribute(actor=actor, slug=slug, now=clock.now(), anyway=True)
    text = _("“%(name)s” is retired; its values stay.") % {"name": slug}
    undo.offer(request, text, undo=reverse("customers:attribute-restore", args=[slug]))
    return HttpResponseRedirect(reverse("customers:attributes"))


@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Offer a retired attribute again."""
    services.restore_attribute(actor=shell.actor_of(request), slug=slug, now=clock.now())
    undo.say(request, _("“%(name)s” is offered again.") % {"name": slug})
    return HttpResponseRedirect(reverse("customers:attributes"))


def _purposes(serves: Sequence[str], language: Language) -> list[tuple[str, str, bool]]:
    return [(slug, text.in_(language), slug in serves) for slug, text in PURPOSES.items()]


def _refused(refusal: HuoshuiError) -> Text:
    sentences = {
        "not_a_slug": Text(
            "2 to 40 small letters, digits and _, a letter first",
            "2 到 40 个小写字母、数字或下划线，以字母开头",
        ),
        "attribute_taken": Text(
            "This name is taken, by the house itself or by an attribute of another type or care",
            "这个名称已被占用：系统保留，或已有类型、保护级别不同的同名属性",
        ),
        "too_many_attributes": Text(
            f"A house has at most {MOST_ATTRIBUTES} attributes", f"最多声明 {MOST_ATTRIBUTES} 个属性"
        ),
    }
    if refusal.code not in sentences:
        raise refusal
    return sentences[refusal.code]
