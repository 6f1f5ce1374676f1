"""How numbers, money, shares and moments are written, in both languages.

``None`` is *not yet known*; zero is written as 0. Minus is the sign −, ranges have an en dash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from huoshui.kernel.plugs import SHARE, Metric, Trait
from huoshui.kernel.texts import Language, Text

Number = Decimal | int | float
Tone = Literal["good", "bad", ""]

UNKNOWN = Text("not yet known", "还不能知道")
YES, NO = Text("yes", "是"), Text("no", "否")
_WEEKDAYS_ZH = "一二三四五六日"
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ROUNDED = {"score": 1, "times": 2, "months": 1}
"""Units of metrics that are told with so many decimals."""
_AFTER = {"times": Text(" ×", " 倍"), "months": Text(" months", " 个月")}
# Above each the number is told in this unit, one decimal (two in the largest).
_SCALES: dict[Language, tuple[tuple[int, str, int], ...]] = {
    "zh": ((10**8, "亿", 2), (10**4, "万", 1)),
    "en": ((10**9, "B", 2), (10**6, "M", 2), (10**3, "k", 1)),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in parts, so that a page can set the unit smaller: ``¥``, ``486.2``, ``万``."""

    before: str
    digits: str
    after: str

    def __str__(self) -> str:
        word = len(self.after) > 1 or not self.after.isascii()
        space = " " if self.after and word else ""
        return f"{self.before}{self.digits}{space}{self.after}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since an earlier figure. ``tone`` says good or bad by the figure's own direction, never by sign."""

    text: str
    tone: Tone


def count(value: Number | None, language: Language) -> str:
    """All digits, in groups of three; decimals only where there are any."""
    if value is None:
        return UNKNOWN.in_(language)
    exact = Decimal(str(value))
    return _signed(f"{exact.normalize():,f}" if exact else "0")


def short(value: Number, language: Language) -> Figure:
    """A number for figures and axes: 4.8 万 or 48k; below the smallest unit all its digits."""
    magnitude = abs(Decimal(str(value)))
    for size, unit, decimals in _SCALES[language]:
        if magnitude >= size:
            scaled = (Decimal(str(value)) / size).quantize(
                Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
            )
            return Figure("", _signed(_without_zeros(f"{scaled:,f}")), unit)
    rounded = Decimal(str(value)).quantize(
        Decimal(1) if magnitude >= 100 else Decimal("0.1"), rounding=ROUND_HALF_UP
    )
    return Figure("", _signed(_without_zeros(f"{rounded:,f}")), "")


def money(value: Number | None, currency: str, language: Language, *, exact: bool = False) -> str:
    """An amount: whole in summaries, ``exact`` with its cents in lists of money."""
    if value is None:
        return UNKNOWN.in_(language)
    amount = Decimal(str(value)).quantize(Decimal("0.01") if exact else Decimal(1), rounding=ROUND_HALF_UP)
    return _with_currency(f"{abs(amount):,f}", currency, negative=amount < 0)


def short_money(value: Number, currency: str, language: Language) -> Figure:
    """An amount for figures and axes: ¥486.2 万, ¥4.86M."""
    magnitude = abs(Decimal(str(value)))
    figure = short(magnitude, language)
    if not figure.after:
        figure = Figure("", f"{magnitude.quantize(Decimal(1), rounding=ROUND_HALF_UP):,f}", "")
    return Figure(_with_currency("", currency, negative=value < 0), figure.digits, figure.after)


def share(value: Number | None, language: Language) -> str:
    """A share between 0 and 1 as percent with one decimal."""
    return UNKNOWN.in_(language) if value is None else _signed(f"{float(value) * 100:.1f}%")


def difference(
    now: Number | None,
    before: Number | None,
    *,
    language: Language,
    direction: Literal["up", "down", "none"] = "none",
    of_shares: bool = False,
) -> Difference | None:
    """How ``now`` differs from ``before``: in percent, for shares in points. None where it cannot be said."""
    if now is None or before is None or (not of_shares and not before):
        return None
    if of_shares:
        change = (float(now) - float(before)) * 100
        text = f"{abs(change):.1f} {'个百分点' if language == 'zh' else 'pts'}"
        still = abs(change) < 0.05
    else:
        change = (float(now) / float(before) - 1) * 100 * (-1 if before < 0 else 1)
        text = f"{abs(change):,.1f}%" if abs(change) < 1000 else f"{float(now) / float(before):,.0f} ×"
        still = abs(change) < 0.05
    if still:
        return Difference("0%" if not of_shares else text, "")
    tone: Tone = ""
    if direction != "none":
        tone = "good" if (change > 0) == (direction == "up") else "bad"
    return Difference(f"{'↑' if change > 0 else '↓'} {text}", tone)


