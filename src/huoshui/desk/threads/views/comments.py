"""What is said about something, and where the reader was named."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.desk.threads import parts, queries, services
from huoshui.desk.threads.errors import CommentChanged, NotAComment
from huoshui.desk.threads.lines import shown, shown_files
from huoshui.desk.threads.services.commenting import Said
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.web import address, shell, subjects, undo
from huoshui.web.lists import Listing


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Everything said about ``subject``, and its files."""
    return _about(request, subject)


@require_POST
def add(request: HttpRequest, subject: str) -> HttpResponse:
    """Say something. What cannot be said stays in the field."""
    actor = shell.actor_of(request)
    body = request.POST.get("body", "")
    try:
        said = services.comment(
            actor=actor, subject=subject, body=body, named=_named(request), now=clock.now()
        )
    except NotAComment as error:
        wrong = _words(error)
        return _about(request, subject, body=body, wrong=wrong, status=400)
    _say(request, said)
    return HttpResponseRedirect(address.back(request, reverse("threads:about", kwargs={"subject": subject})))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """One's own comment, what it said before, and changing it."""
    actor = shell.actor_of(request)
    note = queries.comment(actor=actor, comment_id=comment_id)
    body, wrong, status, version = note.body, "", 200, note.version
    if request.method == "POST":
        body = request.POST.get("body", "")
        try:
            said = services.edit(
                actor=actor,
                comment_id=comment_id,
                version=_number(request.POST.get("version", "")),
                body=body,
                named=_named(request),
                now=clock.now(),
            )
        except (NotAComment, CommentChanged) as error:
            wrong, status = _words(error), 400 if isinstance(error, NotAComment) else 409
        else:
            _say(request, said)
            about = reverse("threads:about", kwargs={"subject": note.subject})
            return HttpResponseRedirect(address.back(request, about))
    context = {
        "note": note,
        "about": subjects.seen(actor, note.subject),
        "shown": shown(actor, [note])[0],
        "body": body,
        "wrong": wrong,
        "version": version,
        "wordings": queries.wordings(actor=actor, comment_id=comment_id),
        "mine": note.by_id == actor.user_id and actor.may(Right.COMMENTS_WRITE),
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
        **parts.writing(actor),
    }
    return render(request, "threads/comment.html", context, status=status)


@require_POST
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take a comment away, with the way back."""
    actor = shell.actor_of(request)
    note = queries.comment(actor=actor, comment_id=comment_id)
    services.delete(actor=actor, comment_id=comment_id, now=clock.now())
    back = address.back(request, reverse("threads:about", kwargs={"subject": note.subject}))
    way = reverse("threads:restore", kwargs={"comment_id": comment_id})
    undo.offer(request, _("The comment was deleted"), undo=way, next=back)
    return HttpResponseRedirect(back)


@require_POST
def restore(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Bring a comment back."""
    actor = shell.actor_of(request)
    services.restore(actor=actor, comment_id=comment_id, now=clock.now())
    note = queries.comment(actor=actor, comment_id=comment_id)
    undo.say(request, _("The comment is back"))
    return HttpResponseRedirect(
        address.back(request, reverse("threads:about", kwargs={"subject": note.subject}))
    )


@require_safe
def show_inbox(request: HttpRequest) -> HttpResponse:
    """Where the reader was named, and what they are asked to sign off."""
    actor = shell.actor_of(request)
    page = max(1, _number(request.GET.get("page", "1")))
    found = queries.mentions(actor=actor, page=page)
    waiting = queries.waiting_for(actor=actor)
    names = subjects.named(actor, {subject for subject, _number_ in waiting})
    notices = list(zip(found.rows, shown(actor, [one.note for one in found.rows]), strict=True))
    context = {
        "notices": notices,
        "unread": queries.unread(actor=actor),
        "listing": _listing(request, reverse("threads:inbox"), page, found.total),
        "waiting": [
            (names[subject].title, number, reverse("threads:versions", kwargs={"subject": subject}))
            for subject, number in waiting
            if subject in names
        ],
        "wants_mail": actor.user_id is not None and queries.wants_mail(actor.user_id),
    }
    return render(request, "threads/inbox.html", context)


@require_POST
def open_mention(request: HttpRequest, mention_id: int) -> HttpResponse:
    """Note that it was read, and go to what it is about."""
    actor = shell.actor_of(request)
    services.read(actor=actor, mention_id=mention_id, now=clock.now())
    for notice in queries.mentions(actor=actor, mention_id=mention_id).rows:
        return HttpResponseRedirect(notice.address)
    return HttpResponseRedirect(reverse("threads:inbox"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Nothing is news any more."""
    services.read(actor=shell.actor_of(request), now=clock.now())
    return HttpResponseRedirect(reverse("threads:inbox"))


@require_POST
def wish(request: HttpRequest) -> HttpResponse:
    """Whether the reader wants letters."""
    services.wish(actor=shell.actor_of(request), mail_mentions=request.POST.get("mail") == "yes")
    undo.say(request, _("Saved"))
    return HttpResponseRedirect(reverse("threads:inbox"))


def _about(
    request: HttpRequest, subject: str, *, body: str = "", wrong: str = "", status: int = 200
) -> HttpResponse:
    actor, language = shell.actor_of(request), shell.language_now()
    about = subjects.seen(actor, subject)
    page = max(1, _number(request.GET.get("page", "1")))
    found = queries.comments(actor=actor, subject=subject, page=page)
    context = {
        "subject": subject,
        "about": about,
        "shown": shown(actor, found.rows),
        "listing": _listing(
            request, reverse("threads:about", kwargs={"subject": subject}), page, found.total
        ),
        "files": shown_files(actor, queries.files(actor=actor, subject=subject), language),
        "accept": parts.accept(),
        "versions": len(queries.versions(actor=actor, subject=subject)),
        "body": body,
        "wrong": wrong,
        **parts.writing(actor),
    }
    return render(request, "threads/about.html", context, status=status)


def _listing(request: HttpRequest, path: str, page: int, total: int) -> Listing:
    return Listing(path=path, query=[], page=page, size=queries.SIZE, total=total)


def _named(request: HttpRequest) -> list[int]:
    return [number for text in request.POST.getlist("named") if (number := _number(text))]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _words(error: HuoshuiError) -> str:
    return error.says.in_(shell.language_now()) if error.says else str(error)


def _say(request: HttpRequest, said: Said) -> None:
    names = ", ".join(said.told)
    if said.told:
        undo.say(request, _("Saved; %(names)s will be told") % {"names": names})
    if said.untold:
        names = ", ".join(said.untold)
        undo.say(request, _("%(names)s may not see this and was not told") % {"names": names}, tone="warn")
