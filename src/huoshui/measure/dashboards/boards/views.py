"""The list of boards, a board, composing one, and what can be done with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.desk.mail import services as mail
from huoshui.desk.threads import queries as threads
from huoshui.desk.threads.views.versions import readable
from huoshui.desk.users.words import SHORT_ROLES
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right, Role
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.measure.dashboards.boards import forms, queries, reading, services
from huoshui.measure.dashboards.boards.blocks import KINDS, Content
from huoshui.measure.dashboards.boards.errors import BoardChanged, NotABoard
from huoshui.measure.metrics.dimensions import IN, valued
from huoshui.measure.metrics.pages import groups
from huoshui.web import address, shell, undo
from huoshui.web.address import PERIODS
from huoshui.web.lists import Tab

EVERY = {
    "day": Text("every day", "每天"),
    "week": Text("every Monday", "每周一"),
    "month": Text("on the first of each month", "每月 1 日"),
}
SHARING = {
    "own": Text("only its owner", "仅所有者"),
    "roles": Text("these roles", "指定角色"),
    "all": Text("everybody", "所有人"),
}


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """The boards that the reader sees."""
    actor, language = shell.actor_of(request), shell.language_now()
    found = queries.boards(actor=actor)
    context = {
        "boards": [
            (
                one,
                sum(block.kind != "section" for block in one.content.blocks),
                SHARING[one.sharing].in_(language),
            )
            for one in found
        ],
        "may_compose": _composes(actor),
    }
    return render(request, "boards/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new board: composed like any other, made when it is saved."""
    actor = shell.actor_of(request)
    actor.require(Right.COMMENTS_WRITE)
    if request.method != "POST":
        return _form(request, Content(title=""))
    content, act = forms.read(request.POST), request.POST.get("act", "save")
    if act != "save":
        content, focus = forms.acted(content, act)
        return _form(request, content, focus=focus, unsaved=True)
    try:
        board_id = services.create(actor=actor, content=content, now=clock.now())
    except NotABoard as error:
        return _form(request, content, wrong=error.words, status=400)
    undo.say(request, _("The board is made. Only you see it until you share it."))
    return HttpResponseRedirect(reverse("boards:board", args=[board_id]))


