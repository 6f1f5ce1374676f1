"""What all models of this folder have in common: parameters, errors, prior and how they are told and kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import ndtri

from huoshui.kernel.texts import Text
from huoshui.science.clv.errors import NotASummary, NotFitted
from huoshui.science.clv.histories import Matrix, Vector
from huoshui.science.clv.newton import Maximum, Objective, highest
from huoshui.science.clv.summary import days_in
from huoshui.science.errors import NotASetting

LOW, HIGH = math.log(1e-4), math.log(1e4)
"""Bounds of every parameter's logarithm, in the model's own scale. The likelihood of some data has no maximum."""
THIN = 100
"""With fewer customers who came back than this, the weak prior joins in."""
SPREAD = 1.5
"""Standard deviation of the weak prior, in logarithms: 95 % lie within a factor of 19 of its centre."""
PRIORS = ("auto", "always", "never")


class Model:
    """A distribution with a few positive parameters, fitted by maximum likelihood.

    Parameters
    ----------
    unit
        The unit of time of the columns it will be given: ``D``, ``W``, ``M`` or ``Y``.
    prior
        ``auto``: a weak prior (log-normal, `SPREAD`) joins in when fewer than `THIN` customers came back, or when
        the likelihood has no maximum inside the bounds; ``always``; ``never``.

    After ``fit``: ``params_``, ``standard_errors_`` (delta method, from the curvature at the maximum),
    ``covariance_`` (of the logarithms of the parameters, in their order; none where the data leave it open),
    ``log_likelihood_`` (natural logarithm, the sum over customers, in the given unit of time, without the prior),
    ``customers_``, ``repeaters_``, ``converged_``, ``prior_used_``.
    """

    NAME: ClassVar[Text]
    SOURCE: ClassVar[str]
    PARAMETERS: ClassVar[Mapping[str, Text]]
    TIMES: ClassVar[frozenset[str]] = frozenset()
    """Parameters that are times."""
    CENTRE: ClassVar[Sequence[float]]
    """Centre of the weak prior, in the model's own scale."""
    STARTS: ClassVar[Sequence[Sequence[float]]]

    def __init__(self, *, unit: str = "D", prior: str = "auto") -> None:
        days_in(unit)
        if prior not in PRIORS:
            raise NotASetting("This is not a use of the prior", received=repr(prior), valid=", ".join(PRIORS))
        self.unit = unit
        self.prior = prior
        self.params_: dict[str, float] = {}
        self.standard_errors_: dict[str, float] = {}
        self.covariance_: Matrix | None = None
        self.log_likelihood_ = math.nan
        self.customers_ = 0.0
        self.repeaters_ = 0.0
        self.converged_ = False
        self.prior_used_ = False

    def _place(self, *names: str) -> list[float]:
        if not self.params_:
            raise NotFitted(
                f"{type(self).__name__} has no parameters yet",
                next_step="Call fit() first, or take them from an earlier fit with from_dict()",
            )
        return [self.params_[name] for name in names]

    def _search(self, likelihood: Objective, sample: Objective | None, repeaters: float) -> Maximum:
        """The maximum, with the prior if it is needed; the likelihood of a sample shows where to begin."""
        use = self.prior == "always" or (self.prior == "auto" and repeaters < THIN)
        found = self._climb(likelihood, sample, use)
        if self.prior == "auto" and not use and found.covariance is None:
            use, found = True, self._climb(likelihood, None, True)
        self.prior_used_ = use
        return found

    def _climb(self, likelihood: Objective, sample: Objective | None, with_prior: bool) -> Maximum:
        starts = [np.log(np.asarray(one, dtype=np.float64)) for one in self.STARTS]
        centre = np.log(np.asarray(self.CENTRE, dtype=np.float64))

        def with_centre(objective: Objective) -> Objective:
            def added(place: Vector) -> tuple[float, Vector, Matrix]:
                value, slope, curvature = objective(place)
                away = (place - centre) / SPREAD
                return (
                    value - 0.5 * float(away @ away),
                    slope - away / SPREAD,
                    curvature - np.eye(len(centre)) / SPREAD**2,
                )

            return added

        if sample is not None:
            starts = [highest(with_centre(sample) if with_prior else sample, starts, LOW, HIGH).place]
        return highest(with_centre(likelihood) if with_prior else likelihood, starts, LOW, HIGH)

    def _keep(self, found: Maximum, scale: float, log_likelihood: float) -> None:
        covariance = self.covariance_ = found.covariance
        for position, name in enumerate(self.PARAMETERS):
            value = math.exp(found.place[position]) * (scale if name in self.TIMES else 1.0)
            self.params_[name] = value
            spread = math.inf if covariance is None else math.sqrt(covariance[position, position])
            self.standard_errors_[name] = value * spread
        self.log_likelihood_ = log_likelihood
        self.converged_ = found.converged

    def parameter_intervals(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Where the parameters of the customers lie, as far as the data can say.

        Normal in the logarithms of the parameters (they are positive and skewed). This is no statement on what a
        customer will do: for that see `predictive.value_intervals`.

        Parameters
        ----------
        level
            Between 0 and 1.

        Returns
        -------
        Lower and upper end by parameter; infinite where the data leave it open.
        """
        if not 0 < level < 1:
            raise NotASetting("This is not a level", received=str(level), valid="between 0 and 1")
        far = float(ndtri(0.5 + level / 2))
        ends: dict[str, tuple[float, float]] = {}
        for name, value in zip(self.PARAMETERS, self._place(*self.PARAMETERS), strict=True):
            factor = math.exp(min(700.0, far * self.standard_errors_[name] / value))
            ends[name] = (value / factor, value * factor) if factor < 1e300 else (0.0, math.inf)
        return ends

    def summary(self, level: float = 0.95) -> dict[str, Any]:
        """The fit in plain values: what was learnt, how surely, from how much, with which source."""
        ends = self.parameter_intervals(level)
        return {
            "model": type(self).__name__,
            "source": self.SOURCE,
            "unit": self.unit,
            "customers": self.customers_,
            "repeat_customers": self.repeaters_,
            "log_likelihood": _plain(self.log_likelihood_),
            "converged": self.converged_,
            "prior_used": self.prior_used_,
            "level": level,
            "parameters": {
                name: {
                    "value": self.params_[name],
                    "standard_error": _plain(self.standard_errors_[name]),
                    "low": ends[name][0],
                    "high": _plain(ends[name][1]),
                    "unit": self.unit if name in self.TIMES else "",
                    "meaning": {"en": text.en, "zh": text.zh},
                }
                for name, text in self.PARAMETERS.items()
            },
        }

    def as_dict(self) -> dict[str, Any]:
        """The model as JSON can hold it; `from_dict` is the way back."""
        self._place()
        return {
            "model": type(self).__name__,
            "unit": self.unit,
            "prior": self.prior,
            "params": dict(self.params_),
            "standard_errors": {name: _plain(value) for name, value in self.standard_errors_.items()},
            "covariance": None if self.covariance_ is None else self.covariance_.tolist(),
            "log_likelihood": _plain(self.log_likelihood_),
            "customers": self.customers_,
            "repeat_customers": self.repeaters_,
            "converged": self.converged_,
            "prior_used": self.prior_used_,
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """The model that `as_dict` told; ``params`` and ``unit`` suffice.

        Raises
        ------
        NotASummary
            When it is another model, or a parameter is missing or not above 0.
        """
        params = {name: float(kept.get("params", {}).get(name, math.nan)) for name in cls.PARAMETERS}
        if kept.get("model", cls.__name__) != cls.__name__ or not all(
            math.isfinite(value) and value > 0 for value in params.values()
        ):
            raise NotASummary(
                f"These are not the parameters of {cls.__name__}",
                received=str(dict(kept.get("params", {}))),
                valid=f"{', '.join(cls.PARAMETERS)}, each above 0",
            )
        model = cls(unit=kept.get("unit", "D"), prior=kept.get("prior", "auto"))
        model.params_ = params
        errors = kept.get("standard_errors", {})
        model.standard_errors_ = {name: _number(errors.get(name), math.inf) for name in cls.PARAMETERS}
        covariance = kept.get("covariance")
        model.covariance_ = None if covariance is None else np.array(covariance, dtype=np.float64)
        model.log_likelihood_ = _number(kept.get("log_likelihood"), math.nan)
        model.customers_ = float(kept.get("customers", 0.0))
        model.repeaters_ = float(kept.get("repeat_customers", 0.0))
        model.converged_ = bool(kept.get("converged", True))
        model.prior_used_ = bool(kept.get("prior_used", False))
        return model


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else float(value)
