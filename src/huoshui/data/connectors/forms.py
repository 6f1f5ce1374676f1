"""The form that says how a file is to be read: what was guessed stands in it and can be corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from huoshui.data.connectors import queries
from huoshui.data.connectors.files.encodings import CODECS
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.looking import Look, columns_of
from huoshui.data.connectors.models import Upload
from huoshui.data.connectors.reasons import without_headings
from huoshui.data.connectors.tools import TOOLS
from huoshui.data.connectors.understanding import NONE, WHY
from huoshui.data.connectors.words import FIELD_WORDS, KIND_WORDS
from huoshui.data.customers import queries as customers
from huoshui.kernel.texts import Language

TOLD = (
    "profile",
    "sheet",
    "encoding",
    "delimiter",
    "source",
    "currency",
    "time_zone",
    "date_order",
    "amounts_in",
)
CHOSEN = {"date_order": ("dmy", "mdy"), "amounts_in": ("units", "cents")}
READ_ANEW = ("profile", "sheet", "encoding", "delimiter")
"""What changes which columns there are, or what is proposed for them: then columns are mapped anew."""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of the file (or one of its meanings): ``name`` of its choice, ``chosen`` a field or nothing."""

    name: str
    id: str
    column: str
    cells: str
    chosen: str
    needed: bool
    cents: bool


class HowToRead(forms.Form):
    """Everything that can be said about a file but its columns. An empty choice means: as guessed."""

    use_required_attribute = False  # browsers would not send a form whose guess is left as it is

    kind = forms.ChoiceField()
    profile = forms.ChoiceField(required=False)
    sheet = forms.ChoiceField(required=False)
    encoding = forms.ChoiceField(required=False)
    delimiter = forms.ChoiceField(required=False)
    source = forms.CharField(required=False, max_length=60)
    currency = forms.CharField(required=False, max_length=3)
    time_zone = forms.CharField(required=False, max_length=60)
    date_order = forms.ChoiceField(required=False)
    amounts_in = forms.ChoiceField(required=False)


