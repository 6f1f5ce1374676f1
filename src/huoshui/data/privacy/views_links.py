"""The pages behind the links of messages. Looking at one changes nothing; no cookie and no signing in is needed.

Programmes open every link of a message to see whether it is safe, so only a POST acts; and the programme of the
reader's mail posts by itself (RFC 8058), so a POST needs nothing but the address. The address is the proof.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.data.privacy import deciding, links, pages
from huoshui.data.privacy.queries import NotAStatement
from huoshui.desk.users.errors import TooManyTries
from huoshui.kernel import clock
from huoshui.web import shell

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Asks whether to end such messages; a POST ends them, and is answered by nothing where a programme sent it."""
    try:
        link, done = links.of_leaving(token), request.method == "POST"
    except links.NoSuchLink:
        return _page(request, "leave", {"unknown": True}, status=404)
    if done:
        deciding.leave(link, now=clock.now())
        if "page" not in request.POST:
            return HttpResponse(headers=PRIVATE)
    context = {
        "channel": pages.channel(link.channel, shell.language_now()),
        "done": done,
        "preferences": links.preferences_address(link.customer_id, link.key),
    }
    return _page(request, "leave", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """What a person agrees to, each with the button that changes it."""
    language, refusal, status = shell.language_now(), None, 200
    try:
        link = links.of_preferences(token)
        if request.method == "POST":
            purpose, channel, state = (*request.POST.get("choice", "").split(":"), "", "", "")[:3]
            deciding.decide(
                link, purpose=purpose, channel=channel, state=state, language=language, now=clock.now()
            )
    except (links.NoSuchLink, NoSuchCustomer):
        return _page(request, "leave", {"unknown": True}, status=404)
    except (NotAStatement, TooManyTries) as error:
        refusal, status = type(error).says, 429 if isinstance(error, TooManyTries) else 400
    context = {
        "page": pages.preferences(link, language),
        "saved": request.method == "POST" and refusal is None,
        "refusal": refusal,
    }
    return _page(request, "preferences", context, status)


def _page(request: HttpRequest, name: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    answer = render(request, f"privacy/{name}.html", context, status=status)
    for header, value in PRIVATE.items():
        answer[header] = value
    return answer
