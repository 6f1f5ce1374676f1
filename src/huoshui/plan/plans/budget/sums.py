"""Sums of a budget. Plain Python and exact decimals: a total is the sum of its cells, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

ZERO = Decimal(0)
PRECISION = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """House money. ``spent`` is None where it is not known, as of months to come; it counts as nothing in sums.

    ``remaining`` is what is planned and neither spent nor promised. Of a cell it is planned − max(committed, spent),
    since what is committed is spent later; of a total the sum of its cells. Below zero it is overspent.
    """

    planned: Decimal = ZERO
    committed: Decimal = ZERO
    spent: Decimal | None = None
    remaining: Decimal = ZERO

    @property
    def overspent(self) -> bool:
        """Whether more was spent, or promised, than planned."""
        return self.remaining < 0


def cell(*, planned: Decimal = ZERO, committed: Decimal = ZERO, spent: Decimal | None = None) -> Amounts:
    """The amounts of one channel in one month."""
    with localcontext(prec=PRECISION):
        return Amounts(
            planned=planned,
            committed=committed,
            spent=spent,
            remaining=planned - max(committed, spent if spent is not None else ZERO),
        )


def total(cells: Iterable[Amounts]) -> Amounts:
    """The sum of cells, or of totals; ``spent`` is known as soon as it is of one of them."""
    each = list(cells)
    with localcontext(prec=PRECISION):
        known = [one.spent for one in each if one.spent is not None]
        return Amounts(
            planned=sum((one.planned for one in each), ZERO),
            committed=sum((one.committed for one in each), ZERO),
            spent=sum(known, ZERO) if known else None,
            remaining=sum((one.remaining for one in each), ZERO),
        )
