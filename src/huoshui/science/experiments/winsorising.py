"""Single large amounts, so that one person does not decide an experiment.

Source: R. Kohavi, D. Tang and Y. Xu, "Trustworthy Online Controlled Experiments", Cambridge 2020, chapter 18: amounts
are capped at a threshold that is found without looking at who was treated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huoshui.science.errors import NotASetting
from huoshui.science.experiments.samples import vector


@dataclass(frozen=True, slots=True)
class Winsorised:
    """Amounts of which none is larger than ``cap``, in either direction; ``people`` had more and count with it."""

    values: NDArray[np.float64]
    cap: float
    people: int


def winsorised(amounts: Any, *, share: float = 0.999) -> Winsorised:
    """Amounts of everybody, of both sides together, capped so that at least ``share`` of the people keep theirs.

    Parameters
    ----------
    amounts
        One per person, shape ``(n,)``; 0 for those who did nothing. Negative ones are capped at ``-cap``.
    share
        Above 0 and at most 1. The cap is the smallest amount that so many people do not exceed (the inverse of the
        empirical distribution): below ``1 / (1 - share)`` people nothing is cut.

    Raises
    ------
    NotASample
        For missing or infinite amounts.
    NotASetting
        For a share outside 0 to 1.
    """
    if not 0 < share <= 1:
        raise NotASetting("This is no share of people", received=f"{share}", valid="above 0 and at most 1")
    values = vector(amounts, "an outcome")
    if not len(values):
        return Winsorised(values, 0.0, 0)
    sizes = np.abs(values)
    cap = float(np.quantile(sizes, share, method="inverted_cdf"))
    return Winsorised(values.clip(-cap, cap), cap, int((sizes > cap).sum()))