@require_safe
def show(request: HttpRequest, board_id: int) -> HttpResponse:
    """A board, for the period and slice of the address."""
    actor, language, house, chosen = (
        shell.actor_of(request),
        shell.language_now(),
        HOUSE(),
        address.chosen(request),
    )
    board = queries.board(actor=actor, board_id=board_id)
    said = "period" in request.GET
    reader = reading.Reader(
        actor=actor,
        house=house,
        language=language,
        now=clock.now(),
        period=chosen.period if said else "",
        cut=chosen.slice,
    )
    page = reading.page(board.content, tables=open_lake().snapshot(), reader=reader)
    own = any(block.period for block in board.content.blocks)
    here, subject = reverse("boards:board", args=[board_id]), f"{queries.KIND}:{board_id}"
    context = {
        "board": board,
        "page": page,
        "charts": any(block.chart for section in page.sections for block in section.blocks),
        "periods": [
            Tab(
                label=label.in_(language),
                address=here + (chosen.with_(period=code) or f"?period={code}"),
                current=code == chosen.period and (said or not own),
            )
            for code, label in PERIODS.items()
        ],
        "groups": groups.menu(
            chosen, lambda group: here + (chosen.with_(**{IN: group}) or f"?period={chosen.period}"), language
        ),
        "cut": [
            (valued(name, value), here + chosen.with_(**{name: None})) for name, value in chosen.slice.items()
        ],
        "subject": subject,
        # Who saved it before somebody else did is told, as that one was when saving.
        "mine": threads.last_saved(actor=actor, subject=subject) if board.by_id != actor.user_id else 0,
        "may_compose": _composes(actor),
        "may_own": board.owner_id == actor.user_id or actor.may(Right.HOUSE_MANAGE),
        "subscription": queries.subscription(actor=actor, board_id=board_id),
        "every": [(code, text.in_(language)) for code, text in EVERY.items()],
        "hours": range(24),
        "can_send": mail.can_send(),
        "sharing": [(code, text.in_(language)) for code, text in SHARING.items()],
        "shared": SHARING[board.sharing].in_(language),
        "roles": [(role.value, SHORT_ROLES[role].in_(language), role in board.roles) for role in Role],
    }
    return render(request, "boards/board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, board_id: int) -> HttpResponse:
    """The form of a board. Who saves what somebody else saved meanwhile sees what changed, and nothing is lost."""
    actor = shell.actor_of(request)
    actor.require(Right.COMMENTS_WRITE)
    board = queries.board(actor=actor, board_id=board_id)
    if request.method != "POST":
        return _form(request, board.content, board=board, version=board.version)
    content, act = forms.read(request.POST), request.POST.get("act", "save")
    text = request.POST.get("version", "")
    seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    if act != "save":
        content, focus = forms.acted(content, act)
        return _form(request, content, board=board, version=seen, focus=focus, unsaved=True)
    try:
        version = services.save(actor=actor, board_id=board_id, seen=seen, content=content, now=clock.now())
    except NotABoard as error:
        return _form(request, content, board=board, version=seen, wrong=error.words, status=400)
    except BoardChanged as error:
        return _form(request, content, board=board, version=error.version, meanwhile=error, status=409)
    if version != seen:
        undo.say(request, _("Saved as version %(number)s.") % {"number": version})
    return HttpResponseRedirect(reverse("boards:board", args=[board_id]))


@require_POST
def share(request: HttpRequest, board_id: int) -> HttpResponse:
    """Say who sees the board."""
    try:
        services.share(
            actor=shell.actor_of(request),
            board_id=board_id,
            sharing=request.POST.get("sharing", ""),
            roles=request.POST.getlist("role"),
            now=clock.now(),
        )
    except NotABoard as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
    else:
        undo.say(request, _("Who sees the board is changed."))
    return HttpResponseRedirect(reverse("boards:board", args=[board_id]))


@require_POST
def copy(request: HttpRequest, board_id: int) -> HttpResponse:
    """A board of one's own with the same blocks."""
    made = services.copy(actor=shell.actor_of(request), board_id=board_id, now=clock.now())
    undo.offer(request, _("This copy is yours."), undo=reverse("boards:delete", args=[made]))
    return HttpResponseRedirect(reverse("boards:board", args=[made]))


@require_POST
def delete(request: HttpRequest, board_id: int) -> HttpResponse:
    """Delete a board, with the way back."""
    services.delete(actor=shell.actor_of(request), board_id=board_id, now=clock.now())
    undo.offer(request, _("The board is deleted."), undo=reverse("boards:restore", args=[board_id]))
    return HttpResponseRedirect(reverse("boards:list"))


@require_POST
def restore(request: HttpRequest, board_id: int) -> HttpResponse:
    """Bring a deleted board back."""
    services.restore(actor=shell.actor_of(request), board_id=board_id, now=clock.now())
    undo.say(request, _("The board is back."))
    return HttpResponseRedirect(reverse("boards:board", args=[board_id]))


@require_POST
def subscribe(request: HttpRequest, board_id: int) -> HttpResponse:
    """Get the board by mail."""
    hour = request.POST.get("hour", "")
    services.subscribe(
        actor=shell.actor_of(request),
        board_id=board_id,
        every=request.POST.get("every", ""),
        hour=int(hour) if hour.isascii() and hour.isdecimal() and len(hour) < 3 else -1,
        zone=HOUSE().zone,
        now=clock.now(),
    )
    undo.say(request, _("You get this board by mail."))
    return HttpResponseRedirect(reverse("boards:board", args=[board_id]))


@require_POST
def unsubscribe(request: HttpRequest, board_id: int) -> HttpResponse:
    """Get it no longer."""
    services.unsubscribe(actor=shell.actor_of(request), board_id=board_id, now=clock.now())
    undo.say(request, _("You get this board by mail no longer."))
    return HttpResponseRedirect(reverse("boards:board", args=[board_id]))


# The programme of the reader's mail may post here by itself (RFC 8058); the signed link says all there is to know.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a letter: asks, and by POST ends its subscription. Needs no signing in."""
    title, left = services.title_of(token), request.method == "POST"
    if left:
        services.leave(token, now=clock.now())
    return render(request, "boards/leave.html", {"title": title, "left": left})


def _composes(actor: Actor) -> bool:
    return actor.may(Right.COMMENTS_WRITE)


def _form(
    request: HttpRequest,
    content: Content,
    *,
    board: queries.BoardSeen | None = None,
    version: int = 0,
    focus: str = "",
    unsaved: bool = False,
    wrong: Text | None = None,
    meanwhile: BoardChanged | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, language = shell.actor_of(request), shell.language_now()
    as_of = clock.AsOf(at=clock.now(), zone=HOUSE().zone)
    tables = open_lake().snapshot()
    offered = forms.offers(actor=actor, tables=tables, as_of=as_of, language=language)
    context = {
        "board": board,
        "version": version,
        "content": content,
        "blocks": forms.editing(content, offered, language),
        "kinds": [(kind, text.in_(language)) for kind, text in KINDS.items()],
        "focus": focus or ("title" if board is None else ""),
        "unsaved": unsaved,
        "wrong": wrong,
        "meanwhile": meanwhile,
        "changes": [
            (change, readable(change.before), readable(change.after))
            for change in (meanwhile.changes if meanwhile else ())
        ],
    }
    return render(request, "boards/edit.html", context, status=status)
