"""What is still to come of each customer, by the newest model that knew nothing later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable
from huoshui.know.models import queries as models
from huoshui.know.value import clv
from huoshui.know.value.clv import DISCOUNT, SLUG, UNIT

SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("p_alive", pa.float64()),
        ("expected_orders_90d", pa.float64()),
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
    frequency, recency, age = found.of_buying
    value = found.columns["monetary_value"]
    usual = np.full(len(found), content["usual_value"])
    each = usual if money is None else money.expected_value(frequency, value)
    year = science.summary.days_in("Y")
    ends = science.value_intervals(
        model, money, frequency, recency, age, usual if money is None else value, time=year
    )
    alive = (
        pa.nulls(len(found), pa.float64())
        if isinstance(model, science.SteadyRate)
        else model.probability_alive(frequency, recency, age)
    )
    expected = model.lifetime_value(frequency, recency, age, each, discount_rate=DISCOUNT)
    return pa.table(
        [
            pa.array(found.columns["customer_id"], pa.int64()),
            pa.array(alive, pa.float64()),
            pa.array(model.expected_purchases(90.0 / science.summary.days_in(UNIT), frequency, recency, age)),
            *(_money(amount) for amount in (expected, ends.low, ends.high)),
        ],
        schema=SCHEMA,
    )


def _money(amount: Any) -> pa.Array:
    """Floating point as money, rounded to ten-thousandths; the engines would each do it in their own way."""
    units = np.round(np.clip(amount, 0.0, _MOST) * 10_000.0).astype(np.int64)
    tiny = pa.scalar("0.0001").cast(pa.decimal128(5, 4))
    return pc.multiply(pa.array(units).cast(pa.decimal128(19, 0)), tiny).cast(pa.decimal128(18, 4))
