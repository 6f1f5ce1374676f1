"""What is still to come of each customer, by the newest model that knew nothing later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable
from huoshui.know.models import queries as models
from huoshui.know.value import clv
from huoshui.know.value.clv import DISCOUNT, SLUG, UNIT

if TYPE_CHECKING:
    from huoshui.science.clv.buying import BuyTillYouDie

SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("p_alive", pa.float64()),
        ("p_alive_low", pa.float64()),
        ("p_alive_high", pa.float64()),
        ("expected_orders_90d", pa.float64()),
        ("expected_orders_90d_low", pa.int64()),
        ("expected_orders_90d_high", pa.int64()),
        ("clv_12m", pa.decimal128(18, 4)),
        ("clv_12m_low", pa.decimal128(18, 4)),
        ("clv_12m_high", pa.decimal128(18, 4)),
    ]
)
_MOST = 1e13
"""Money beyond this is cut off: it would not fit the columns of the house, and no customer spends it."""


def forecasts(tables: Any, as_of: AsOf) -> IbisTable:
    """What each customer with a purchase is expected to buy and spend, by the model that speaks of the moment.

    Nobody where no model was trained before it. The models' functions are not those of an engine, so histories leave
    it as arrays and the answers come back as a table.
    """
    version = models.at(SLUG, as_of)
    if version is None:
        return tables.session.hold(SCHEMA.empty_table())
    return tables.session.hold(told(version.trained.content, clv.histories(tables, as_of)))


def told(content: Mapping[str, Any], found: clv.Histories) -> pa.Table:
    """The forecasts of a kept model for these histories, as `SCHEMA` says."""
    from huoshui.science import clv as science

    kinds = (science.ModifiedBetaGeo, science.BetaGeo, science.SteadyRate)
    model = {kind.__name__: kind for kind in kinds}[content["buying"]["model"]].from_dict(content["buying"])
    money = science.GammaGamma.from_dict(content["money"]) if content["money"] else None
    history = found.of_buying
    value = found.columns["monetary_value"]
    usual = np.full(len(found), content["usual_value"])
    each = usual if money is None else money.expected_value(history[0], value)
    year = science.summary.days_in("Y")
    ends = science.value_intervals(model, money, *history, usual if money is None else value, time=year)
    quarter = 90.0 / science.summary.days_in(UNIT)
    orders = science.value_intervals(model, None, *history, np.ones(len(found)), time=quarter)
    expected = model.lifetime_value(*history, each, discount_rate=DISCOUNT)
    return pa.table(
        [
            pa.array(found.columns["customer_id"], pa.int64()),
            *_alive(model, history),
            pa.array(model.expected_purchases(quarter, *history)),
            pa.array(orders.low.astype(np.int64)),
            pa.array(orders.high.astype(np.int64)),
            *(_money(amount) for amount in (expected, ends.low, ends.high)),
        ],
        schema=SCHEMA,
    )


def _alive(model: BuyTillYouDie, history: tuple[Any, Any, Any]) -> list[pa.Array]:
    """The probability to be a customer still, with its ends; empty where nothing is known of them."""
    from huoshui.science.clv import SteadyRate

    if isinstance(model, SteadyRate):
        return [pa.nulls(len(history[0]), pa.float64())] * 3
    ends = model.probability_alive_interval(*history)
    return [pa.array(model.probability_alive(*history)), *(pa.array(end, from_pandas=True) for end in ends)]


def _money(amount: Any) -> pa.Array:
    """Floating point as money, rounded to ten-thousandths; the engines would each do it in their own way."""
    units = np.round(np.clip(amount, 0.0, _MOST) * 10_000.0).astype(np.int64)
    tiny = pa.scalar("0.0001").cast(pa.decimal128(5, 4))
    return pc.multiply(pa.array(units).cast(pa.decimal128(19, 0)), tiny).cast(pa.decimal128(18, 4))
