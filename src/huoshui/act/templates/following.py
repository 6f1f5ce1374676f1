"""What happens when somebody follows a link of a message, or their programme shows its pictures: it is counted.

Both are asked for without signing in, by people and by machines, by GET and HEAD; neither changes anything for anybody.
"""

from __future__ import annotations

from base64 import b64decode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huoshui.act.templates import hits
from huoshui.act.templates.errors import NoSuchLink
from huoshui.kernel import clock

PICTURE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one point."""


@never_cache
@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """To the page that the link of the message leads to."""
    address = hits.follow(token, method=request.method or "", headers=_headers(request), now=clock.now())
    answer = HttpResponseRedirect(address)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@never_cache
@require_safe
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The picture, also for an address that says nothing: a letter never shows a broken one."""
    try:
        hits.opened(token, method=request.method or "", headers=_headers(request), now=clock.now())
    except NoSuchLink:
        return HttpResponse(PICTURE, content_type="image/gif", status=404)
    return HttpResponse(PICTURE, content_type="image/gif")


def _headers(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.META.items() if isinstance(value, str)}
