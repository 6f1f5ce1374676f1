"""One's own account: name and language, password, second step, sessions, tokens."""

from __future__ import annotations

from datetime import timedelta

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from huoshui.desk.users import forms, queries, services, words
from huoshui.desk.users.errors import NoSuchUser, WeakPassword, WrongPassword
from huoshui.desk.users.models import User
from huoshui.desk.users.views import confirming
from huoshui.desk.users.views.doors import read_or_send, remember_language
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.web import shell, undo

NEW_SECRET = "totp_secret"  # noqa: S105 a key of the session


def whose(request: HttpRequest) -> int:
    """The number of the colleague who asks. Raises `NoSuchUser` where the console or a token asks."""
    user_id = shell.actor_of(request).user_id
    if user_id is None:
        raise NoSuchUser("Only a colleague has an account")
    return user_id


@never_cache
@read_or_send
def home(request: HttpRequest) -> HttpResponse:
    """Name and language here; the way to everything else."""
    user_id, actor = whose(request), shell.actor_of(request)
    me = queries.colleague(user_id)
    form = forms.Own(request.POST or None, initial={"name": me.name, "language": me.language})
    if request.method == "POST" and form.is_valid():
        services.change_own(actor=actor, **form.cleaned_data)
        undo.say(request, _("Saved"))
        answer = HttpResponseRedirect(reverse("account:home"))
        remember_language(answer, form.cleaned_data["language"])
        return answer
    language = shell.language_now()
    context = {
        "form": form,
        "me": me,
        "role": words.SHORT_ROLES[me.role].in_(language),
        "scope": words.SCOPES[me.scope].in_(language),
        "teams": [team.name.in_(language) for team in queries.teams() if team.id in me.team_ids],
        "sessions": queries.sessions_of(user_id),
        "here": confirming.session_of(request),
        "tokens": [
            {"token": token, "may": [words.RIGHTS[right].in_(language) for right in token.rights]}
            for token in queries.tokens_of(user_id)
        ],
        "codes_left": queries.recovery_codes_left(user_id),
    }
    return render(request, "users/home.html", context)


@never_cache
@sensitive_post_parameters()
@read_or_send
def password(request: HttpRequest) -> HttpResponse:
    """A new password. Every session ends but a new one for this browser."""
    from huoshui.desk.users import signing_in

    user_id, actor, now = whose(request), shell.actor_of(request), clock.now()
    form = forms.ChangePassword(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            services.count_try(what="sign in, account", who=actor.name, now=now)
            services.change_password(actor=actor, old=typed["old"], new=typed["new"], now=now)
        except WrongPassword:
            form.add_error("old", _("This is not your present password."))
        except WeakPassword as error:
            for problem in error.problems:
                form.add_error("new", problem)
        else:
            services.forget_tries(what="sign in, account", who=actor.name)
            signing_in.sign_in(request, user_id)
            undo.say(request, _("Your password is changed, and your other sessions have ended."))
            return HttpResponseRedirect(reverse("account:home"))
    return render(request, "users/password.html", {"form": form})


@never_cache
@sensitive_post_parameters()
@confirming.confirmed
@read_or_send
def second_step(request: HttpRequest) -> HttpResponse:
    """Set up codes of a telephone."""
    user_id, actor, now = whose(request), shell.actor_of(request), clock.now()
    me = queries.colleague(user_id)
    if me.two_steps:
        return render(request, "users/second_step.html", {"codes_left": queries.recovery_codes_left(user_id)})
    secret = request.session.get(NEW_SECRET)
    secret, address = services.begin_totp(email=me.email, secret=secret)
    request.session[NEW_SECRET] = secret
    form = forms.Code(request.POST or None)
    form.fields["code"].help_text = _("Six digits that the app shows now.")
    if request.method == "POST" and form.is_valid():
        try:
            codes = services.confirm_totp(actor=actor, secret=secret, code=form.cleaned_data["code"], now=now)
        except WrongPassword:
            form.add_error(
                "code", _("The code is not right. Wait for the next one; check the telephone's clock.")
            )
        else:
            del request.session[NEW_SECRET]
            return render(request, "users/recovery_codes.html", {"codes": codes})
    picture = segno.make(address, error="m").svg_data_uri(scale=4, border=3, light="#fff", dark="#17232b")
    grouped = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    context = {
        "form": form,
        "picture": picture,
        "secret": grouped,
        "must": Right.USERS_MANAGE in actor.rights,
    }
    return render(request, "users/second_step_set_up.html", context)


@never_cache
@confirming.confirmed
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown once."""
    codes = services.new_recovery_codes(actor=shell.actor_of(request), now=clock.now())
    return render(request, "users/recovery_codes.html", {"codes": codes})


@confirming.confirmed
@require_POST
def remove_second_step(request: HttpRequest) -> HttpResponse:
    """Take the second step away, to set it up on another telephone."""
    services.reset_totp(actor=shell.actor_of(request), user_id=whose(request), now=clock.now())
    return HttpResponseRedirect(reverse("account:second_step"))


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one session, or all others."""
    actor, number = shell.actor_of(request), request.POST.get("session", "")
    if number.isdecimal() and len(number) < 16:
        services.end_session(actor=actor, session_id=int(number), now=clock.now())
    else:
        here = confirming.session_of(request)
        services.end_sessions(actor=actor, user_id=whose(request), but=here, now=clock.now())
    undo.say(request, _("Ended. Whoever sat there is signed out."))
    return HttpResponseRedirect(reverse("account:home"))


@never_cache
@confirming.confirmed
@read_or_send
def tokens(request: HttpRequest) -> HttpResponse:
    """Make a token; it is shown this once."""
    actor, language = shell.actor_of(request), shell.language_now()
    form = forms.NewToken(request.POST or None, language=language, rights=actor.rights)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        secret = services.make_token(
            actor=actor,
            name=typed["name"],
            rights=[Right(right) for right in typed["rights"]],
            lifetime=timedelta(days=typed["days"]),
            now=clock.now(),
        )
        return render(request, "users/token_made.html", {"secret": secret, "name": typed["name"]})
    return render(request, "users/token.html", {"form": form})


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Let a token work no more."""
    number = request.POST.get("token", "")
    token_id = int(number) if number.isdecimal() and len(number) < 16 else 0
    services.revoke_token(actor=shell.actor_of(request), token_id=token_id, now=clock.now())
    undo.say(request, _("The token works no more."))
    return HttpResponseRedirect(reverse("account:home"))


def must_set_up(request: HttpRequest) -> bool:
    """Whether who asks is an administrator without the second step, outside of a demo house."""
    user = request.user
    if not isinstance(user, User) or user.totp_since is not None:
        return False
    house = shell.house_now()
    return Right.USERS_MANAGE in shell.actor_of(request).rights and not (house and house.demo)
