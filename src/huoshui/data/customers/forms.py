"""The form of one customer: its fields follow from what the house declares and what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _

from huoshui.data.customers import queries
from huoshui.data.customers.values import SENTENCES, WrongValues
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language

SALT = "huoshui.customers.seen"
SECRET = ("phone", "email")


class CustomerForm(forms.Form):
    """Texts of all fields that the actor may edit. Reading and checking them is for the verbs: see `show_wrong`."""

    def __init__(self, actor: Actor, language: Language, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.language = language
        reveals = actor.may(Right.CONTACTS_REVEAL)
        self._text("name", _("Name"), 200)
        if reveals:
            self._text("phone", _("Phone"), 60, inputmode="tel", autocomplete="off")
            self._text("email", _("E-mail"), 254, inputmode="email", autocomplete="off")
        self._text("account", _("Company"), 200)
        names = [("", _("nobody")), *((str(pk), name) for pk, name in users.names().items())]
        self._choice("owner", _("Owner"), names)
        for attribute in queries.attributes():
            if attribute.kind != "ordinary" and not reveals:
                continue
            label = attribute.label_zh if language == "zh" else attribute.label_en
            if attribute.type == "boolean":
                self._choice(attribute.slug, label, [("", "·"), ("true", _("yes")), ("false", _("no"))])
            else:
                hints = {"integer": "numeric", "decimal": "decimal"}
                self._text(attribute.slug, label, 500, inputmode=hints.get(attribute.type, "text"))
                if attribute.type == "date":
                    self.fields[attribute.slug].widget.attrs["placeholder"] = "2024-05-20"

    def typed(self) -> dict[str, str]:
        """What was typed, the company as its id. Raises `WrongValues` for a company that there is not."""
        said = {name: str(self.data.get(self.add_prefix(name), "")) for name in self.fields}
        company = said["account"].strip()
        if company:
            found = queries.account_named(company)
            if found is None:
                raise WrongValues({"account": SENTENCES["account"]})
            said["account"] = str(found)
        return said

    def show_wrong(self, error: WrongValues) -> None:
        """Say beside each field what is wrong with it."""
        self.is_valid()  # from here on the form has a place for what is wrong
        for field, text in error.wrong.items():
            self.add_error(field if field in self.fields else None, text.in_(self.language))

    def _text(self, name: str, label: str, longest: int, **attributes: str) -> None:
        widget = forms.TextInput(attrs={"maxlength": longest, **attributes})
        # The verbs say what is wrong, in both languages and for every way in.
        self.fields[name] = forms.CharField(label=label, required=False, widget=widget)

    def _choice(self, name: str, label: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.CharField(label=label, required=False, widget=forms.Select(choices=choices))


def shown(form: CustomerForm, values: Mapping[str, str]) -> dict[str, str]:
    """The values of a customer as the form shows them: only its fields, the company by its name."""
    found = {name: values.get(name, "") for name in form.fields}
    if found.get("account"):
        found["account"] = queries.account_name(int(found["account"]))
    return found


def seal(customer_id: int, form: CustomerForm, values: Mapping[str, str]) -> str:
    """What the reader was shown, for the form to bring back unchanged."""
    return signing.dumps(
        {"of": customer_id, "seen": {n: values.get(n, "") for n in form.fields}}, salt=SALT, compress=True
    )


def opened(customer_id: int, sealed: str) -> dict[str, str] | None:
    """What was sealed; ``None`` for a text that `seal` did not make of this customer."""
    try:
        found = signing.loads(sealed, salt=SALT)
    except signing.BadSignature:
        return None
    return dict(found["seen"]) if found.get("of") == customer_id else None
