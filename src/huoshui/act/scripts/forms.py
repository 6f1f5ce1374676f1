"""The form of a script."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.act.scripts import queries
from huoshui.act.scripts.models import LONGEST_QUESTION, LONGEST_TEXT, LONGEST_TITLE
from huoshui.act.scripts.queries import Script
from huoshui.act.scripts.services import Draft
from huoshui.kernel.texts import Language

Options = list[tuple[str, str]]


class ScriptForm(forms.Form):
    """A script; ``seen`` is the version that the writer began from."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    question = forms.CharField(
        label=_("What the customer asks or objects"), max_length=LONGEST_QUESTION, required=False
    )
    text = forms.CharField(
        label=_("What one says"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8})
    )
    stage = forms.ChoiceField(label=_("For customers in the stage"), required=False)
    segment = forms.ChoiceField(label=_("For customers of the segment"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, language: Language, **named: Any) -> None:
        super().__init__(*args, **named)
        for name, options in choices(language).items():
            self.fields[name].choices = options  # type: ignore[attr-defined]  # a choice field

    def draft(self) -> Draft:
        """What was filled in."""
        return Draft(**{name: self.cleaned_data[name] for name in Draft.__slots__})


def choices(language: Language) -> dict[str, Options]:
    """What one can choose of: stages, segments, languages."""
    every = ("", str(_("all")))
    return {
        "stage": [every, *((code, text.in_(language)) for code, text in queries.stages().items())],
        "segment": [every, *((slug, text.in_(language)) for slug, text in queries.segment_names().items())],
        "language": [every, ("zh", str(_("Chinese"))), ("en", str(_("English")))],
    }


def filled(script: Script) -> dict[str, Any]:
    """A script as its form shows it."""
    return {**{name: getattr(script, name) for name in Draft.__slots__}, "seen": script.version}
