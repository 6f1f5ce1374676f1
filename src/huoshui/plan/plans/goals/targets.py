"""What people say of a target, read: ``1.2 million`` as it is, ``+20 %`` or ``+10 points`` of the baseline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from huoshui.kernel.plugs import Metric
from huoshui.kernel.texts import Text
from huoshui.plan.plans.goals.errors import NotAGoal

How = Literal["absolute", "percent", "points"]
LARGEST = Decimal(10) ** 15
FINEST = Decimal("0.000001")
_SCALES: Mapping[str, int] = {"万": 4, "亿": 8, "k": 3, "m": 6, "b": 9, "": 0}
_POINTS = ("points", "point", "pts", "pp", "个百分点", "百分点", "个点", "点", "分")
_SAID = re.compile(r"([+-]?)(\d[\d,]*(?:\.\d+)?|\.\d+)\s*(.*)", re.DOTALL)

VALID = Text(
    "a number, “90 %”, or relative to the baseline “+20 %” or “+10 points”",
    "一个数、“90%”，或相对基线的“+20%”“+10 个百分点”",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A target as it was said: ``amount`` is the value itself, percent of the baseline, or points added to it."""

    how: How
    amount: Decimal

    def of(self, baseline: Decimal | None, metric: Metric) -> Decimal | None:
        """The target in the unit of the metric; None where it waits for its baseline. Raises `NotAGoal`."""
        if self.how == "absolute":
            return self.amount
        if baseline is None:
            return None
        if self.how == "points":
            found = baseline + (self.amount / 100 if metric.unit == "share" else self.amount)
        elif baseline <= 0:
            raise NotAGoal(
                Text(
                    "A percentage needs a baseline above zero: say the target itself",
                    "按百分比设定需要大于零的基线：请直接填写目标值",
                ),
                field="target",
                received=str(baseline),
            )
        else:
            found = baseline * (1 + self.amount / 100)
        # Whole things are reached by whole numbers.
        exact = Decimal(1) if metric.unit in ("orders", "customers") else FINEST
        return plain(found.quantize(exact))


def read(text: str, metric: Metric) -> Said:
    """What was typed. A number with a sign is relative, one without is the target itself. Raises `NotAGoal`."""
    typed = " ".join(text.replace("\uff05", "%").replace("−", "-").replace("\uff0b", "+").split())
    found = _SAID.fullmatch(typed.lstrip("¥$€£ "))
    if found is None or len(typed) > 40:
        raise _unclear(text)
    sign, digits, unit = found[1], found[2].replace(",", ""), found[3].strip().lower()
    amount = Decimal(digits) * (-1 if sign == "-" else 1)
    points = unit in _POINTS
    if sign and unit in ("%", "percent"):
        return Said(how="percent", amount=_within(amount, text))
    if points and (sign or metric.unit == "share"):
        if metric.unit not in ("share", "score"):
            raise NotAGoal(
                Text(
                    "Points are of shares and scores; for this metric say “+20 %” or the target itself",
                    "只有比率和分值可以按点数设定；这个指标请填“+20%”或目标值",
                ),
                field="target",
                received=text[:40],
            )
        return Said(how="points", amount=_within(amount, text))
    if unit in ("%", "percent"):
        if metric.unit != "share":
            raise NotAGoal(
                Text(
                    "This metric is not a share: “+20 %” with a sign is relative to the baseline",
                    "这个指标不是比率；若相对基线，请写带符号的“+20%”",
                ),
                field="target",
                received=text[:40],
            )
        return Said(how="absolute", amount=_within(amount / 100, text))
    if points:
        unit = ""
    if unit not in _SCALES:
        raise _unclear(text)
    if metric.unit == "share" and abs(amount) > 1:
        raise NotAGoal(
            Text("This metric is a share: write it as “90 %”", "这个指标是比率：请写成“90%”"),
            field="target",
            received=text[:40],
        )
    if sign == "+":
        raise _unclear(text)
    return Said(how="absolute", amount=_within(amount.scaleb(_SCALES[unit]), text))


def said(one: Said, metric: Metric) -> str:
    """The same, to be typed again; understood in both languages."""
    sign = "+" if one.amount >= 0 else "-"
    if one.how == "percent":
        return f"{sign}{plain(abs(one.amount))} %"
    if one.how == "points":
        return f"{sign}{plain(abs(one.amount))} points"
    return f"{plain(one.amount * 100)} %" if metric.unit == "share" else str(plain(one.amount))


def in_words(one: Said) -> Text | None:
    """How a relative target was said: “+20 % of the baseline”; nothing of an absolute one."""
    if one.how == "absolute":
        return None
    sign = "+" if one.amount >= 0 else "−"
    number = plain(abs(one.amount))
    if one.how == "percent":
        return Text(f"{sign}{number} % against the baseline", f"较基线 {sign}{number}%")
    return Text(f"{sign}{number} points against the baseline", f"较基线 {sign}{number} 点")


def plain(value: Decimal) -> Decimal:
    """Without zeros at its end, and without an exponent."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]  # finite


def _within(amount: Decimal, text: str) -> Decimal:
    if abs(amount) > LARGEST:
        raise NotAGoal(Text("This target is too large", "目标值过大"), field="target", received=text[:40])
    return plain(amount.quantize(FINEST))


def _unclear(text: str) -> NotAGoal:
    return NotAGoal(
        Text(f"The target is not clear: write {VALID.en}", f"目标写得不清楚：请填{VALID.zh}"),
        field="target",
        received=repr(text[:40]),
        valid=VALID.en,
    )
