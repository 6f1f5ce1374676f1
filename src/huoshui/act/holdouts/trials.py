"""Terms of a trial, and how its lots fall: plain values, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huoshui.kernel.texts import Text
from huoshui.science import drawing

Goal = Literal["conversion", "orders", "revenue", "margin"]
Choice = Literal["draw", "global_only", "unknown"]

GOALS: dict[Goal, Text] = {
    "conversion": Text("Share who buy", "下单比例"),
    "orders": Text("Orders per person", "人均订单数"),
    "revenue": Text("Revenue per person", "人均收入"),
    "margin": Text("Margin per person", "人均毛利"),
}
CHOICES: dict[Choice, Text] = {
    "draw": Text("a control group of its own", "单独留出对照组"),
    "global_only": Text("the global control group only", "只用全局对照组"),
    "unknown": Text("none: what it added will not be known", "不留对照组：增量无法得知"),
}
DRAWN_ELSEWHERE = Text("drawn elsewhere", "在别处抽取")
"""In place of the key of lots that nobody can draw again."""
LONGEST_HORIZON = 365
SMALL = 1_000
"""With fewer eligible people somebody has to choose how the control group is made."""
LARGEST_SHARE = 0.5
MOST_VARIANTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed before the start.

    ``share`` is held out of the eligible, over and above the global control group. ``variants`` are weights by name;
    the name is empty where there is one only. The goal counts for ``horizon_days`` days from the draw; of money at most
    ``cap`` (house currency) is counted per person. ``eligible`` is how many were expected.
    """

    share: float
    variants: Mapping[str, float]
    goal: Goal
    horizon_days: int
    cap: Decimal | None
    choice: Choice
    eligible: int
    global_seed: str
    global_share: float

    def problem(self) -> Text | None:
        """Why no trial can have these terms."""
        if self.goal not in GOALS or self.choice not in get_args(Choice):
            return Text("There is no such goal or kind of control group", "没有这种目标或对照组方式")
        if not 1 <= self.horizon_days <= LONGEST_HORIZON:
            return Text(f"The horizon is 1 to {LONGEST_HORIZON} days", f"观察期为 1 到 {LONGEST_HORIZON} 天")
        if self.choice == "draw" and not 0 < self.share <= LARGEST_SHARE:
            return Text(
                "The control group is more than 0 % and at most 50 % of the people",
                "对照组须大于 0 % 且不超过 50 %",
            )
        if self.choice != "draw" and self.share:
            return Text("Without a control group of its own it has no share", "不单独留对照组时没有比例")
        if self.choice == "global_only" and not self.global_share:
            return Text("There is no global control group", "还没有全局对照组")
        if not 1 <= len(self.variants) <= MOST_VARIANTS or not all(
            0 < weight < float("inf") for weight in self.variants.values()
        ):
            return Text(
                f"There are 1 to {MOST_VARIANTS} variants, each with a weight above 0",
                f"变体 1 到 {MOST_VARIANTS} 个，权重大于 0",
            )
        if self.cap is not None and not 0 < self.cap < 10**12:
            return Text("The largest amount counted is above 0", "计入金额上限须大于 0")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial with its terms: ``what`` drew lots (``campaign:12``), by which ``seed``.

    The seed is empty where lots were drawn elsewhere, before this house knew of it: nobody can draw them again, and
    ``fixed_at`` is when that was written down here.
    """

    what: str
    title: str
    terms: Terms
    seed: str
    fixed_at: datetime
    by: str

    @property
    def drawn_elsewhere(self) -> bool:
        """Whether its lots were drawn outside this house."""
        return not self.seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """How the lots fell: arrays of one length, a place for each person."""

    customer_ids: npt.NDArray[np.int64]
    held: npt.NDArray[np.bool_]
    by_global: npt.NDArray[np.bool_]
    variants: pa.StringArray

    def slice(self, start: int, length: int) -> Assigned:
        """Those from ``start`` on, at most ``length``."""
        here = np.s_[start : start + length]
        return Assigned(
            customer_ids=self.customer_ids[here],
            held=self.held[here],
            by_global=self.by_global[here],
            variants=self.variants.slice(start, length),
        )


def global_key(seed: str) -> str:
    """The key by which the global control group of a seed is drawn."""
    return f"global:{seed}"


def holdout_key(what: str, seed: str) -> str:
    """The key by which the people held out of a trial are drawn."""
    return f"{what}:{seed}:holdout"


def variant_key(what: str, seed: str) -> str:
    """The key by which variants are dealt."""
    return f"{what}:{seed}:variant"


def assign(trial: Trial, customer_ids: npt.NDArray[np.int64]) -> Assigned:
    """How the lots of a trial fall for people: the same for each person whenever and with whomever it is asked."""
    terms = trial.terms
    by_global = drawing.drawn(customer_ids, global_key(terms.global_seed), terms.global_share)
    held = by_global | drawing.drawn(customer_ids, holdout_key(trial.what, trial.seed), terms.share)
    dealt = drawing.dealt(customer_ids, variant_key(trial.what, trial.seed), terms.variants)
    # The last of the names is for those who are held out.
    place = np.where(held, len(terms.variants), dealt)
    return Assigned(
        customer_ids=customer_ids,
        held=held,
        by_global=by_global,
        variants=pa.array([*terms.variants, ""], pa.string()).take(pa.array(place)),
    )
