"""The table of a metric as a file: a row for each period and combination of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.http import QueryDict

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.sheets import Export, Field, Kind, Sheet, one
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake
from huoshui.measure.metrics import exploring
from huoshui.measure.metrics.dimensions import named
from huoshui.measure.metrics.pages import explore
from huoshui.web import address

FIRST = Field(key="first_day", label=Text("First day", "开始日期"), kind="day")
LAST = Field(key="last_day", label=Text("Last day", "结束日期"), kind="day")
DENOMINATOR = Field(key="denominator", label=Text("Denominator", "分母"), kind="integer")


def sheet(actor: Actor, said: Mapping[str, Sequence[str]], _language: Language) -> Sheet:
    """What the page of the metric ``metric`` shows for the address, with all rows and the parts of ratios.

    Raises as `exploring.explore`, `NotAPeriod`, `NotADate`.
    """
    from huoshui.measure.metrics.views.showing import end_of_figures

    query = QueryDict(mutable=True)
    for name, values in said.items():
        query.setlist(name, list(values))
    house, tables = HOUSE(), open_lake().snapshot()
    chosen, asked = address.chosen_in(query), explore.read(query)
    first, end = chosen.days(end_of_figures(tables, house))
    found = exploring.explore(
        one(said, "metric"),
        actor=actor,
        tables=tables,
        first=first,
        end=end,
        zone=house.zone,
        grain=asked.grain,
        by=asked.by,
        where=dict(chosen.slice),
    )
    rows = [
        (
            period.first_day,
            period.end_day - timedelta(days=1),
            *(None if value is None else str(value) for value in row.dimensions.values()),
            cell.value,
            cell.numerator,
            cell.denominator,
        )
        for row in found.rows
        for period, cell in zip(found.periods, row.cells, strict=True)
        if cell is not None
    ]
    by = [Field(key=name, label=named(name)) for name in found.by]
    kind: Kind = "amount" if found.metric.unit == "money" else "number"
    value = Field(key="value", label=found.metric.label, kind=kind)
    numerator = Field(key="numerator", label=Text("Numerator", "分子"), kind=kind)
    return Sheet(fields=(FIRST, LAST, *by, value, numerator, DENOMINATOR), total=len(rows), pages=[rows])


EXPORT = Export(
    slug="metric", label=Text("Table of a metric", "指标数据表"), sheet=sheet, right=Right.CUSTOMERS_VIEW
)
