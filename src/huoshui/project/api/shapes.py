"""What goes in and out: names, types and units of the fields, shared by the operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Header, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from huoshui.kernel.clock import parse_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.ids import HIGHEST, LOWEST
from huoshui.kernel.plugs import TRAITS, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import queries as metrics
from huoshui.web import shell

LARGEST_NUMBER = 2**63 - 1
SIZE, MOST = 50, 200
"""Rows of a page, usually and at most."""


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _day(value: Any) -> Any:
    if type(value) is date:
        return value
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("a day is written YYYY-MM-DD")
    try:
        return parse_day(value)
    except HuoshuiError as error:
        raise ValueError(error.problem) from error


Moment = Annotated[datetime, AfterValidator(_utc), Field(description="ISO 8601 in UTC")]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"}), Field(strict=False)
]
CustomerId = Annotated[int, Field(ge=LOWEST, le=HIGHEST, description="15 digits")]
Number = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Name = Annotated[str, Field(max_length=200)]
Seen = Annotated[
    str | None, Header(alias="If-Match", description="The ETag that you saw, or *", max_length=100)
]


class Said(Schema):
    """What is sent: fields that nobody knows are refused, and a number is not a text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Money(Schema):
    """An amount; exact, as text."""

    amount: str = Field(examples=["1234.50"], pattern=r"^-?\d+(\.\d+)?$")
    currency: str = Field(examples=["CNY"], pattern="^[A-Z]{3}$")


Value = str | bool | int | float | Money | None
Amount = Money | int | float | str
"""An amount of money, a number, or an exact number as text."""


class NotASlice(HuoshuiError):
    """A slice that is not written ``dimension:value``."""

    code = "not_a_slice"
    says = Text("A slice is written dimension:value", "切片应写成「维度:取值」")


class Words(Schema):
    """Codes and their words in the language asked for."""

    code: str
    label: str


def said(text: Text) -> str:
    """The words in the language of the caller."""
    return text.in_(shell.language_now())


def money(amount: Decimal, currency: str) -> Money:
    """An amount as it is sent."""
    return Money(amount=f"{amount:f}", currency=currency)


def amount(metric: Metric, number: metrics.Number, currency: str) -> Amount:
    """A figure of ``metric`` as it is sent."""
    if isinstance(number, Decimal):
        return money(number, currency) if metric.unit == "money" else f"{number:f}"
    return number


def slice_of(where: Sequence[str]) -> dict[str, str]:
    """What ``dimension:value``, each dimension once, narrow figures down to. Raises `NotASlice`."""
    found: dict[str, str] = {}
    for text in where:
        name, sign, value = text.partition(":")
        if not sign or not name or name in found:
            raise NotASlice(
                "This is no slice", received=repr(text[:40]), valid="dimension:value, each dimension once"
            )
        found[name] = value
    return found


def values(found: Mapping[str, Any], currency: str) -> dict[str, Value]:
    """Values by slug as they are sent: amounts as money in ``currency``, other exact numbers as text, times in UTC."""
    return {slug: _value(slug, value, currency) for slug, value in found.items()}


def _value(slug: str, value: Any, currency: str) -> Value:
    if isinstance(value, Decimal):
        # A trait that is an exact number is an amount, as on the pages (`web.figures.of_trait`).
        return money(value, currency) if slug in TRAITS else f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    plain: Value = value
    return plain
