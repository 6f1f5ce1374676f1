"""Whether a goal is on its way, and whether its target is one to choose: rules in plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from huoshui.kernel.texts import Text

Pace = Literal["ahead", "on_track", "behind", "far_behind", "reached", "missed", "not_begun", "unknown"]
PACES: Mapping[Pace, Text] = {
    "ahead": Text("ahead", "领先"),
    "on_track": Text("on track", "按计划"),
    "behind": Text("behind", "落后"),
    "far_behind": Text("far behind", "严重落后"),
    "reached": Text("reached", "已达成"),
    "missed": Text("missed", "未达成"),
    "not_begun": Text("not begun", "未开始"),
    "unknown": Text("not yet known", "还不能知道"),
}
AHEAD, ON_TRACK, BEHIND = Decimal("0.05"), Decimal("-0.03"), Decimal("-0.15")
"""How far from the path, as a part of what it asks for."""
OF_WAY = (Decimal("0.10"), Decimal("-0.10"), Decimal("-0.40"))
"""The same for levels, as a part of the way from baseline to target."""
LEAST_WAY = Decimal("0.02")

Feasible = Literal["easy", "challenging", "bold", "out_of_reach", "unknown"]
EASY, CHALLENGING, BOLD = 0.9, 0.3, 0.05
FEASIBLE: Mapping[Feasible, Text] = {
    "easy": Text(
        "too easy: it will be reached without doing anything more", "过于容易：不做额外努力也能达到"
    ),
    "challenging": Text("challenging yet feasible", "有挑战且可行"),
    "bold": Text("bold: it takes clearly more than going on as before", "大胆：需要明显超出惯常的努力"),
    "out_of_reach": Text("out of reach by all that is known today", "就目前所知难以达到"),
    "unknown": Text("not yet known: there is too little to forecast from", "还不能知道：可供预测的数据太少"),
}


def pace(
    *,
    actual: Decimal | None,
    expected: Decimal | None,
    target: Decimal,
    begun: bool,
    ended: bool,
    down: bool = False,
    builds_up: bool = True,
    way: Decimal | None = None,
) -> Pace:
    """Where a goal stands.

    ``expected`` is what its path asks for by now; ``down`` says that less is better; ``way`` is, for a level, the
    distance from its baseline to its target. A sum that is at its target has reached it before the days are over; a
    level may still fall back. A cost that is above its target before the end has missed it.
    """
    if not begun:
        return "not_begun"
    if actual is None:
        return "unknown"
    met = actual <= target if down else actual >= target
    if ended:
        return "reached" if met else "missed"
    if builds_up and not down and met:
        return "reached"
    if builds_up and down and not met:
        return "missed"
    if expected is None:
        return "unknown"
    gap = expected - actual if down else actual - expected
    scale, marks = abs(expected), (AHEAD, ON_TRACK, BEHIND)
    if way is not None:
        scale, marks = max(abs(way), LEAST_WAY * abs(target)), OF_WAY
    if scale == 0:
        return "on_track" if gap == 0 else "ahead" if gap > 0 else "far_behind"
    off = gap / scale
    if off >= marks[0]:
        return "ahead"
    if off >= marks[1]:
        return "on_track"
    return "behind" if off >= marks[2] else "far_behind"


def feasible(probability: float | None) -> Feasible:
    """What a target is by the probability that it will be reached if things go on as they did."""
    if probability is None:
        return "unknown"
    if probability > EASY:
        return "easy"
    if probability >= CHALLENGING:
        return "challenging"
    return "bold" if probability >= BOLD else "out_of_reach"
