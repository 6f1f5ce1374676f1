"""The page of how documents look: colours, logo and an own Word template, with a picture of what comes of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.desk.audit import services as audit
from huoshui.desk.organisation import looking, queries
from huoshui.documents.looks import MARKS, TEXT, mixed
from huoshui.kernel import clock
from huoshui.web import shell, undo


class LookForm(forms.Form):
    """Two colours, a logo and a template; files that are left out stay as they are."""

    colour = forms.CharField(
        label=gettext_lazy("Main colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=gettext_lazy("Covers, headings and the first series of charts."),
    )
    accent = forms.CharField(
        label=gettext_lazy("Second colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=gettext_lazy("Marks and the second series of charts; never text."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg"}),
        help_text=gettext_lazy("PNG or JPEG, at most 2 MB. Stands on covers, on white."),
    )
    template = forms.FileField(
        label=gettext_lazy("Word template of your own"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        help_text=gettext_lazy(
            "DOCX without macros, at most 5 MB. Its styles, page, header and footer are kept, its words are not."
        ),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """The look of now, and another one."""
    actor, language = shell.actor_of(request), shell.language_now()
    now_seen = looking.seen(actor=actor)
    start = {"colour": now_seen.colour, "accent": now_seen.accent}
    form = LookForm(request.POST or None, request.FILES or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            _change(request, form.cleaned_data)
        except looking.NotALook as refusal:
            step = f" {refusal.next_step}." if refusal.next_step and language == "en" else ""
            form.add_error(None, refusal.words.in_(language) + ("。" if language == "zh" else ".") + step)
        else:
            undo.offer(request, _("Documents have their new look."), undo=reverse("house:look_undo"))
            return HttpResponseRedirect(reverse("house:look"))
    context = {
        "at": "look",
        "look": now_seen,
        "form": form,
        "name": queries.current().name,
        "pale": mixed(now_seen.text_colour, 0.1),
        "said": _said(now_seen),
    }
    return render(request, "house/look.html", context, status=400 if request.method == "POST" else 200)


@never_cache
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    """The logo of now."""
    data = looking.logo(actor=shell.actor_of(request))
    if not data:
        raise Http404
    answer = HttpResponse(data, content_type="image/png")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
def look_undo(request: HttpRequest) -> HttpResponse:
    """Go back to the look before."""
    actor = shell.actor_of(request)
    with transaction.atomic():
        number = looking.undo_look(actor=actor)
        audit.record(actor=actor, act="look.restored", detail={"look": number}, now=clock.now())
    undo.say(request, _("Documents look as before."))
    return HttpResponseRedirect(reverse("house:look"))


@require_POST
def look_remove(request: HttpRequest) -> HttpResponse:
    """Take away the logo or the template, or all of the look."""
    actor, what, now = shell.actor_of(request), request.POST.get("what", ""), clock.now()
    with transaction.atomic():
        if what in ("logo", "template"):
            looking.set_look(
                actor=actor,
                logo=b"" if what == "logo" else None,
                template=b"" if what == "template" else None,
                now=now,
            )
        else:
            looking.remove_look(actor=actor)
        detail = {"fields": [what if what in ("logo", "template") else "all"]}
        audit.record(actor=actor, act="look.deleted", detail=detail, now=now)
    undo.say(request, _("It is taken away. Files of snapshots that stand keep their look."))
    return HttpResponseRedirect(reverse("house:look"))


def _change(request: HttpRequest, typed: dict[str, Any]) -> None:
    actor, now = shell.actor_of(request), clock.now()
    logo, template = typed["logo"], typed["template"]
    with transaction.atomic():
        number = looking.set_look(
            actor=actor,
            colour=typed["colour"],
            accent=typed["accent"],
            logo=_read(logo, looking.LARGEST_LOGO),
            template=_read(template, looking.LARGEST_TEMPLATE),
            template_name=template.name or "" if template else "",
            now=now,
        )
        fields = ["colours", *(["logo"] if logo else []), *(["template"] if template else [])]
        audit.record(actor=actor, act="look.changed", detail={"look": number, "fields": fields}, now=now)


def _read(file: UploadedFile[Any] | None, most: int) -> bytes | None:
    """The bytes of a file, one more than are taken where it is larger, so that the verb refuses it."""
    if not file:
        return None
    data: bytes = file.read(most + 1)
    return data


def _said(seen: looking.LookSeen) -> list[str]:
    """What the colours come to, in sentences."""
    first = {"colour": seen.colour, "contrast": f"{seen.contrast:.1f}", "shown": seen.text_colour}
    second = {"colour": seen.accent, "contrast": f"{seen.accent_contrast:.1f}", "shown": seen.mark_colour}
    return [
        _(
            "%(colour)s on white has a contrast of %(contrast)s: %(shown)s is used for text, as text needs 4.5."
        )
        % first
        if seen.contrast < TEXT
        else _("%(colour)s on white has a contrast of %(contrast)s and can be read well.") % first,
        _("%(colour)s on white has a contrast of %(contrast)s: marks are drawn in %(shown)s, as they need 3.")
        % second
        if seen.accent_contrast < MARKS
        else _("%(colour)s on white has a contrast of %(contrast)s and can be seen well.") % second,
    ]
