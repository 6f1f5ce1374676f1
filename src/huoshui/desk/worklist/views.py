"""My work today, the list of tasks, and the page of one."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.desk.worklist import asking, queries, services
from huoshui.desk.worklist.errors import ChangedMeanwhile, NotATask
from huoshui.desk.worklist.forms import TaskForm, choices, filled, who
from huoshui.desk.worklist.lines import lines, next_days, today
from huoshui.desk.worklist.queries import STATES, VIEWS, Conditions
from huoshui.desk.worklist.steps import rule_of, told
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import SUBJECTS
from huoshui.kernel.texts import Language
from huoshui.web import address, panels, shell, subjects, undo
from huoshui.web.lists import Chip, Column, Listing, Tab


@require_safe
def show_day(request: HttpRequest) -> HttpResponse:
    """What the reader has to do today, and what comes."""
    actor, language, day = shell.actor_of(request), shell.language_now(), today()
    found = queries.day(actor=actor, today=day)
    parts = {
        name: lines(actor, getattr(found, name), day, language)
        for name in ("overdue", "today", "soon", "waiting")
    }
    context = {
        "parts": parts,
        "found": found,
        "day": day,
        "nothing": not any(parts.values()),
        "tabs": _tabs("today"),
        "may_work": actor.may(Right.TASKS_WORK),
        "next_days": next_days(day),
        "choices": choices(actor, language) if actor.may(Right.TASKS_WORK) else [],
    }
    return render(request, "worklist/day.html", context)


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The tasks that meet conditions, all of which stand in the address."""
    actor, language, day = shell.actor_of(request), shell.language_now(), today()
    conditions = asking.read(request.GET.dict())
    sort = request.GET.get("sort", queries.USUAL_SORT)
    page = _page(request.GET.get("page", "1"))
    found = queries.find(actor=actor, conditions=conditions, sort=sort, page=page)
    context = {
        "lines": lines(actor, found.rows, day, language),
        "listing": _listing(request, conditions, sort, page, found.total, language),
        "tabs": _tabs(conditions.view, conditions.state),
        "conditions": conditions,
        "states": [("any", _("any")), *((code, label.in_(language)) for code, label in STATES.items())],
        "kinds": [(kind.slug, kind.label.in_(language)) for kind in SUBJECTS],
        "kept_query": [(n, v) for n, v in _pairs(request) if n not in ("page", "state", "kind")],
        "next_days": next_days(day),
    }
    return render(request, "worklist/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form of a new task, and adding it; quick forms of other pages come here too."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.TASKS_WORK)
    if request.method != "POST":
        start = {"who": f"user:{actor.user_id}", "subject": request.GET.get("subject", ""), "priority": 1}
        return _form(request, TaskForm(initial=start, actor=actor, language=language))
    form = TaskForm(_with_oneself(request, actor), actor=actor, language=language)
    if not form.is_valid():
        return _form(request, form, status=400)
    try:
        task_id = services.add(actor=actor, draft=form.draft(), now=clock.now())
    except NotATask as error:
        return _refused(request, form, error, language)
    page = reverse("worklist:task", kwargs={"task_id": task_id})
    back = address.back(request, page)
    text = _("Added: %(title)s") % {"title": form.cleaned_data["title"]}
    undo.offer(request, text, undo=reverse("worklist:cancel", kwargs={"task_id": task_id}), next=back)
    return HttpResponseRedirect(back)


