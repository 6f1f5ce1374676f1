"""What every model of repeat buying can be asked, whatever it assumes about leaving."""

from __future__ import annotations

import math
from abc import abstractmethod
from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import expit, gammaln, logit, ndtri

from huoshui.science.clv.fitting import Model
from huoshui.science.clv.histories import Histories, Matrix, Vector, aligned, checked, gather, once
from huoshui.science.clv.newton import Objective
from huoshui.science.clv.summary import days_in
from huoshui.science.errors import NotASetting

_STEP = 1e-4
"""How far a logarithm of a parameter is moved to see what follows it."""


class BuyTillYouDie(Model):
    """A customer buys at random at a rate of their own, until they leave for good without saying so."""

    _SAMPLE: ClassVar[int] = 4_000
    """Rows among which the search begins; all of them finish it."""

    def fit(self, frequency: Any, recency: Any, T: Any, weights: Any = None) -> Self:  # noqa: N803
        """Find the parameters under which these histories are most likely.

        Parameters
        ----------
        frequency, recency, T
            Columns of `purchase_summary`, one entry per customer, times in ``unit``.
        weights
            How many customers each row stands for; 1 each if left out.

        Raises
        ------
        NotASummary
            For histories that cannot have happened, such as a last purchase after the end.
        NotEnoughPurchases
            Without a customer, or where nobody was seen for any time.
        """
        data = gather(frequency, recency, T, weights)
        self.customers_, self.repeaters_ = data.customers, data.repeaters
        # Times are measured in mean ages, so that bounds and prior mean the same in every unit.
        scale = float((data.weights * data.age).sum() / data.customers)
        scaled = data.in_units_of(scale)
        large = len(data.weights) > 2 * self._SAMPLE
        sample = self._objective(scaled.some(self._SAMPLE)) if large else None
        whole = self._objective(scaled)
        found = self._search(whole, sample, data.repeaters)
        value = whole(found.place)[0] if self.prior_used_ else found.value
        self._keep(found, scale, value - float((data.weights * data.frequency).sum()) * np.log(scale))
        return self

    def probability_alive(self, frequency: Any, recency: Any, T: Any) -> Vector:  # noqa: N803
        """The chance that a customer has not left, given their history; 0 to 1."""
        x, t, end = checked(frequency, recency, T)
        return self._alive(x, t, end)

    def probability_alive_interval(
        self,
        frequency: Any,
        recency: Any,
        T: Any,  # noqa: N803
        level: float = 0.95,
    ) -> tuple[Vector, Vector]:
        """Between which ends the probability of `probability_alive` lies, as far as the data can say.

        A parameter interval by the delta method: normal in the log-odds, with their derivatives by the logarithms of
        the parameters and `covariance_`. Whether the customer is there still remains a draw with that probability.

        Parameters
        ----------
        frequency, recency, T
            As in `fit`.
        level
            Between 0 and 1.

        Returns
        -------
        Lower and upper end for each customer, 0 to 1; not a number where the model does not know how sure it is.
        """
        if not 0 < level < 1:
            raise NotASetting("This is not a level", received=str(level), valid="between 0 and 1")
        x, t, end = checked(frequency, recency, T)
        alive = self._alive(x, t, end)
        if self.covariance_ is None:
            return np.full_like(alive, np.nan), np.full_like(alive, np.nan)
        open_ = np.flatnonzero((alive > 0) & (alive < 1))  # what is certain by the model stays so
        low, high = alive.copy(), alive.copy()
        history = x[open_], t[open_], end[open_]
        slopes = np.stack(
            [
                (
                    _log_odds(self._with(name, math.exp(_STEP))._alive(*history))
                    - _log_odds(self._with(name, math.exp(-_STEP))._alive(*history))
                )
                / (2 * _STEP)
                for name in self.PARAMETERS
            ]
        )
        spread = np.sqrt(np.einsum("ik,ij,jk->k", slopes, self.covariance_, slopes))
        far = float(ndtri(0.5 + level / 2)) * spread
        middle = _log_odds(alive[open_])
        low[open_], high[open_] = expit(middle - far), expit(middle + far)
        return low, high

    def _with(self, name: str, factor: float) -> Self:
        """The model with one parameter multiplied."""
        other = copy(self)
        other.params_ = {**self.params_, name: self.params_[name] * factor}
        return other

    def expected_purchases(self, time: Any, frequency: Any, recency: Any, T: Any) -> Vector:  # noqa: N803
        """Days of purchase to expect from each customer in the ``time`` (in ``unit``) after T.

        Raises
        ------
        NotASetting
            For a time below 0.
        """
        x, t, end = checked(frequency, recency, T)
        ahead = _ahead(time)
        if len(ahead) > 1:
            x, t, end, ahead = aligned(x, t, end, ahead)
            return self._alive(x, t, end) * self._while_alive(x, end, ahead)
        return self._alive(x, t, end) * once(
            (x, end), lambda number, age: self._while_alive(number, age, np.broadcast_to(ahead, number.shape))
        )

    def expected_purchases_of_new(self, time: Any) -> Vector:
        """Repeat days of purchase to expect from somebody in the ``time`` after their first purchase."""
        ahead = _ahead(time)
        nothing = np.zeros_like(ahead)
        return self._alive(nothing, nothing, nothing) * self._while_alive(nothing, nothing, ahead)

    def lifetime_value(
        self,
        frequency: Any,
        recency: Any,
        T: Any,  # noqa: N803
        value: Any,
        *,
        months: int = 12,
        discount_rate: float = 0.1,
    ) -> Vector:
        """Value of the purchases to expect from each customer in the months after T, in today's money.

        Purchases of a month are discounted from its end: ``Σ (E[X(m)] − E[X(m−1)]) · value ÷ (1 + rate)^(m/12)``.

        Parameters
        ----------
        frequency, recency, T
            As in `fit`.
        value
            What a purchase of this customer is worth, for instance `GammaGamma.expected_value`: revenue or margin.
        months
            How far to look, in mean months of 365.25 / 12 days.
        discount_rate
            Per year: 0.1 is 10 %.

        Raises
        ------
        NotASetting
            For fewer than one month, or a rate of −1 or less.
        """
        if months < 1 or discount_rate <= -1:
            raise NotASetting(
                "This value has no meaning",
                received=f"{months} months at {discount_rate}",
                valid="1 month or more, and a rate above -1",
            )
        x, t, end = checked(frequency, recency, T)
        month = days_in("M") / days_in(self.unit)

        def discounted(number: Vector, age: Vector) -> Vector:
            total = np.zeros_like(number)
            before = np.zeros_like(number)
            for passed in range(1, months + 1):
                until = self._while_alive(number, age, np.full_like(number, passed * month))
                total += (until - before) / (1 + discount_rate) ** (passed / 12)
                before = until
            return total

        return self._alive(x, t, end) * once((x, end), discounted) * aligned(value, x)[0]

    def purchase_distribution(
        self,
        time: float,
        frequency: Any,
        recency: Any,
        T: Any,  # noqa: N803
        most: int,
    ) -> Matrix:
        """The chance of exactly 0, 1, …, ``most`` − 1, and of ``most`` or more days of purchase in ``time`` after T.

        Returns
        -------
        One row per customer and ``most`` + 1 columns, each row adding up to 1.
        """
        x, t, end = checked(frequency, recency, T)
        if most < 1 or not time >= 0:
            raise NotASetting(
                "This has no distribution", received=f"{most}, {time}", valid="1 or more, time >= 0"
            )
        at_least = self._alive(x, t, end)[:, None] * self._survival(x, end, float(time), most)
        return -np.diff(at_least, axis=1, prepend=1.0, append=0.0)

    @abstractmethod
    def _objective(self, data: Histories) -> Objective:
        """Log-likelihood of the data with derivatives, as a function of the logarithms of the parameters."""

    @abstractmethod
    def _alive(self, x: Vector, t: Vector, end: Vector) -> Vector:
        """The chance to be a customer still."""

    @abstractmethod
    def _while_alive(self, x: Vector, end: Vector, ahead: Vector) -> Vector:
        """Purchases to expect from somebody who is a customer still."""

    @abstractmethod
    def _survival(self, x: Vector, end: Vector, ahead: float, most: int) -> Matrix:
        """Chance of at least 1, 2, …, ``most`` purchases of somebody who is a customer still."""


