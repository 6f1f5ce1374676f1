"""The form on which a colleague records what a customer said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from huoshui.data.privacy.queries import ANY
from huoshui.data.privacy.words import CHANNELS, PURPOSES
from huoshui.kernel.texts import Language


class SaidForm(forms.Form):
    """What was said, where, and how that can be shown."""

    def __init__(self, language: Language, data: Mapping[str, Any] | None = None, **named: Any) -> None:
        super().__init__(data, **named)
        self.fields["state"] = forms.ChoiceField(
            label=_("The customer"),
            choices=[("granted", _("agrees")), ("withdrawn", _("does not agree any more"))],
        )
        self.fields["purpose"] = forms.ChoiceField(
            label=_("To what"), choices=[(slug, text.in_(language)) for slug, text in PURPOSES.items()]
        )
        self.fields["channel"] = forms.ChoiceField(
            label=_("By which channel"),
            choices=[(slug, text.in_(language)) for slug, text in CHANNELS.items()],
        )
        self.fields["source"] = forms.CharField(
            label=_("Where it was said"),
            max_length=60,
            help_text=_("A call, a shop, a letter, a form"),
        )
        self.fields["evidence"] = forms.CharField(
            label=_("How that can be shown"),
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("The number of the recording or the form, who was there"),
        )
        self.fields["wording"] = forms.CharField(
            label=_("Version of the wording"), max_length=60, required=False
        )

    def clean(self) -> dict[str, Any]:
        """What was typed; profiling knows no channel, and a guardian speaks of all."""
        said = super().clean() or {}
        if said.get("purpose") in ("profiling", "guardian"):
            said["channel"] = ANY
        return said
