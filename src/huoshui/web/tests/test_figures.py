"""Numbers, money, shares and moments are written as the house writes them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from huoshui.kernel.plugs import SHARE, Trait
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (48_200, "4.8 万", "48.2k"),
        (124_000_000, "1.24 亿", "124M"),
        (4_862_000, "486.2 万", "4.86M"),
        (9_999, "9,999", "10k"),
        (58, "58", "58"),
        (0, "0", "0"),
        (-25_800, "−2.6 万", "−25.8k"),
    ],
)
def test_large_numbers_get_the_unit_of_the_language(value: int, zh: str, en: str):
    assert str(figures.short(value, "zh")) == zh
    assert str(figures.short(value, "en")) == en


@pytest.mark.parametrize(
    ("value", "currency", "exact", "shown"),
    [
        (Decimal("3298"), "CNY", True, "¥3,298.00"),
        (Decimal("3298.4"), "CNY", False, "¥3,298"),
        (Decimal("-25.805"), "CNY", True, "−¥25.81"),
        (Decimal("1200"), "USD", False, "USD\N{NO-BREAK SPACE}1,200"),
        (None, "CNY", True, "not yet known"),
    ],
)
def test_money_says_its_currency_and_rounds_half_up(
    value: Decimal | None, currency: str, exact: bool, shown: str
):
    assert figures.money(value, currency, "en", exact=exact) == shown


def test_what_is_not_known_is_said_and_zero_is_zero():
    assert figures.count(None, "zh") == "还不能知道"
    assert figures.share(None, "en") == "not yet known"
    assert figures.count(0, "zh") == "0"
    assert figures.share(0.316, "zh") == "31.6%"


@pytest.mark.parametrize(
    ("now", "before", "direction", "text", "tone"),
    [
        (4862, 4106, "up", "↑ 18.4%", "good"),
        (86, 79, "down", "↑ 8.9%", "bad"),
        (79, 86, "down", "↓ 8.1%", "good"),
        (10, 10, "up", "0%", ""),
        (12, 10, "none", "↑ 20.0%", ""),
    ],
)
def test_good_and_bad_follow_the_direction_of_the_figure(now, before, direction, text, tone):
    assert figures.difference(now, before, language="en", direction=direction) == figures.Difference(
        text, tone
    )


def test_shares_differ_by_points_and_nothing_is_said_without_a_before():
    change = figures.difference(0.316, 0.328, language="zh", direction="up", of_shares=True)
    assert change == figures.Difference("↓ 1.2 个百分点", "bad")
    assert figures.difference(5, 0, language="zh") is None
    assert figures.difference(5, None, language="zh") is None


@pytest.mark.parametrize(
    ("moment", "language", "shown"),
    [
        (datetime(2026, 11, 18, 10, 0, tzinfo=UTC), "zh", "今天 18:00"),
        (datetime(2026, 11, 16, 16, 5, tzinfo=UTC), "en", "yesterday 00:05"),
        (datetime(2026, 11, 1, 2, 25, tzinfo=UTC), "zh", "11-01 10:25"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "en", "01-01 00:00"),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), "en", "2025-12-31"),
    ],
)
def test_moments_are_told_from_today_in_the_zone_of_the_house(
    moment: datetime, language: Language, shown: str
):
    assert figures.near(moment, datetime(2026, 11, 18, 12, 0, tzinfo=UTC), SHANGHAI, language) == shown


def test_days_and_months_are_written_out():
    assert figures.day(date(2026, 11, 18), "zh") == "2026年11月18日 周三"
    assert figures.day(date(2026, 11, 18), "en") == "18 Nov 2026"
    assert figures.month(date(2026, 1, 1), "zh") == "2026年1月"
    assert figures.month(date(2026, 2, 1), "en") == "Feb"


def test_a_trait_that_is_a_share_is_said_in_percent():
    trait = Trait(
        slug="part",
        label=Text("Part", "部分"),
        meaning=Text("A part", "部分"),
        type="float64",
        unit=SHARE,
        over="rows",
        expression=lambda rows, as_of: rows.part.max(),
    )
    assert figures.of_trait(trait, 0.953, "CNY", SHANGHAI, "en") == "95.3%"
    assert figures.of_trait(trait, None, "CNY", SHANGHAI, "zh") == figures.UNKNOWN.zh
