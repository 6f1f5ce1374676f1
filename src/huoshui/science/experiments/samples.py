"""What must be known of one arm of an experiment: a few moments, wherever they were computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from huoshui.science.experiments.errors import NotASample

Kind = Literal["proportion", "mean"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The moments of an outcome over the people of one arm.

    Attributes
    ----------
    n
        People, 0 or more. Who did nothing counts with outcome 0.
    mean, variance
        Of the outcome, in its unit and its square; the variance divides by ``n - 1`` (0 for fewer than two people).
    before_mean, before_variance, covariance
        The same of a covariate known before the start, and of both together; None without one.
    some
        People whose outcome is not 0; None where nobody counted them. With few of them a mean says little.
    """

    n: int
    mean: float
    variance: float
    before_mean: float | None = None
    before_variance: float | None = None
    covariance: float | None = None
    some: int | None = None

    @classmethod
    def of(cls, outcome: Any, before: Any = None) -> Sample:
        """The moments of arrays of shape ``(n,)`` with one value per person.

        Raises `NotASample` for other shapes, for missing or infinite values, and where the two do not belong to the
        same people.
        """
        y = vector(outcome, "an outcome")
        some = int(np.count_nonzero(y))
        if before is None:
            return cls(len(y), *_moments(y), some=some)
        x = vector(before, "a covariate")
        if len(x) != len(y):
            raise NotASample(
                "Outcome and covariate are not of the same people",
                received=f"{len(y)} outcomes and {len(x)} values of the covariate",
                valid="one of each per person",
            )
        together = float(np.cov(x, y)[0, 1]) if len(y) > 1 else 0.0
        return cls(len(y), *_moments(y), *_moments(x), together, some)

    @classmethod
    def of_sums(
        cls,
        n: int,
        total: float,
        squares: float,
        before_total: float | None = None,
        before_squares: float | None = None,
        products: float | None = None,
        *,
        some: int | None = None,
    ) -> Sample:
        """The moments from sums: of the outcome, of its square, the same of a covariate, and of outcome × covariate.

        ``some`` people have an outcome that is not 0.

        Raises `NotASample` for sums that no numbers have.
        """
        if (
            n < 0
            or not np.isfinite([total, squares]).all()
            or squares * max(n, 1) < total * total * (1 - 1e-9)
        ):
            raise NotASample(
                "No people have these sums", received=f"n {n}, sum {total:g}, sum of squares {squares:g}"
            )
        mean, variance = _of_sums(n, total, total, squares)
        if before_total is None or before_squares is None or products is None:
            return cls(n, mean, max(variance, 0.0), some=some)
        before_mean, before_variance = _of_sums(n, before_total, before_total, before_squares)
        _, covariance = _of_sums(n, total, before_total, products)
        return cls(n, mean, max(variance, 0.0), before_mean, max(before_variance, 0.0), covariance, some)

    @property
    def total(self) -> float:
        """The outcomes of all people together."""
        return self.n * self.mean


def as_sample(arm: Any, before: Any = None) -> Sample:
    """An arm as given to this library: a `Sample` as it is, an array as its moments."""
    if not isinstance(arm, Sample):
        return Sample.of(arm, before)
    if before is not None:
        raise NotASample(
            "A Sample holds its own covariate", next_step="Give arrays, or make the Sample with its covariate"
        )
    return arm


def _of_sums(n: int, one: float, other: float, products: float) -> tuple[float, float]:
    """Mean of the first, and the covariance of two columns from their sums and the sum of their products."""
    mean = one / n if n else 0.0
    return mean, (products - mean * other) / (n - 1) if n > 1 else 0.0


def _moments(values: NDArray[np.float64]) -> tuple[float, float]:
    if not len(values):
        return 0.0, 0.0
    return float(values.mean()), float(values.var(ddof=1)) if len(values) > 1 else 0.0


def vector(values: Any, what: str) -> NDArray[np.float64]:
    """One number per person as an array of shape ``(n,)``; raises `NotASample`, which says ``what`` it is not."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise NotASample(
            f"This is not {what}", received=type(values).__name__, valid="an array with one number per person"
        ) from None
    if found.ndim != 1:
        raise NotASample(
            f"This is not {what}", received=f"an array of shape {found.shape}", valid="one number per person"
        )
    if missing := int((~np.isfinite(found)).sum()):
        raise NotASample(
            f"For {missing} of {len(found)} people {what} is missing or infinite",
            valid="a number for everybody who was drawn: 0 for those who did nothing",
        )
    return found
