"""The form by which people ask for an alert of one metric."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Language
from huoshui.measure.metrics.alerts import words
from huoshui.measure.metrics.alerts.queries import AlertSeen

UNUSUAL = "unusual"


class AlertForm(forms.Form):
    """When to tell: by a line, or by what is usual. A share is typed in percent."""

    bound = forms.DecimalField(max_digits=21, decimal_places=6, required=False)
    mail = forms.BooleanField(label=_("by mail too"), required=False, initial=True)

    def __init__(
        self,
        sent: QueryDict | None,
        *,
        metric: Metric,
        unit: str,
        language: Language,
        known: AlertSeen | None = None,
    ) -> None:
        super().__init__(sent, initial=_typed(known, metric) if known else None)
        self.metric = metric
        usual = not (metric.slow or metric.entered)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Tell me when it"),
            choices=[
                (code, text.in_(language)) for code, text in words.KINDS.items() if usual or code != UNUSUAL
            ],
        )
        self.fields["grain"] = forms.ChoiceField(
            label=_("Looked at for"),
            choices=[(code, text.in_(language)) for code, text in words.GRAINS.items()],
            initial="week" if usual else "month",
        )
        self.fields["bound"].label = gettext("The line, in %(unit)s") % {"unit": unit}
        self.fields["bound"].required = not usual
        if usual:
            self.fields["bound"].help_text = gettext("Left empty for what is unusual")

    @property
    def line(self) -> Decimal | None:
        """The bound as figures are: shares between 0 and 1."""
        typed: Decimal | None = self.cleaned_data["bound"]
        return typed / 100 if typed is not None and self.metric.unit == "share" else typed


def _typed(known: AlertSeen, metric: Metric) -> dict[str, object]:
    """An alert as it would be typed."""
    bound = known.bound
    if bound is not None:
        bound = (bound * 100 if metric.unit == "share" else bound).normalize()
    typed = None if bound is None else f"{bound:f}"
    return {"kind": known.kind, "grain": known.grain, "bound": typed, "mail": known.mail}
