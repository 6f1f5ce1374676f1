"""How a season spreads over its places."""

from __future__ import annotations

from typing import Any

import numpy as np

from huoshui.science.errors import NotASetting
from huoshui.science.forecast.errors import NotASeries
from huoshui.science.forecast.smoothing import Array


def shares(values: Any, *, season: int, first: int = 0) -> Array:
    """The share of each place in a season; ``season`` numbers from 0 on that add up to 1.

    The mean over the newest whole seasons of each value's share in its own season, so that growth from season to season
    does not count. ``values[0]`` stands at place ``first``; older values that make no whole season are left out. With
    less than one season, or where a season's values add up to nothing, all places are alike. Negative values count
    as 0.

    Raises
    ------
    NotASeries
        For values that are missing or infinite.
    NotASetting
        For less than one place, or a first place outside the season.
    """
    if season < 1 or not 0 <= first < season:
        raise NotASetting("This is not a season", received=f"{season}, {first}", valid="first within it")
    known = np.asarray(values, dtype=np.float64).ravel()
    if not np.isfinite(known).all():
        raise NotASeries("Values are missing or infinite", valid="a finite number for every period")
    whole = len(known) // season
    even = np.full(season, 1 / season)
    if not whole:
        return even
    rows = np.maximum(known[len(known) - whole * season :], 0.0).reshape(whole, season)
    sums = rows.sum(axis=1)
    rows, sums = rows[sums > 0], sums[sums > 0]
    if not len(rows):
        return even
    found = (rows / sums[:, None]).mean(axis=0)
    found = np.roll(found, (first + len(known) - whole * season) % season)
    share: Array = found / found.sum()
    return share
