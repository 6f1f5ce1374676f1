"""The difference between two arms, with its interval.

Sources: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
involved", Biometrika 34, 1947; R. G. Newcombe, Statistics in Medicine 17, 1998 (small counts); A. Deng, Y. Xu,
R. Kohavi and T. Walker, "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data",
WSDM 2013 (CUPED); G. Bohm and G. Zech, "Statistics of weighted Poisson events and its applications", Nuclear
Instruments and Methods A 748, 2014 (effective numbers, for means of few); R. Johari, P. Koomen, L. Pekelis and
D. Walsh, "Peeking at A/B tests: why it matters, and what to do about it", KDD 2017 (always valid).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit
from scipy.stats import fisher_exact

from huoshui.science.errors import NotASetting
from huoshui.science.experiments.errors import NotASample, NotEnoughPeople, TooFew
from huoshui.science.experiments.samples import Kind, Sample, as_sample
from huoshui.science.proportions import difference

Method = Literal["unpooled", "welch", "newcombe", "few", "cuped", "always valid"]

# With fewer that did, or did not, in an arm the normal approximation of a share does not hold; the usual limit of
# textbooks, and also that of means to which most people add nothing: below, the intervals miss more than they say.
FEW = 10
# People in each arm from which on the mean of money is nearly normal, however it is looked at.
ENOUGH_TO_WATCH = 100


@dataclass(frozen=True, slots=True)
class Lift:
    """What treatment added per person.

    Attributes
    ----------
    estimate, low, high
        Treated minus control, in the unit of the outcome, with the interval of level ``1 - alpha``.
    p_value
        Two-sided, of no difference.
    relative
        ``estimate`` ÷ mean of control; None where the control group had nothing.
    treated, control
        The arms, as their moments.
    standard_error
        Of the estimate.
    method
        How the interval was made: ``unpooled`` (shares), ``welch`` (means), ``newcombe`` (shares of fewer than ten;
        the p-value is Fisher's), ``few`` (means to which most add nothing and fewer than ten something), ``cuped``
        (with a covariate), ``always valid``.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    relative: float | None
    treated: Sample
    control: Sample
    standard_error: float
    method: Method

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no room for "no difference"."""
        return self.low > 0 or self.high < 0

    @property
    def is_of_few(self) -> bool:
        """Whether so few did anything in an arm that only a wide interval can be told."""
        return self.method in ("newcombe", "few")


def lift(
    treated: Any,
    control: Any,
    kind: Kind = "proportion",
    covariate: tuple[Any, Any] | None = None,
    alpha: float = 0.05,
) -> Lift:
    """What was added: the difference of two shares or two means.

    Parameters
    ----------
    treated, control
        One value per person of each arm, shape ``(n,)``, or a `Sample`. For ``kind="proportion"`` 0 or 1.
    kind
        ``proportion`` has the unpooled normal interval; where fewer than ten did, or did not, in an arm, that of
        Newcombe. ``mean`` (money, counts) has Welch's interval; where most have nothing and fewer than ten in an arm
        something, as many as the money of both arms is worth of equal amounts are read by Newcombe, for the spread of
        so few is not known.
    covariate
        ``(treated, control)``: a number of each person known before the start, such as revenue of the year before.
        Removes from the outcome what it explains (CUPED); the estimate stays that of the outcome. Of a `Sample` that
        holds a covariate it is used. Shares and means of fewer than ten are read without it.
    alpha
        The interval covers the truth in a share of ``1 - alpha`` of experiments.

    Raises
    ------
    NotASample
        For missing values, shares outside 0 to 1, or a covariate of one arm only.
    NotEnoughPeople
        For fewer than two people in an arm, outcomes that are the same for everybody of both arms, or a mean of few in
        which losses outweigh gains (`TooFew`).
    NotASetting
        For an ``alpha`` outside 0 to 1, or an unknown kind.
    """
    one, other = _arms(treated, control, kind, covariate, alpha)
    estimate = one.mean - other.mean
    if kind == "mean" and (_add_few(one) or _add_few(other)):
        return _mean_of_few(one, other, alpha)
    if kind == "proportion" and (_are_few(one) or _are_few(other)):
        return _of_few(one, other, alpha)
    if one.covariance is not None:
        return _adjusted(one, other, alpha)
    if kind == "proportion":
        return _normal(estimate, _share_error(one, other), one, other, alpha, "unpooled")
    error = _welch_error(one, other)
    spread, spread_others = one.variance / one.n, other.variance / other.n
    degrees = (spread + spread_others) ** 2 / (spread**2 / (one.n - 1) + spread_others**2 / (other.n - 1))
    half = float(stdtrit(degrees, 1 - alpha / 2)) * error
    p_value = 2 * float(stdtr(degrees, -abs(estimate) / error))
    relative = _relative(estimate, other)
    return Lift(estimate, estimate - half, estimate + half, p_value, relative, one, other, error, "welch")


def always_valid(
    treated: Any,
    control: Any,
    kind: Kind = "proportion",
    covariate: tuple[Any, Any] | None = None,
    alpha: float = 0.05,
    *,
    expected: float,
) -> Lift:
    """The difference so far, read while the experiment runs and as often as one likes.

    However often it is looked at, the chance that any interval ever misses the truth is at most ``alpha`` (mixture
    sequential probability ratio test with normal mixing, Johari and others). The price is a wider interval than that
    of `lift`, which may be read once, at the end.

    Parameters
    ----------
    treated, control, kind, covariate, alpha
        As for `lift`.
    expected
        The size of the difference that was expected before the start, in the unit of the outcome, not 0. It decides
        when the interval is narrowest, never whether it is valid; fixed before the start.

    Raises
    ------
    NotEnoughPeople
        Also for fewer than a hundred people in an arm, and where fewer than ten of an arm did anything: too early.
    """
    if not (math.isfinite(expected) and expected):
        raise NotASetting("This is no expected difference", received=f"{expected}", valid="a number, not 0")
    one, other = _arms(treated, control, kind, covariate, alpha)
    fewest = min(one.n, other.n)
    are_few = _are_few if kind == "proportion" else _add_few
    if fewest < ENOUGH_TO_WATCH or are_few(one) or are_few(other):
        raise NotEnoughPeople(
            "It is too early to read this experiment",
            received=f"{one.n} treated with {one.total:g}, {other.n} in the control group with {other.total:g}",
            valid=f"{ENOUGH_TO_WATCH} people in each arm, {FEW} of them who did something",
        )
    once = lift(one, other, kind, alpha=alpha)
    square, mixing = once.standard_error**2, expected**2
    half = math.sqrt(
        square * (square + mixing) / mixing * (2 * math.log(1 / alpha) + math.log((square + mixing) / square))
    )
    evidence = 0.5 * math.log(square / (square + mixing)) + mixing * once.estimate**2 / (
        2 * square * (square + mixing)
    )
    return Lift(
        once.estimate,
        once.estimate - half,
        once.estimate + half,
        min(1.0, math.exp(-evidence)),
        once.relative,
        one,
        other,
        once.standard_error,
        "always valid",
    )


def _arms(
    treated: Any, control: Any, kind: Kind, covariate: tuple[Any, Any] | None, alpha: float
) -> tuple[Sample, Sample]:
    if not 0 < alpha < 1:
        raise NotASetting("This is not an error rate", received=f"{alpha}", valid="between 0 and 1")
    if kind not in ("proportion", "mean"):
        raise NotASetting("This is not a kind of outcome", received=str(kind), valid="proportion, mean")
    before, before_others = covariate if covariate is not None else (None, None)
    one, other = as_sample(treated, before), as_sample(control, before_others)
    if (one.covariance is None) != (other.covariance is None):
        raise NotASample("The covariate is known of one arm only", valid="of both arms, or of none")
    if min(one.n, other.n) < 2:
        raise NotEnoughPeople(
            "An arm has fewer than two people", received=f"{one.n} treated, {other.n} in the control group"
        )
    if kind == "proportion":
        for arm in (one, other):
            if not _is_share(arm):
                raise NotASample("These are no shares", valid="0 or 1 for each person")
    elif one.variance == 0 and other.variance == 0:
        raise NotEnoughPeople(
            "Everybody has the same outcome",
            received=f"{one.mean:g} for all treated, {other.mean:g} for the control group",
            next_step="Wait until some people have bought",
        )
    return one, other


def _of_few(one: Sample, other: Sample, alpha: float) -> Lift:
    """Shares of which the normal approximation does not hold, whatever else is known of the people."""
    estimate, done, done_others = one.mean - other.mean, round(one.total), round(other.total)
    low, high = difference(done, one.n, done_others, other.n, level=1 - alpha)
    table = np.array([[done, one.n - done], [done_others, other.n - done_others]])
    p_value, error = float(fisher_exact(table).pvalue), _share_error(one, other)
    return Lift(estimate, low, high, p_value, _relative(estimate, other), one, other, error, "newcombe")


def _mean_of_few(one: Sample, other: Sample, alpha: float) -> Lift:
    """Means to which few add: so many equal amounts as tell as much (Bohm and Zech), as shares of the people."""
    squares = sum(arm.variance * (arm.n - 1) + arm.n * arm.mean**2 for arm in (one, other))
    amount = squares / (one.total + other.total) if one.total + other.total > 0 else 0.0
    numbers = [arm.total / amount if amount else -1.0 for arm in (one, other)]
    if min(numbers) < 0 or numbers[0] > one.n or numbers[1] > other.n:
        raise TooFew(treated=one.some or 0, control=other.some or 0, needed=FEW)

    def within(level: float) -> tuple[float, float]:
        low, high = difference(numbers[0], one.n, numbers[1], other.n, level=level)
        return amount * low, amount * high

    estimate = one.mean - other.mean
    low, high = within(1 - alpha)
    # The p-value is the error rate at which the interval just leaves zero out.
    least, most = 1e-12, 1 - 1e-12
    for _ in range(50):
        middle = math.sqrt(least * most) if most < 0.5 else (least + most) / 2
        below, above = within(1 - middle)
        least, most = (middle, most) if below <= 0 <= above else (least, middle)
    relative, error = _relative(estimate, other), _welch_error(one, other)
    return Lift(estimate, low, high, most, relative, one, other, error, "few")


def _adjusted(one: Sample, other: Sample, alpha: float) -> Lift:
    """With what the covariate explains taken out: one slope for both arms, from how it varies inside them."""
    explained = [_with_covariate(arm) for arm in (one, other)]
    weights = [arm.n - 1 for arm in (one, other)]
    spread = sum(weight * before for weight, (_, before, _) in zip(weights, explained, strict=True))
    shared = sum(weight * both for weight, (_, _, both) in zip(weights, explained, strict=True))
    slope = shared / spread if spread else 0.0
    means, errors = [], []
    for arm, (before_mean, before, both) in zip((one, other), explained, strict=True):
        means.append(arm.mean - slope * before_mean)
        errors.append(max(arm.variance - 2 * slope * both + slope**2 * before, 0.0) / arm.n)
    error = math.sqrt(sum(errors))
    plain = math.sqrt(sum(arm.variance / arm.n for arm in (one, other)))
    # What is left over by rounding is nothing.
    if error <= 1e-6 * plain:
        raise NotEnoughPeople("The covariate explains every outcome", next_step="Read it without a covariate")
    return _normal(means[0] - means[1], error, one, other, alpha, "cuped")


def _with_covariate(arm: Sample) -> tuple[float, float, float]:
    """Mean and variance of the covariate, and its covariance with the outcome, which `_arms` has seen to be there."""
    return arm.before_mean or 0.0, arm.before_variance or 0.0, arm.covariance or 0.0


def _normal(estimate: float, error: float, one: Sample, other: Sample, alpha: float, method: Method) -> Lift:
    half = float(ndtri(1 - alpha / 2)) * error
    p_value = 2 * float(ndtr(-abs(estimate) / error))
    relative = _relative(estimate, other)
    return Lift(estimate, estimate - half, estimate + half, p_value, relative, one, other, error, method)


def _welch_error(one: Sample, other: Sample) -> float:
    return math.sqrt(one.variance / one.n + other.variance / other.n)


def _share_error(one: Sample, other: Sample) -> float:
    return math.sqrt(sum(arm.mean * (1 - arm.mean) / arm.n for arm in (one, other)))


def _is_share(arm: Sample) -> bool:
    """Whether the moments are those of zeros and ones."""
    squares = arm.n * arm.mean * (1 - arm.mean)
    return 0 <= arm.mean <= 1 and math.isclose(arm.variance * (arm.n - 1), squares, abs_tol=1e-6 * arm.n)


def _are_few(arm: Sample) -> bool:
    return min(arm.total, arm.n - arm.total) < FEW - 0.5


def _add_few(arm: Sample) -> bool:
    """Whether only a few people of an arm make its mean, most having nothing: their spread is then not known."""
    return arm.some is not None and arm.some < min(FEW, arm.n)


def _relative(estimate: float, control: Sample) -> float | None:
    return estimate / control.mean if control.mean else None
