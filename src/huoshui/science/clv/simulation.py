"""Customers whose truth is known: histories and futures drawn from a model, to see whether an estimator finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from huoshui.science.clv.beta_geo import BetaGeo, ModifiedBetaGeo
from huoshui.science.clv.buying import BuyTillYouDie
from huoshui.science.clv.gamma_gamma import GammaGamma
from huoshui.science.clv.histories import Vector, column
from huoshui.science.clv.pareto import ParetoNBD
from huoshui.science.errors import NotASetting


@dataclass(frozen=True, slots=True)
class Simulated:
    """Columns as `purchase_summary` gives them, and what follows after T; money is 0 without a model of value."""

    frequency: Vector
    recency: Vector
    T: Vector
    monetary_value: Vector
    frequency_ahead: Vector
    value_ahead: Vector


def simulate(
    model: BuyTillYouDie,
    money: GammaGamma | None,
    T: Any,  # noqa: N803
    *,
    ahead: float,
    seed: int,
) -> Simulated:
    """Draw one customer for each age.

    Order statistics of a Poisson process are drawn directly, so there is no loop over purchases.

    Parameters
    ----------
    model
        `BetaGeo`, `ModifiedBetaGeo` or `ParetoNBD` with parameters.
    money
        Model of the value of purchases, with parameters.
    T
        For how long each customer has been seen, in the unit of the model.
    ahead
        How long they are followed after T.
    seed
        The same seed gives the same customers.

    Raises
    ------
    NotASetting
        For another model.
    """
    chance = np.random.default_rng(seed)
    end = column(T)
    n = len(end)
    if isinstance(model, BetaGeo):
        r, alpha, a, b = model._place("r", "alpha", "a", "b")
        rate = chance.gamma(r, 1 / alpha, n)
        leaves = np.maximum(chance.beta(a, b, n), 1e-12)
        # After how many repeat purchases they leave: the modified model lets them leave after the first purchase.
        most = chance.geometric(leaves) - isinstance(model, ModifiedBetaGeo)
        drawn = chance.poisson(rate * end)
        number = np.minimum(drawn, most)
        later = np.minimum(drawn + chance.poisson(rate * ahead), most) - number
        recency = end * chance.beta(np.maximum(number, 1), drawn - number + 1)
    elif isinstance(model, ParetoNBD):
        r, alpha, s, beta = model._place("r", "alpha", "s", "beta")
        rate = chance.gamma(r, 1 / alpha, n)
        life = chance.exponential(1.0, n) / np.maximum(chance.gamma(s, 1 / beta, n), 1e-300)
        lived = np.minimum(life, end)
        number = chance.poisson(rate * lived)
        later = chance.poisson(rate * np.clip(life - end, 0.0, ahead))
        recency = lived * chance.beta(np.maximum(number, 1), 1.0)
    else:
        raise NotASetting(
            "Customers cannot be drawn from this model",
            received=type(model).__name__,
            valid="BetaGeo, ModifiedBetaGeo or ParetoNBD",
        )
    spent, value = np.zeros(n), np.zeros(n)
    if money is not None:
        p, q, v = money._place("p", "q", "v")
        scale = 1.0 / np.maximum(chance.gamma(q, 1 / v, n), 1e-300)
        spent = np.where(
            number > 0, chance.gamma(p * np.maximum(number, 1)) * scale / np.maximum(number, 1), 0.0
        )
        value = np.where(later > 0, chance.gamma(p * np.maximum(later, 1)) * scale, 0.0)
    return Simulated(
        frequency=number.astype(np.float64),
        recency=np.where(number > 0, recency, 0.0),
        T=end,
        monetary_value=spent,
        frequency_ahead=later.astype(np.float64),
        value_ahead=value,
    )
