"""Reading rules: JSON that somebody wrote becomes a tree of clauses, or a refusal that names the clause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from huoshui.kernel.clock import NotADate, parse_day
from huoshui.kernel.plugs import TRAITS
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import (
    KEYS,
    MEASURES,
    MOMENTS,
    OPS,
    PARTS,
    PROPERTIES,
    WITHIN,
    Answer,
    Clause,
    Consent,
    Did,
    Every,
    Kind,
    Listed,
    Member,
    Not,
    Rule,
    Scalar,
    Some,
    Tag,
    Test,
    Then,
    Value,
    Where,
)
from huoshui.know.segments.sentences import BY, PURPOSES

DEEPEST = 10
MOST_CLAUSES = 100
MOST_VALUES = 1000
LONGEST_TEXT = 200
MOST_DAYS = 3660
MOST_WITHIN = {"within_days": MOST_DAYS, "within_hours": 24 * 366}
OWN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}", re.ASCII)
"""Names of the properties that events bring themselves, as trackers allow them."""


def parse(written: Any, *, traits: Mapping[str, Kind], attributes: Mapping[str, Kind]) -> Rule:
    """The rule that ``written`` (JSON as Python values) says.

    ``traits`` and ``attributes`` are what may be asked for, each with its kind. Raises `BadRule`, which names the
    clause.
    """
    reader = _Reader(traits=traits, attributes=attributes)
    return reader.rule(written, "", 1)


def conditions(written: Any, facts: str, path: str = "where") -> tuple[Where, ...]:
    """The conditions that ``written`` lists on properties of ``facts``, a key of `rules.PROPERTIES`.

    Raises `BadRule`.
    """
    return _Reader(traits={}, attributes={}).where(written, facts, path)


class _Reader:
    def __init__(self, *, traits: Mapping[str, Kind], attributes: Mapping[str, Kind]) -> None:
        self.known: Mapping[str, Mapping[str, Kind]] = {"trait": traits, "attribute": attributes}
        self.read = 0

    def rule(self, written: Any, path: str, depth: int) -> Rule:
        if not isinstance(written, Mapping):
            raise BadRule("A clause is an object", path=path, received=_shown(written), valid='{"all": […]}')
        self.read += 1
        if self.read > MOST_CLAUSES:
            raise BadRule("The rule has too many clauses", valid=f"at most {MOST_CLAUSES}")
        if depth > DEEPEST:
            raise BadRule("The clauses are nested too deep", path=path, valid=f"at most {DEEPEST} levels")
        kinds = [key for key in ("all", "any", "not", *KEYS) if key in written]
        if len(kinds) != 1:
            raise BadRule(
                "A clause says one thing",
                path=path,
                received=", ".join(map(str, written))[:LONGEST_TEXT] or "nothing",
                valid="one of " + ", ".join(("all", "any", "not", *KEYS)),
            )
        kind = kinds[0]
        self.only(written, kind, path)
        if kind in ("all", "any"):
            return self.group(kind, written[kind], path, depth)
        if kind == "not":
            return Not(self.rule(written["not"], f"{path}.not".lstrip("."), depth + 1))
        return self.clause(kind, written, path)

    def only(self, written: Mapping[str, Any], kind: str, path: str) -> None:
        allowed = (kind, *KEYS.get(kind, ()))
        if unknown := [key for key in written if key not in allowed]:
            raise BadRule(
                "The clause says something that is not understood",
                path=path,
                received=", ".join(map(str, unknown))[:LONGEST_TEXT],
                valid=", ".join(allowed),
            )

    def group(self, kind: str, parts: Any, path: str, depth: int) -> Rule:
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            raise BadRule(
                "A group has at least one clause",
                path=path,
                received=_shown(parts),
                valid=f'{{"{kind}": [{{…}}]}}',
            )
        read = tuple(
            self.rule(part, f"{path}.{kind}[{number}]".lstrip("."), depth + 1)
            for number, part in enumerate(parts)
        )
        return Every(read) if kind == "all" else Some(read)

    def clause(self, kind: str, written: Mapping[str, Any], path: str) -> Clause:
        named = written[kind]
        if kind == "list":
            if isinstance(named, bool) or not isinstance(named, int) or not 0 < named < 2**31:
                raise BadRule(
                    "This is no list", path=path, received=_shown(named), valid="the number of a list"
                )
            return Listed(named)
        if not isinstance(named, str) or not named.strip() or len(named) > LONGEST_TEXT or "\0" in named:
            raise BadRule("This is no name", path=path, received=_shown(named), valid="a text")
        named = _nfc(named)
        match kind:
            case "trait" | "attribute":
                return self.value(kind, named, written, path)
            case "did" if "then" in written:
                return self.then(named, written, path)
            case "did" | "orders" | "products":
                return self.did(kind, named, written, path)
            case "answer":
                return Answer(
                    metric=named,
                    test=self.test(written, "number", path),
                    where=self.where(written.get("where", []), "answer", path),
                    **self.within(written, path),
                )
            case "consent":
                return self.consent(named, written, path)
            case "tag":
                return Tag(named)
            case _:
                return Member(named)

    def value(self, of: Any, slug: str, written: Mapping[str, Any], path: str) -> Value:
        known = self.known[of]
        lost = TRAITS[slug].broken if of == "trait" and slug not in known and slug in TRAITS else None
        if lost is not None:
            raise BadRule(f"The trait {slug} has no values: {lost.en}", path=path, received=repr(slug))
        if slug not in known:
            what = "trait" if of == "trait" else "attribute"
            raise BadRule(f"There is no such {what}", path=path, received=repr(slug), valid=", ".join(known))
        kind, part = known[slug], written.get("part")
        if part is not None:
            if kind != "day" or part not in PARTS:
                raise BadRule(
                    "Only days have parts that can be compared",
                    path=path,
                    received=_shown(part),
                    valid=f"of days: {', '.join(PARTS)}",
                )
            kind = "number"
        test = self.test(written, kind, path)
        if kind == "code":
            given = (
                test.value if isinstance(test.value, tuple) else () if test.value is None else (test.value,)
            )
            for one in given:
                _require(str(one), TRAITS[slug].values if slug in TRAITS else {}, path)
        return Value(of=of, slug=slug, kind=kind, test=test, part=part)

    def did(self, facts: Any, named: str, written: Mapping[str, Any], path: str) -> Did:
        measure: Any = "times"
        if facts == "did":
            measure = written.get("time", "times")
            if "time" in written and measure not in MOMENTS:
                raise BadRule(
                    "A time is first or last", path=path, received=_shown(measure), valid="first, last"
                )
        elif named not in MEASURES[facts]:
            raise BadRule(
                "This cannot be measured", path=path, received=repr(named), valid=", ".join(MEASURES[facts])
            )
        else:
            measure = named
        test = self.test(written, "moment" if measure in MOMENTS else "number", path, counted=True)
        return Did(
            facts=facts,
            measure=measure,
            name=named if facts == "did" else "",
            test=test,
            where=self.where(written.get("where", []), facts, path),
            **self.within(written, path),
        )

    def then(self, first: str, written: Mapping[str, Any], path: str) -> Then:
        self.none_of(written, ("op", "value", "where", "time"), path)
        then = written["then"]
        if not isinstance(then, str) or not then.strip() or len(then) > LONGEST_TEXT:
            raise BadRule("This is no event", path=path, received=_shown(then), valid="the name of an event")
        within = self.within(written, path)
        if not within:
            raise BadRule("It is not said within how many days", path=path, valid=" or ".join(WITHIN))
        return Then(first=first, then=_nfc(then), **within)

    def none_of(self, written: Mapping[str, Any], keys: Sequence[str], path: str) -> None:
        if there := [key for key in keys if key in written]:
            raise BadRule("This cannot be said together with then", path=path, received=", ".join(there))

    def consent(self, channel: str, written: Mapping[str, Any], path: str) -> Consent:
        state, purpose = written.get("value", "granted"), written.get("purpose", "marketing")
        if state not in ("granted", "withdrawn"):
            raise BadRule(
                "Consent is granted or withdrawn",
                path=path,
                received=_shown(state),
                valid="granted, withdrawn",
            )
        if not isinstance(purpose, str) or purpose not in PURPOSES:
            raise BadRule(
                "This is no purpose", path=path, received=_shown(purpose), valid=", ".join(PURPOSES)
            )
        _require(channel, BY, path)
        return Consent(channel=channel, purpose=purpose, state=state)

    def where(self, written: Any, facts: str, path: str) -> tuple[Where, ...]:
        if not isinstance(written, Sequence) or isinstance(written, str) or len(written) > MOST_CLAUSES:
            raise BadRule(
                "Conditions are a list", path=path, received=_shown(written), valid='[{"property": …}]'
            )
        found = []
        for number, one in enumerate(written):
            here = f"{path}.where[{number}]".lstrip(".")
            if not isinstance(one, Mapping) or not isinstance(one.get("property"), str):
                raise BadRule("A condition names a property", path=here, received=_shown(one))
            if unknown := set(one) - {"property", "op", "value"}:
                raise BadRule("The condition says too much", path=here, received=", ".join(map(str, unknown)))
            name, columns = _nfc(one["property"]), PROPERTIES[facts]
            own = facts == "did" and name not in columns and OWN.fullmatch(name) is not None
            if not own and name not in columns:
                raise BadRule(
                    "There is no such property", path=here, received=repr(name), valid=", ".join(columns)
                )
            kind: Kind = _own_kind(one) if own else columns[name]
            found.append(Where(name=name, kind=kind, test=self.test(one, kind, here), own=own))
        return tuple(found)

    def within(self, written: Mapping[str, Any], path: str) -> dict[str, int]:
        said = {key: written[key] for key in WITHIN if written.get(key) is not None}
        if len(said) > 1:
            raise BadRule("A window has days or hours", path=path, received=" and ".join(WITHIN))
        for key, given in said.items():
            most, unit = MOST_WITHIN[key], key.removeprefix("within_")
            if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= most:
                raise BadRule(
                    f"This is no number of {unit}", path=path, received=_shown(given), valid=f"1 to {most}"
                )
        return said

    def test(self, written: Mapping[str, Any], kind: Kind, path: str, *, counted: bool = False) -> Test:
        """``counted``: at least once, where nothing is said; and a count is never empty."""
        if counted and kind == "number" and "op" not in written and "value" not in written:
            return Test(">=", Decimal(1))
        offered = tuple(op for op in OPS[kind] if not (counted and kind == "number" and op == "empty"))
        op = written.get("op")
        if op not in offered:
            raise BadRule("It cannot be compared so", path=path, received=_shown(op), valid=" ".join(offered))
        if op == "empty":
            if "value" in written:
                raise BadRule("Nothing is compared with empty", path=path, received=_shown(written["value"]))
            return Test("empty")
        if "value" not in written:
            raise BadRule("It is not said what to compare with", path=path, valid="value")
        given = written["value"]
        if op in ("in", "not_in", "between"):
            return Test(op, self.several(op, given, kind, path))
        return Test(op, _scalar(given, kind, path))

    def several(self, op: str, given: Any, kind: Kind, path: str) -> tuple[Scalar, ...]:
        if not isinstance(given, Sequence) or isinstance(given, str) or not 1 <= len(given) <= MOST_VALUES:
            raise BadRule(
                "This is no list of values",
                path=path,
                received=_shown(given),
                valid=f"1 to {MOST_VALUES} values",
            )
        values = tuple(_scalar(one, kind, path) for one in given)
        if op == "between":
            low, high = values if len(values) == 2 else (None, None)
            if low is None or low > high:  # type: ignore[operator]  # both are of one kind by now
                raise BadRule(
                    "Between takes two values, the lower one first",
                    path=path,
                    received=_shown(given),
                    valid="[1, 5]",
                )
        return values


def _require(given: str, codes: Mapping[str, Any], path: str) -> None:
    """Refuse what is none of the codes: it would hold for nobody, and nobody would be told."""
    if codes and given not in codes:
        raise BadRule("There is no such value", path=path, received=repr(given), valid=", ".join(codes))


def _own_kind(written: Mapping[str, Any]) -> Kind:
    """A property that an event brought is compared as what the rule compares it with."""
    value = written.get("value")
    first = value[0] if isinstance(value, list | tuple) and value else value
    if isinstance(first, bool):
        return "flag"
    return "number" if isinstance(first, int | float | Decimal) else "text"


def _scalar(given: Any, kind: Kind, path: str) -> Scalar:
    match kind:
        case "number":
            return _number(given, path)
        case "flag":
            if isinstance(given, bool):
                return given
            raise BadRule(
                "This is neither true nor false", path=path, received=_shown(given), valid="true, false"
            )
        case "moment" | "day":
            try:
                return parse_day(given)
            except (NotADate, TypeError) as error:
                raise BadRule(
                    "This is not a day", path=path, received=_shown(given), valid="a day such as 2024-05-20"
                ) from error
        case _:
            if not isinstance(given, str) or not given or len(given) > LONGEST_TEXT or "\0" in given:
                raise BadRule(
                    "This is no text to compare with",
                    path=path,
                    received=_shown(given),
                    valid=f"1 to {LONGEST_TEXT} letters; op empty finds those without a value",
                )
            return _nfc(given)


def _number(given: Any, path: str) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        raise BadRule("This is not a number", path=path, received=_shown(given), valid="a number such as 2")
    try:
        number = Decimal(str(given))
    except InvalidOperation as error:
        raise BadRule("This is not a number", path=path, received=_shown(given)) from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 18 or -int(number.as_tuple().exponent) > 9:
        raise BadRule(
            "This number is too large or too long",
            path=path,
            received=_shown(given),
            valid="at most 18 digits before the point and 9 behind it",
        )
    return number


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _shown(value: Any) -> str:
    return repr(value)[:LONGEST_TEXT]
