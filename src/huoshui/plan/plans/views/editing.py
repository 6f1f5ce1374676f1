"""Writing a plan: blocks and parts. Each works as a page of its own, and in place where there are scripts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.desk.threads.views.versions import readable
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.plan.plans.document import editing, reading
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.errors import NotAPlan, PlanChanged
from huoshui.plan.plans.pages import document as pages
from huoshui.plan.plans.pages import forms
from huoshui.plan.plans.pages.head import head
from huoshui.plan.plans.queries import plan as plan_of
from huoshui.web import shell, undo


@require_http_methods(["GET", "HEAD", "POST"])
def block(request: HttpRequest, plan_id: int, key: str) -> HttpResponse:
    """The form of a block, and saving it. What somebody else saved of it meanwhile is shown, and nothing is lost."""
    actor = shell.actor_of(request)
    actor.require(Right.PLANS_EDIT)
    document = documents.document(actor=actor, plan_id=plan_id)
    there = document.content.block(key)
    if request.method != "POST":
        return _form(request, plan_id, there, document.number)
    values, seen = forms.read(request.POST, there), _number(request.POST.get("version", ""))
    typed = Block(key=key, kind=there.kind, values={**there.values, **values})
    try:
        editing.edit_block(
            actor=actor, plan_id=plan_id, key=key, values=typed.values, seen=seen, now=clock.now()
        )
    except NotAPlan as error:
        return _form(request, plan_id, typed, seen, wrong=error.words, status=400)
    except PlanChanged as error:
        return _form(request, plan_id, typed, error.version, meanwhile=error, status=409)
    if _in_place(request):
        return _shown(request, plan_id, key)
    return _back(plan_id, f"block-{key}")


@require_safe
def shown(request: HttpRequest, plan_id: int, key: str) -> HttpResponse:
    """A block as it stands on the page."""
    return _shown(request, plan_id, key)


@require_POST
def add(request: HttpRequest, plan_id: int, slug: str) -> HttpResponse:
    """A new block at the end of a part; its form comes next."""
    _version, key = editing.add_block(
        actor=shell.actor_of(request),
        plan_id=plan_id,
        part=slug,
        kind=request.POST.get("kind", ""),
        after=request.POST.get("after", ""),
        now=clock.now(),
    )
    return HttpResponseRedirect(reverse("plans:block", args=[plan_id, key]))


@require_POST
def act(request: HttpRequest, plan_id: int, key: str) -> HttpResponse:
    """Move a block up or down, copy it, or take it out with the way back."""
    actor, now, said = shell.actor_of(request), clock.now(), request.POST.get("act", "")
    seen = _number(request.POST.get("version", ""))
    if said in ("up", "down"):
        editing.move_block(actor=actor, plan_id=plan_id, key=key, by=-1 if said == "up" else 1, now=now)
    elif said == "copy":
        _version, key = editing.copy_block(actor=actor, plan_id=plan_id, key=key, now=now)
    elif said == "place":
        editing.place_block(
            actor=actor,
            plan_id=plan_id,
            key=key,
            part=request.POST.get("part", ""),
            number=_number(request.POST.get("number", "")),
            now=now,
        )
    elif said == "remove":
        try:
            version = editing.remove_block(actor=actor, plan_id=plan_id, key=key, seen=seen, now=now)
        except PlanChanged:
            undo.say(
                request, _("Somebody has changed this block: look at it before you remove it."), tone="warn"
            )
            return _back(plan_id, f"block-{key}")
        undo.offer(
            request,
            _("The block is removed."),
            undo=reverse("plans:put_back", args=[plan_id, key]),
            version=version - 1,
        )
        return _back(plan_id)
    else:
        raise NotAPlan(
            Text("Nothing was asked for", "没有要执行的操作"),
            received=repr(said[:20]),
            valid="up, down, copy, place, remove",
        )
    return _back(plan_id, f"block-{key}")


@require_POST
def put_back(request: HttpRequest, plan_id: int, key: str) -> HttpResponse:
    """A block that was taken out stands where it stood."""
    editing.put_back(
        actor=shell.actor_of(request),
        plan_id=plan_id,
        key=key,
        version=_number(request.POST.get("version", "")),
        now=clock.now(),
    )
    return _back(plan_id, f"block-{key}")


@require_POST
def add_part(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A new part at the end."""
    try:
        _version, slug = editing.add_part(
            actor=shell.actor_of(request),
            plan_id=plan_id,
            title=request.POST.get("title", ""),
            now=clock.now(),
        )
    except NotAPlan as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
        return _back(plan_id)
    return _back(plan_id, f"part-{slug}")


@require_POST
def part(request: HttpRequest, plan_id: int, slug: str) -> HttpResponse:
    """Rename a part, move it, or take it out when it is empty."""
    actor, now, said = shell.actor_of(request), clock.now(), request.POST.get("act", "")
    language = shell.language_now()
    try:
        if said in ("up", "down"):
            editing.move_part(actor=actor, plan_id=plan_id, slug=slug, by=-1 if said == "up" else 1, now=now)
        elif said == "remove":
            editing.remove_part(actor=actor, plan_id=plan_id, slug=slug, now=now)
            return _back(plan_id)
        else:
            editing.rename_part(
                actor=actor,
                plan_id=plan_id,
                slug=slug,
                title=request.POST.get("title", ""),
                seen=_number(request.POST.get("version", "")),
                now=now,
            )
    except NotAPlan as error:
        undo.say(request, error.words.in_(language), tone="bad")
    except PlanChanged:
        undo.say(
            request,
            _("Somebody has renamed this part meanwhile: look at its title and save again."),
            tone="warn",
        )
    return _back(plan_id, f"part-{slug}")


def _form(
    request: HttpRequest,
    plan_id: int,
    there: Block,
    version: int,
    *,
    wrong: Text | None = None,
    meanwhile: PlanChanged | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, language = shell.actor_of(request), shell.language_now()
    context: dict[str, Any] = {
        "head": head(actor, plan_of(actor, plan_id), "document"),
        "form": forms.form(there, actor=actor, tables=open_lake().snapshot(), language=language),
        "key": there.key,
        "version": version,
        "wrong": wrong,
        "meanwhile": meanwhile,
        "changes": [
            (change, readable(change.before), readable(change.after))
            for change in (meanwhile.changes if meanwhile else ())
        ],
    }
    if _in_place(request):
        # Scripts put only good answers in place: what is wrong is said in the form itself.
        return render(request, "plans/_form.html", context)
    return render(request, "plans/block.html", context, status=status)


def _shown(request: HttpRequest, plan_id: int, key: str) -> HttpResponse:
    actor, language = shell.actor_of(request), shell.language_now()
    who = reading.reader(
        actor=actor,
        plan_id=plan_id,
        tables=open_lake().snapshot(),
        house=HOUSE(),
        language=language,
        now=clock.now(),
    )
    there = who.content.block(key)
    reading.prepare(who, [there])
    context = {
        "head": head(actor, who.plan, "document"),
        "block": pages.block(there, reading.shown(there, who), language),
    }
    return render(request, "plans/_block.html", context)


def _back(plan_id: int, place: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("plans:plan", args=[plan_id]) + (f"#{place}" if place else ""))


def _in_place(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
