"""A chart on the page and its table say the same numbers, and its options cannot break out of their element."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.kernel.charts import Chart, Note, Series
from huoshui.kernel.texts import Text
from huoshui.web import charts
from huoshui.web.style import bar_chart, heat_chart, line_chart, stack_chart

NUMBERS = st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=2), st.integers(-(10**6), 10**6))


def made(kind: str, values: list[object]) -> Chart:
    return Chart(
        kind=kind,  # type: ignore[arg-type]
        title=Text("t", "标"),
        axis=Text("Day", "日期"),
        unit="money",
        currency="CNY",
        places=tuple(date(2026, 1, 1 + n) for n in range(len(values))),
        series=(Series(name=Text("now", "本期"), values=tuple(values)),),  # type: ignore[arg-type]
    )


@settings(max_examples=40)
@given(st.sampled_from(["line", "bar", "stack"]), st.lists(NUMBERS, min_size=1, max_size=20))
def test_what_is_drawn_is_what_the_table_says(kind: str, values: list[object]):
    chart = made(kind, values)
    drawn = json.loads(charts.script(chart, "en"))["series"][0]["data"]
    written = [row[1] for row in charts.table(chart, "en")[1]]
    for value, number, text in zip(values, drawn, written, strict=True):
        if value is None:
            assert (number, text) == (None, "–")
        else:
            whole = Decimal(str(number)).quantize(Decimal(1), rounding="ROUND_HALF_UP")
            assert Decimal(text.replace("−", "-").replace("¥", "").replace(",", "")) == whole


@pytest.mark.parametrize(
    ("unit", "value", "ends"),
    [
        ("share", 1, True),
        ("share", 1.0000000000000002, True),
        ("share", 0.5, False),
        ("share", 1.2, False),
        ("money", 1, False),
    ],
)
def test_the_axis_of_shares_ends_at_the_whole(unit: Literal["share", "money"], value: float, ends: bool):
    chart = replace(made("line", [0, value]), unit=unit)
    assert (charts.option(chart, "en")["yAxis"].get("max") == 1) is ends


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("chart", [line_chart(), bar_chart(), stack_chart()])
def test_the_options_name_tokens_and_never_colours(chart: Chart, language):
    text = charts.script(chart, language)
    assert "#" not in text
    assert "--hs-" in text


def test_a_hostile_name_stays_inside_its_element():
    chart = Chart(
        kind="bar",
        title=Text("</script><script>x()", "</script>"),
        axis=Text("a", "a"),
        unit="count",
        places=(Text("</script><b>&", "<!--"),),
        series=(Series(name=Text("</script>", "]]>"), values=(1,)),),
    )
    shown = Template('{% show "chart" chart=chart %}').render(Context({"chart": chart}))
    assert shown.count("<script") == 1
    assert shown.count("</script>") == 1


def test_a_heat_table_shades_by_rank_so_that_one_giant_hides_nothing():
    _heads, rows = charts.matrix(heat_chart(), "en")
    shades = [cell.shade for _name, cells in rows for cell in cells if cell.shade is not None]
    assert max(shades) == charts.STEPS - 1
    assert len(set(shades)) >= 5
    assert rows[2][1][2] == charts.Cell("", None)


def test_a_chart_that_cannot_be_right_is_not_made():
    with pytest.raises(ValueError, match="2 numbers for 1 places"):
        Chart(
            kind="line",
            title=Text("t", "标"),
            axis=Text("Day", "日期"),
            unit="count",
            places=(date(2026, 1, 1),),
            series=(Series(name=Text("now", "本期"), values=(1, 2)),),
        )
    with pytest.raises(ValueError, match="names no currency"):
        Chart(kind="line", title=Text("t", "标"), axis=Text("d", "日"), unit="money", places=(), series=())


def test_a_sparkline_stays_in_its_box():
    line = charts.spark([3, 9, 4], [1, 1])
    assert line is not None
    for point in [*line.line.split(), *line.before.split()]:
        x, y = (float(part) for part in point.split(","))
        assert 0 <= x <= 100
        assert 0 <= y <= 30
    assert charts.spark([1]) is None


def test_numbers_of_a_chart_open_where_they_say_they_do():
    chart = made("bar", [1, 2])
    opened = replace(chart, series=(replace(chart.series[0], addresses=("/one/?a=1&b=2", "")),))
    heads, rows = charts.linked(opened, "en")
    assert (heads, [row[1] for row in rows]) == (["Day", "now"], [("¥1", "/one/?a=1&b=2"), ("¥2", "")])
    shown = Template('{% show "chart" chart=chart %}').render(Context({"chart": opened}))
    assert '<td class="r"><a href="/one/?a=1&amp;b=2">¥1</a></td>' in shown
    assert '<td class="r">¥2</td>' in shown
    with pytest.raises(ValueError, match="opens 1 of its places"):
        replace(chart, series=(replace(chart.series[0], addresses=("/one/",)),))


def test_words_of_notes_do_not_lie_over_each_other():
    rang = Text("rang", "触发")
    chart = replace(made("line", [1] * 24), notes=tuple(Note(place=n, text=rang) for n in (20, 3, 4, 5, 6)))
    (series,) = json.loads(charts.script(chart, "en"))["series"]
    points = series["markPoint"]["data"]
    assert [point["name"] for point in points] == ["rang", "", "rang", "", "rang"]
    assert [point["coord"][0] for point in points] == ["01-04", "01-05", "01-06", "01-07", "01-21"]
