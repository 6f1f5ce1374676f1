"""The form by which people define a trait: what is taken of which facts, or a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.texts import Language, Text
from huoshui.know.custom import definitions, formulas
from huoshui.know.custom.definitions import CALENDARS, SOURCES, TAKES, TYPES, Formula, Type
from huoshui.know.custom.own import Content
from huoshui.know.custom.services import LONGEST
from huoshui.know.segments import sentences

CONDITIONS = definitions.MOST_CONDITIONS
FEWEST, SPARE = 4, 2
"""Rows of conditions that are shown at least, and empty ones after those that are written."""
MORE = "more"
"""The button that asks for more rows."""
FORMULA = "formula"
_FORMULA = Text("a formula of traits", "由特征组成的公式")
_ALL_TIME = Text("all time", "全部时间")
_DAYS, _HOURS = Text("the last … days", "最近…天"), Text("the last … hours", "最近…小时")
_JOINS = {"all": Text("all of these hold", "全部满足"), "any": Text("any of these holds", "满足任一")}
_BY_ITSELF = Text("as it comes", "按来源")
_APART = re.compile("[,，、;；]")
_FLAGS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


class TraitForm(forms.Form):
    """What is typed in. `content` is what it says; its fields are set up for a ``language``."""

    label_en = forms.CharField(label=_("Label in English"), max_length=LONGEST["label"], required=False)
    label_zh = forms.CharField(label=_("Label in Chinese"), max_length=LONGEST["label"], required=False)
    slug = forms.CharField(
        label=_("Name for programs"),
        max_length=40,
        required=False,
        help_text=_("Small letters, digits and _. Left empty, it is made of the English label."),
    )
    unit_en = forms.CharField(label=_("Unit in English"), max_length=LONGEST["unit"], required=False)
    unit_zh = forms.CharField(label=_("Unit in Chinese"), max_length=LONGEST["unit"], required=False)
    meaning_en = forms.CharField(
        label=_("What it means, in English"),
        max_length=LONGEST["meaning"],
        required=False,
        help_text=_("Left empty, it is told from what is taken."),
    )
    meaning_zh = forms.CharField(
        label=_("What it means, in Chinese"), max_length=LONGEST["meaning"], required=False
    )
    event = forms.CharField(
        label=_("Event"),
        max_length=definitions.LONGEST_EVENT,
        required=False,
        widget=forms.TextInput(attrs={"list": "trait-events"}),
    )
    length = forms.IntegerField(label=_("How many days or hours"), min_value=1, required=False)
    formula = forms.CharField(
        label=_("Formula"),
        max_length=formulas.LONGEST,
        required=False,
        help_text=_(
            "Names of traits with + - * / and brackets. Divided by zero, or with a trait missing, it is missing."
        ),
        widget=forms.TextInput(attrs={"list": "trait-names", "class": "hs-mono"}),
    )

    def __init__(self, *args: Any, language: Language, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["slug"]

        def choice(label: Any, texts: Mapping[Any, Text], *, required: bool = False) -> forms.ChoiceField:
            return forms.ChoiceField(
                label=label,
                choices=[(code, text.in_(language)) for code, text in texts.items()],
                required=required,
            )

        self.fields["of"] = choice(_("Computed from"), {**SOURCES, FORMULA: _FORMULA}, required=True)
        self.fields["property"] = forms.CharField(
            label=_("Property"),
            max_length=100,
            required=False,
            help_text=_("Not for counts and days. The first or last without a property is its time."),
            widget=forms.TextInput(attrs={"list": "trait-properties"}),
        )
        self.fields["take"] = choice(_("What is taken"), TAKES)
        self.fields["type"] = choice(_("Type of the property"), {"": _BY_ITSELF, **TYPES})
        self.fields["window"] = choice(
            _("Looks at"), {"": _ALL_TIME, "within_days": _DAYS, "within_hours": _HOURS, **CALENDARS}
        )
        self.fields["join"] = choice(_("How the conditions go together"), _JOINS)
        ops = {"": Text("…", "…")} | {
            op: Text(form.en.replace("{}", "…"), form.zh.replace("{}", "…"))
            for op, form in sentences.OPS.items()
            if op not in ("before", "after")
        }
        for n in range(CONDITIONS):
            self.fields[f"property_{n}"] = forms.CharField(
                label=_("Property"),
                max_length=100,
                required=False,
                widget=forms.TextInput(attrs={"list": "trait-properties"}),
            )
            self.fields[f"op_{n}"] = choice(_("Comparison"), ops)
            self.fields[f"value_{n}"] = forms.CharField(label=_("Value"), max_length=2000, required=False)

    @property
    def conditions(self) -> list[tuple[Any, Any, Any]]:
        """The rows of conditions that are shown: property, comparison, value; some of them empty."""
        written = [n for n in range(CONDITIONS) if self[f"property_{n}"].value()]
        shown = max(FEWEST, (written[-1] if written else 0) + 1 + SPARE)
        rows = range(min(shown, CONDITIONS))
        return [(self[f"property_{n}"], self[f"op_{n}"], self[f"value_{n}"]) for n in rows]

    @property
    def can_grow(self) -> bool:
        """Whether more conditions than are shown can be written."""
        return len(self.conditions) < CONDITIONS

    def content(self, types: Mapping[str, Type]) -> Content:
        """What a valid form says; ``types`` of the properties that the event brings. Raises `NotADefinition`."""
        said = self.cleaned_data
        if said["of"] == FORMULA:
            plain: dict[str, Any] = {"formula": said["formula"]}
        else:
            plain = self._aggregate(types)
        words = {
            name: said[name]
            for name in ("label_en", "label_zh", "meaning_en", "meaning_zh", "unit_en", "unit_zh")
        }
        return Content(**words, definition=definitions.read(plain))

    def _aggregate(self, types: Mapping[str, Type]) -> dict[str, Any]:
        said = self.cleaned_data
        of, name = said["of"], said["property"].strip()
        known = definitions.properties(of)
        plain: dict[str, Any] = {"of": of, "take": said["take"]}
        if of == "events":
            plain["event"] = said["event"]
        if name:
            plain["property"] = name
            if of == "events" and name not in known and (type_ := said["type"] or types.get(name)):
                plain["type"] = type_
        if said["window"] in ("within_days", "within_hours"):
            plain[said["window"]] = said["length"]
        elif said["window"]:
            plain["calendar"] = said["window"]
        rows = [
            self._condition(n, {**types, **known}) for n in range(CONDITIONS) if said[f"property_{n}"].strip()
        ]
        if rows:
            plain["where"], plain["join"] = rows, said["join"] or "all"
        return plain

    def _condition(self, n: int, types: Mapping[str, Type]) -> dict[str, Any]:
        name, op = self.cleaned_data[f"property_{n}"].strip(), self.cleaned_data[f"op_{n}"]
        typed = self.cleaned_data[f"value_{n}"].strip()
        one: dict[str, Any] = {"property": name, "op": op or "="}
        if one["op"] in ("in", "not_in", "between"):
            one["value"] = [
                _value(text.strip(), types.get(name)) for text in _APART.split(typed) if text.strip()
            ]
        elif one["op"] != "empty":
            one["value"] = _value(typed, types.get(name))
        return one


def initial(content: Content) -> dict[str, Any]:
    """A trait as the form shows it."""
    typed: dict[str, Any] = {
        name: getattr(content, name)
        for name in ("label_en", "label_zh", "meaning_en", "meaning_zh", "unit_en", "unit_zh")
    }
    definition = content.definition
    if isinstance(definition, Formula):
        return typed | {"of": FORMULA, "formula": formulas.written(definition.tree)}
    plain = definitions.plain(definition)
    typed |= {
        name: plain[name] for name in ("of", "event", "take", "property", "type", "join") if name in plain
    }
    for name in ("within_days", "within_hours"):
        if name in plain:
            typed |= {"window": name, "length": plain[name]}
    typed.setdefault("window", plain.get("calendar", ""))
    for n, one in enumerate(plain.get("where", ())):
        value = one.get("value", "")
        values = value if isinstance(value, list) else [value]
        typed |= {
            f"property_{n}": one["property"],
            f"op_{n}": one["op"],
            f"value_{n}": ", ".join(
                str(part).lower() if isinstance(part, bool) else str(part) for part in values
            ),
        }
    return typed


def _value(text: str, type_: Type | None) -> Any:
    """What was typed, as a value of a property of this type; what is none is refused by the reader of definitions."""
    if type_ == "number":
        try:
            number = float(text.replace(",", ""))
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return _FLAGS.get(text.lower(), text) if type_ == "flag" else text