def counts_tail(shape: Vector, exposure: Vector, ahead: Any, most: int) -> Matrix:
    """Chance of at least 1, 2, …, ``most`` events of a Poisson process with a gamma-distributed rate.

    The number of events is negative binomial. Its chances are added up from below, so the tail is right to about
    1e-15 in absolute terms, not in relative ones.
    """
    n = np.arange(most)
    shape, exposure, ahead = (
        np.asarray(one, dtype=np.float64)[..., None] for one in (shape, exposure, ahead)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        hit = np.log(ahead) - np.log(exposure + ahead)
        logs = gammaln(shape + n) - gammaln(shape) - gammaln(n + 1.0) - shape * np.log1p(ahead / exposure)
        chances = np.exp(logs + np.where(n > 0, n * hit, 0.0))
    tail: Matrix = np.clip(1.0 - np.cumsum(chances, axis=-1), 0.0, 1.0)
    return tail


def _log_odds(chance: Vector) -> Vector:
    answer: Vector = logit(np.clip(chance, 1e-300, 1 - 1e-15))
    return answer


def _ahead(time: Any) -> Vector:
    ahead = aligned(time)[0]
    if not (np.isfinite(ahead) & (ahead >= 0)).all():
        raise NotASetting("This is not a time to look ahead", received=str(ahead.min()), valid="0 or more")
    return ahead
