"""Questions about traits: as one expression over the facts, and as last computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import ibis

from huoshui.data.traits.errors import TraitsInCircles, UnknownNeed
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import RELATIONS, TRAITS, IbisTable, Relation, Tables, Trait
from huoshui.kernel.registries import Registry

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Rest = Callable[[Relation, list[str]], "tuple[Tables, IbisTable] | None"]
"""What has to be computed of a relation for some traits, and the answers of all other customers; see `carrying`."""

PRESENT_BY = ("purchases", "changes", "behaviour")
KEPT_REFRESHES = 64

# By house and version of the table: each page of a list says it, and of one version it never changes.
_refreshed: dict[tuple[str, int], tuple[datetime, datetime]] = {}


class Readable(Tables, Protocol):
    """Tables whose expressions can be computed: a snapshot of the lake."""

    def arrow(self, expression: Any) -> Any:
        """The rows of an expression over these tables, as an Arrow table."""


@dataclass(frozen=True, slots=True)
class TraitValue:
    """One trait of one customer with its provenance.

    ``computed_from`` names the relation of facts or the other traits it was made of.
    """

    slug: str
    value: Any
    as_of: datetime
    computed_at: datetime
    computed_from: tuple[str, ...]


def trait_table(
    tables: Tables,
    as_of: AsOf,
    *,
    only: Sequence[str] | None = None,
    traits: Registry[Trait] = TRAITS,
    keep: Callable[[IbisTable], IbisTable] | None = None,
    carried: Rest | None = None,
) -> IbisTable:
    """Traits of every customer as of a moment, as one expression: ``customer_id`` and a column per trait.

    One row per customer of `customers_present`. Each relation is read and aggregated once, whatever the number of
    traits over it; the results are joined to the customers; traits that need others follow layer by layer.

    ``only`` limits the columns (what they need is computed with them). ``keep`` may compute the answer over a relation
    before the next one: of a million customers, all of them together do not fit into the memory of the engine.
    ``carried`` may know answers that still hold (`carrying`). Raises `UnknownNeed`, `TraitsInCircles`.
    """
    wanted = tuple(only) if only is not None else traits.slugs()
    layers = in_layers(wanted, traits, tables.table("customers").columns)
    needed = [trait for layer in layers for trait in layer]
    attributes = _attributes(needed, traits)
    joined = customers_present(tables, as_of).select("customer_id", *attributes)

    aggregated = [t for t in needed if t.over is not None]
    for number, (relation, together) in enumerate(_passes(aggregated)):
        declared, slugs = RELATIONS[relation], [t.slug for t in together]
        asked, known = (carried and carried(declared, slugs)) or (tables, None)
        rows = _looked_at(declared.build(asked, as_of), together, as_of)
        values = {t.slug: t.expression(rows, as_of).cast(t.type) for t in together}
        one_each = rows.group_by("customer_id").aggregate(**values)
        one_each = one_each if known is None else one_each.union(known)
        whose = f"of_{number}_{relation}"
        one_each = one_each.rename({whose: "customer_id"})
        one_each = keep(one_each) if keep else one_each
        joined = joined.left_join(one_each, joined.customer_id == one_each[whose])
    row = joined.select(
        "customer_id", *attributes, **{t.slug: _filled(joined[t.slug], t) for t in aggregated}
    )

    if keep is None:
        return _with_layers(row, layers, as_of).select("customer_id", *wanted)
    # Scores rank everybody: sorting a million rows is cheap only while they are narrow.
    row, needs = keep(row), {need for trait in needed for need in trait.needs}
    narrow = row.select("customer_id", *attributes, *(t.slug for t in aggregated if t.slug in needs))
    made = _with_layers(narrow, layers, as_of).select(
        *(t.slug for t in needed if t.over is None), of_made="customer_id"
    )
    return row.left_join(made, row.customer_id == made.of_made).select("customer_id", *wanted)


def traits_of_rows(
    rows: IbisTable, as_of: AsOf, *, over: str, only: Sequence[str], traits: Registry[Trait] = TRAITS
) -> IbisTable:
    """`trait_table` of the customers who are in ``rows``, those of the relation ``over`` before the moment.

    For traits that are made of that one relation alone, where whoever asks has its rows of a later moment already.
    Raises as `trait_table`, and `UnknownNeed` for a trait that needs anything else.
    """
    layers = in_layers(only, traits)
    needed = [trait for layer in layers for trait in layer]
    if odd := [t.slug for t in needed if t.over not in (None, over)]:
        raise UnknownNeed("These traits are made of other facts, too", received=", ".join(odd), valid=over)
    together = [t for t in needed if t.over is not None]
    rows = _looked_at(rows, together, as_of)
    values = {t.slug: _filled(t.expression(rows, as_of).cast(t.type), t) for t in together}
    row = rows.group_by("customer_id").aggregate(**values)
    return _with_layers(row, layers, as_of).select("customer_id", *only)


def customers_present(tables: Tables, as_of: AsOf) -> IbisTable:
    """The customers who were there at a moment, with all their columns.

    Created before it, or with a purchase, an order change or an event before it: a shop's old orders are often older
    than its record of the customer.
    """
    customers = tables.table("customers")
    late = customers.created_at >= ibis.literal(as_of.at)
    # Few customers are late, mostly none; only for them are the facts looked through.
    traces = [RELATIONS[slug].build(tables, as_of).select("customer_id") for slug in PRESENT_BY]
    seen = customers.filter(late).semi_join(ibis.union(*traces), "customer_id")
    return customers.filter(~late.fill_null(False)).union(seen)


def known_since(tables: Tables, as_of: AsOf, first: datetime) -> IbisTable:
    """Since when each customer was there: ``customer_id``, ``since``.

    `customers_present` of any moment from ``first`` up to ``as_of`` are those whose ``since`` is before it, or empty.
    """
    customers = tables.table("customers")
    # Only of those who were not there from the beginning does it matter when they left their first trace.
    late = customers.filter(customers.created_at >= ibis.literal(first)).select("customer_id")
    traces = []
    for slug in PRESENT_BY:
        rows = RELATIONS[slug].build(tables, as_of)
        time = "ordered_at" if "ordered_at" in rows.columns else "occurred_at"
        traces.append(rows.semi_join(late, "customer_id").select("customer_id", at=rows[time]))
    seen = ibis.union(*traces)
    earliest = seen.group_by("customer_id").aggregate(seen_at=seen["at"].min()).rename(who="customer_id")
    joined = customers.left_join(earliest, customers.customer_id == earliest.who)
    return joined.select(
        "customer_id",
        since=ibis.ifelse(joined.seen_at < joined.created_at, joined.seen_at, joined.created_at),
    )


def in_layers(
    wanted: Sequence[str], traits: Registry[Trait] = TRAITS, columns: Sequence[str] = ()
) -> list[list[Trait]]:
    """The wanted traits and all they need, so that each layer needs only earlier ones (and ``columns``).

    Raises `UnknownNeed` for a name that is neither a trait nor a column, `TraitsInCircles`.
    """
    depth: dict[str, int] = {}

    def visit(slug: str, path: tuple[str, ...]) -> int:
        if slug in path:
            raise TraitsInCircles(
                "These traits need each other",
                received=" → ".join((*path[path.index(slug) :], slug)),
                next_step="Let one of them be computed from facts",
            )
        if slug not in depth:
            trait = traits[slug]
            if trait.over is not None and trait.over not in RELATIONS:
                raise UnknownNeed(
                    f"The trait {slug} is computed over a relation that nobody declared",
                    received=trait.over,
                    valid=", ".join(RELATIONS.slugs()),
                )
            for need in trait.needs:
                if need not in traits and need not in columns:
                    raise UnknownNeed(
                        f"The trait {slug} needs something that is neither a trait nor an attribute of customers",
                        received=need,
                        valid=", ".join((*traits.slugs(), *columns)),
                    )
            below = [visit(need, (*path, slug)) for need in trait.needs if need in traits]
            depth[slug] = 0 if trait.over is not None else 1 + max(below, default=0)
        return depth[slug]

    for slug in wanted:
        if slug not in traits:
            raise UnknownNeed("There is no such trait", received=slug, valid=", ".join(traits.slugs()))
        visit(slug, ())
    layers: list[list[Trait]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for trait in traits:
        if trait.slug in depth:
            layers[depth[trait.slug]].append(trait)
    return layers


def current(*, tables: Readable, customer_id: int) -> dict[str, TraitValue]:
    """The traits of one customer as of the last refresh, by slug; empty before the first refresh.

    ``tables`` is a snapshot of the lake. Times are in UTC.
    """
    stored = tables.table("traits")
    found = tables.arrow(stored.filter(stored.customer_id == customer_id).limit(1)).to_pylist()
    return in_row(found[0]) if found else {}


def in_row(values: Mapping[str, Any]) -> dict[str, TraitValue]:
    """The traits of a row of the lake table ``traits``, by slug."""
    return {
        trait.slug: TraitValue(
            slug=trait.slug,
            value=_in_utc(values[trait.slug]),
            as_of=_in_utc(values["as_of"]),
            computed_at=_in_utc(values["computed_at"]),
            computed_from=(trait.over,) if trait.over is not None else trait.needs,
        )
        for trait in TRAITS
        if trait.slug in values
    }


def last_refresh(*, tables: Snapshot) -> tuple[datetime, datetime] | None:
    """``as_of`` and ``computed_at`` of the last refresh, in UTC; ``None`` before the first."""
    key = (str(tables.lake.root), tables.versions.get("traits", 0))
    if known := _refreshed.get(key):
        return known
    stored = tables.table("traits")
    found = tables.arrow(stored.select("as_of", "computed_at").limit(1)).to_pylist()
    if not found:
        return None
    if len(_refreshed) >= KEPT_REFRESHES:
        _refreshed.clear()
    answer = _refreshed[key] = (_in_utc(found[0]["as_of"]), _in_utc(found[0]["computed_at"]))
    return answer


def stale(*, tables: Snapshot, slugs: Iterable[str]) -> list[str]:
    """Those of the traits whose present meaning began after the last refresh: stored values are of an earlier one."""
    changed = {slug: at for slug in slugs if slug in TRAITS and (at := TRAITS[slug].defined_at) is not None}
    refreshed = last_refresh(tables=tables) if changed else None
    return [slug for slug, at in changed.items() if refreshed is None or at > refreshed[1]]


def _with_layers(row: Any, layers: Sequence[Sequence[Trait]], as_of: AsOf) -> Any:
    """``row`` with the traits that need others, layer by layer."""
    for layer in layers:
        made = {t.slug: _filled(t.expression(row, as_of).cast(t.type), t) for t in layer if t.over is None}
        row = row.mutate(**made) if made else row
    return row


def _passes(aggregated: Sequence[Trait]) -> list[tuple[str, list[Trait]]]:
    """Traits that are computed together, with their relation; one that counts by a value stands alone."""
    together: dict[tuple[str, str], list[Trait]] = {}
    for trait in aggregated:
        key = (trait.over or "", trait.slug if trait.per is not None else "")
        together.setdefault(key, []).append(trait)
    return [(relation, traits) for (relation, _alone), traits in together.items()]


def _looked_at(rows: Any, traits: Sequence[Trait], as_of: AsOf) -> Any:
    """The rows that some of the traits look at, counted by value where they ask for that."""
    asked = [t.where(rows, as_of) for t in traits if t.where is not None]
    if len(asked) == len(traits):
        rows = rows.filter(ibis.or_(*asked))
    per = traits[0].per
    if per is None:
        return rows
    rows = rows.select("customer_id", value=per(rows, as_of))
    rows = rows.filter(rows.value.notnull())
    return rows.group_by("customer_id", "value").aggregate(times=rows.count())


def _attributes(needed: Sequence[Trait], traits: Registry[Trait]) -> list[str]:
    """Columns of ``customers`` that some trait needs."""
    needs = dict.fromkeys(need for trait in needed for need in trait.needs if need not in traits)
    return [name for name in needs if name != "customer_id"]


def _filled(value: Any, trait: Trait) -> Any:
    return value if trait.empty is None else value.fill_null(ibis.literal(trait.empty).cast(trait.type))


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