def how_to_read(upload: Upload, look: Look, language: Language) -> HowToRead:
    """The form as things stand."""
    shown = values(upload, look)
    form = HowToRead(initial={"kind": upload.kind, **shown})
    found = look.understood
    labels = {
        "kind": _("What the rows are"),
        "profile": _("Profile"),
        "sheet": _("Sheet"),
        "encoding": _("Encoding"),
        "delimiter": _("Cells are separated by"),
        "source": _("Source"),
        "currency": _("Currency of the amounts"),
        "time_zone": _("Time zone of the times"),
        "date_order": _("Order of dates"),
        "amounts_in": _("Amounts are in"),
    }
    choices = _choices(upload, look, language)
    for name in list(form.fields):
        field = form.fields[name]
        field.required = True  # the label does not say that it may be left empty: it is filled with the guess
        field.label = labels[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices.get(name, [])
            if not field.choices:
                del form.fields[name]
    if found is not None:
        for name, why in found.why.items():
            if name in form.fields and why != "told":
                form.fields[name].help_text = WHY[why].in_(language)
    return form


def values(upload: Upload, look: Look) -> dict[str, str]:
    """What the form shows: what was said, else what was guessed."""
    shown = {name: upload.options.get(name) or "" for name in TOLD}
    if (found := look.understood) is not None:
        guessed = {
            "profile": found.profile or NONE,
            "sheet": found.file.sheet,
            "encoding": found.file.encoding,
            "delimiter": found.file.delimiter if found.file.format == "text" else "",
            "source": found.source,
            "currency": found.currency,
            "time_zone": found.zone,
            "date_order": found.date_order or "",
            "amounts_in": found.amounts_in or "",
        }
        shown = {name: guessed[name] or shown[name] for name in TOLD}
    return shown


def said(upload: Upload, look: Look, sent: QueryDict) -> tuple[str, dict[str, Any]]:
    """The kind and the options that a form says. What stands there as it was guessed stays a guess."""
    shown = values(upload, look)
    kind = sent.get("kind", upload.kind)
    kind = kind if kind in KINDS else upload.kind
    options: dict[str, Any] = {}
    for name in TOLD:
        given = sent.get(name, shown[name])
        given = given if name == "delimiter" else given.strip()
        if name in CHOSEN and given not in ("", *CHOSEN[name]):
            given = shown[name]
        if given == shown[name]:
            if name in upload.options:
                options[name] = upload.options[name]
        elif given:
            options[name] = given
    anew = kind != upload.kind or any(options.get(n) != upload.options.get(n) for n in READ_ANEW)
    mapping = {} if anew else _mapping_said(upload, look, sent)
    if mapping:
        options["mapping"] = mapping
    return kind, options


def column_rows(upload: Upload, look: Look) -> list[ColumnRow]:
    """The columns of the file with what they mean; one that means two things stands there twice."""
    found = look.understood
    if found is None:
        return []
    mapped = found.mapping.as_dict()
    needed = {name for group in KINDS[upload.kind].required for name in group}
    rows = []
    for number, column in enumerate(found.file.columns):
        if column not in without_headings(found.file.columns):
            continue
        means = [name for name, recipe in mapped.items() if column in columns_of(recipe, found.file.columns)]
        for place, name in enumerate(means or [""]):
            rows.append(
                ColumnRow(
                    name=f"column-{number}",
                    id=f"column-{number}-{place}",
                    column=column,
                    cells=" · ".join(look.cells.get(column, ())),
                    chosen=name,
                    needed=name in needed,
                    cents=name in found.mapping.cents,
                )
            )
    return rows


def fields_of(kind: str, language: Language) -> list[tuple[str, str]]:
    """The fields of a kind, and the attributes of customers where it takes them, with their words."""
    needed = {group[0] for group in KINDS[kind].required if len(group) == 1}
    found = [
        (field.name, FIELD_WORDS[field.name].in_(language) + (" *" if field.name in needed else ""))
        for field in KINDS[kind].fields
    ]
    if KINDS[kind].attributes:
        attributes = customers.attributes(kind="ordinary")
        found += [(a.slug, a.label_zh if language == "zh" else a.label_en) for a in attributes]
    return found


def _mapping_said(upload: Upload, look: Look, sent: QueryDict) -> Mapping[str, str]:
    found = look.understood
    if found is None or not any(name.startswith("column-") for name in sent):
        return dict(upload.options.get("mapping", {}))
    columns, before = found.file.columns, found.mapping.as_dict()
    names = {name for name, _label in fields_of(upload.kind, "en")}
    chosen: dict[str, list[str]] = {}
    for number, column in enumerate(columns):
        for name in sent.getlist(f"column-{number}"):
            if name in names and column not in chosen.get(name, ()):
                chosen.setdefault(name, []).append(column)
    recipes = {
        name: before[name]
        if name in before and set(columns_of(before[name], columns)) == set(made_of)
        else " | ".join(made_of)
        for name, made_of in chosen.items()
    }
    if recipes == before:
        return dict(upload.options.get("mapping", {}))
    return {name: recipes.get(name, "") for name in names}


def _choices(upload: Upload, look: Look, language: Language) -> dict[str, list[tuple[str, str]]]:
    file = look.understood.file if look.understood else None
    tools = [(t.name, t.label.in_(language)) for t in TOOLS.values() if t.kind == upload.kind]
    saved = [(name, name) for name in queries.saved_names(upload.kind)]
    found = {
        "kind": [(slug, words.in_(language)) for slug, words in KIND_WORDS.items()],
        "profile": [(NONE, _("none")), *saved, *tools],
        "date_order": [("", _("as the dates show")), ("dmy", _("day first")), ("mdy", _("month first"))],
        "amounts_in": [
            ("", _("as the columns say, else units")),
            ("units", _("units")),
            ("cents", _("hundredths")),
        ],
        "sheet": [(name, name) for name in file.sheets] if file and len(file.sheets) > 1 else [],
        "encoding": [],
        "delimiter": [],
    }
    if file is None or file.format == "text":
        automatic = [("", _("automatic"))] if file is None else []
        found["encoding"] = [*automatic, *((name, name.upper()) for name in CODECS)]
        found["delimiter"] = [
            *automatic,
            (",", _("comma")),
            ("\t", _("tab")),
            (";", _("semicolon")),
            ("|", _("bar")),
        ]
    if file is None and upload.options.get("sheet"):
        found["sheet"] = [("", _("automatic")), (upload.options["sheet"], upload.options["sheet"])]
    return found
