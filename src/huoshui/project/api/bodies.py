"""Reading JSON strictly: what a text or a number of the house cannot be is refused before anybody looks at it."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from huoshui.project.api.problems import BadBody


class Strict(Parser):
    """Takes the JSON of RFC 8259 and nothing more."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The values of the body. Raises `BadBody`."""
        try:
            values = json.loads(
                request.body.decode("utf-8"),
                parse_constant=_refuse,
                parse_float=_finite,
                object_pairs_hook=_once,
            )
            _whole(values)
        except (ValueError, RecursionError) as error:
            raise BadBody(
                "This is no JSON that can be stored", valid="UTF-8, finite numbers, each name once"
            ) from error
        return values


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _whole(value: Any) -> None:
    """Half characters and NUL are texts to JSON and to no database."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text holds NUL")
        value.encode("utf-8")
    elif isinstance(value, dict):
        for name, one in value.items():
            _whole(name)
            _whole(one)
    elif isinstance(value, list):
        for one in value:
            _whole(one)
