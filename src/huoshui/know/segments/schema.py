"""The JSON Schema of rules, so that editors and programs can check one before they send it."""

from __future__ import annotations

from typing import Any

from huoshui.kernel.plugs import TRAITS
from huoshui.know.segments import queries
from huoshui.know.segments.reading import LONGEST_TEXT, MOST_VALUES, MOST_WITHIN, OWN
from huoshui.know.segments.rules import MEASURES, MOMENTS, OPS, PARTS, PROPERTIES, Kind
from huoshui.know.segments.sentences import BY, PURPOSES

DRAFT = "https://json-schema.org/draft/2020-12/schema"
VALUES: dict[Kind, dict[str, Any]] = {
    "number": {"type": "number"},
    "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    "code": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    "flag": {"type": "boolean"},
    "moment": {"type": "string", "format": "date"},
    "day": {"type": "string", "format": "date"},
}


def schema() -> dict[str, Any]:
    """What rules may say in this house: its traits and attributes by name, each with its comparisons.

    What a schema cannot say is left to the reader of rules: circles of segments, how deep clauses are nested.
    """
    of_traits, of_attributes = queries.fields()
    text = VALUES["text"]
    window: dict[str, Any] = {
        key: {"type": "integer", "minimum": 1, "maximum": most} for key, most in MOST_WITHIN.items()
    }
    where = {
        facts: {"where": {"type": "array", "items": {"$ref": f"#/$defs/of_{facts}"}}} for facts in PROPERTIES
    }
    clauses = [
        *(_group(name) for name in ("all", "any")),
        _object({"not": {"$ref": "#"}}, ["not"]),
        *(_valued("trait", slug, kind) for slug, kind in of_traits.items()),
        *(_valued("attribute", slug, kind) for slug, kind in of_attributes.items()),
        *_compared({"did": text, **window, **where["did"]}, ["did"], "number", optional=True),
        *_compared(
            {"did": text, "time": {"enum": list(MOMENTS)}, **window, **where["did"]},
            ["did", "time"],
            "moment",
        ),
        *(_object({"did": text, "then": text, key: window[key]}, ["did", "then", key]) for key in window),
        *(
            one
            for facts, measures in MEASURES.items()
            for measure in measures
            for one in _compared(
                {facts: {"const": measure}, **window, **where[facts]},
                [facts],
                "moment" if measure in MOMENTS else "number",
                optional=measure not in MOMENTS,
            )
        ),
        *_compared({"answer": text, **window, **where["answer"]}, ["answer"], "number"),
        _object(
            {
                "consent": {"enum": list(BY)},
                "purpose": {"enum": list(PURPOSES)},
                "value": {"enum": ["granted", "withdrawn"]},
            },
            ["consent"],
        ),
        _object({"tag": text}, ["tag"]),
        _object({"segment": text}, ["segment"]),
        _object({"list": {"type": "integer", "minimum": 1}}, ["list"]),
    ]
    return {
        "$schema": DRAFT,
        "title": "Rule of a segment",
        "anyOf": clauses,
        "$defs": conditions(),
    }


def conditions() -> dict[str, Any]:
    """What the conditions on properties of facts may say: ``of_did``, ``of_orders`` and so on."""
    found: dict[str, Any] = {
        f"of_{facts}": {
            "anyOf": [
                one
                for name, kind in of_facts.items()
                for one in _compared({"property": {"const": name}}, ["property"], kind)
            ]
        }
        for facts, of_facts in PROPERTIES.items()
    }
    own = {**VALUES["text"], "not": {"enum": list(PROPERTIES["did"])}, "pattern": f"^{OWN.pattern}$"}
    found["of_did"]["anyOf"] += [
        one for kind in ("number", "text", "flag") for one in _compared({"property": own}, ["property"], kind)
    ]
    return found


def _group(name: str) -> dict[str, Any]:
    return _object({name: {"type": "array", "minItems": 1, "items": {"$ref": "#"}}}, [name])


def _valued(of: str, slug: str, kind: Kind) -> dict[str, Any]:
    codes = list(TRAITS[slug].values) if kind == "code" else []
    shapes = _compared({of: {"const": slug}}, [of], kind, one={"enum": codes} if codes else None)
    if kind == "day":
        shapes += _compared({of: {"const": slug}, "part": {"enum": list(PARTS)}}, [of, "part"], "number")
    return {"anyOf": shapes}


def _compared(
    properties: dict[str, Any],
    required: list[str],
    kind: Any,
    *,
    optional: bool = False,
    one: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """One object for each shape of the compared value: ``one`` value (any of the kind), two, a list, none."""
    one = one or VALUES[kind]
    several = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_VALUES}
    shapes = {
        "in": several,
        "not_in": several,
        "between": {"type": "array", "items": one, "minItems": 2, "maxItems": 2},
    }
    plain = [op for op in OPS[kind] if op not in (*shapes, "empty")]
    made = [
        _object({**properties, "op": {"enum": plain}, "value": one}, [*required, "op", "value"]),
        *(
            _object({**properties, "op": {"const": op}, "value": shape}, [*required, "op", "value"])
            for op, shape in shapes.items()
            if op in OPS[kind]
        ),
    ]
    if optional:
        made.append(_object(properties, required))
    else:
        made.append(_object({**properties, "op": {"const": "empty"}}, [*required, "op"]))
    return made


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
