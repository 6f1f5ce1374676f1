"""Questions about traits: all of them in one list, and what a definition would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis

from huoshui.data.customers.scope import seen_ids
from huoshui.data.traits import queries as traits
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import SUBJECTS, TRAITS, Trait
from huoshui.kernel.registries import Registry
from huoshui.know.custom import known, made, own, uses
from huoshui.know.custom.errors import NoSuchTrait
from huoshui.know.custom.own import Content, Own
from huoshui.know.custom.uses import Use

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

SAMPLE = 8
LOOKED_AT = 200
"""Customers with a value among whom those of a sample are looked for that the actor sees."""
TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A trait with where it is used, and how many of all customers have a value of it as of the last refresh.

    ``having`` is empty before the first refresh; ``stale`` says that the values are of an earlier meaning. ``own`` is
    the definition where somebody defined it.
    """

    trait: Trait
    own: Own | None
    having: int | None
    stale: bool
    uses: Sequence[Use]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All traits; ``customers`` are those of the last refresh, ``as_of`` and ``computed_at`` when that was."""

    standings: Sequence[Standing]
    retired: Sequence[Own]
    customers: int
    as_of: datetime | None
    computed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a definition says of all customers: ``having`` have a value; ``least``, ``median`` and ``most`` of numbers.

    ``top`` are the most frequent values with how many have them, ``sample`` some customers whom the actor sees: id,
    name, value.
    """

    trait: Trait
    as_of: datetime
    customers: int
    having: int
    least: Any = None
    median: Any = None
    most: Any = None
    top: Sequence[tuple[Any, int]] = ()
    sample: Sequence[tuple[int, str, Any]] = ()


def catalogue(*, tables: Snapshot) -> Catalogue:
    """Every trait, those of the program first, then the house's own by name."""
    defined = {one.slug: one for one in own.everything()}
    stored, refreshed = tables.table("traits"), traits.last_refresh(tables=tables)
    with TRAITS.held():
        there = [trait for trait in TRAITS if trait.slug in stored.columns]
        counts = stored.aggregate(
            all_=stored.count(), **{f"t{n}": stored[one.slug].count() for n, one in enumerate(there)}
        )
        row = tables.arrow(counts).to_pylist()[0] if refreshed else {}
        having = {one.slug: int(row[f"t{n}"]) for n, one in enumerate(there)} if row else {}
        stale = set(traits.stale(tables=tables, slugs=defined))
        used = uses.by_value()
        standings = [
            Standing(
                trait=trait,
                own=defined.get(trait.slug),
                having=having.get(trait.slug),
                stale=trait.slug in stale,
                uses=used.get(trait.slug, ()),
            )
            for trait in TRAITS
        ]
    return Catalogue(
        standings=standings,
        retired=own.everything(retired=True),
        customers=int(row["all_"]) if row else 0,
        as_of=refreshed[0] if refreshed else None,
        computed_at=refreshed[1] if refreshed else None,
    )


def preview(*, actor: Actor, content: Content, tables: Snapshot, as_of: AsOf, slug: str = "") -> Preview:
    """What a definition would say as of a moment, of customers whom ``actor`` sees by name. Nothing is stored.

    ``slug`` is the trait that it would change. Raises `NotADefinition`, `NotAllowed`.
    """
    actor.require(Right.SEGMENTS_EDIT)
    known.require_known(content.definition, tables)
    others = [one for one in own.everything() if one.slug != slug]
    there = own.as_traits(others)
    names = own.known_to_formulas()
    names |= {name: own.known_of(trait) for name, trait in there.items() if not trait.broken}
    slug = slug or "previewed"
    own.require_no_circle(slug, content, others)
    trait = own.as_trait(slug, content, names)
    registry: Registry[Trait] = Registry("trait")
    registry.declare(*TRAITS.declared.values(), *there.values(), trait)
    computed = traits.trait_table(tables, as_of, only=[slug], traits=registry)
    kept = tables.session.keep(computed.rename(value=slug))
    try:
        return _seen(actor, trait, tables, kept, as_of)
    finally:
        tables.session.drop(kept)


def trait(slug: str, *, tables: Snapshot) -> Standing:
    """One trait of the catalogue. Raises `NoSuchTrait`."""
    return standing(slug, catalogue(tables=tables))


def standing(slug: str, found: Catalogue) -> Standing:
    """How one trait stands in a catalogue. Raises `NoSuchTrait`."""
    for one in found.standings:
        if one.trait.slug == slug:
            return one
    raise NoSuchTrait("There is no such trait", received=repr(slug[:60]), valid=", ".join(TRAITS.slugs()))


def broken() -> list[Trait]:
    """The traits of the house that have lost their ground."""
    return [one for one in TRAITS if one.broken]


def _seen(actor: Actor, trait: Trait, tables: Snapshot, kept: Any, as_of: AsOf) -> Preview:
    counted: dict[str, Any] = {"customers": kept.count(), "there": kept.value.count()}
    if trait.type in made.NUMBERS:
        counted |= {
            "least": kept.value.min(),
            "median": kept.value.cast("float64").median(),
            "most": kept.value.max(),
        }
    row = tables.arrow(kept.aggregate(**counted)).to_pylist()[0]
    if trait.type == made.MONEY and row["median"] is not None:
        row["median"] = Decimal(str(row["median"]))
    row["having"] = row.pop("there")  # Ibis takes a name "having" for something else
    with_value = kept.filter(kept.value.notnull())
    frequent = with_value.group_by("value").aggregate(n=with_value.count())
    top = tables.arrow(frequent.order_by(ibis.desc("n"), "value").limit(TOP)).to_pylist()
    some = tables.arrow(with_value.order_by("customer_id").limit(LOOKED_AT)).to_pylist()
    values = {int(one["customer_id"]): one["value"] for one in some}
    shown = sorted(seen_ids(actor, values))[:SAMPLE] if values else []
    titles = SUBJECTS["customer"].titles(actor, [str(one) for one in shown])
    return Preview(
        trait=trait,
        as_of=as_of.at,
        **row,
        top=[(one["value"], one["n"]) for one in top],
        sample=[(one, titles[str(one)], values[one]) for one in shown if str(one) in titles],
    )
