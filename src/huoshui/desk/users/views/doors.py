"""Coming in and going out: password, second step, links, the form that was kept."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.desk.audit import services as audit
from huoshui.desk.users import forms, keeping, queries, services, signing_in
from huoshui.desk.users.errors import (
    EmailTaken,
    NameMissing,
    NotAnEmail,
    TooManyTries,
    WeakPassword,
    WrongPassword,
)
from huoshui.desk.users.models import Link, User
from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.web import shell
from huoshui.web.address import own_path

HALF = "half_signed_in"
HALF_LIVES = 300
EVEN = 0.3
"""Seconds that an answer takes which must not tell by its time whether an account exists."""
MOST_CODES_AN_HOUR = 30

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters()
@read_or_send
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password."""
    target = own_path(request, request.POST.get("next", "") or request.GET.get("next", ""))
    if request.method != "POST":
        if isinstance(request.user, User):
            return HttpResponseRedirect(target or "/")
        return _page(request, "sign_in", forms.SignIn(), next=target)
    form = forms.SignIn(request.POST)
    if not form.is_valid():
        return _page(request, "sign_in", form, next=target)
    email, now = form.cleaned_data["email"].strip().lower(), clock.now()
    address = signing_in.address_of(request)
    try:
        services.count_try(what="sign in, address", who=address, now=now)
        services.count_try(what="sign in, account", who=email, now=now)
    except TooManyTries as error:
        return _too_many(request, "sign_in", form, error, next=target)
    user = authenticate(request, username=email, password=form.cleaned_data["password"])
    if not isinstance(user, User):
        _note_refusal(queries.ids_by_email([email]).get(email), "password")
        form.add_error(None, _said(WrongPassword("")))
        return _page(request, "sign_in", form, next=target, status=403)
    services.forget_tries(what="sign in, account", who=email)
    services.forget_tries(what="sign in, address", who=address)
    if user.totp_since is None:
        return _welcome(request, user.pk, target)
    request.session[HALF] = {"user": user.pk, "until": now.timestamp() + HALF_LIVES, "next": target}
    return HttpResponseRedirect(reverse("account:code"))


@never_cache
@sensitive_post_parameters()
@read_or_send
def code(request: HttpRequest) -> HttpResponse:
    """The second step."""
    now = clock.now()
    half: dict[str, Any] = request.session.get(HALF) or {"user": 0, "until": 0, "next": ""}
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    if user is None or half["until"] < now.timestamp():
        request.session.pop(HALF, None)
        return HttpResponseRedirect(reverse("account:login"))
    form = forms.Code(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "code", form)
    try:
        services.count_try(what="code", who=str(user.pk), now=now)
        services.count_try(
            what="code, hour",
            who=str(user.pk),
            limit=MOST_CODES_AN_HOUR,
            window=60 * services.MINUTE,
            now=now,
        )
        services.use_code(user_id=user.pk, code=form.cleaned_data["code"], now=now)
    except TooManyTries as error:
        return _too_many(request, "code", form, error)
    except WrongPassword as error:
        _note_refusal(user.pk, "code")
        form.add_error("code", _said(error))
        return _page(request, "code", form, status=403)
    services.forget_tries(what="code", who=str(user.pk))
    services.forget_tries(what="code, hour", who=str(user.pk))
    del request.session[HALF]
    return _welcome(request, user.pk, half["next"])


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; its cookie opens nothing any more."""
    who = signing_in.found(request, clock.now())
    if who is not None:
        services.end_session(actor=who.actor, session_id=who.session_id, now=clock.now())
    logout(request)
    return HttpResponseRedirect(reverse("account:login"))


@never_cache
@read_or_send
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a link for a new password. The answer is the same for every address, and comes as fast."""
    form = forms.Forgot(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "forgot", form)
    begun, now = time.monotonic(), clock.now()
    email = form.cleaned_data["email"].strip().lower()
    try:
        services.count_try(what="forgot, address", who=signing_in.address_of(request), now=now)
        services.count_try(what="forgot, account", who=email, limit=3, window=60 * services.MINUTE, now=now)
    except TooManyTries as error:
        return _too_many(request, "forgot", form, error)
    services.ask_for_reset(email=email, now=now)
    time.sleep(max(0.0, EVEN - (time.monotonic() - begun)))
    return render(request, "users/forgot_sent.html")


