"""Pages of templates: the list, one template with its preview and what is wrong with it, and the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from csp.decorators import csp, csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.templates import forms, pages, queries, services
from huoshui.act.templates.content import checked
from huoshui.act.templates.errors import NotATemplate, TemplateChanged
from huoshui.desk.threads.views.versions import readable
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.web import shell, undo
from huoshui.web.address import back

View = TypeVar("View", bound=Callable[..., HttpResponse])
LETTER = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["https:", "data:"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
}
"""A letter brings its looks along and nothing else: no script, no form, no font."""


def framing(view: View) -> View:
    """A page that shows a letter in a frame."""
    return cast(View, csp_update({"frame-src": ["'self'"]})(view))


def as_letter(view: View) -> View:
    """A page that is a letter, shown in a frame of this house."""
    return cast(View, xframe_options_sameorigin(csp(LETTER)(view)))


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Every template, and what the house asks of subjects."""
    actor = shell.actor_of(request)
    context = {
        "lines": [pages.line(one) for one in queries.templates()],
        "retired": queries.templates(retired=True),
        "marked": queries.marks_subjects(),
        "may_write": actor.may(Right.CAMPAIGNS_EDIT),
        "may_rule": actor.may(Right.HOUSE_MANAGE),
    }
    return render(request, "templates/list.html", context)


@framing
@require_safe
def show(request: HttpRequest, template_id: int) -> HttpResponse:
    """One template: what somebody would get, and what is wrong with it on each channel."""
    actor, language = shell.actor_of(request), shell.language_now()
    there = queries.template(template_id, pages.number(request.GET.get("version", "")))
    context = {
        "page": pages.page(actor, there, request.GET, language),
        "there": there,
        "may_write": actor.may(Right.CAMPAIGNS_EDIT),
    }
    return render(request, "templates/template.html", context)


@as_letter
@require_safe
def letter(request: HttpRequest, template_id: int) -> HttpResponse:
    """The letter as it would stand in somebody's programme: a page of its own inside the template's."""
    there = queries.template(template_id, pages.number(request.GET.get("version", "")))
    return _letter(request, pages.shown(shell.actor_of(request), there.content, request.GET))


@as_letter
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The letter of what stands in the form, saved or not."""
    form = forms.TemplateForm(request.POST)
    try:
        if not form.is_valid():
            raise NotATemplate(pages.INCOMPLETE)
        return _letter(request, pages.shown(shell.actor_of(request), checked(form.content()), request.POST))
    except HuoshuiError as error:
        return _letter(request, pages.refused(error, shell.language_now()))


@framing
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, template_id: int = 0) -> HttpResponse:
    """The form of a new template, or of the next version of one."""
    actor, language = shell.actor_of(request), shell.language_now()
    there = queries.template(template_id) if template_id else None
    refused: HuoshuiError | None = None
    if request.method == "POST":
        form = forms.TemplateForm(request.POST)
        if form.is_valid():
            try:
                return _saved(request, form, template_id)
            except (NotATemplate, TemplateChanged) as error:
                refused = error
    else:
        form = forms.TemplateForm(initial=forms.filled(there.content, there.version) if there else {})
    context: dict[str, Any] = {
        "form": form,
        "there": there,
        "refused": pages.refusal(refused, language) if refused else None,
        "meanwhile": refused if isinstance(refused, TemplateChanged) else None,
        "changes": [
            (change, readable(change.before), readable(change.after))
            for change in (refused.changes if isinstance(refused, TemplateChanged) else ())
        ],
        "groups": pages.groups(language),
    }
    actor.require(Right.CAMPAIGNS_EDIT)
    status = 400 if refused or form.errors else 200
    return render(request, "templates/edit.html", context, status=status)


@require_POST
def test(request: HttpRequest, template_id: int) -> HttpResponse:
    """Send the reader what a customer would get."""
    actor, language = shell.actor_of(request), shell.language_now()
    asked = pages.Asked.of(actor, queries.template(template_id).content, request.POST)
    goes = services.send_test(
        actor=actor,
        template_id=template_id,
        version=pages.number(request.POST.get("version", "")),
        customer_id=asked.customer_id,
        language=asked.language or language,
        sender=request.POST.get("sender", "")[:60],
        now=clock.now(),
    )
    told = (
        gettext("The test is on its way to you")
        if goes
        else gettext("This house sends no mail: the test lies under Settings, Mail")
    )
    undo.say(request, told)
    page = f"{reverse('templates:template', args=[template_id])}?{asked.query}"
    return HttpResponseRedirect(back(request, page))


@require_POST
def copy(request: HttpRequest, template_id: int) -> HttpResponse:
    """A template of the same words."""
    made = services.copy(actor=shell.actor_of(request), template_id=template_id, now=clock.now())
    undo.say(request, gettext("This is the copy"))
    return HttpResponseRedirect(reverse("templates:edit", args=[made]))


@require_POST
def retire(request: HttpRequest, template_id: int) -> HttpResponse:
    """Offer it no longer."""
    services.retire(actor=shell.actor_of(request), template_id=template_id, now=clock.now())
    undo.offer(
        request, gettext("The template is put away"), undo=reverse("templates:bring_back", args=[template_id])
    )
    return HttpResponseRedirect(reverse("templates:list"))


@require_POST
def bring_back(request: HttpRequest, template_id: int) -> HttpResponse:
    """Offer it again."""
    services.bring_back(actor=shell.actor_of(request), template_id=template_id, now=clock.now())
    undo.say(request, gettext("The template is offered again"))
    return HttpResponseRedirect(reverse("templates:template", args=[template_id]))


@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """What the house asks of subjects."""
    marked = request.POST.get("marked") == "yes"
    services.mark_subjects(actor=shell.actor_of(request), marked=marked, now=clock.now())
    undo.say(request, gettext("Saved"))
    return HttpResponseRedirect(reverse("templates:list"))


def _saved(request: HttpRequest, form: forms.TemplateForm, template_id: int) -> HttpResponse:
    actor, now = shell.actor_of(request), clock.now()
    if template_id:
        seen = form.cleaned_data["seen"] or 0
        services.save(actor=actor, template_id=template_id, seen=seen, content=form.content(), now=now)
    else:
        template_id = services.create(actor=actor, content=form.content(), now=now)
    undo.say(request, gettext("The template is saved"))
    return HttpResponseRedirect(reverse("templates:template", args=[template_id]))


def _letter(request: HttpRequest, shown: pages.Shown) -> HttpResponse:
    if shown.said is not None:
        return HttpResponse(shown.said.html)
    return render(request, "templates/no_letter.html", {"why": shown.why})
