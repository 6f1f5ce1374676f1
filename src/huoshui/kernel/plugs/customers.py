"""What other rooms say of customers: the groups that they belong to, and where their attributes are spoken of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from huoshui.kernel.plugs.tables import IbisTable, Tables
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text


@dataclass(frozen=True, kw_only=True)
class Population:
    """A kind of groups of customers: those behind a cell of a metric, a cohort, those who moved to another stage.

    One group is written ``slug:argument``, as in ``/customers/?in=cohort:2024-03/2``; the argument says everything
    that decides who belongs to it, so that a stored address keeps its meaning.

    ``members(tables, argument)`` gives an Ibis table with the one column ``customer_id``, each once.
    ``sentence(argument)`` says in words who they are. Both raise a `HuoshuiError` when the argument means nothing.

    ``offered()`` are the groups that pages offer to choose from: their arguments with their names; nothing for kinds
    that are only opened from a figure. ``state(argument)`` is what members depend on besides the argument and the
    house version: answers that are kept are kept for it.
    """

    slug: str
    label: Text
    members: Callable[[Tables, str], IbisTable]
    sentence: Callable[[str], Text]
    offered: Callable[[], Sequence[tuple[str, Text]]] = tuple
    state: Callable[[str], Hashable] = str


POPULATIONS: Registry[Population] = Registry("population")


@dataclass(frozen=True, kw_only=True)
class AttributeUse:
    """What of a room speaks of attributes of customers: ``places()`` names it, by the slug of the attribute."""

    slug: str
    places: Callable[[], Mapping[str, Sequence[Text]]]


ATTRIBUTE_USES: Registry[AttributeUse] = Registry("use of attributes")
