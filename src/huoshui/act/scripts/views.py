"""Pages of scripts: the library with its search, one script, and the form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.scripts import forms, queries, services
from huoshui.act.scripts.errors import NotAScript, ScriptChanged
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.web import address, shell, undo


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The library: every script, or those that are looked for."""
    actor, language = shell.actor_of(request), shell.language_now()
    offered = forms.choices(language)
    asked = {
        name: request.GET.get(name, "")
        for name, options in offered.items()
        if request.GET.get(name, "") in dict(options)
    }
    words = request.GET.get("q", "").strip()[:200]
    context = {
        "scripts": queries.scripts(
            words=words,
            stage=asked.get("stage", ""),
            segment=asked.get("segment", ""),
            language=asked.get("language", ""),
        ),
        "retired": queries.scripts(retired=True),
        "words": words,
        "choices": [(name, options, asked.get(name, "")) for name, options in offered.items()],
        "narrowed": bool(words or any(asked.values())),
        "stages": queries.stages(),
        "segments": queries.segment_names(),
        "may_write": actor.may(Right.CAMPAIGNS_EDIT),
        "may_use": actor.may(Right.TASKS_WORK),
    }
    return render(request, "scripts/list.html", context)


@require_safe
def show(request: HttpRequest, script_id: int) -> HttpResponse:
    """One script."""
    actor = shell.actor_of(request)
    context = {
        "script": queries.script(script_id),
        "stages": queries.stages(),
        "segments": queries.segment_names(),
        "may_write": actor.may(Right.CAMPAIGNS_EDIT),
        "may_use": actor.may(Right.TASKS_WORK),
    }
    return render(request, "scripts/script.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, script_id: int = 0) -> HttpResponse:
    """The form of a new script, or of one that there is."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(services.WRITE)
    there = queries.script(script_id) if script_id else None
    refused: HuoshuiError | None = None
    if request.method == "POST":
        form = forms.ScriptForm(request.POST, language=language)
        if form.is_valid():
            try:
                return _saved(request, form, script_id)
            except (NotAScript, ScriptChanged) as error:
                refused = error
    else:
        form = forms.ScriptForm(initial=forms.filled(there) if there else {}, language=language)
    words = refused.words if isinstance(refused, NotAScript) else refused.says if refused else None
    context = {
        "form": form,
        "there": there,
        "refused": words,
        # Who has read what others saved meanwhile saves over it knowingly.
        "seen": there.version if there else 0,
        "changed": there if isinstance(refused, ScriptChanged) else None,
    }
    return render(request, "scripts/edit.html", context, status=400 if refused or form.errors else 200)


@require_POST
def used(request: HttpRequest, script_id: int) -> HttpResponse:
    """Count that it was copied."""
    services.note_use(actor=shell.actor_of(request), script_id=script_id, now=clock.now())
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    undo.say(request, gettext("Counted as used"))
    return HttpResponseRedirect(address.back(request, reverse("scripts:script", args=[script_id])))


@require_POST
def retire(request: HttpRequest, script_id: int) -> HttpResponse:
    """Offer it no longer."""
    services.retire(actor=shell.actor_of(request), script_id=script_id, now=clock.now())
    undo.offer(
        request, gettext("The script is put away"), undo=reverse("scripts:bring_back", args=[script_id])
    )
    return HttpResponseRedirect(reverse("scripts:list"))


@require_POST
def bring_back(request: HttpRequest, script_id: int) -> HttpResponse:
    """Offer it again."""
    services.bring_back(actor=shell.actor_of(request), script_id=script_id, now=clock.now())
    undo.say(request, gettext("The script is offered again"))
    return HttpResponseRedirect(reverse("scripts:script", args=[script_id]))


def _saved(request: HttpRequest, form: forms.ScriptForm, script_id: int) -> HttpResponse:
    actor, now = shell.actor_of(request), clock.now()
    if script_id:
        seen = form.cleaned_data["seen"] or 0
        services.change(actor=actor, script_id=script_id, seen=seen, draft=form.draft(), now=now)
    else:
        script_id = services.add(actor=actor, draft=form.draft(), now=now)
    undo.say(request, gettext("The script is saved"))
    return HttpResponseRedirect(reverse("scripts:script", args=[script_id]))
