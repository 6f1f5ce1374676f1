"""Why a figure moved: what each part added, exactly.

A sum moves by the sum of what its parts move by. A ratio moves because the parts moved (rate) and because their weight
did (mix): with weight w = a part's share of the denominator and rate r, Δ = Σ w₁r₁ − w₀r₀ is split by the mean of both
sides, rate = (r₁ − r₀)(w₀ + w₁)/2 and mix = (w₁ − w₀)((r₀ + r₁)/2 − R), where R, the mean ratio of both sides, makes
the mix of a part that is like the whole nothing (the symmetric form of E. M. Kitagawa, "Components of a difference
between two rates", Journal of the American Statistical Association 50 (272), 1955).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Generic, Protocol, TypeVar

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text
from huoshui.science.errors import NotASetting

Number = Decimal | int | float


class NoDenominator(HuoshuiError):
    """A ratio of nothing."""

    code = "no_denominator"
    says = Text(
        "In one of the periods there is nothing that this ratio is measured against",
        "其中一个周期的基数为零，无法计算",
    )


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one part of a sum added: ``change`` is ``after`` − ``before``."""

    cell: Hashable
    before: Any
    after: Any
    change: Any


@dataclass(frozen=True, slots=True)
class MixRate:
    """What one part of a ratio added: by its weight (``mix``) and by its own ratio (``rate``); ``change`` is both."""

    cell: Hashable
    mix: Decimal
    rate: Decimal
    change: Decimal

    @property
    def total(self) -> Decimal:
        """The same as ``change``."""
        return self.change


class Moved(Protocol):
    """A part with what it added."""

    @property
    def cell(self) -> Hashable: ...
    @property
    def change(self) -> Any: ...


Part = TypeVar("Part", bound=Moved)


@dataclass(frozen=True, slots=True)
class Ranked(Generic[Part]):
    """The parts that added most, either way, and what all others added together."""

    top: tuple[Part, ...]
    rest: Any
    rest_count: int


def contributions(before: Mapping[Any, Number], after: Mapping[Any, Number]) -> tuple[Contribution, ...]:
    """What each part of a sum added, in the order of ``before``, then of parts that are new.

    Parts that one side lacks count as 0. Decimals and whole numbers are exact, however large: the changes add up to the
    sum of ``after`` less the sum of ``before``.
    """
    found = []
    with localcontext(prec=60):
        for cell in dict.fromkeys((*before, *after)):
            old, new = before.get(cell, 0), after.get(cell, 0)
            found.append(Contribution(cell, old, new, new - old))  # type: ignore[operator]  # both decimals or both floats
    return tuple(found)


def mix_and_rate(
    num_before: Mapping[Any, Number],
    den_before: Mapping[Any, Number],
    num_after: Mapping[Any, Number],
    den_after: Mapping[Any, Number],
    *,
    quantum: Decimal = Decimal("0.0001"),
) -> tuple[MixRate, ...]:
    """What each part of a ratio added, by mix and by rate, to multiples of ``quantum``.

    The ratio is the sum of numerators ÷ the sum of denominators. The parts add up exactly to the ratio after less the
    ratio before, each rounded to ``quantum``: what rounding leaves goes to the part that added most (the first by name
    where several did), to the larger of its two. A part that one side lacks, or has no denominator there, has no ratio
    of its own on that side: all it added counts as mix.

    Raises
    ------
    NoDenominator
        Where the denominators of one side add up to 0.
    NotASetting
        For a quantum that is not above 0.
    """
    if not quantum > 0:
        raise NotASetting("This is not a step of rounding", received=str(quantum), valid="above 0")
    old, new = _ratio(num_before, den_before), _ratio(num_after, den_after)
    middle = (old + new) / 2
    all_before, all_after = _sum(den_before), _sum(den_after)
    exact = []
    for cell in dict.fromkeys((*den_before, *den_after, *num_before, *num_after)):
        n0, d0 = (Fraction(side.get(cell, 0)) for side in (num_before, den_before))
        n1, d1 = (Fraction(side.get(cell, 0)) for side in (num_after, den_after))
        w0, w1 = d0 / all_before, d1 / all_after
        whole = n1 / all_after - n0 / all_before - middle * (w1 - w0)
        rate = (n1 / d1 - n0 / d0) * (w0 + w1) / 2 if d0 and d1 else Fraction(0)
        exact.append((cell, whole - rate, rate))
    parts = [
        MixRate(cell, m := _round(mix, quantum), r := _round(rate, quantum), m + r)
        for cell, mix, rate in exact
    ]
    with localcontext(prec=60):
        left = _round(new, quantum) - _round(old, quantum) - sum((one.change for one in parts), Decimal(0))
        if left and parts:
            place = min(range(len(parts)), key=lambda n: _order(parts[n]))
            one = parts[place]
            by_mix = abs(one.mix) > abs(one.rate)
            parts[place] = replace(
                one,
                mix=one.mix + (left if by_mix else 0),
                rate=one.rate + (0 if by_mix else left),
                change=one.change + left,
            )
    return tuple(parts)


def rank(changes: Sequence[Part], *, top: int = 5) -> Ranked[Part]:
    """The ``top`` parts that added most, either way, largest first, ties by name; the rest is summed up.

    Parts that added nothing are never among the top. Raises `NotASetting` for less than one.
    """
    if top < 1:
        raise NotASetting("Nothing is ranked", received=str(top), valid="1 or more")
    order = sorted(changes, key=_order)
    first = tuple(one for one in order[:top] if one.change)
    others = order[len(first) :]
    with localcontext(prec=60):
        kind = Decimal(0) if any(isinstance(one.change, Decimal) for one in order) else 0
        rest = sum((one.change for one in others), kind)
    return Ranked(top=first, rest=rest, rest_count=len(others))


def _order(one: Moved) -> tuple[Any, str]:
    return -abs(one.change), str(one.cell)


def _sum(side: Mapping[Any, Number]) -> Fraction:
    return sum((Fraction(one) for one in side.values()), Fraction(0))


def _ratio(num: Mapping[Any, Number], den: Mapping[Any, Number]) -> Fraction:
    whole = _sum(den)
    if not whole:
        raise NoDenominator(
            "The denominators add up to nothing",
            received=f"{len(den)} parts",
            valid="something in both periods",
        )
    return _sum(num) / whole


def _round(amount: Fraction, quantum: Decimal) -> Decimal:
    """The nearest multiple, halves away from zero."""
    steps = abs(amount) / Fraction(quantum) + Fraction(1, 2)
    whole = steps.numerator // steps.denominator
    with localcontext(prec=60):
        return quantum * (whole if amount >= 0 else -whole)