@require_safe
def show(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task: what it says, what can be done with it, what was done."""
    actor, language, day = shell.actor_of(request), shell.language_now(), today()
    task = queries.task(actor=actor, task_id=task_id)
    (line,) = lines(actor, [task], day, language)
    context = {
        "task": task,
        "line": line,
        "steps": told(queries.steps_of(task.id), language),
        "rule": rule_of(task.source).in_(language),
        "may_work": actor.may(Right.TASKS_WORK),
        "next_days": next_days(day),
        "choices": choices(actor, language, task) if task.open and actor.may(Right.TASKS_WORK) else [],
        "panels": panels.shown(request, "task", f"task:{task.id}"),
    }
    return render(request, "worklist/task.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """The form of a task. Who saves what somebody else has changed meanwhile sees what changed, and nothing is lost."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.TASKS_WORK)
    task = queries.task(actor=actor, task_id=task_id)
    if request.method != "POST":
        return _form(
            request, TaskForm(initial=filled(task), actor=actor, language=language, task=task), task=task
        )
    form = TaskForm(request.POST, actor=actor, language=language, task=task)
    if not form.is_valid():
        return _form(request, form, task=task, status=400)
    seen = form.cleaned_data["version"] or 0
    try:
        version = services.edit(
            actor=actor, task_id=task_id, version=seen, draft=form.draft(), now=clock.now()
        )
    except ChangedMeanwhile as error:
        again = request.POST.copy()
        again["version"] = str(error.version)
        form = TaskForm(again, actor=actor, language=language, task=task)
        return _form(request, form, task=task, changed=told(error.steps, language), status=409)
    except NotATask as error:
        return _refused(request, form, error, language, task=task)
    if version != seen:
        _offer(request, _("Saved: %(title)s") % {"title": form.cleaned_data["title"]}, task_id, version)
    return HttpResponseRedirect(_after(request, actor, task_id))


@require_POST
def take(request: HttpRequest, task_id: int) -> HttpResponse:
    """The reader takes a task that waits."""
    return _act(request, task_id, services.take, _("Taken: %(title)s"))


@require_POST
def done(request: HttpRequest, task_id: int) -> HttpResponse:
    """The task is done."""
    return _act(request, task_id, services.done, _("Done: %(title)s"))


@require_POST
def cancel(request: HttpRequest, task_id: int) -> HttpResponse:
    """The task is no longer wanted."""
    return _act(request, task_id, services.cancel, _("Cancelled: %(title)s"))


@require_POST
def not_reached(request: HttpRequest, task_id: int) -> HttpResponse:
    """The person could not be reached."""
    return _act(request, task_id, services.not_reached, _("Not reached: %(title)s"))


@require_POST
def reopen(request: HttpRequest, task_id: int) -> HttpResponse:
    """The task is open again."""
    return _act(request, task_id, services.reopen, _("Open again: %(title)s"))


@require_POST
def hand_over(request: HttpRequest, task_id: int) -> HttpResponse:
    """Somebody else is to do it."""
    owner_id, team_id = who(request.POST.get("who", ""))

    def act(**named: object) -> int:
        return services.hand_over(owner_id=owner_id, team_id=team_id, **named)  # type: ignore[arg-type]

    return _act(request, task_id, act, _("Handed over: %(title)s"))


@require_POST
def postpone(request: HttpRequest, task_id: int) -> HttpResponse:
    """Another day."""
    due = clock.parse_day(request.POST.get("due", ""))

    def act(**named: object) -> int:
        return services.postpone(due=due, **named)  # type: ignore[arg-type]

    return _act(request, task_id, act, _("Put off: %(title)s"))


@require_POST
def take_back(request: HttpRequest, task_id: int) -> HttpResponse:
    """The last act is undone."""
    actor = shell.actor_of(request)
    version = request.POST.get("version", "")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    services.take_back(actor=actor, task_id=task_id, version=number, now=clock.now())
    undo.say(request, _("Taken back"))
    return HttpResponseRedirect(_after(request, actor, task_id))


def _act(request: HttpRequest, task_id: int, verb: Callable[..., int], text: str) -> HttpResponse:
    """Do ``verb``, say so with the way back, and return to where the reader was."""
    actor = shell.actor_of(request)
    actor.require(Right.TASKS_WORK)
    task = queries.task(actor=actor, task_id=task_id)
    version = verb(actor=actor, task_id=task_id, now=clock.now())
    if version != task.version:
        _offer(request, text % {"title": task.title}, task_id, version)
    return HttpResponseRedirect(_after(request, actor, task_id))


def _offer(request: HttpRequest, text: str, task_id: int, version: int) -> None:
    way = reverse("worklist:take_back", kwargs={"task_id": task_id})
    back = address.back(request, reverse("worklist:task", kwargs={"task_id": task_id}))
    undo.offer(request, text, undo=way, version=version, next=back)


def _after(request: HttpRequest, actor: Actor, task_id: int) -> str:
    """Where the reader came from, else the task, or the day's work where they no longer see it."""
    page = reverse("worklist:task", kwargs={"task_id": task_id})
    target = address.back(request, page)
    if target.partition("?")[0] == page and not queries.titles(actor, [str(task_id)]):
        return reverse("worklist:work")
    return target


def _form(
    request: HttpRequest,
    form: TaskForm,
    *,
    task: queries.Task | None = None,
    changed: object = (),
    status: int = 200,
) -> HttpResponse:
    about = str(form["subject"].value() or "")
    context = {
        "form": form,
        "task": task,
        "changed": changed,
        "about": subjects.named(shell.actor_of(request), [about]).get(about) if about else None,
        "next": address.back(request, "") or request.GET.get("next", ""),
    }
    return render(request, "worklist/form.html", context, status=status)


def _refused(
    request: HttpRequest,
    form: TaskForm,
    error: NotATask,
    language: Language,
    *,
    task: queries.Task | None = None,
) -> HttpResponse:
    field = {"owner": "who", "team": "who"}.get(error.field, error.field)
    form.add_error(field if field in form.fields else None, error.words.in_(language))
    return _form(request, form, task=task, status=400)


def _with_oneself(request: HttpRequest, actor: Actor) -> object:
    """What was sent; a quick form that does not ask for whom means the sender."""
    said = request.POST.copy()
    if not said.get("who") and actor.user_id is not None:
        said["who"] = f"user:{actor.user_id}"
    return said


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in values if value]


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _tabs(current: str, state: str = "open") -> list[Tab]:
    language = shell.language_now()
    here = reverse("worklist:list")
    kept = {"state": state or "any"} if state != "open" else {}
    return [
        Tab(label=_("Today"), address=reverse("worklist:work"), current=current == "today"),
        *(
            Tab(
                label=label.in_(language),
                address=f"{here}?{urlencode({'view': slug, **kept})}",
                current=current == slug,
            )
            for slug, label in VIEWS.items()
        ),
    ]


