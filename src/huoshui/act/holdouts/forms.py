"""The form of the global control group."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.act.holdouts.services import LARGEST_GLOBAL, LONGEST_REASON


class GroupForm(forms.Form):
    """How large the group is to be, and whether other people are drawn."""

    share = forms.FloatField(
        label=_("Share of all customers, in percent"),
        min_value=0,
        max_value=100 * LARGEST_GLOBAL,
        help_text=_("0 to 20. Larger groups show smaller effects, and reach fewer people. 0 ends the group."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    anew = forms.BooleanField(
        label=_("Draw other people"),
        required=False,
        help_text=_(
            "Otherwise whoever is in the group stays in it. Usual once a year, after the total is read."
        ),
    )
    reason = forms.CharField(label=_("Why"), max_length=LONGEST_REASON, required=False)
