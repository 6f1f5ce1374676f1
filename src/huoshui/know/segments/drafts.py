"""A rule as a form holds it: what people have chosen and typed so far, right or wrong.

Every part has a key, the places on the way to it: ``0`` is the whole rule, ``0.1`` its second part. The fields of a
part are named by its key, such as ``0.1.op``, those of its second condition ``0.1.w1.property``; a button says what is
to be done with which part, such as ``copy:0.1``. So the form works without a script, and nothing that was typed is
lost by a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.reading import DEEPEST, MOST_CLAUSES
from huoshui.know.segments.rules import MEASURES, MOMENTS, PROPERTIES, Kind

ROOT = "0"
FIELDS = ("field", "op", "value", "name", "then", "days", "unit")
CONDITION = ("property", "compared", "against")
UNITS = ("days", "hours")
LONGEST_FIELD = 100_000
SEVERAL = ("in", "not_in", "between")
ONE_OF_SEVERAL = re.compile(
    r"""[^\S\n]*("(?:[^"]|"")*"(?=[^\S\n]*(?:[,，\n]|$))|[^,，\n]*)[^\S\n]*(?:[,，\n]|$)"""
)
"""One of several values, which stands in quotation marks where it has commas or is a text that looks like a number."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a property as somebody is writing it."""

    property: str = ""
    compared: str = ""
    against: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A clause as somebody is writing it.

    ``field`` is what it asks for, as ``trait:frequency``, ``attribute:birthday:month``, ``did:times``,
    ``orders:amount``, ``answer:nps``, ``consent:email`` or ``tag:``. ``name`` is the event, tag, segment or purpose;
    ``then`` the second event; ``days`` the window, in ``unit``. ``where`` narrows facts down.
    """

    field: str = ""
    op: str = ""
    value: str = ""
    name: str = ""
    then: str = ""
    days: str = ""
    unit: str = ""
    where: tuple[Condition, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Parts of which all hold, or any."""

    join: str = "all"
    parts: tuple[Draft, ...] = ()
    negated: bool = False


Draft = Leaf | Branch
EMPTY = Branch(parts=(Leaf(),))


# -- between forms and drafts ------------------------------------------------------------------------------------


def from_form(sent: Mapping[str, str]) -> Draft:
    """The draft that a form sent. Raises `BadRule` when it has too many parts, too long ones, or is nested too deep."""
    if sum(name.endswith((".join", ".field")) for name in sent) > MOST_CLAUSES + 1:
        raise BadRule("The rule has too many clauses", valid=f"at most {MOST_CLAUSES}")

    def typed_in(key: str, names: tuple[str, ...]) -> dict[str, str]:
        typed = {name: sent.get(f"{key}.{name}", "").strip() for name in names}
        if any(len(text) > LONGEST_FIELD for text in typed.values()):
            raise BadRule("This is longer than the form takes", valid=f"1 to {LONGEST_FIELD} letters")
        return typed

    def conditions(key: str) -> Iterator[Condition]:
        for number in range(MOST_CLAUSES + 1):
            typed = typed_in(f"{key}.w{number}", CONDITION)
            if typed["property"]:
                yield Condition(**typed)

    def part(key: str) -> Draft:
        if key.count(".") >= DEEPEST:
            raise BadRule("The clauses are nested too deep", valid=f"at most {DEEPEST} levels")
        negated = f"{key}.not" in sent
        if f"{key}.join" not in sent:
            typed = typed_in(key, FIELDS)
            return Leaf(**typed, where=tuple(conditions(key)), negated=negated)
        below: list[Draft] = []
        while any(f"{key}.{len(below)}.{name}" in sent for name in ("join", "field")):
            below.append(part(f"{key}.{len(below)}"))
        return Branch(
            join="any" if sent[f"{key}.join"] == "any" else "all", parts=tuple(below), negated=negated
        )

    found = part(ROOT)
    return found if isinstance(found, Branch) else Branch(parts=(found,))


def parts(draft: Draft, key: str = ROOT) -> Iterator[tuple[str, Draft]]:
    """Every part with its key, the whole before its parts."""
    yield key, draft
    if isinstance(draft, Branch):
        for number, part in enumerate(draft.parts):
            yield from parts(part, f"{key}.{number}")


# -- between drafts and rules ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Written:
    """A draft as JSON, and which key each path of the rule belongs to."""

    rule: Any = None
    keys: dict[str, str] = field(default_factory=dict)

    def key_of(self, path: str) -> str:
        """The part that a refusal speaks of: the nearest one on its path."""
        while path not in self.keys and path:
            path = path.rpartition(".")[0]
        return self.keys.get(path, ROOT)


def write(draft: Draft, *, traits: Mapping[str, Kind], attributes: Mapping[str, Kind]) -> Written:
    """The rule that a draft says, as JSON; what cannot be read stays as typed, for the reader of rules to refuse."""
    written = Written()
    kinds = {"trait": traits, "attribute": attributes}

    def made(part: Draft, key: str, path: str) -> Any:
        if part.negated:
            path = f"{path}.not".lstrip(".")
        written.keys[path] = key
        if isinstance(part, Leaf):
            rule = _clause(part, kinds)
        else:
            rule = {
                part.join: [
                    made(below, f"{key}.{number}", f"{path}.{part.join}[{number}]".lstrip("."))
                    for number, below in enumerate(part.parts)
                ]
            }
        return {"not": rule} if part.negated else rule

    written.rule = made(draft, ROOT, "")
    return written


