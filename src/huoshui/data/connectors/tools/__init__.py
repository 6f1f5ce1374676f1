"""Files of the tools people export from: one declaration per export, recognised by its columns.

A declaration is a guess about a file. It is shown, and ``--profile none``, ``--map`` and the other options overrule it.
"""

from __future__ import annotations

from collections.abc import Iterable

from huoshui.data.connectors.fields import folded
from huoshui.data.connectors.tools import chinese, crm, shopify, woocommerce
from huoshui.data.connectors.tools.declarations import NoSale, Tool

__all__ = ["TOOLS", "NoSale", "Tool", "fitting"]

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        shopify.CUSTOMERS,
        shopify.ORDERS,
        woocommerce.ORDERS,
        woocommerce.ITEMS,
        woocommerce.CUSTOMERS,
        woocommerce.REPORT,
        chinese.YOUZAN,
        chinese.DOUDIAN,
        chinese.TAOBAO_ORDERS,
        chinese.TAOBAO_ITEMS,
        crm.HUBSPOT,
        crm.HUBSPOT_INTERNAL,
        crm.SALESFORCE_CONTACTS,
        crm.SALESFORCE_LEADS,
    )
}


def fitting(columns: Iterable[str]) -> list[Tool]:
    """The tools whose signature is among ``columns``, that with the longest signature first."""
    here = {folded(column) for column in columns}
    found = [tool for tool in TOOLS.values() if here.issuperset(map(folded, tool.signature))]
    return sorted(found, key=lambda tool: -len(tool.signature))
