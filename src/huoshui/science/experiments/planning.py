"""How many people it takes, before anybody is drawn.

Source: J. L. Fleiss, B. Levin and M. C. Paik, *Statistical Methods for Rates and Proportions*, 3rd ed. 2003, chapter 4
(unpooled normal approximation, two-sided), and the same for means.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from huoshui.science.errors import NotASetting
from huoshui.science.experiments.samples import Kind


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people each arm needs."""

    treated: int
    control: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.treated + self.control


def sample_size(
    baseline: float,
    effect: float,
    kind: Kind = "proportion",
    *,
    spread: float | None = None,
    control_share: float = 0.5,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Sizes:
    """How many people show a difference with the wanted power.

    Parameters
    ----------
    baseline
        The share of the control group, 0 to 1, or its mean.
    effect
        The difference to be seen, treated minus control, in the unit of the outcome; not 0.
    spread
        Standard deviation of the outcome, for ``kind="mean"``; larger than 0.
    control_share
        The part of all people that is held out, between 0 and 1.
    alpha, power
        Error rate of the two-sided test, and the chance that it finds the difference.

    Raises
    ------
    NotASetting
        For values without a meaning; a share that the effect would carry below 0 or above 1.
    """
    _check(alpha=alpha, power=power, control_share=control_share)
    if not effect:
        raise NotASetting("Nobody can see no difference", received="0", valid="an effect that is not 0")
    treated_variance, control_variance = _variances(baseline, effect, kind, spread)
    z = float(ndtri(1 - alpha / 2) + ndtri(power))
    total = (z / effect) ** 2 * (treated_variance / (1 - control_share) + control_variance / control_share)
    return Sizes(max(2, math.ceil(total * (1 - control_share))), max(2, math.ceil(total * control_share)))


def power(
    treated: int,
    control: int,
    *,
    baseline: float,
    effect: float,
    kind: Kind = "proportion",
    spread: float | None = None,
    alpha: float = 0.05,
) -> float:
    """The chance that so many people show the difference. Parameters and errors as for `sample_size`."""
    _check(alpha=alpha)
    _check_people(treated, control)
    return _chance(treated, control, _variances(baseline, effect, kind, spread), effect, alpha)


def detectable(
    treated: int,
    control: int,
    *,
    baseline: float,
    kind: Kind = "proportion",
    spread: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float | None:
    """The smallest gain that so many people show with the wanted power; None where not even a share of 1 would.

    Parameters and errors as for `sample_size`.
    """
    _check(alpha=alpha, power=power)
    _check_people(treated, control)
    z = float(ndtri(1 - alpha / 2) + ndtri(power))

    def lacking(effect: float) -> float:
        of_treated, of_control = _variances(baseline, effect, kind, spread)
        return effect - z * math.sqrt(of_treated / treated + of_control / control)

    if kind == "mean":
        return -lacking(0.0)
    most = 1 - baseline
    if lacking(most) < 0:
        return None
    return float(brentq(lacking, 0.0, most)) if lacking(0.0) < 0 else 0.0


def control_size(
    people: int,
    *,
    baseline: float,
    effect: float,
    kind: Kind = "proportion",
    spread: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> int | None:
    """The smallest control group out of ``people`` that shows the difference; None where not even a half does.

    Parameters and errors as for `sample_size`.
    """
    _check(alpha=alpha, power=power)
    _check_people(people, people)
    variances = _variances(baseline, effect, kind, spread)
    spreads = [math.sqrt(variance) for variance in variances]
    # More than this part held out tells less again, for then the noisier arm is the smaller one.
    best = spreads[1] / sum(spreads) if sum(spreads) else 0.5
    low, high = 1, max(1, math.floor(people * min(best, 0.5)))
    if _chance(people - high, high, variances, effect, alpha) < power:
        return None
    while low < high:
        middle = (low + high) // 2
        if _chance(people - middle, middle, variances, effect, alpha) < power:
            low = middle + 1
        else:
            high = middle
    return low


def _chance(treated: int, control: int, variances: tuple[float, float], effect: float, alpha: float) -> float:
    """The chance that the two-sided test says that there is a difference."""
    error = math.sqrt(variances[0] / treated + variances[1] / control)
    if not error:
        return 1.0 if effect else alpha
    z, away = float(ndtri(1 - alpha / 2)), abs(effect) / error
    return float(ndtr(away - z) + ndtr(-z - away))


def _variances(baseline: float, effect: float, kind: Kind, spread: float | None) -> tuple[float, float]:
    """Of the outcome of one treated person, and of one of the control group."""
    if not (math.isfinite(baseline) and math.isfinite(effect)):
        raise NotASetting("This is not a number", received=f"{baseline}, {effect}", valid="finite numbers")
    if kind == "mean":
        if spread is None or not (math.isfinite(spread) and spread > 0):
            raise NotASetting(
                "Of means the spread must be known",
                received=str(spread),
                valid="the standard deviation of the outcome, larger than 0",
            )
        return spread**2, spread**2
    if kind != "proportion":
        raise NotASetting("This is not a kind of outcome", received=str(kind), valid="proportion, mean")
    if not (0 <= baseline <= 1 and 0 <= baseline + effect <= 1):
        raise NotASetting(
            "A share lies between 0 and 1",
            received=f"{baseline:g}, and with the effect {baseline + effect:g}",
        )
    with_it = baseline + effect
    return with_it * (1 - with_it), baseline * (1 - baseline)


def _check(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 < value < 1:
            raise NotASetting(f"{name} has no meaning", received=f"{value}", valid="between 0 and 1")


def _check_people(treated: int, control: int) -> None:
    if min(treated, control) < 2:
        raise NotASetting(
            "An arm has fewer than two people", received=f"{treated} and {control}", valid="2 or more each"
        )
