"""The page on which a list is taken away: what it holds, the kinds of files, and the file or its job."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huoshui.desk.jobs import exporting, services
from huoshui.documents import sheets
from huoshui.kernel import clock
from huoshui.kernel.plugs import HOUSE
from huoshui.web import address, shell


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def show(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The form, with the conditions of the list in the address; sent, the file, or the job that makes a large one."""
    actor, language = shell.actor_of(request), shell.language_now()
    said = {name: request.GET.getlist(name) for name in request.GET if name != "back"}
    found = exporting.export_named(actor, slug)
    sheet = exporting.sheet_of(actor=actor, slug=slug, said=said, language=language)
    if request.method != "POST":
        context = {
            "label": found.label.in_(language),
            "total": sheet.total,
            "fields": [field.label.in_(language) for field in sheet.fields],
            "moments": any(field.kind == "moment" for field in sheet.fields),
            "zone": HOUSE().zone.key,
            "kinds": [
                (
                    kind.slug,
                    kind.label.in_(language),
                    kind.suffix == "xlsx" and sheet.total > sheets.MOST_IN_WORKBOOK,
                )
                for kind in sheets.KINDS.values()
            ],
            "later": sheet.total > exporting.AT_ONCE,
            "back": address.own_path(request, request.GET.get("back", "")),
        }
        return render(request, "jobs/export.html", context)
    kind, now = request.POST.get("kind", "csv"), clock.now()
    name = exporting.file_name(slug, kind)
    if sheet.total > exporting.AT_ONCE:
        arguments = {"slug": slug, "said": said, "kind": kind, "language": language}
        job = services.start(actor=actor, slug="lists.export", arguments=arguments, now=now)
        return HttpResponseRedirect(reverse("jobs:job", args=[job]))
    with exporting.passing_file(name) as file:
        exporting.write(actor=actor, slug=slug, sheet=sheet, kind=kind, file=file, language=language, now=now)
        # Opened before its name goes: the answer holds the only way to it.
        answer = FileResponse(file.open("rb"), as_attachment=True, filename=name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
