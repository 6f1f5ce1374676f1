"""The forms of research: one for each kind of entry, and the criteria."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.texts import Language
from huoshui.know.research import drafts, queries
from huoshui.know.research.drafts import CONFIDENCE, KINDS, SCORES, Origin
from huoshui.know.research.limits import LONGEST_NAME, LONGEST_SOURCE, LONGEST_TEXT
from huoshui.know.research.queries import Entry


class OriginForm(forms.Form):
    """Where an entry comes from; ``seen`` is the version that the writer began from."""

    source = forms.CharField(
        label=_("Source"),
        max_length=LONGEST_SOURCE,
        help_text=_("A report, a visit, an interview: who, what, where"),
    )
    link = forms.CharField(label=_("Link"), max_length=500, required=False)
    day = forms.DateField(
        label=_("Of which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    confidence = forms.ChoiceField(label=_("Confidence"))
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    first: tuple[str, ...] = ()

    def __init__(self, *args: Any, language: Language, **named: Any) -> None:
        super().__init__(*args, **named)
        offer(self, "confidence", [(code, words.in_(language)) for code, words in CONFIDENCE.items()])
        self.order_fields([*self.first, "source", "link", "day", "confidence"])

    def origin(self) -> Origin:
        """Where it comes from."""
        said = self.cleaned_data
        return Origin(
            source=said["source"], link=said["link"], day=said["day"], confidence=said["confidence"]
        )

    def draft(self) -> drafts.Draft:
        """What was filled in. Raises `NotResearch`."""
        raise LookupError(f"{type(self).__name__} is no form of one kind of entry")


class CompetitorForm(OriginForm):
    """A competitor with a score and a remark for each criterion."""

    first = ("name", "about", "ours")
    name = forms.CharField(label=_("Name of the competitor"), max_length=LONGEST_NAME)
    about = forms.CharField(label=_("In a sentence"), max_length=500, required=False)
    ours = forms.BooleanField(label=_("This is our own company"), required=False)

    def __init__(self, *args: Any, criteria: Sequence[str] = (), **named: Any) -> None:
        super().__init__(*args, **named)
        self.criteria = tuple(criteria)
        for place, name in enumerate(self.criteria):
            self.fields[f"score_{place}"] = forms.TypedChoiceField(
                label=name,
                choices=[("", "–"), *((str(n), str(n)) for n in SCORES)],
                coerce=int,
                empty_value=None,
                required=False,
            )
            self.fields[f"remark_{place}"] = forms.CharField(
                label=_("Remark on %(name)s") % {"name": name}, max_length=120, required=False
            )

    def draft(self) -> drafts.Draft:
        """What was filled in."""
        said = self.cleaned_data
        scores = {
            name: (said[f"score_{place}"], said[f"remark_{place}"])
            for place, name in enumerate(self.criteria)
        }
        return drafts.Competitor(
            name=said["name"], about=said["about"], ours=said["ours"], scores=scores, origin=self.origin()
        )


class FigureForm(OriginForm):
    """A figure of the market; its values stand in lines."""

    first = ("name", "unit", "values", "about")
    name = forms.CharField(label=_("What is measured"), max_length=LONGEST_NAME)
    unit = forms.CharField(label=_("Unit"), max_length=40)
    values = forms.CharField(
        label=_("Values by year"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One line a year, such as 2025: 1250"),
    )
    about = forms.CharField(label=_("In a sentence"), max_length=500, required=False)

    def draft(self) -> drafts.Draft:
        """What was filled in. Raises `NotResearch`."""
        said = self.cleaned_data
        return drafts.Figure(
            name=said["name"],
            unit=said["unit"],
            about=said["about"],
            values=drafts.years(said["values"]),
            origin=self.origin(),
        )


class NoteForm(OriginForm):
    """What was heard of somebody, without their name."""

    first = ("kind", "who", "segment", "words", "means")
    kind = forms.ChoiceField(label=_("How it was heard"))
    who = forms.CharField(
        label=_("Who"), max_length=LONGEST_NAME, help_text=_("No names: “W., 37, renovating, Hangzhou”")
    )
    segment = forms.ChoiceField(label=_("Speaks for the segment"), required=False)
    words = forms.CharField(
        label=_("What was said"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )
    means = forms.CharField(label=_("What it means for us"), max_length=500, required=False)

    def __init__(self, *args: Any, language: Language, **named: Any) -> None:
        super().__init__(*args, language=language, **named)
        offer(self, "kind", [(code, words.in_(language)) for code, words in KINDS.items()])
        known = [(slug, words.in_(language)) for slug, words in queries.segment_names().items()]
        offer(self, "segment", [("", str(_("nobody in particular"))), *known])

    def draft(self) -> drafts.Draft:
        """What was filled in."""
        said = self.cleaned_data
        own = {name: said[name] for name in ("kind", "who", "segment", "words", "means")}
        return drafts.Note(**own, origin=self.origin())


FORMS: dict[str, type[OriginForm]] = {"competitor": CompetitorForm, "figure": FigureForm, "note": NoteForm}


def filled(entry: Entry) -> dict[str, Any]:
    """An entry as its form shows it."""
    draft, origin = entry.draft, entry.draft.origin
    values: dict[str, Any] = {
        "source": origin.source,
        "link": origin.link,
        "day": origin.day,
        "confidence": origin.confidence,
        "seen": entry.version,
    }
    if isinstance(draft, drafts.Competitor):
        return values | {"name": draft.name, "about": draft.about, "ours": draft.ours}
    if isinstance(draft, drafts.Figure):
        lines = "\n".join(f"{year}: {value}" for year, value in sorted(draft.values.items()))
        return values | {"name": draft.name, "unit": draft.unit, "about": draft.about, "values": lines}
    own = ("kind", "who", "segment", "words", "means")
    return values | {name: getattr(draft, name) for name in own}


def scored(draft: drafts.Competitor, criteria: Sequence[str]) -> dict[str, Any]:
    """The scores of a competitor as its form shows them."""
    found: dict[str, Any] = {}
    for place, name in enumerate(criteria):
        score, remark = draft.scores.get(name, (None, ""))
        found |= {f"score_{place}": score, f"remark_{place}": remark}
    return found


def offer(form: forms.Form, name: str, options: Sequence[tuple[str, str]]) -> None:
    """Give a field its choices."""
    form.fields[name].choices = options  # type: ignore[attr-defined]  # a choice field
