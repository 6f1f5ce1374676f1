"""The form of a task."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.desk.users import queries as users
from huoshui.desk.worklist.models import LONGEST_NOTE, LONGEST_SUBJECT, LONGEST_TITLE
from huoshui.desk.worklist.queries import PRIORITIES, Task
from huoshui.desk.worklist.services import Draft
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language


class TaskForm(forms.Form):
    """A task: ``who`` is ``user:12`` or ``team:3``; ``version`` is the one that the editor saw."""

    title = forms.CharField(label=_("What is to be done"), max_length=LONGEST_TITLE)
    who = forms.ChoiceField(label=_("For"), required=False)
    due = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    priority = forms.TypedChoiceField(label=_("Priority"), coerce=int, empty_value="1", required=False)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 4})
    )
    subject = forms.CharField(required=False, max_length=LONGEST_SUBJECT, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, actor: Actor, language: Language, task: Task | None = None, **named: Any
    ) -> None:
        super().__init__(*args, **named)
        self.task = task
        self.fields["who"].choices = choices(actor, language, task)  # type: ignore[attr-defined]
        self.fields["priority"].choices = [  # type: ignore[attr-defined]
            (str(code), label.in_(language)) for code, label in PRIORITIES.items()
        ]

    def draft(self) -> Draft:
        """What was filled in. Of a task that a team shares out, the team is kept."""
        said = self.cleaned_data
        owner_id, team_id = who(said["who"])
        if team_id is None and self.task is not None:
            team_id = self.task.team_id
        return Draft(
            title=said["title"],
            note=said["note"],
            owner_id=owner_id,
            team_id=team_id,
            due=said["due"],
            priority=int(said["priority"]),
            subject=said["subject"],
        )


def filled(task: Task) -> dict[str, Any]:
    """The values of a task for its form."""
    return {
        "title": task.title,
        "who": f"user:{task.owner_id}" if task.owner_id else f"team:{task.team_id}",
        "due": task.due,
        "priority": task.priority,
        "note": task.note,
        "subject": task.subject,
        "version": task.version,
    }


def choices(
    actor: Actor, language: Language, task: Task | None = None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Who can be given a task: oneself first, then colleagues, then teams."""
    people = {f"user:{pk}": name for pk, name in users.who_may(Right.TASKS_WORK).items()}
    if task is not None and task.owner_id:
        people.setdefault(f"user:{task.owner_id}", task.owner)
    own = f"user:{actor.user_id}"
    ordered = sorted(people.items(), key=lambda pair: (pair[0] != own, pair[1].casefold()))
    teams = [(f"team:{team.id}", team.name.in_(language)) for team in users.teams()]
    return [(str(_("Colleagues")), ordered), *([(str(_("Teams, to be taken")), teams)] if teams else [])]


def who(said: str) -> tuple[int | None, int | None]:
    """Owner and team of a choice."""
    kind, _sign, number = said.partition(":")
    if not (number.isascii() and number.isdecimal()):
        return None, None
    return (int(number), None) if kind == "user" else (None, int(number))