def _clause(leaf: Leaf, kinds: Mapping[str, Mapping[str, Kind]]) -> dict[str, Any]:
    of, _, what = leaf.field.partition(":")
    window: dict[str, Any] = (
        {f"within_{leaf.unit or UNITS[0]}": int(leaf.days) if leaf.days.isdecimal() else leaf.days}
        if leaf.days
        else {}
    )
    match of:
        case "trait" | "attribute":
            slug, _, part = what.partition(":")
            kind: Kind = "number" if part else kinds[of].get(slug, "text")
            return {of: slug, **({"part": part} if part else {}), **_compared(leaf.op, leaf.value, kind)}
        case "did" if what == "then":
            return {"did": leaf.name, "then": leaf.then, **window}
        case "did":
            kind = "moment" if what in MOMENTS else "number"
            time = {} if what == "times" else {"time": what}
            return {
                "did": leaf.name,
                **time,
                **_compared(leaf.op, leaf.value, kind),
                **window,
                **_where(leaf, "did"),
            }
        case "orders" | "products":
            kind = "moment" if what in MOMENTS else "number"
            return {of: what, **_compared(leaf.op, leaf.value, kind), **window, **_where(leaf, of)}
        case "answer":
            return {
                "answer": what,
                **_compared(leaf.op, leaf.value, "number"),
                **window,
                **_where(leaf, "answer"),
            }
        case "consent":
            return {"consent": what, "purpose": leaf.name or "marketing", "value": leaf.value}
        case "tag" | "segment":
            return {of: leaf.name}
        case "list" if what.isdecimal():
            return {of: int(what)}
        case _:
            return {}


def _compared(op: str, text: str, kind: Kind) -> dict[str, Any]:
    if op == "empty":
        return {"op": op}
    if op in SEVERAL:
        return {"op": op, "value": [_value(_plain(one), kind) for one in _several(text)]}
    return {"op": op, "value": _value(text, kind)}


def _value(text: str, kind: Kind) -> Any:
    if kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    if kind != "number":
        return text
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    return int(number) if number == number.to_integral_value() and abs(number) < 10**18 else float(number)


def _where(leaf: Leaf, facts: str) -> dict[str, Any]:
    made = []
    for one in leaf.where:
        kind = PROPERTIES[facts].get(one.property)
        compared = _compared(one.compared, one.against, kind or "text")
        if kind is None and one.compared in SEVERAL:
            compared["value"] = [_own(value) for value in _several(one.against)]
        elif kind is None and "value" in compared:
            compared["value"] = _own(one.against)
        made.append({"property": one.property, **compared})
    return {"where": made} if made else {}


def _several(text: str) -> list[str]:
    return [found.strip() for found in ONE_OF_SEVERAL.findall(text) if found.strip()]


def _plain(text: str) -> str:
    """One of several values without its quotation marks."""
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return text[1:-1].replace('""', '"') if quoted else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _own(text: str) -> Any:
    """A value of a property that an event brought: a number, true or false where it looks so; "2" is the text 2."""
    if (plain := _plain(text)) != text:
        return plain
    return _value(text, "flag") if text in ("true", "false") else _value(text, "number")


def _own_typed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_own_typed, value))
    quoted = isinstance(value, str) and (_own(value) != value or _needs_quotes(value))
    return _quoted(value) if quoted else _typed(value)


def from_rule(rule: Mapping[str, Any]) -> Draft:
    """The draft of a stored rule."""
    found = _drafted(rule)
    return found if isinstance(found, Branch) and not found.negated else Branch(parts=(found,))


def _drafted(rule: Mapping[str, Any]) -> Draft:
    if "not" in rule:
        below = _drafted(rule["not"])
        return replace(below, negated=not below.negated)
    for join in ("all", "any"):
        if join in rule:
            return Branch(join=join, parts=tuple(_drafted(part) for part in rule[join]))
    tested: dict[str, Any] = {"op": rule.get("op", ""), "value": _typed(rule.get("value"))}
    unit = "hours" if rule.get("within_hours") is not None else ""
    given = rule.get("within_hours") if unit else rule.get("within_days")
    window: dict[str, Any] = {"days": "" if given is None else str(given), "unit": unit}
    for of in ("trait", "attribute"):
        if of in rule:
            part = f":{rule['part']}" if rule.get("part") else ""
            return Leaf(field=f"{of}:{rule[of]}{part}", **tested)
    if "then" in rule:
        return Leaf(field="did:then", name=rule["did"], then=rule["then"], **window)
    for of in ("did", *MEASURES):
        if of in rule:
            what = rule.get("time", "times") if of == "did" else rule[of]
            counted = tested if "op" in rule else {"op": ">=", "value": "1"}
            name = rule["did"] if of == "did" else ""
            where = _conditions(rule, of)
            return Leaf(field=f"{of}:{what}", name=name, **window, **counted, where=where)
    if "answer" in rule:
        where = _conditions(rule, "answer")
        return Leaf(field=f"answer:{rule['answer']}", **window, **tested, where=where)
    if "consent" in rule:
        state = rule.get("value", "granted")
        return Leaf(field=f"consent:{rule['consent']}", name=rule.get("purpose", "marketing"), value=state)
    if "list" in rule:
        return Leaf(field=f"list:{rule['list']}")
    of = "tag" if "tag" in rule else "segment"
    return Leaf(field=f"{of}:", name=rule.get(of, ""))


def _conditions(rule: Mapping[str, Any], facts: str) -> tuple[Condition, ...]:
    typed = dict.fromkeys(PROPERTIES[facts], _typed)
    return tuple(
        Condition(one["property"], one["op"], typed.get(one["property"], _own_typed)(one.get("value")))
        for one in rule.get("where", [])
    )


def _typed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_quoted(one) if _needs_quotes(one) else _typed(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _needs_quotes(value: Any) -> bool:
    return isinstance(value, str) and (value.strip() != value or any(sign in value for sign in ',，\n"'))
