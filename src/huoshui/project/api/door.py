"""Who comes in: the token, how often, with which right, with how much in the hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja.security import HttpBearer

from huoshui.desk.audit import services as audit
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as throttle
from huoshui.desk.users.errors import WrongToken
from huoshui.desk.users.services.throttle import Counted
from huoshui.desk.users.signing_in import address_of
from huoshui.kernel import clock
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text
from huoshui.project.api import problems
from huoshui.web import shell

PREFIX, GUIDE = "/api/", "/api/docs/"
LIMIT, WINDOW = 600, timedelta(minutes=1)
"""Requests that a token has in a window, all processes counted together."""
WRONG_TOKENS = 30
"""Tries with tokens that are not valid, from one address in a window."""
LARGEST = 1024 * 1024
"""Bytes of a body, but for files of imports."""
FILES = "api:upload_file"


class TooLarge(HuoshuiError):
    """The body is larger than an address of the API takes."""

    code = "too_large"
    says = Text("What was sent is too large", "发送的内容太大")


class NotJson(HuoshuiError):
    """The body is said to be something else than JSON."""

    code = "not_json"
    says = Text("The body must be JSON", "请求体必须是 JSON")


class UnknownParameter(HuoshuiError):
    """The address asks for something that the operation does not know."""

    code = "unknown_parameter"
    says = Text("This address does not know such a parameter", "这个地址没有这个参数")


class Bearer(HttpBearer):
    """Says in the description of the API how one comes in; `enter` has found out who it is before."""

    openapi_description = "A token of My account, API tokens: `Authorization: Bearer hs_…`."

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Who asks."""
        return shell.actor_of(request)


class Answers:
    """Middleware: whatever happens under ``/api/``, a refusal is a problem, and nothing is kept in caches.

    A HEAD is answered as a GET would be; the server leaves the body out.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request):
            return self.answer(request)
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        answer = self.answer(request)
        if head:
            request.method = "HEAD"
        if answer.status_code >= 400 and not answer.get("Content-Type", "").startswith(problems.TYPE):
            kept = {name: answer[name] for name in ("Allow", "Retry-After") if name in answer}
            if "GET" in kept.get("Allow", ""):
                kept["Allow"] = kept["Allow"].replace("GET", "GET, HEAD")
            answer = problems.of_status(answer.status_code, kept)
        if answer.status_code == 403:
            note_refusal(request, getattr(request, "missing", ""))
        counted: Counted | None = getattr(request, "counted", None)
        if counted is not None:
            answer["RateLimit-Policy"] = f'"token";q={LIMIT};w={int(WINDOW.total_seconds())}'
            answer["RateLimit"] = f'"token";r={counted.left};t={counted.seconds}'
        answer["Cache-Control"] = "no-store"
        return answer


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, and not a reader of the guide."""
    return request.path.startswith(PREFIX) and not request.path.startswith(GUIDE)


def enter(request: HttpRequest, name: str, right: Right | None, *, listed: bool) -> HttpResponse | None:
    """Let in whoever holds a token with ``right`` (none: any token); else the problem that says why not.

    An address that is not ``listed`` in the table of `project.access` opens for nobody.

    ``request.actor`` is then who the token acts for, whoever is signed in to the browser.
    """
    request.actor = shell.NOBODY  # type: ignore[attr-defined]
    try:
        _identify(request)
        if not listed:
            raise NotAllowed("Nobody may do this", next_step="Tell your administrator")
        if right is not None and not shell.actor_of(request).may(right):
            request.missing = right.value  # type: ignore[attr-defined]
            shell.actor_of(request).require(right)
        _look_at_body(request, name)
    except HuoshuiError as refused:
        return problems.refusal(refused)
    return None


def note_refusal(request: HttpRequest, right: str = "") -> None:
    """Write into the audit log that somebody was refused, and where."""
    found = request.resolver_match
    detail = {"page": found.view_name if found else "", "method": request.method or ""}
    if right:
        detail["right"] = right
    audit.record(actor=shell.actor_of(request), act="user.refused", detail=detail, now=clock.now())


def _identify(request: HttpRequest) -> None:
    now = clock.now()
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise WrongToken(
            "This address needs a token",
            valid="Authorization: Bearer hs_…",
            next_step="Make a token under My account, API tokens",
        )
    try:
        bearer = users.bearer_of(secret.strip(), now=now)
    except WrongToken:
        throttle.count_try(what="wrong token", who=address_of(request), limit=WRONG_TOKENS, now=now)
        raise
    request.actor = bearer.actor  # type: ignore[attr-defined]
    request.token_id = bearer.token_id  # type: ignore[attr-defined]
    request.counted = throttle.count_try(  # type: ignore[attr-defined]
        what="API", who=str(bearer.token_id), limit=LIMIT, window=WINDOW, now=now
    )


def _look_at_body(request: HttpRequest, name: str) -> None:
    if any("\0" in text for pair in request.GET.lists() for text in (pair[0], *pair[1])):
        raise UnknownParameter("A parameter holds a sign that no text may hold", received="NUL")
    said = request.META.get("CONTENT_LENGTH") or "0"
    size = int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else 0
    if name == FILES or not size:
        return
    if size > LARGEST:
        raise TooLarge(
            "What was sent is too large", received=f"{size} bytes", valid=f"at most {LARGEST} bytes"
        )
    if request.content_type != "application/json":
        raise NotJson("The body must be JSON", received=request.content_type or "", valid="application/json")
