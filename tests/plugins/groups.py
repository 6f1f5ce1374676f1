"""A kind of groups of customers that no room declares, for tests of whoever narrows down to one."""

from __future__ import annotations

import pytest

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import POPULATIONS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text


class NoCity(HuoshuiError):
    """What `of_city` says of an argument that means nothing."""

    code = "not_a_city"
    says = Text("It is no city", "这不是城市")


@pytest.fixture
def of_city(monkeypatch: pytest.MonkeyPatch) -> None:
    """``of_city:Paris`` are the customers who live there, as long as the test takes."""

    def sentence(argument: str) -> Text:
        if not argument:
            raise NoCity("It is no city", received="nothing")
        return Text(f"lives in {argument}", f"居住在 {argument}")

    def members(tables: Tables, argument: str) -> IbisTable:
        rows = tables.table("customers")
        return rows.filter(rows.city == argument).select("customer_id")

    group = Population(slug="of_city", label=Text("City", "城市"), members=members, sentence=sentence)
    monkeypatch.setitem(POPULATIONS._by_slug, "of_city", group)
