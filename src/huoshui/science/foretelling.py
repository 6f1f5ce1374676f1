"""What earlier cohorts say of later ones, and how well it held.

The usual reading of a table of cohorts is a forecast: customers who began later will come back at an age as those
before them did. Here it is made, one period ahead and by nothing but what was known before that period (rolling
origin: L. J. Tashman, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16 (4),
2000), and set beside two readings that are simpler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from huoshui.science.cohorts import Cohort
from huoshui.science.errors import NotASetting


@dataclass(frozen=True, slots=True)
class Age:
    """Shares that bought at an age, over all cohorts of the test together: as they came and as foretold."""

    age: int
    cohorts: int
    customers: int
    came: float
    foretold: float


@dataclass(frozen=True, slots=True)
class Foretold:
    """Cohorts in periods that were foretold.

    ``came`` and ``foretold`` count customers who bought, over all ``cells`` (a cohort in a period). ``error`` and those
    after it are mean absolute errors of the share per cell, weighted by the size of its cohort: of the forecast, of
    the share of the cohort just before, and of the cohort's own share a period earlier.
    """

    cells: int
    came: int
    foretold: float
    error: float
    cohort_before: float
    period_before: float
    ages: tuple[Age, ...]

    @property
    def wins(self) -> bool:
        """Whether the forecast is nearer to what came than both simpler readings."""
        return self.error < min(self.cohort_before, self.period_before)


@dataclass(frozen=True, slots=True)
class _Cell:
    age: int
    size: int
    bought: int
    foretold: float
    cohort_before: float
    period_before: float


def backtest(cohorts: Sequence[Cohort], *, periods: int) -> Foretold | None:
    """How well older cohorts together foretell the share that buys at the same age, in the last whole periods.

    Parameters
    ----------
    cohorts
        Of one table, oldest first, as `cohorts.read` gives them.
    periods
        How many of the last whole periods are foretold, 1 or more.

    Returns
    -------
    None where no cohort has an older one at the age that it reached.

    Raises
    ------
    NotASetting
        For less than one period.
    """
    if periods < 1:
        raise NotASetting("Nothing is foretold", received=f"{periods} periods", valid="1 or more")
    cells = _cells(cohorts, periods)
    if not cells:
        return None
    everybody = sum(one.size for one in cells)

    def off(told: Callable[[_Cell], float]) -> float:
        return sum(abs(one.bought - one.size * told(one)) for one in cells) / everybody

    return Foretold(
        cells=len(cells),
        came=sum(one.bought for one in cells),
        foretold=sum(one.size * one.foretold for one in cells),
        error=off(lambda one: one.foretold),
        cohort_before=off(lambda one: one.cohort_before),
        period_before=off(lambda one: one.period_before),
        ages=tuple(
            _age(age, [one for one in cells if one.age == age]) for age in sorted({c.age for c in cells})
        ),
    )


def _cells(cohorts: Sequence[Cohort], periods: int) -> list[_Cell]:
    cells = []
    known: dict[int, tuple[int, int]] = {}  # by age, of all cohorts before: customers, and those who bought
    before: Cohort | None = None
    for one in cohorts:
        for age in range(max(1, one.whole - periods), one.whole):
            if before is not None and age in known:
                customers, bought = known[age]
                last = before.retention(age)
                cells.append(
                    _Cell(
                        age=age,
                        size=one.size,
                        bought=one.active[age],
                        foretold=bought / customers,
                        cohort_before=last,
                        # At age 0 everybody buys: that says nothing of age 1.
                        period_before=one.retention(age - 1) if age > 1 else last,
                    )
                )
        for age in range(1, one.whole):
            customers, bought = known.get(age, (0, 0))
            known[age] = customers + one.size, bought + one.active[age]
        before = one
    return cells


def _age(age: int, cells: Sequence[_Cell]) -> Age:
    size = sum(one.size for one in cells)
    return Age(
        age=age,
        cohorts=len(cells),
        customers=size,
        came=sum(one.bought for one in cells) / size,
        foretold=sum(one.size * one.foretold for one in cells) / size,
    )
