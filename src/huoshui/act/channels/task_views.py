"""How messages become tasks of colleagues."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from huoshui.act.channels import task
from huoshui.desk.users import queries as users
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Language
from huoshui.web import shell, undo


class SettingForm(forms.Form):
    """The team, and the days."""

    team = forms.ChoiceField(
        label=gettext_lazy("Team for customers whom nobody looks after"),
        required=False,
        help_text=gettext_lazy(
            "Whoever of the team takes the task does it. Without a team these people are not reached."
        ),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until a task is due"), min_value=0, max_value=task.MOST_DAYS
    )

    def __init__(self, data: object, *, language: Language) -> None:
        setting = task.setting()
        super().__init__(data, initial={"team": setting.team_id or "", "days": setting.days})  # type: ignore[arg-type]
        teams = [(str(team.id), team.name.in_(language)) for team in users.teams()]
        self.fields["team"].choices = [("", gettext("no team")), *teams]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Show and change the settings."""
    actor = shell.actor_of(request)
    actor.require(Right.HOUSE_MANAGE)
    form = SettingForm(request.POST if request.method == "POST" else None, language=shell.language_now())
    if form.is_valid():
        team = form.cleaned_data["team"]
        task.change_setting(
            actor=actor,
            team_id=int(team) if team else None,
            days=form.cleaned_data["days"],
            now=clock.now(),
        )
        undo.say(request, gettext("Saved"))
        return HttpResponseRedirect(reverse("message_tasks:settings"))
    status = 400 if form.is_bound else 200
    return render(request, "channels/task_settings.html", {"form": form}, status=status)
