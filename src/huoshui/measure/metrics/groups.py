"""Groups of customers that figures are cut to, such as segments: the populations that other rooms declare."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from huoshui.data.customers.conditions import population
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.kernel.texts import Text


def members(tables: Tables, group: str) -> IbisTable:
    """The customers of a group (``slug:argument``) as a table of ``customer_id``, of the whole house version.

    Raises `NotACondition`, and what the population says of an argument that means nothing.
    """
    found, argument, _ = population(group)
    return found.members(whole(tables), argument)


def whole(tables: Tables) -> Any:
    """The house version behind tables that show a part of it, or remember it, and say so by ``whole``."""
    return getattr(tables, "whole", tables)


def state(group: str) -> Hashable:
    """What answers for a group depend on besides the house version. Raises as `members`."""
    found, argument, _ = population(group)
    return found.state(argument)


def said(group: str) -> Text:
    """Who they are in words; the bare name of a group that is no more."""
    try:
        return population(group)[2]
    except HuoshuiError:
        return Text(group, group)
