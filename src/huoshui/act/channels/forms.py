"""What people type on the pages of e-mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.act.channels.queries import Identity
from huoshui.act.channels.services import LONGEST_CONTACT, LONGEST_NAME, Draft


class SenderForm(forms.Form):
    """Somebody whom e-mail comes from."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("What people read as the sender.")
    )
    address = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Your mail server must be allowed to send as this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    reply_to = forms.CharField(
        label=_("Answers go to"),
        max_length=254,
        required=False,
        help_text=_("Left empty, they go to the address above."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    contact = forms.CharField(
        label=_("Who that is and how they are reached"),
        max_length=LONGEST_CONTACT,
        required=False,
        help_text=_(
            "Company, address, telephone: stands at the end of every marketing message, as the law asks."
        ),
    )
    selector = forms.CharField(
        label=_("DKIM selector"),
        max_length=63,
        required=False,
        help_text=_("Your mail provider names it where DKIM is turned on. Only for the check."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    teams = forms.MultipleChoiceField(
        label=_("Only these teams may write as this sender"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["teams"].choices = teams  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        """What was filled in."""
        said = self.cleaned_data
        return Draft(
            name=said["name"],
            address=said["address"],
            reply_to=said["reply_to"],
            contact=said["contact"],
            selector=said["selector"],
            team_ids=[int(team) for team in said["teams"]],
        )


def filled(sender: Identity) -> dict[str, Any]:
    """The form of a sender as it is."""
    return {
        "name": sender.name,
        "address": sender.address,
        "reply_to": sender.reply_to,
        "contact": sender.contact,
        "selector": sender.selector,
        "teams": [str(team) for team in sorted(sender.team_ids)],
    }


class MailingForm(forms.Form):
    """Where messages come back to."""

    bounce_address = forms.CharField(
        label=_("Bounce address"),
        max_length=254,
        required=False,
        help_text=_("Such as bounces@example.com. Left empty, they come back to the sender's address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    plus = forms.BooleanField(
        label=_("The mail server also takes bounces+anything@…"),
        required=False,
        help_text=_("Then every message has a way back of its own, and what comes back is surely ours."),
    )


class CloseForm(forms.Form):
    """An address that is to get no e-mail."""

    address = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    why = forms.CharField(label=_("Why"), max_length=200, required=False)