def _listing(
    request: HttpRequest, conditions: Conditions, sort: str, page: int, total: int, language: Language
) -> Listing:
    pairs = [(n, v) for n, v in _pairs(request) if n != "page"]
    here = reverse("worklist:list")

    def without(name: str) -> str:
        left = [pair for pair in pairs if pair[0] != name]
        return f"{here}?{urlencode(left)}" if left else here

    chips = []
    if "state" in request.GET:
        said = STATES[conditions.state].in_(language) if conditions.state else _("any")
        chips.append(Chip(name=_("State"), value=said, without=without("state")))
    if conditions.kind:
        label = (
            SUBJECTS[conditions.kind].label.in_(language) if conditions.kind in SUBJECTS else conditions.kind
        )
        chips.append(Chip(name=_("Concerns"), value=label, without=without("kind")))
    columns = [
        Column(key="due", label=_("Until"), sort=True),
        Column(key="owner", label=_("For"), sort=True, wide=True),
        Column(key="about", label=_("Concerns"), wide=True),
        Column(key="priority", label=_("Priority"), sort=True, wide=True),
        Column(key="state", label=_("State"), wide=True),
    ]
    keys = [column.key for column in columns]
    chosen = [key for key in request.GET.getlist("columns") if key in keys]
    return Listing(
        path=here,
        query=pairs,
        page=page,
        size=queries.SIZE,
        total=total,
        sort=sort,
        words=conditions.words,
        chips=chips,
        columns=columns,
        chosen=chosen or keys,
    )