def difference_of(
    metric: Metric, now: Number | None, before: Number | None, *, language: Language
) -> Difference | None:
    """`difference` of values of a metric, by its own direction: shares and scores differ in points."""
    if metric.unit != "score" or now is None or before is None:
        return difference(
            now, before, language=language, direction=metric.direction, of_shares=metric.unit == "share"
        )
    found = difference(
        float(now) / 100, float(before) / 100, language=language, direction=metric.direction, of_shares=True
    )
    in_points = found.text.replace("个百分点", "分").replace("pts", "points") if found else ""
    return Difference(in_points, found.tone) if found else None


def of_metric(metric: Metric, value: Number | None, currency: str, language: Language) -> str:
    """A value of a metric with all that matters of its digits."""
    if metric.unit == "money":
        return money(value, currency, language)
    if metric.unit == "share":
        return share(value, language)
    if value is not None and metric.unit in ROUNDED:
        return f"{_rounded(metric, value)}{_after(metric, language)}"
    return count(value, language)


def headline(metric: Metric, value: Number | None, currency: str, language: Language) -> Figure | str:
    """A value of a metric for a headline figure."""
    if value is None:
        return UNKNOWN.in_(language)
    if metric.unit == "money":
        return short_money(value, currency, language)
    if metric.unit == "share":
        return Figure("", share(value, language).removesuffix("%"), "%")
    if metric.unit in ROUNDED:
        return Figure("", _rounded(metric, value), _after(metric, language).strip())
    return Figure("", count(value, language), "")


def _rounded(metric: Metric, value: Number) -> str:
    decimals = ROUNDED[metric.unit]
    return _signed(f"{round(float(value), decimals) + 0.0:,.{decimals}f}")  # never −0.0


def _after(metric: Metric, language: Language) -> str:
    if metric.unit_word:
        return f" {metric.unit_word.in_(language)}"
    return _AFTER[metric.unit].in_(language) if metric.unit in _AFTER else ""


def of_trait(trait: Trait, value: Any, currency: str, zone: ZoneInfo, language: Language) -> str:
    """A value of a trait with its unit."""
    if value is None:
        return UNKNOWN.in_(language)
    if value in trait.values:
        return trait.values[value].in_(language)
    if isinstance(value, bool):
        return (NO, YES)[value].in_(language)
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return money(value, currency, language)
    if not isinstance(value, int | float):
        return str(value)
    if trait.unit == SHARE:
        return share(value, language)
    text = count(round(value, 1) if isinstance(value, float) else value, language)
    if trait.unit is None:
        return text
    unit = trait.unit.in_(language)
    return f"{text} {unit.removesuffix('s') if text == '1' and language == 'en' else unit}"


def day(value: date, language: Language) -> str:
    """A day in a sentence: 2026年11月18日 周三, 18 Nov 2026."""
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日 周{_WEEKDAYS_ZH[value.weekday()]}"
    return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"


def month(value: date, language: Language) -> str:
    """A month on an axis: 11月, with the year in January; Nov, Jan 2026."""
    if language == "zh":
        return f"{value.year}年1月" if value.month == 1 else f"{value.month}月"
    name = _MONTHS_EN[value.month - 1]
    return f"{name} {value.year}" if value.month == 1 else name


def near(moment: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """A moment as people say it: today 18:00, yesterday 09:10, 11-16 10:25, 2025-11-16."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return f"今天 {clock}" if language == "zh" else f"today {clock}"
    if local.date() == today - timedelta(days=1):
        return f"昨天 {clock}" if language == "zh" else f"yesterday {clock}"
    return f"{local:%m-%d} {clock}" if local.year == today.year else f"{local:%Y-%m-%d}"


def _with_currency(digits: str, currency: str, *, negative: bool) -> str:
    sign = "−" if negative else ""
    return f"{sign}¥{digits}" if currency == "CNY" else f"{sign}{currency}\N{NO-BREAK SPACE}{digits}"


def _without_zeros(digits: str) -> str:
    return digits.rstrip("0").removesuffix(".") if "." in digits else digits


def _signed(digits: str) -> str:
    return digits.replace("-", "−")
