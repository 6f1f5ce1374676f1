"""Values that people type in: read by their type, refused in a sentence beside the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from huoshui.data.customers import queries
from huoshui.data.customers.attributes import VALUE_PATTERNS
from huoshui.data.customers.models import Account
from huoshui.data.customers.normalise import (
    NotAnIdentity,
    normalise_email,
    normalise_name,
    normalise_phone,
    normalise_text,
)
from huoshui.desk.organisation import queries as organisation
from huoshui.desk.users import queries as users
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

LONGEST_VALUE = 500

SENTENCES: dict[str, Text] = {
    "name": Text("A name has at most 200 characters that can be shown", "姓名最多 200 个可显示的字符"),
    "phone": Text(
        "This is not a phone number; one looks like +86 138 1234 5678",
        "这不是电话号码；应类似 +86 138 1234 5678",
    ),
    "email": Text(
        "This is not an e-mail address; one looks like mei@example.com",
        "这不是邮箱地址；应类似 mei@example.com",
    ),
    "account": Text("There is no such company", "没有这家公司"),
    "owner": Text("This is no active colleague", "没有这位在职同事"),
    "text": Text(
        f"A text has at most {LONGEST_VALUE} characters that can be shown",
        f"文本最多 {LONGEST_VALUE} 个可显示的字符",
    ),
    "integer": Text("This is not a whole number; one looks like 1985", "这不是整数；应类似 1985"),
    "decimal": Text(
        "This is not a number with at most four digits behind the point; one looks like 12.5",
        "这不是最多四位小数的数；应类似 12.5",
    ),
    "boolean": Text("This is neither yes nor no", "只能填是或否"),
    "date": Text("This is not a day; one looks like 2024-05-20", "这不是日期；应类似 2024-05-20"),
}


class WrongValues(HuoshuiError):
    """Some of what was typed in cannot be stored; ``wrong`` says why, field by field."""

    code = "wrong_values"
    says = Text("Some fields cannot be stored so", "有些字段不能这样保存")

    def __init__(self, wrong: Mapping[str, Text]) -> None:
        self.wrong = dict(wrong)
        super().__init__(
            "Some fields cannot be stored so",
            received=", ".join(self.wrong),
            valid="; ".join(f"{name}: {text.en}" for name, text in self.wrong.items()),
        )


def read(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, field by field in the one spelling of the house; empty texts stay empty.

    Fields are those of a profile (account and owner as ids) and slugs of attributes. Raises `WrongValues` with all
    that is wrong, also for fields that there are not.
    """
    types = {attribute.slug: attribute.type for attribute in queries.attributes()}
    good: dict[str, str] = {}
    wrong: dict[str, Text] = {}
    for field, text in typed.items():
        kind = field if field in ("name", "phone", "email", "account", "owner") else types.get(field, "")
        if not kind:
            wrong[field] = Text("Customers have no such value", "客户没有这个属性")
            continue
        try:
            good[field] = _read(kind, text) if text.strip() else ""
        except (NotAnIdentity, ValueError):
            wrong[field] = SENTENCES[kind]
    if wrong:
        raise WrongValues(wrong)
    return good


def _read(kind: str, text: str) -> str:
    if kind == "name":
        return normalise_name(text)
    if kind == "phone":
        return normalise_phone(text, region=organisation.current().region)
    if kind == "email":
        return normalise_email(text)
    if kind == "text":
        return normalise_text(text, longest=LONGEST_VALUE)
    value = text.strip()
    if kind == "account":
        _require(len(value) < 17 and value.isascii() and value.isdecimal())
        _require(Account.objects.filter(pk=int(value)).exists())
        return value
    if kind == "owner":
        _require(len(value) < 17 and value.isascii() and value.isdecimal() and int(value) in users.names())
        return value
    if kind in ("integer", "decimal"):
        value = value.replace(",", "").removeprefix("+")
    if kind == "boolean":
        value = {"yes": "true", "no": "false", "是": "true", "否": "false"}.get(value.lower(), value.lower())
    _require(re.fullmatch(VALUE_PATTERNS[kind].removeprefix("^").removesuffix("$"), value) is not None)
    if kind == "date":
        date.fromisoformat(value)  # 2024-02-31 looks like a day
    return value


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError
