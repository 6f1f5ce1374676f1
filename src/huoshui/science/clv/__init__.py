"""Customer lifetime value: what a customer will still buy, and what that is worth.

Promises: parameters by maximum likelihood from purchase histories, forecasts with intervals of two kinds (of the
parameters, and of what one customer will really do), a back-test against a stated simple rule, and a named refusal or
that simple rule where the data do not suffice. Columns come from `purchase_summary`; everything else works on arrays.
"""

from huoshui.science.clv.backtest import Backtest, Tracking, backtest, tracking_curve
from huoshui.science.clv.beta_geo import BetaGeo, ModifiedBetaGeo
from huoshui.science.clv.gamma_gamma import GammaGamma
from huoshui.science.clv.pareto import ParetoNBD
from huoshui.science.clv.predictive import ValueIntervals, value_intervals
from huoshui.science.clv.simulation import Simulated, simulate
from huoshui.science.clv.steady import SteadyRate
from huoshui.science.clv.summary import purchase_summary
from huoshui.science.clv.valuation import Valuation, value_customers

__all__ = [
    "Backtest",
    "BetaGeo",
    "GammaGamma",
    "ModifiedBetaGeo",
    "ParetoNBD",
    "Simulated",
    "SteadyRate",
    "Tracking",
    "Valuation",
    "ValueIntervals",
    "backtest",
    "purchase_summary",
    "simulate",
    "tracking_curve",
    "value_customers",
    "value_intervals",
]
