"""Figures of the house, and the pages that show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs.pages import Hit
from huoshui.kernel.plugs.tables import IbisTable
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure of the house: declared once, evaluated in one place, the same on every page and in every export.

    ``rows(scope)`` gives the contributions: an Ibis table with ``customer_id`` (empty for anonymous sales),
    ``numerator``, ``denominator`` (absent when the metric is a plain sum) and the columns ``scope.by``. The value
    of a cell is Σ numerator ÷ Σ denominator, or Σ numerator; the people of a cell are the customers with a
    numerator other than zero.

    ``direction`` says whether more is better (``up``), worse (``down``) or neither (``none``).

    ``unit``: a ``share`` is a part of one (growth may lie beyond); a ``score`` stands on the scale that the meaning
    names; ``times`` is a plain ratio. ``unit_word`` is written after a figure instead of the usual word of its unit.

    ``unknown`` says why there is no figure where no row says a numerator, for what a silent table does not make zero:
    without reports of spending nobody knows that nothing was spent. ``people(scope)`` are the rows whose customers a
    figure opens to, where they are not those of the numerator. ``of_people`` is false where facts without customers
    are in it, so that it cannot be cut to a group of them.

    ``alternatives`` are other metrics that answer the same question. ``slow`` metrics ask for traits as of days past,
    which takes about as long as a refresh for each: long lists leave them out. Values of ``entered`` ones are written
    by people.
    """

    slug: str
    label: Text
    meaning: Text
    numerator: Text
    denominator: Text | None = None
    unit: Literal["money", "orders", "customers", "share", "number", "score", "times", "months"]
    grain: Literal["order", "customer"]
    direction: Literal["up", "down", "none"] = "up"
    rows: Callable[[Any], IbisTable]
    unknown: Text | None = None
    people: Callable[[Any], IbisTable] | None = None
    of_people: bool = True
    alternatives: tuple[str, ...] = ()
    slow: bool = False
    entered: bool = False
    unit_word: Text | None = None


METRICS: Registry[Metric] = Registry("metric")


@dataclass(frozen=True, kw_only=True)
class MetricUse:
    """Where a room shows metrics: ``places(actor, metric)`` names the pages with it that the actor may see."""

    slug: str
    places: Callable[[Actor, str], Sequence[Hit]]


METRIC_USES: Registry[MetricUse] = Registry("use of metrics")
