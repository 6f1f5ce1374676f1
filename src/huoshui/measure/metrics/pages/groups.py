"""The choice of a group of customers, such as a segment, that figures are cut to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from huoshui.data.customers.conditions import offered_populations
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import groups
from huoshui.measure.metrics.dimensions import IN
from huoshui.web.address import Chosen
from huoshui.web.lists import Tab

EVERYBODY = Text("All customers", "全部客户")
MOST = 40
"""Groups in one menu; any other is chosen on its own page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """Something to choose: what is chosen now, and all there is."""

    icon: str
    label: str
    tabs: Sequence[Tab]


def menu(chosen: Chosen, address_of: Callable[[str | None], str], language: Language) -> Menu:
    """Everybody, and every group that is offered; without tabs where there is nothing to choose.

    ``address_of(group)`` is the page cut to a group, with ``None`` to everybody.
    """
    current = chosen.slice.get(IN, "")
    offered = {group: name.in_(language) for group, name in offered_populations()[:MOST]}
    if current and current not in offered:
        offered[current] = groups.said(current).in_(language)
    everybody = EVERYBODY.in_(language)
    tabs = [Tab(label=everybody, address=address_of(None), current=not current)]
    tabs += [
        Tab(label=n, address=address_of(group), current=group == current) for group, n in offered.items()
    ]
    return Menu(icon="users-group", label=offered.get(current, everybody), tabs=tabs if offered else ())
