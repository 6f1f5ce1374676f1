"""The form by which people define a metric: two parts, each one choice of what is counted and a few filters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoshui.data.customers import queries as customers
from huoshui.kernel.plugs import LAKE_TABLES, Column
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import defined, definitions
from huoshui.measure.metrics.definitions import OPERATORS, SOURCES, Definition, Part
from huoshui.measure.metrics.own import Content
from huoshui.measure.metrics.pages.words import DIRECTIONS
from huoshui.measure.metrics.services import LONGEST_LABEL, LONGEST_MEANING

PARTS = ("above", "below")
FILTERS = 3
_ROWS = Text("count of {of}", "{of}：计数")
_CUSTOMERS = Text("different customers of {of}", "{of}：去重客户数")
_SUM = Text("sum of {column}", "{column} 之和")
_AVERAGE = Text("average {column}", "{column} 平均值")
_NOTHING = Text("nothing", "无")
_ALL_ROWS = Text("no filter", "不筛选")
_APART = re.compile("[,，、;；]")


class MetricForm(forms.Form):
    """What is typed in. `content` is what it says; its fields are set up for a ``language``."""

    label_en = forms.CharField(label=_("Label in English"), max_length=LONGEST_LABEL, required=False)
    label_zh = forms.CharField(label=_("Label in Chinese"), max_length=LONGEST_LABEL, required=False)
    slug = forms.CharField(
        label=_("Name for programs"),
        max_length=60,
        required=False,
        help_text=_("Small letters, digits and _. Left empty, it is made of the English label."),
    )
    direction = forms.ChoiceField(label=_("Which way is good"))
    meaning_en = forms.CharField(
        label=_("What it means, in English"),
        max_length=LONGEST_MEANING,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    meaning_zh = forms.CharField(
        label=_("What it means, in Chinese"),
        max_length=LONGEST_MEANING,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, language: Language, fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if fixed:
            del self.fields["slug"]
        self.fields["direction"] = forms.ChoiceField(
            label=_("Which way is good"),
            choices=[(code, text.in_(language)) for code, text in DIRECTIONS.items()],
        )
        said = [str(value) for value in (*self.initial.values(), *self.data.values())]
        offered = {of: _offered(of, said) for of in SOURCES}
        whats, named = _whats(offered, language), _columns(offered, language)
        operators = [(code, text.in_(language)) for code, text in OPERATORS.items()]
        for part in PARTS:
            nothing = [("", _NOTHING.in_(language))] if part == "below" else []
            self.fields[f"{part}_what"] = forms.ChoiceField(
                label=_("What is counted") if part == "above" else _("Divided by"),
                choices=[*nothing, *whats],
                required=part == "above",
            )
            for n in range(FILTERS):
                self.fields[f"{part}_column_{n}"] = forms.ChoiceField(
                    label=_("Column"), choices=[("", _ALL_ROWS.in_(language)), *named], required=False
                )
                self.fields[f"{part}_operator_{n}"] = forms.ChoiceField(
                    label=_("Comparison"), choices=operators, required=False
                )
                self.fields[f"{part}_value_{n}"] = forms.CharField(
                    label=_("Value"), max_length=2000, required=False
                )

    def filters(self, part: str) -> Iterator[tuple[Any, Any, Any]]:
        """The rows of filters of a part: column, comparison, value."""
        for n in range(FILTERS):
            yield self[f"{part}_column_{n}"], self[f"{part}_operator_{n}"], self[f"{part}_value_{n}"]

    @property
    def parts(self) -> list[tuple[Any, Sequence[tuple[Any, Any, Any]]]]:
        """Each part with its filters, for the template."""
        return [(self[f"{part}_what"], list(self.filters(part))) for part in PARTS]

    @property
    def content(self) -> Content:
        """What a valid form says. Raises `NotADefinition`."""
        said: Mapping[str, Any] = self.cleaned_data
        plain = {"numerator": self._part("above")}
        if said["below_what"]:
            plain["denominator"] = self._part("below")
        return Content(
            label_en=said["label_en"],
            label_zh=said["label_zh"],
            meaning_en=said["meaning_en"],
            meaning_zh=said["meaning_zh"],
            direction=said["direction"],
            definition=definitions.read(plain),
        )

    def _part(self, part: str) -> dict[str, Any]:
        of, take, column = self.cleaned_data[f"{part}_what"].split(".")
        found: dict[str, Any] = {"of": of, "take": take, "filters": []}
        if column:
            found["column"] = column
        for n in range(FILTERS):
            said = {name: self.cleaned_data[f"{part}_{name}_{n}"] for name in ("column", "operator", "value")}
            if not said["column"]:
                continue
            source, _dot, name = said["column"].partition(".")
            # A column of another source is told apart by its full name, and refused as one that is not there.
            one: dict[str, Any] = {"column": name if source == of else said["column"].replace(".", "__")}
            one["operator"] = said["operator"] or "="
            if one["operator"] in ("in", "between"):
                one["value"] = [text.strip() for text in _APART.split(said["value"]) if text.strip()]
            elif one["operator"] != "empty":
                one["value"] = said["value"].strip()
            found["filters"].append(one)
        return found


def initial(content: Content) -> dict[str, Any]:
    """A metric as the form shows it."""
    typed: dict[str, Any] = {
        name: getattr(content, name)
        for name in ("label_en", "label_zh", "meaning_en", "meaning_zh", "direction")
    }
    return typed | _typed(content.definition)


def fits(definition: Definition) -> bool:
    """Whether the form can show a definition; one that came by a program may have more filters."""
    parts = filter(None, (definition.numerator, definition.denominator))
    return all(len(part.filters) <= FILTERS for part in parts)


def _typed(definition: Definition) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    parts: dict[str, Part | None] = {"above": definition.numerator, "below": definition.denominator}
    for name, part in parts.items():
        if part is None:
            continue
        typed[f"{name}_what"] = f"{part.of}.{part.take}.{part.column}"
        for n, one in enumerate(part.filters[:FILTERS]):
            values = one.value if isinstance(one.value, tuple) else (one.value,)
            typed[f"{name}_column_{n}"] = f"{part.of}.{one.column}"
            typed[f"{name}_operator_{n}"] = one.operator
            typed[f"{name}_value_{n}"] = ", ".join(str(value) for value in values if value is not None)
    return typed


def _offered(of: str, said: Collection[str]) -> list[Column]:
    """The columns of a source, of those that are retired only the ones that the form speaks of already."""
    retired = (
        {one.slug for one in customers.attributes(retired=True) if one.retired_at}
        if of == "customers"
        else ()
    )
    return [
        column
        for column in defined.columns(of)
        if column.name not in retired or any(text.endswith(f".{column.name}") for text in said)
    ]


def _whats(
    offered: Mapping[str, list[Column]], language: Language
) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = []
    for of, text in SOURCES.items():
        name = text.in_(language)
        choices = [(f"{of}.rows.", _ROWS.in_(language).format(of=name))]
        if of != "customers":
            choices.append((f"{of}.customers.", _CUSTOMERS.in_(language).format(of=name)))
        for column in offered[of]:
            if defined.is_number(column):
                for take, words in (("sum", _SUM), ("average", _AVERAGE)):
                    choices.append(
                        (f"{of}.{take}.{column.name}", words.in_(language).format(column=column.name))
                    )
        groups.append((name, choices))
    return groups


def _columns(
    offered: Mapping[str, list[Column]], language: Language
) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            text.in_(language),
            [(f"{of}.{c.name}", f"{c.name} · {LAKE_TABLES[of].slug}") for c in offered[of]],
        )
        for of, text in SOURCES.items()
    ]
