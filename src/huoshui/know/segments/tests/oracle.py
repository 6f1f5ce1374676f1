"""The written meaning of rules, person by person and in plain Python: what the compiled columns are judged by."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

TIMES = {
    "events": "occurred_at",
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "answers": "answered_at",
    "consents": "valid_from",
    "customer_tags": "valid_from",
}
COLUMNS = {"product_id", "value", "session_id"}
OF_THE_ORDER = ("channel", "store", "coupon", "campaign")


class Person:
    """One person: values of traits and attributes, and facts by kind, all before ``now``."""

    def __init__(
        self,
        values: Mapping[str, Any],
        facts: Mapping[str, list[dict[str, Any]]],
        now: datetime,
        zone: ZoneInfo,
    ) -> None:
        self.values, self.now, self.zone = values, now, zone
        self.facts = {
            kind: [row for row in rows if row[TIMES[kind]] < now]
            for kind, rows in facts.items()
            if kind in TIMES
        }

    def meets(self, rule: Mapping[str, Any]) -> bool:
        if "all" in rule:
            return all(self.meets(part) for part in rule["all"])
        if "any" in rule:
            return any(self.meets(part) for part in rule["any"])
        if "not" in rule:
            return not self.meets(rule["not"])
        kind = next(
            k
            for k in rule
            if k
            not in ("op", "value", "within_days", "within_hours", "where", "time", "then", "purpose", "part")
        )
        return bool(getattr(self, f"_{kind}")(rule))

    def _trait(self, rule: Mapping[str, Any]) -> bool:
        return self.compares(self.values.get(rule["trait"]), rule)

    def _attribute(self, rule: Mapping[str, Any]) -> bool:
        value = self.values.get(rule["attribute"])
        return self.compares(self.part_of(value, rule["part"]) if "part" in rule else value, rule)

    def part_of(self, day: date | None, part: str) -> int | None:
        today = self.now.astimezone(self.zone).date()
        if day is None:
            return None
        if part == "month":
            return day.month
        ahead = [today + timedelta(days=number) for number in range(366)]
        if part == "months_until":
            months = list(dict.fromkeys((one.year, one.month) for one in ahead))
            return next(place for place, (_, month) in enumerate(months) if month == day.month)
        leap = (day.month, day.day) == (2, 29)
        for number, one in enumerate(ahead):
            if (one.month, one.day) == (day.month, day.day):
                return number
            # A year without the 29th: the first of March stands for it.
            if leap and (one.month, one.day) == (3, 1) and (one - timedelta(days=1)).day != 29:
                return number
        raise AssertionError(day)

    def _did(self, rule: Mapping[str, Any]) -> bool:
        if "then" in rule:
            return self.in_a_row(rule)
        events = [e for e in self.within("events", rule) if e["name"] == rule["did"] and self.fits(e, rule)]
        if "time" in rule:
            moments = sorted(e["occurred_at"] for e in events)
            return self.compares(
                (moments[0] if rule["time"] == "first" else moments[-1]) if moments else None, rule
            )
        return self.compares(len(events), rule)

    def in_a_row(self, rule: Mapping[str, Any]) -> bool:
        events = self.facts.get("events", [])
        longest = timedelta(hours=rule.get("within_hours") or 24 * rule["within_days"])
        return any(
            a is not b
            and a["name"] == rule["did"]
            and b["name"] == rule["then"]
            and timedelta(0) <= b["occurred_at"] - a["occurred_at"] <= longest
            for a in events
            for b in events
        )

    def _orders(self, rule: Mapping[str, Any]) -> bool:
        orders = [o for o in self.within("orders", rule) if o["revenue"] > 0 and self.fits(o, rule)]
        return self.compares(self.measured(orders, rule["orders"], len(orders)), rule)

    def of_its_order(self, line: Mapping[str, Any]) -> dict[str, Any]:
        key = (line["source"], line["order_id"])
        theirs = [o for o in self.facts.get("orders", []) if (o["source"], o["order_id"]) == key]
        return {
            **line,
            **{
                name: theirs[0].get(name) if theirs and theirs[0]["revenue"] > 0 else None
                for name in OF_THE_ORDER
            },
        }

    def _products(self, rule: Mapping[str, Any]) -> bool:
        lines = [
            line
            for line in self.within("order_lines", rule)
            if line["revenue"] > 0 and self.fits(self.of_its_order(line), rule)
        ]
        orders = {(line["source"], line["order_id"]) for line in lines}
        return self.compares(self.measured(lines, rule["products"], len(orders)), rule)

    def _answer(self, rule: Mapping[str, Any]) -> bool:
        given = [
            a for a in self.within("answers", rule) if a["metric"] == rule["answer"] and self.fits(a, rule)
        ]
        return self.compares(max((a["answered_at"], a["score"]) for a in given)[1] if given else None, rule)

    def _consent(self, rule: Mapping[str, Any]) -> bool:
        said = [
            (c["valid_from"], c["state"])
            for c in self.facts.get("consents", [])
            if c["channel"] in (rule["consent"], "any") and c["purpose"] == rule["purpose"]
        ]
        return bool(said) and max(said)[1] == rule["value"]

    def _tag(self, rule: Mapping[str, Any]) -> bool:
        return any(
            t["tag"] == rule["tag"] and (t["valid_to"] is None or t["valid_to"] >= self.now)
            for t in self.facts.get("customer_tags", [])
        )

    def measured(self, rows: list[dict[str, Any]], measure: str, times: int) -> Any:
        if measure in ("first", "last"):
            moments = sorted(row["ordered_at"] for row in rows)
            return (moments[0] if measure == "first" else moments[-1]) if moments else None
        name = "quantity" if measure == "quantity" else "revenue"
        return times if measure == "times" else sum((row[name] or 0 for row in rows), Decimal(0))

    def within(self, kind: str, rule: Mapping[str, Any]) -> list[dict[str, Any]]:
        if hours := rule.get("within_hours"):
            begin = self.now - timedelta(hours=hours)
            return [row for row in self.facts.get(kind, []) if row[TIMES[kind]] >= begin]
        if not rule.get("within_days"):
            return self.facts.get(kind, [])
        first = self.now.astimezone(self.zone).date() - timedelta(days=rule["within_days"])
        return [r for r in self.facts.get(kind, []) if r[TIMES[kind]].astimezone(self.zone).date() >= first]

    def fits(self, fact: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
        return all(self.compares(self.property_of(fact, w, rule), w) for w in rule.get("where", []))

    def property_of(self, fact: Mapping[str, Any], where: Mapping[str, Any], rule: Mapping[str, Any]) -> Any:
        name = where["property"]
        if "did" not in rule or name in COLUMNS:
            return fact.get(name)
        found = json.loads(fact["properties"] or "{}").get(name)
        if where["op"] == "empty":
            return found
        told = where["value"]
        wanted = str if isinstance(told[0] if isinstance(told, list) else told, str) else int | float
        # A property is compared with values of its own type only.
        return found if isinstance(found, wanted) else None

    def compares(self, value: Any, rule: Mapping[str, Any]) -> bool:
        op: str = rule["op"]
        given: Any = rule.get("value")
        if value == "" or (isinstance(value, float) and math.isnan(value)):
            value = None
        if op == "empty":
            return value is None
        if value is None:
            return op in ("!=", "not_in")
        if isinstance(value, date):
            value = value.astimezone(self.zone).date() if isinstance(value, datetime) else value
            given = [date.fromisoformat(d) for d in given] if op == "between" else date.fromisoformat(given)
        if isinstance(value, float) and not isinstance(given, str):
            given = [float(g) for g in given] if isinstance(given, list) else float(given)
        match op:
            case "=":
                return bool(value == given)
            case "!=":
                return bool(value != given)
            case "in" | "not_in":
                return bool(value in given) == (op == "in")
            case "contains":
                return bool(given in value)
            case "between":
                return bool(given[0] <= value <= given[1])
            case "<" | "before":
                return bool(value < given)
            case "<=":
                return bool(value <= given)
            case ">" | "after":
                return bool(value > given)
            case _:
                return bool(value >= given)
