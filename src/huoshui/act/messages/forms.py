"""What people type on the pages of the outbox."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.act.messages.queries import AllRules, LaneNow
from huoshui.act.messages.tuning import LARGEST


def _cap(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=LARGEST, required=False, help_text=help_text
    )


def _time(label: Any, help_text: Any = "") -> forms.TimeField:
    return forms.TimeField(
        label=label, help_text=help_text, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class RulesForm(forms.Form):
    """What holds for marketing on all channels."""

    quiet_from = _time(_("Quiet hours from"))
    quiet_until = _time(
        _("Quiet hours until"),
        _("In the time zone of the person. Messages wait until they end; equal times are no quiet hours."),
    )
    cap_day = _cap(_("Messages to one person a day, at most"), _("Empty: no limit."))
    cap_week = _cap(_("Messages to one person in seven days, at most"), _("Empty: no limit."))
    grace_minutes = forms.IntegerField(
        label=_("Grace in minutes"),
        min_value=1,
        max_value=LARGEST,
        help_text=_("What could not leave for longer than this waits until somebody decides."),
    )

    @staticmethod
    def initial_of(rules: AllRules) -> dict[str, Any]:
        """What the form shows of rules."""
        return {
            "quiet_from": time(*divmod(rules.quiet_from, 60)),
            "quiet_until": time(*divmod(rules.quiet_until, 60)),
            "cap_day": rules.cap_day,
            "cap_week": rules.cap_week,
            "grace_minutes": rules.grace_minutes,
        }

    def said(self) -> dict[str, Any]:
        """What was filled in, as `tuning.set_rules` takes it."""
        said = dict(self.cleaned_data)
        for name in ("quiet_from", "quiet_until"):
            said[name] = said[name].hour * 60 + said[name].minute
        return said


class LaneForm(forms.Form):
    """The pace of one channel."""

    rate = forms.IntegerField(
        label=_("Messages a minute, at most"),
        min_value=0,
        max_value=LARGEST,
        help_text=_("0: as fast as the other side takes them."),
    )
    breaker_after = forms.IntegerField(
        label=_("Pause after this many failures in a row"), min_value=1, max_value=LARGEST
    )
    breaker_minutes = forms.IntegerField(label=_("For how many minutes"), min_value=1, max_value=LARGEST)
    cap_day = _cap(_("To one person a day on this channel, at most"), _("Empty: no limit of its own."))
    cap_week = _cap(
        _("To one person in seven days on this channel, at most"), _("Empty: no limit of its own.")
    )

    @staticmethod
    def initial_of(lane: LaneNow) -> dict[str, Any]:
        """What the form shows of a lane."""
        return {name: getattr(lane, name) for name in LaneForm.base_fields}
