"""A rule as a form holds it: what people have chosen and typed so far, right or wrong.

Every part has a key, the places on the way to it: ``0`` is the whole rule, ``0.1`` its second part. The fields of a
part are named by its key, such as ``0.1.op``; a button says what is to be done with which part, such as ``copy:0.1``.
So the form works without a script, and nothing that was typed is lost by a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.reading import DEEPEST, MOST_CLAUSES
from huoshui.know.segments.rules import MEASURES, PROPERTIES, Kind

ROOT = "0"
FIELDS = ("field", "op", "value", "name", "then", "days", "property", "compared", "against")
LONGEST_FIELD = 20_000
SEVERAL = ("in", "not_in", "between")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A clause as somebody is writing it.

    ``field`` is what it asks for, as ``trait:frequency``, ``did:times``, ``orders:amount``, ``answer:nps``,
    ``consent:email`` or ``tag:``. ``name`` is the event, tag, segment or purpose; ``then`` the second event; ``days``
    the window. ``property``, ``compared`` and ``against`` narrow facts down.
    """

    field: str = ""
    op: str = ""
    value: str = ""
    name: str = ""
    then: str = ""
    days: str = ""
    property: str = ""
    compared: str = ""
    against: str = ""
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
    """The draft that a form sent. Raises `BadRule` when it has too many parts or is nested too deep."""
    if sum(name.endswith((".join", ".field")) for name in sent) > MOST_CLAUSES + 1:
        raise BadRule("The rule has too many clauses", valid=f"at most {MOST_CLAUSES}")

    def part(key: str) -> Draft:
        if key.count(".") >= DEEPEST:
            raise BadRule("The clauses are nested too deep", valid=f"at most {DEEPEST} levels")
        negated = f"{key}.not" in sent
        if f"{key}.join" not in sent:
            typed = {name: sent.get(f"{key}.{name}", "")[:LONGEST_FIELD].strip() for name in FIELDS}
            return Leaf(**typed, negated=negated)
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


def changed(draft: Draft, act: str, key: str) -> Draft:
    """``draft`` after a button: ``add`` or ``nest`` (to a group), ``copy``, ``remove``, ``up``, ``down`` (a part)."""
    if act in ("add", "nest"):
        fresh: Draft = Leaf() if act == "add" else Branch(join="any", parts=(Leaf(),))

        def grown(group: Draft) -> Draft:
            return replace(group, parts=(*group.parts, fresh)) if isinstance(group, Branch) else group

        return _at(draft, key, grown)
    above, _, last = key.rpartition(".")
    if not above or not last.isdecimal():
        return draft
    place = int(last)

    def rearranged(group: Draft) -> Draft:
        if not isinstance(group, Branch) or place >= len(group.parts):
            return group
        held = list(group.parts)
        one = held.pop(place)
        if act == "copy":
            held[place:place] = [one, one]
        elif act in ("up", "down"):
            held.insert(max(0, place - 1) if act == "up" else place + 1, one)
        return replace(group, parts=tuple(held))

    return _at(draft, above, rearranged)


def _at(draft: Draft, key: str, change: Any) -> Draft:
    steps = [int(step) for step in key.split(".")[1:] if step.isdecimal()]

    def walked(part: Draft, left: Sequence[int]) -> Draft:
        if not left:
            changed_part: Draft = change(part)
            return changed_part
        if not isinstance(part, Branch) or left[0] >= len(part.parts):
            return part
        held = list(part.parts)
        held[left[0]] = walked(held[left[0]], left[1:])
        return replace(part, parts=tuple(held))

    return walked(draft, steps)


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
        {"within_days": int(leaf.days) if leaf.days.isdecimal() else leaf.days} if leaf.days else {}
    )
    match of:
        case "trait" | "attribute":
            return {of: what, **_compared(leaf.op, leaf.value, kinds[of].get(what, "text"))}
        case "did" if what == "then":
            return {"did": leaf.name, "then": leaf.then, **window}
        case "did":
            kind: Kind = "number" if what == "times" else "moment"
            time = {} if what == "times" else {"time": what}
            return {
                "did": leaf.name,
                **time,
                **_compared(leaf.op, leaf.value, kind),
                **window,
                **_where(leaf, "did"),
            }
        case "orders" | "products":
            return {of: what, **_compared(leaf.op, leaf.value, "number"), **window, **_where(leaf, of)}
        case "answer":
            return {"answer": what, **_compared(leaf.op, leaf.value, "number"), **window}
        case "consent":
            return {"consent": what, "purpose": leaf.name or "marketing", "value": leaf.value}
        case "tag" | "segment":
            return {of: leaf.name}
        case _:
            return {}


