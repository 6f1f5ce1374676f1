"""A training as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.kernel.texts import Text
from huoshui.know.models.kinds import Judged, Line, Trained


def as_json(trained: Trained) -> dict[str, Any]:
    """The training as JSON holds it."""
    judged = trained.judged
    return {
        "name": _text(trained.name),
        "content": dict(trained.content),
        "enough": trained.enough,
        "reasons": [_text(one) for one in trained.reasons],
        "data": [_line(one) for one in trained.data],
        "parameters": [_line(one) for one in trained.parameters],
        "judged": None
        if judged is None
        else {
            "unit": _text(judged.unit),
            "customers": judged.customers,
            "days": judged.days,
            "model": judged.model,
            "rules": [[_text(name), error] for name, error in judged.rules],
            "classes": [list(one) for one in judged.classes],
            "actual": judged.actual,
            "foretold": judged.foretold,
            "covered": judged.covered,
        },
    }


def of_json(kept: Mapping[str, Any]) -> Trained:
    """The training that `as_json` told."""
    judged = kept["judged"]
    return Trained(
        name=Text(**kept["name"]),
        content=kept["content"],
        enough=kept["enough"],
        reasons=tuple(Text(**one) for one in kept["reasons"]),
        data=tuple(_of_line(one) for one in kept["data"]),
        parameters=tuple(_of_line(one) for one in kept["parameters"]),
        judged=None
        if judged is None
        else Judged(
            **{
                **judged,
                "unit": Text(**judged["unit"]),
                "rules": tuple((Text(**name), error) for name, error in judged["rules"]),
                "classes": tuple(
                    (name, number, came, told) for name, number, came, told in judged["classes"]
                ),
            }
        ),
    )


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _line(line: Line) -> dict[str, Any]:
    return {"name": _text(line.name), "value": _text(line.value), "note": line.note and _text(line.note)}


def _of_line(kept: Mapping[str, Any]) -> Line:
    note = kept["note"]
    return Line(name=Text(**kept["name"]), value=Text(**kept["value"]), note=note and Text(**note))
