"""The settings: colleagues and teams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from huoshui.desk.users import forms, queries, services, words
from huoshui.desk.users.errors import EmailTaken, LastAdministrator, NameMissing, NotAnEmail
from huoshui.desk.users.queries import Colleague
from huoshui.desk.users.services import Invitation
from huoshui.desk.users.views.confirming import confirmed
from huoshui.desk.users.views.doors import read_or_send
from huoshui.kernel import clock
from huoshui.kernel.actors import Right, Role, Scope
from huoshui.web import shell, undo
from huoshui.web.lists import Column


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Everybody who works here."""
    shell.actor_of(request).require(Right.USERS_MANAGE)
    language = shell.language_now()
    teams = {team.id: team.name.in_(language) for team in queries.teams()}
    rows: list[dict[str, Any]] = [
        {
            "who": who,
            "role": words.SHORT_ROLES[who.role].in_(language),
            "scope": words.SCOPES[who.scope].in_(language),
            "teams": [teams[number] for number in sorted(who.team_ids)],
        }
        for who in queries.colleagues()
    ]
    columns = [
        Column(key="name", label=_("Colleague")),
        Column(key="role", label=_("Role")),
        Column(key="scope", label=_("Sees the customers"), wide=True),
        Column(key="teams", label=_("Teams"), wide=True),
        Column(key="seen", label=_("Last here"), wide=True),
        Column(key="state", label=_("State")),
    ]
    active = sum(row["who"].active for row in rows)
    return render(request, "users/people.html", {"rows": rows, "columns": columns, "active": active})


@never_cache
@confirmed
@read_or_send
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by mail."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.USERS_MANAGE)
    form = forms.Invite(
        request.POST or None,
        language=language,
        teams=_team_choices(),
        initial={
            "role": Role.OPERATOR.value,
            "scope": Scope.ALL.value,
            "language": "zh-hans" if language == "zh" else "en",
        },
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            invited = services.invite(
                actor=actor,
                email=typed["email"],
                name=typed["name"],
                role=Role(typed["role"]),
                scope=Scope(typed["scope"]),
                team_ids=form.team_ids(),
                language=typed["language"],
                now=clock.now(),
            )
        except (NotAnEmail, EmailTaken) as error:
            form.add_error("email", error.says.in_(language))
        except NameMissing:
            form.add_error("name", _("A name is needed."))
        else:
            return _invited(request, invited)
    return render(request, "users/invite.html", {"form": form})


@confirmed
@require_POST
def invite_again(request: HttpRequest, user_id: int) -> HttpResponse:
    """Another link for somebody who did not come yet."""
    invited = services.invite_again(actor=shell.actor_of(request), user_id=user_id, now=clock.now())
    return _invited(request, invited)


def _invited(request: HttpRequest, invited: Invitation) -> HttpResponse:
    who = queries.colleague(invited.user_id)
    if invited.mailed:
        undo.say(request, _("The invitation is on its way to %(email)s.") % {"email": who.email})
        return HttpResponseRedirect(reverse("people:list"))
    return render(request, "users/invited.html", {"who": who, "address": invited.address})


@never_cache
@confirmed
@read_or_send
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Role, scope and teams of one colleague; sessions; deactivating."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.USERS_MANAGE)
    who = queries.colleague(user_id)
    form = forms.Access(
        request.POST or None,
        language=language,
        teams=_team_choices(),
        initial={"role": who.role.value, "scope": who.scope.value, "teams": [str(n) for n in who.team_ids]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change(
                actor=actor,
                user_id=user_id,
                role=Role(form.cleaned_data["role"]),
                scope=Scope(form.cleaned_data["scope"]),
                team_ids=form.team_ids(),
                now=clock.now(),
            )
        except LastAdministrator as error:
            form.add_error("role", error.says.in_(language))
        else:
            undo.say(request, _("Saved. It counts from the next click of %(name)s on.") % {"name": who.name})
            return HttpResponseRedirect(reverse("people:list"))
    context = {
        "form": form,
        "who": who,
        "self": who.id == actor.user_id,
        "sessions": queries.sessions_of(user_id),
        "tokens": queries.tokens_of(user_id),
    }
    return render(request, "users/person.html", context)


def _act(act: Callable[[HttpRequest, Colleague], str]) -> Callable[..., HttpResponse]:
    """A button of the page of a colleague: it acts, says so and goes back."""

    def view(request: HttpRequest, user_id: int) -> HttpResponse:
        shell.actor_of(request).require(Right.USERS_MANAGE)
        undo.say(request, act(request, queries.colleague(user_id)))
        return HttpResponseRedirect(reverse("people:person", args=(user_id,)))

    return confirmed(require_POST(view))


def _disable(request: HttpRequest, who: Colleague) -> str:
    services.disable(actor=shell.actor_of(request), user_id=who.id, now=clock.now())
    return _("%(name)s cannot sign in any more. Sessions and tokens have ended.") % {"name": who.name}


def _enable(request: HttpRequest, who: Colleague) -> str:
    services.enable(actor=shell.actor_of(request), user_id=who.id, now=clock.now())
    return _("%(name)s can sign in again.") % {"name": who.name}


def _end_sessions(request: HttpRequest, who: Colleague) -> str:
    services.end_sessions(actor=shell.actor_of(request), user_id=who.id, now=clock.now())
    return _("%(name)s is signed out everywhere.") % {"name": who.name}


def _reset_second_step(request: HttpRequest, who: Colleague) -> str:
    services.reset_totp(actor=shell.actor_of(request), user_id=who.id, now=clock.now())
    return _("%(name)s signs in without the second step until it is set up again.") % {"name": who.name}


disable, enable = _act(_disable), _act(_enable)
end_sessions, reset_second_step = _act(_end_sessions), _act(_reset_second_step)


@never_cache
@read_or_send
def teams(request: HttpRequest) -> HttpResponse:
    """The teams, and a new one."""
    actor = shell.actor_of(request)
    actor.require(Right.USERS_MANAGE)
    form = forms.NewTeam(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.add_team(actor=actor, name=form.cleaned_data["name"], now=clock.now())
        undo.say(request, _("The team is there; put colleagues into it on their pages."))
        return HttpResponseRedirect(reverse("people:teams"))
    columns = [Column(key="name", label=_("Team")), Column(key="members", label=_("Members"), number=True)]
    context = {"form": form, "teams": queries.teams(), "columns": columns}
    return render(request, "users/teams.html", context)


@never_cache
@read_or_send
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """What a team is called."""
    actor = shell.actor_of(request)
    actor.require(Right.USERS_MANAGE)
    found = queries.team(team_id)
    form = forms.Team(request.POST or None, initial={"name_en": found.name.en, "name_zh": found.name.zh})
    if request.method == "POST" and form.is_valid():
        services.rename_team(actor=actor, team_id=team_id, now=clock.now(), **form.cleaned_data)
        undo.say(request, _("Saved"))
        return HttpResponseRedirect(reverse("people:teams"))
    members = [who for who in queries.colleagues() if team_id in who.team_ids]
    return render(request, "users/team.html", {"form": form, "team": found, "members": members})


def _team_choices() -> list[tuple[str, str]]:
    language = shell.language_now()
    return [(str(team.id), team.name.in_(language)) for team in queries.teams()]