def _compared(op: str, text: str, kind: Kind) -> dict[str, Any]:
    if op == "empty":
        return {"op": op}
    if op in SEVERAL:
        values = [one.strip() for one in text.replace("，", ",").replace("\n", ",").split(",")]
        return {"op": op, "value": [_value(one, kind) for one in values if one]}
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
    if not leaf.property:
        return {}
    kind = PROPERTIES[facts].get(leaf.property)
    compared = _compared(leaf.compared, leaf.against, kind or "text")
    if kind is None and "value" in compared:
        value = compared["value"]
        compared["value"] = [_own(one) for one in value] if isinstance(value, list) else _own(value)
    return {"where": [{"property": leaf.property, **compared}]}


def _own(text: str) -> Any:
    """A value of a property that an event brought: a number, true or false where it looks so; "2" is the text 2."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return _value(text, "flag") if text in ("true", "false") else _value(text, "number")


def _own_typed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_own_typed, value))
    return f'"{value}"' if isinstance(value, str) and _own(value) != value else _typed(value)


def from_rule(rule: Mapping[str, Any]) -> Draft:
    """The draft of a stored rule.

    Raises `BadRule` for one that the form cannot show, because facts are narrowed down by several conditions.
    """
    found = _drafted(rule)
    return found if isinstance(found, Branch) and not found.negated else Branch(parts=(found,))


def _drafted(rule: Mapping[str, Any]) -> Draft:
    if "not" in rule:
        below = _drafted(rule["not"])
        return replace(below, negated=not below.negated)
    for join in ("all", "any"):
        if join in rule:
            return Branch(join=join, parts=tuple(_drafted(part) for part in rule[join]))
    tested = {"op": rule.get("op", ""), "value": _typed(rule.get("value"))}
    days = str(rule.get("within_days", ""))
    where = rule.get("where", [])
    if len(where) > 1:
        raise BadRule("The form shows one condition on facts only; change this rule as JSON")
    narrowed = (
        {
            "property": where[0]["property"],
            "compared": where[0]["op"],
            "against": _typed(where[0].get("value")),
        }
        if where
        else {}
    )
    for of in ("trait", "attribute"):
        if of in rule:
            return Leaf(field=f"{of}:{rule[of]}", **tested)
    if "then" in rule:
        return Leaf(field="did:then", name=rule["did"], then=rule["then"], days=days)
    for of in ("did", *MEASURES):
        if of in rule:
            what = rule.get("time", "times") if of == "did" else rule[of]
            counted = tested if "op" in rule else {"op": ">=", "value": "1"}
            name = rule["did"] if of == "did" else ""
            return Leaf(field=f"{of}:{what}", name=name, days=days, **counted, **narrowed)
    if "answer" in rule:
        return Leaf(field=f"answer:{rule['answer']}", days=days, **tested)
    if "consent" in rule:
        state = rule.get("value", "granted")
        return Leaf(field=f"consent:{rule['consent']}", name=rule.get("purpose", "marketing"), value=state)
    of = "tag" if "tag" in rule else "segment"
    return Leaf(field=f"{of}:", name=rule.get(of, ""))


def _typed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_typed, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