@never_cache
@sensitive_post_parameters()
@read_or_send
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Do what the link is for. Opening it does nothing yet: programs that look through mail open every link."""
    now = clock.now()
    found = queries.link(secret, now=now)
    if found.purpose == Link.Purpose.LOGIN:
        if request.method != "POST":
            return render(request, "users/link_login.html", {"name": queries.name_of(found.user_id or 0)})
        return _welcome(request, services.use_login_link(secret=secret, now=now), "")
    first = found.purpose == Link.Purpose.SETUP
    make = forms.FirstAdministrator if first else forms.NewPassword
    form: forms.NewPassword = make(request.POST or None)
    said = {"first": first, "invited": found.purpose == Link.Purpose.INVITATION}
    if request.method != "POST" or not form.is_valid():
        return _page(request, "link_password", form, **said)
    typed = form.cleaned_data
    try:
        if first:
            user_id = services.make_first_administrator(
                secret=secret,
                email=typed["email"],
                name=typed["name"],
                password=typed["new"],
                language="zh-hans" if shell.language_now() == "zh" else "en",
                now=now,
            )
        else:
            user_id = services.set_password_by(secret=secret, password=typed["new"], now=now)
    except WeakPassword as error:
        for problem in error.problems:
            form.add_error("new", problem)
        return _page(request, "link_password", form, **said)
    except (NotAnEmail, EmailTaken, NameMissing) as error:
        form.add_error("name" if isinstance(error, NameMissing) else "email", _said(error))
        return _page(request, "link_password", form, **said)
    if queries.colleague(user_id).two_steps:
        # A link by mail stands in for the password, not for the telephone.
        return HttpResponseRedirect(reverse("account:login"))
    return _welcome(request, user_id, "")


@never_cache
@read_or_send
def kept(request: HttpRequest) -> HttpResponse:
    """The form that was sent while nobody was signed in: send it now, or leave it."""
    form = keeping.kept(request, clock.now())
    if request.method == "POST" or form is None:
        keeping.drop(request)
        return HttpResponseRedirect("/")
    return render(request, "users/kept.html", {"form": form})


@never_cache
@sensitive_post_parameters()
@read_or_send
def confirm(request: HttpRequest) -> HttpResponse:
    """One's password once more, before what protects the account is changed."""
    target = own_path(request, request.POST.get("next", "") or request.GET.get("next", ""))
    form, user = forms.Confirm(request.POST or None), request.user
    if request.method != "POST" or not form.is_valid() or not isinstance(user, User):
        return _page(request, "confirm", form, next=target)
    now = clock.now()
    try:
        services.count_try(what="sign in, account", who=user.email, now=now)
    except TooManyTries as error:
        return _too_many(request, "confirm", form, error, next=target)
    if not user.check_password(form.cleaned_data["password"]):
        _note_refusal(user.pk, "password")
        form.add_error("password", _said(WrongPassword("")))
        return _page(request, "confirm", form, next=target, status=403)
    services.forget_tries(what="sign in, account", who=user.email)
    signing_in.confirm(request, now)
    if keeping.kept(request, now) is not None:
        target = reverse("account:kept")
    return HttpResponseRedirect(target or reverse("account:home"))


def _welcome(request: HttpRequest, user_id: int, target: str) -> HttpResponse:
    """Signed in: to where they wanted, or to what they had typed, in their language."""
    signing_in.sign_in(request, user_id)
    if keeping.kept(request, clock.now()) is not None:
        target = reverse("account:kept")
    answer = HttpResponseRedirect(own_path(request, target) or "/")
    remember_language(answer, queries.colleague(user_id).language)
    return answer


def remember_language(answer: HttpResponse, language: str) -> None:
    """Let the pages speak the language of the colleague."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _page(request: HttpRequest, name: str, form: Any, *, status: int = 200, **said: Any) -> HttpResponse:
    return render(request, f"users/{name}.html", {"form": form, **said}, status=status)


def _too_many(request: HttpRequest, name: str, form: Any, error: TooManyTries, **said: Any) -> HttpResponse:
    form.add_error(None, _said(error))
    answer = _page(request, name, form, status=429, seconds=error.seconds, **said)
    answer["Retry-After"] = str(error.seconds)
    return answer


def _said(error: HuoshuiError) -> str:
    return error.says.in_(shell.language_now()) if error.says else str(error)


def _note_refusal(user_id: int | None, why: str) -> None:
    subject = f"user:{user_id}" if user_id else ""
    audit.record(
        actor=shell.NOBODY, act="user.refused", subject=subject, detail={"why": why}, now=clock.now()
    )
