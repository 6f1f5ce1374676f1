"""The form of a template: both languages, and the neutral words of each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.act.templates.content import LONGEST_NAME, LONGEST_NOTE, Content, Words
from huoshui.act.templates.layout import LONGEST_BODY, LONGEST_SUBJECT
from huoshui.kernel.texts import Language

BODY = {"rows": 14, "spellcheck": "true"}


def _subject() -> forms.CharField:
    return forms.CharField(label=_("Subject line"), max_length=LONGEST_SUBJECT, required=False)


def _body(rows: int) -> forms.CharField:
    return forms.CharField(
        label=_("Words of the message"),
        max_length=LONGEST_BODY,
        required=False,
        widget=forms.Textarea(attrs={**BODY, "rows": rows}),
    )


class TemplateForm(forms.Form):
    """What is written. A language without a text is left out; ``seen`` is the version that the writer began from."""

    name = forms.CharField(label=_("Name of the template"), max_length=LONGEST_NAME)
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False)
    subject_zh, body_zh = _subject(), _body(14)
    subject_en, body_en = _subject(), _body(14)
    neutral_subject_zh, neutral_body_zh = _subject(), _body(6)
    neutral_subject_en, neutral_body_en = _subject(), _body(6)
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def content(self) -> Content:
        """What was filled in."""
        said = self.cleaned_data
        return Content(
            name=said["name"], note=said["note"], words=_words(said, ""), neutral=_words(said, "neutral_")
        )

    @property
    def languages(self) -> list[tuple[Language, list[Any], list[Any]]]:
        """The fields of each language: usual words, neutral words."""
        return [(one, [self[f"subject_{one}"], self[f"body_{one}"]], self._neutral(one)) for one in _BOTH]

    def _neutral(self, language: Language) -> list[Any]:
        return [self[f"neutral_subject_{language}"], self[f"neutral_body_{language}"]]


_BOTH: tuple[Language, ...] = ("zh", "en")


def filled(content: Content, version: int) -> dict[str, Any]:
    """A content as its form shows it."""
    texts: dict[str, Any] = {"name": content.name, "note": content.note, "seen": version}
    for prefix, words in (("", content.words), ("neutral_", content.neutral)):
        for language, said in words.items():
            texts[f"{prefix}subject_{language}"] = said.subject
            texts[f"{prefix}body_{language}"] = said.body
    return texts


def _words(said: dict[str, Any], prefix: str) -> dict[Language, Words]:
    return {
        one: Words(subject=said[f"{prefix}subject_{one}"], body=said[f"{prefix}body_{one}"])
        for one in _BOTH
        if said[f"{prefix}body_{one}"].strip() or said[f"{prefix}subject_{one}"].strip()
    }
