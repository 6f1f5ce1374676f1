"""Tests of chance: each fails a true company in one of a thousand seeds, and the seeds here are fixed."""

from __future__ import annotations

import math

import numpy as np

REJECTED = 3.09
"""Standard deviations beyond which a one-sided test rejects at 0.1 %."""


def deviation(found, expected, variance):
    """How many standard deviations ``found`` lies above ``expected``."""
    return (found - expected) / math.sqrt(variance)


def share_deviates(successes, odds):
    """How many standard deviations the number of ``successes`` (a mask) lies above its expectation.

    ``odds`` is one probability for all, or one for each (then the variance is that of a Poisson-binomial sum).
    """
    odds = np.broadcast_to(np.asarray(odds, float), np.shape(successes))
    return deviation(np.sum(successes), odds.sum(), max((odds * (1 - odds)).sum(), 1e-12))


def same_distribution(one, other):
    """The p-value of Kolmogorov and Smirnov's test that two samples come from one distribution."""
    one, other = np.sort(one), np.sort(other)
    everything = np.concatenate([one, other])
    gap = np.abs(
        np.searchsorted(one, everything, side="right") / len(one)
        - np.searchsorted(other, everything, side="right") / len(other)
    ).max()
    size = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    x = (size + 0.12 + 0.11 / size) * gap
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101)))
