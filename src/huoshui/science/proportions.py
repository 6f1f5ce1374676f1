"""Shares of a number of people, with the interval that their number allows.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
Statistical Association 22, 1927; R. G. Newcombe, "Interval estimation for the difference between independent
proportions", Statistics in Medicine 17, 1998 (method 10, without continuity correction).
"""

from __future__ import annotations

import math
from statistics import NormalDist

from huoshui.science.errors import NotASetting


def wilson(some: float, all_: float, *, level: float = 0.95) -> tuple[float, float]:
    """Where the share lies of which ``some`` of ``all_`` is a sample; never outside 0 to 1, and never of no width.

    Parameters
    ----------
    some, all_
        Counts, 0 ≤ some ≤ all_. Nobody at all leaves everything open: 0 to 1.
    level
        Between 0 and 1.

    Raises
    ------
    NotASetting
        For a level outside 0 to 1, or more than all.
    """
    if not 0 < level < 1:
        raise NotASetting("This is not a level", received=str(level), valid="between 0 and 1")
    if not 0 <= some <= all_:
        raise NotASetting(
            "This is not a share", received=f"{some:g} of {all_:g}", valid="0 up to all of them"
        )
    if all_ == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share, square = some / all_, z * z / all_
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / all_ + square / (4 * all_))
    return (0.0 if some == 0 else middle - half), (1.0 if some == all_ else middle + half)


def difference(
    some: float, all_: float, others: float, all_others: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Where the difference of two shares lies, the first minus the second. Parameters and errors as for `wilson`."""
    low, high = wilson(some, all_, level=level)
    low_others, high_others = wilson(others, all_others, level=level)
    if not all_ or not all_others:
        return -1.0, 1.0
    one, other = some / all_, others / all_others
    return (
        one - other - math.hypot(one - low, high_others - other),
        one - other + math.hypot(high - one, other - low_others),
    )
