"""What a rule means while it is being written: how many meet it and each of its parts, and some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import ibis

from huoshui.know.segments import compiling, drafts, queries, reading
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.drafts import ROOT, Draft
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.rules import Rule

if TYPE_CHECKING:
    from huoshui.kernel.clock import AsOf
    from huoshui.kernel.plugs import IbisTable
    from huoshui.lake.snapshot import Snapshot

SAMPLE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``count`` of ``customers`` meet the rule, as of a moment; nothing while it is not complete or takes too long.

    ``parts`` is how many meet each complete part, by its key; ``sample`` are ids of some who meet the whole.
    """

    count: int | None
    customers: int
    parts: Mapping[str, int]
    sample: Sequence[int]
    as_of: datetime


def preview(
    *, tables: Snapshot, as_of: AsOf, draft: Draft, unless: str = "", among: IbisTable | None = None
) -> Preview:
    """The preview of a draft that may be incomplete. ``unless`` is the segment it is meant for, ``among`` the customers
    whom the reader sees (a table of ``customer_id``); everybody without it. Raises `QueryTooLong`."""
    rules, others = _complete(draft, unless)
    if among is not None:
        tables = Chosen(tables, as_of, among)
    names = {key: f"p{number}" for number, key in enumerate(rules)}
    found = compiling.table(tables, as_of, {names[key]: rule for key, rule in rules.items()}, segments=others)
    sums = {name: found[name].sum() for name in names.values()}
    with tables.session.at_most(queries.LONGEST):
        row = tables.arrow(found.aggregate(customers=found.count(), **sums)).to_pylist()[0]
        parts = {key: int(row[name] or 0) for key, name in names.items()}
        sample = _sample(tables, as_of, rules[ROOT], others) if parts.get(ROOT) else ()
    return Preview(
        count=parts.get(ROOT), customers=int(row["customers"]), parts=parts, sample=sample, as_of=as_of.at
    )


def _complete(draft: Draft, unless: str) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """The parts that can be read, by key, and the segments that they speak of."""
    of_traits, of_attributes = queries.fields()
    rules: dict[str, Rule] = {}
    others: dict[str, Rule] = {}
    for key, part in drafts.parts(draft):
        try:
            written = drafts.write(part, traits=of_traits, attributes=of_attributes).rule
            rule = reading.parse(written, traits=of_traits, attributes=of_attributes)
            others |= queries.resolve(rule, unless=unless)
        except BadRule:
            # The form says beside the part what is missing; the others are counted.
            continue
        rules[key] = rule
    return rules, others


def _sample(tables: Snapshot, as_of: AsOf, rule: Rule, others: Mapping[str, Rule]) -> list[int]:
    found = compiling.table(tables, as_of, {"holds": rule}, segments=others)
    # Ids are random, so the first of them are any customers.
    chosen = found.filter(found.holds).select("customer_id").order_by(ibis.asc("customer_id")).limit(SAMPLE)
    return [int(one) for one in tables.arrow(chosen)["customer_id"].to_pylist()]
