"""Values of customers: what is computed of each, what must be ready before and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs.tables import IbisTable, IbisValue
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One value per customer, computed as of any moment.

    Exactly one of ``over`` and ``needs`` is given:

    * ``over``: the relation that is aggregated per customer; ``expression(rows, as_of)`` is an aggregate of it.
      All traits over one relation are computed in one pass.
    * ``needs``: other traits (and columns of ``customers``); ``expression(row, as_of)`` is a value, maybe with a
      window over all customers.

    ``empty`` is the value of a customer of whom the relation has no row. ``values`` names the codes of a trait
    whose values are codes, in their order.

    ``where`` says which rows a trait looks at: where all traits over a relation say it, others are not read. With
    ``per``, rows are first counted by customer and this value, and ``expression`` is an aggregate of those counts: the
    columns ``value`` (never empty) and ``times``.

    Of a trait that the house itself defined, ``defined_at`` is when its present meaning began: values computed before
    are of an earlier one. ``broken`` says why it has no values.
    """

    slug: str
    label: Text
    meaning: Text
    type: str
    unit: Text | None = None
    over: str | None = None
    needs: tuple[str, ...] = ()
    expression: Callable[[IbisTable, AsOf], IbisValue]
    empty: int | float | None = None
    values: Mapping[str, Text] = field(default_factory=dict)
    where: Callable[[IbisTable, AsOf], IbisValue] | None = None
    per: Callable[[IbisTable, AsOf], IbisValue] | None = None
    defined_at: datetime | None = None
    broken: Text | None = None

    def __post_init__(self) -> None:
        if (self.over is None) == (not self.needs):
            raise ValueError(
                f"trait {self.slug!r} must say either over which relation or which traits it needs"
            )


SHARE = Text("share", "占比")
"""The unit of traits that are a part of one: shown as percent."""

TRAITS: Registry[Trait] = Registry("trait")


class Prepares(Protocol):
    """What a room does before traits are computed as of a moment."""

    def __call__(self, *, actor: Actor, tables: Any, as_of: AsOf, now: datetime) -> None:
        """``tables`` is a snapshot of the lake."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What must be there before traits are computed, such as models that some of them read."""

    slug: str
    run: Prepares


PREPARATIONS: Registry[Preparation] = Registry("preparation")


class Follows(Protocol):
    """What a room does when traits were computed, in the same write."""

    def __call__(self, *, tx: Any, as_of: AsOf, now: datetime) -> None:
        """``tx`` is the write of the lake that has the new traits and is not published yet."""


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What follows from new traits and becomes visible together with them, such as memberships of segments."""

    slug: str
    run: Follows


CONSEQUENCES: Registry[Consequence] = Registry("consequence")
