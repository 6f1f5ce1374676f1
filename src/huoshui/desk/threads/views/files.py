"""Files: putting them to something, fetching them, taking them away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import queries, services, uploads
from huoshui.desk.threads.errors import NotAFile
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.web import address, errors, shell, undo

AROUND = 64 * 1024
"""What a form adds to its file."""


@csrf_exempt  # so that the length is looked at before the body is read; `_attach` protects
@require_POST
def attach(request: HttpRequest, subject: str) -> HttpResponse:
    """Put a file to ``subject``."""
    length = request.META.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > uploads.LARGEST + AROUND:
        return errors.page(request, 413)
    return _attach(request, subject)


@csrf_protect
def _attach(request: HttpRequest, subject: str) -> HttpResponse:
    actor = shell.actor_of(request)
    actor.require(Right.COMMENTS_WRITE)
    back = HttpResponseRedirect(address.back(request, reverse("threads:about", kwargs={"subject": subject})))
    sent = request.FILES.get("file")
    if sent is None:
        undo.say(request, _("Choose a file first"), tone="warn")
        return back
    try:
        file_id = services.attach(
            actor=actor, subject=subject, name=sent.name or "", content=sent.read(), now=clock.now()
        )
    except NotAFile as error:
        words = error.words.in_(shell.language_now())
        undo.say(
            request, _("%(reason)s. Taken: %(types)s") % {"reason": words, "types": error.valid}, tone="bad"
        )
        return back
    name = queries.file(actor=actor, file_id=file_id).name
    way = reverse("threads:delete_file", kwargs={"file_id": file_id})
    undo.offer(request, _("Added: %(title)s") % {"title": name}, undo=way, next=back.url)
    return back


@require_safe
def download(request: HttpRequest, file_id: int) -> HttpResponse:
    """The file, to be saved: no browser shows it or runs anything of it under our address."""
    actor = shell.actor_of(request)
    file = queries.file(actor=actor, file_id=file_id)
    content = queries.content(actor=actor, file_id=file_id)
    audit.record(
        actor=actor, act="file.downloaded", subject=file.subject, detail={"file": file_id}, now=clock.now()
    )
    answer = HttpResponse(content, content_type=uploads.TYPES[file.kind])
    disposition = content_disposition_header(as_attachment=True, filename=file.name)
    answer["Content-Disposition"] = disposition or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def delete(request: HttpRequest, file_id: int) -> HttpResponse:
    """Take a file away, with the way back."""
    actor = shell.actor_of(request)
    file = queries.file(actor=actor, file_id=file_id)
    services.detach(actor=actor, file_id=file_id, now=clock.now())
    back = address.back(request, reverse("threads:about", kwargs={"subject": file.subject}))
    way = reverse("threads:restore_file", kwargs={"file_id": file_id})
    undo.offer(request, _("Deleted: %(title)s") % {"title": file.name}, undo=way, next=back)
    return HttpResponseRedirect(back)


@require_POST
def restore(request: HttpRequest, file_id: int) -> HttpResponse:
    """Bring a file back."""
    actor = shell.actor_of(request)
    services.bring_back(actor=actor, file_id=file_id, now=clock.now())
    file = queries.file(actor=actor, file_id=file_id)
    undo.say(request, _("It is back: %(title)s") % {"title": file.name})
    return HttpResponseRedirect(
        address.back(request, reverse("threads:about", kwargs={"subject": file.subject}))
    )
