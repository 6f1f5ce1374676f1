"""What people type on the pages of colleagues."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.desk.users import words
from huoshui.desk.users.models import User
from huoshui.desk.users.services.people import LONGEST_NAME, LONGEST_PASSWORD, LONGEST_TEAM
from huoshui.kernel.actors import Right, Role, Scope
from huoshui.kernel.texts import Language


def _password(label: Any, *, new: bool = False, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"})
    # Not stripped: a space may be part of it. Longer ones than can be chosen are wrong anyway, and cost time.
    return forms.CharField(
        label=label, strip=False, max_length=LONGEST_PASSWORD, widget=widget, help_text=help_text
    )


def _address() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


LENGTH = _("At least 12 characters; a sentence is fine. It may not be a common one.")


class SignIn(forms.Form):
    """E-mail and password."""

    email = _address()
    password = _password(_("Password"))


class Code(forms.Form):
    """A code of the telephone, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits from the app on your telephone, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )


class Confirm(forms.Form):
    """One's password once more."""

    password = _password(_("Password"))


class Forgot(forms.Form):
    """Where the link for a new password goes."""

    email = _address()


class NewPassword(forms.Form):
    """A new password, twice."""

    new = _password(_("New password"), new=True, help_text=LENGTH)
    again = _password(_("The same again"), new=True)

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        said = super().clean() or {}
        if "new" in said and "again" in said and said["new"] != said["again"]:
            self.add_error("again", str(_("This is not the same password.")))
        return said


class FirstAdministrator(NewPassword):
    """Who manages the house from now on."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = _address()
    field_order = ("name", "email", "new", "again")


class ChangePassword(NewPassword):
    """The present password and a new one."""

    old = _password(_("Present password"))
    field_order = ("old", "new", "again")


class Own(forms.Form):
    """What one may change of oneself."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    language = forms.ChoiceField(label=_("Language"), choices=(("en", "English"), ("zh-hans", "简体中文")))


class Access(forms.Form):
    """Role, scope and teams of a colleague."""

    role = forms.ChoiceField(label=_("Role"))
    scope = forms.ChoiceField(label=_("Sees the customers"))
    teams = forms.MultipleChoiceField(label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, language: Language, teams: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["role"].choices = [(r.value, words.ROLES[r].in_(language)) for r in Role]  # type: ignore[attr-defined]
        self.fields["scope"].choices = [(s.value, words.SCOPES[s].in_(language)) for s in Scope]  # type: ignore[attr-defined]
        self.fields["teams"].choices = teams  # type: ignore[attr-defined]

    def team_ids(self) -> frozenset[int]:
        """The teams that were ticked."""
        return frozenset(int(team) for team in self.cleaned_data["teams"])


class Invite(Access):
    """Somebody new."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=tuple(User.Language.choices),
        help_text=_("Of the invitation and the pages."),
    )
    field_order = ("name", "email", "language", "role", "scope", "teams")

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["language"].choices = (("en", "English"), ("zh-hans", "简体中文"))  # type: ignore[attr-defined]


class Team(forms.Form):
    """What a team is called."""

    name_en = forms.CharField(label=_("Name in English"), max_length=LONGEST_TEAM)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=LONGEST_TEAM)


class NewTeam(forms.Form):
    """A new team."""

    name = forms.CharField(label=_("Team"), max_length=LONGEST_TEAM)


class NewToken(forms.Form):
    """A token for programs."""

    name = forms.CharField(label=_("What uses it"), max_length=100)
    rights = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("It ends after"),
        coerce=int,
        choices=((30, _("30 days")), (90, _("90 days")), (365, _("a year"))),
        initial=90,
    )

    def __init__(self, *args: Any, language: Language, rights: frozenset[Right], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["rights"].choices = [  # type: ignore[attr-defined]
            (right.value, words.RIGHTS[right].in_(language)) for right in Right if right in rights
        ]
