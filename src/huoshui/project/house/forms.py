"""Forms of the pages of the house."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.desk.organisation.festivals import usual_festivals
from huoshui.kernel.currencies import CODES
from huoshui.kernel.texts import Language, Text

OWN = "own"


class NameForm(forms.Form):
    """The name of the house."""

    name = forms.CharField(
        label=_("Name of the organisation"),
        max_length=200,
        required=False,
        help_text=_("Stands above the menu and in letters."),
    )


class PlaceForm(forms.Form):
    """Currency and time zone."""

    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(CODES)])
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(zone, zone) for zone in sorted(available_timezones())]
    )


class FestivalForm(forms.Form):
    """Days of trade of a usual festival in one year, or of one of the house."""

    name_zh = forms.CharField(
        label=_("Chinese name, for a festival of your own"), max_length=60, required=False
    )
    name_en = forms.CharField(
        label=_("English name, for a festival of your own"), max_length=60, required=False
    )
    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, language: Language, **named: Any) -> None:
        super().__init__(*args, **named)
        usual = [(slug, name.in_(language)) for slug, name in usual_festivals()]
        choices = [(OWN, _("one of our own")), *usual]
        self.fields["which"] = forms.ChoiceField(label=_("Festival"), choices=choices)
        self.order_fields(["which"])

    def clean(self) -> dict[str, Any]:
        """A festival of the house needs a name; in one language it has it in both."""
        typed = super().clean() or self.cleaned_data
        if typed.get("which") == OWN and not (typed.get("name_zh") or typed.get("name_en")):
            self.add_error("name_zh", _("A festival of your own needs a name."))
        return typed

    def own_name(self) -> Text:
        """The name that was typed; a usual festival keeps its own."""
        zh, en = self.cleaned_data["name_zh"], self.cleaned_data["name_en"]
        return Text(en or zh or OWN, zh or en or OWN)
