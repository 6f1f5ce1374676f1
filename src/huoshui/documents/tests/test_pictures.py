"""A chart as a picture: its numbers, its Chinese, and the same bytes each time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from matplotlib.ft2font import FT2Font

from huoshui.documents import pictures
from huoshui.kernel.charts import Chart, Kind, Note, Series
from huoshui.kernel.texts import Text

PLACES = ("10月", "11月", "12月")


def chart(kind: Kind) -> Chart:
    return Chart(
        kind=kind,
        title=Text("Revenue", "净收入"),
        axis=Text("Month", "月份"),
        unit="money",
        currency="CNY",
        monthly=True,
        places=tuple(date(2025, month, 1) for month in (10, 11, 12)),
        series=(
            Series(name=Text("this period", "本期 · 王小龘"), values=(Decimal("120.5"), None, 90)),
            Series(
                name=Text("before", "前期"), values=(100, 80, 70), part="" if kind == "stack" else "previous"
            ),
        ),
        notes=(Note(place=0, text=Text("Sale", "大促")),),
    )


def drawn(kind: Kind) -> bytes:
    return pictures.png(chart(kind), "zh", places=PLACES, write=lambda value: f"¥{value}")


@pytest.mark.parametrize("kind", ["line", "bar", "stack", "heat"])
def test_the_same_chart_gives_the_same_bytes(kind):
    first = drawn(kind)
    assert first.startswith(b"\x89PNG")
    assert first == drawn(kind)


def test_a_drawing_of_lines_has_no_date_and_the_same_bytes():
    made = [pictures.svg(chart("line"), "zh", places=PLACES, write=str) for _ in range(2)]
    assert made[0] == made[1]
    assert b"<svg" in made[0]
    assert b"dc:date" not in made[0]


def test_the_font_has_every_character_of_everyday_chinese():
    font = FT2Font(str(pictures.FONT))
    # The 3,755 characters of GB 2312, level 1, beside marks that figures are written with.
    everyday = [bytes((0xB0 + n // 94, 0xA1 + n % 94)).decode("gb2312") for n in range(3755)]
    missing = [c for c in [*everyday, *"¥−–·↑↓×÷≥≤％，。：（）“”"] if not font.get_char_index(ord(c))]
    assert missing == []


def test_a_place_without_a_word_is_refused():
    with pytest.raises(ValueError, match="2 words for 3 places"):
        pictures.figure(chart("bar"), "en", places=PLACES[:2], write=str)
