"""A table of results from elsewhere: which of its columns may be arms and outcomes, and the moments of each arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.connectors import cells
from huoshui.kernel.texts import Text
from huoshui.measure.experiments.errors import NotAResult
from huoshui.measure.experiments.reading import Found, Outcome
from huoshui.science.experiments import Kind, NotASample, Sample

MOST_ROWS = 5_000_000
MOST_VALUES = 20
"""A column with more values divides nobody into arms or groups."""
MOST_OUTCOMES = 20
TRUE, FALSE = ("1", "true", "yes", "y", "t", "是"), ("0", "false", "no", "n", "f", "否")
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its ``values`` where they are few, in order; whether it is a number, and one of yes and no only."""

    name: str
    values: tuple[str, ...]
    is_number: bool
    is_share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be read: ``arm`` is the column that says who was in which arm, ``control`` the value of those who
    were not treated. ``outcomes`` are columns of numbers, or of yes and no. ``before`` is a column known before the
    start, or empty; ``groups`` are columns that divide people. ``control_share`` is the part that was to be held out;
    None where all arms were to be of one size."""

    arm: str
    control: str
    outcomes: Sequence[str]
    before: str = ""
    groups: Sequence[str] = ()
    control_share: float | None = None


def table_of(path: Path, *, workspace: Path) -> pa.Table:
    """The cells of a CSV, Excel or Parquet file as trimmed texts.

    Raises `FileRefused`; `NotAResult` for a table of no rows or too many.
    """
    table = cells.texts(path, workspace=workspace)
    if not 0 < table.num_rows <= MOST_ROWS:
        raise NotAResult(
            Text("This table has no rows, or too many", "表格没有数据行，或行数过多"),
            received=f"{table.num_rows:,} rows",
            valid=f"1 to {MOST_ROWS:,}, one for each person",
        )
    return table


def columns_of(table: pa.Table) -> list[Column]:
    """What each column of a table may be."""
    found = []
    for name in table.column_names:
        values = pc.unique(table[name])
        few = sorted(values.to_pylist()) if len(values) <= MOST_VALUES else []
        found.append(
            Column(
                name=name,
                values=tuple(few),
                is_number=bool(pc.all(pc.match_substring_regex(values, _NUMBER)).as_py()),
                is_share=bool(few) and {one.lower() for one in few} <= {*TRUE, *FALSE},
            )
        )
    return found


def read(table: pa.Table, asked: Asked) -> Found:
    """The moments of every outcome in every arm and group. Raises `NotAResult` with what would be valid."""
    columns = {column.name: column for column in columns_of(table)}
    _require_columns(asked, columns)
    arms = columns[asked.arm].values
    of_arm = {arm: pc.equal(table[asked.arm], arm).to_numpy() for arm in arms}
    before = _numbers(table, columns[asked.before]) if asked.before else None
    groups = {
        name: {value: pc.equal(table[name], value).to_numpy() for value in columns[name].values}
        for name in asked.groups
    }
    outcomes = []
    for name in asked.outcomes:
        values = _numbers(table, columns[name])
        kind: Kind = "proportion" if columns[name].is_share else "mean"
        outcomes.append(
            Outcome(
                name=name,
                kind=kind,
                arms=_samples(values, before, of_arm),
                groups={
                    column: {
                        value: _samples(values, before, {arm: of_arm[arm] & here for arm in arms})
                        for value, here in parts.items()
                    }
                    for column, parts in groups.items()
                },
            )
        )
    return Found(
        arm=asked.arm,
        control=asked.control,
        people={arm: int(here.sum()) for arm, here in of_arm.items()},
        control_share=asked.control_share,
        before=asked.before,
        outcomes=tuple(outcomes),
    )


def _require_columns(asked: Asked, columns: Mapping[str, Column]) -> None:
    named = [asked.arm, *asked.outcomes, *asked.groups, *([asked.before] if asked.before else [])]
    if missing := [name for name in named if name not in columns]:
        raise NotAResult(
            Text("The table has no such column", "表格中没有这一列"),
            received=", ".join(missing)[:200],
            valid=", ".join(columns)[:400],
        )
    if asked.control not in columns[asked.arm].values or len(columns[asked.arm].values) < 2:
        raise NotAResult(
            Text("Nobody is in this control group", "没有人属于这个对照组"),
            received=f"{asked.arm} = {asked.control}"[:200],
            valid=" · ".join(
                f"{c.name} = {v}" for c in columns.values() if len(c.values) > 1 for v in c.values
            )[:400]
            or "a column with 2 to 20 values that says who was in which arm",
        )
    if not 0 < len(asked.outcomes) <= MOST_OUTCOMES:
        raise NotAResult(
            Text("An experiment has 1 to 20 outcomes", "实验需要 1 到 20 个结果列"),
            received=str(len(asked.outcomes)),
            next_step="Choose the columns that say what people did afterwards",
        )
    for name in (*asked.outcomes, *([asked.before] if asked.before else [])):
        if not (columns[name].is_number or columns[name].is_share):
            raise NotAResult(
                Text("This column is neither a number nor yes or no", "这一列既不是数字，也不是是或否"),
                received=name[:200],
                valid="a number for everybody: 0 for those who did nothing",
            )
    for name in asked.groups:
        if len(columns[name].values) < 2 or name == asked.arm:
            raise NotAResult(
                Text("This column makes no groups", "这一列不能用来分组"),
                received=name[:200],
                valid=f"a column with 2 to {MOST_VALUES} values, not that of the arms",
            )
    if asked.control_share is not None and not 0 < asked.control_share < 1:
        raise NotAResult(
            Text("This is no share of people", "这不是人数占比"),
            received=str(asked.control_share),
            valid="more than 0 % and less than 100 %",
        )


def _numbers(table: pa.Table, column: Column) -> npt.NDArray[np.float64]:
    values = table[column.name]
    if column.is_share:
        is_true = pc.is_in(pc.utf8_lower(values), value_set=pa.array(TRUE))
        return np.asarray(is_true.to_numpy(), dtype=np.float64)
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _samples(
    values: npt.NDArray[np.float64],
    before: npt.NDArray[np.float64] | None,
    parts: Mapping[str, npt.NDArray[np.bool_]],
) -> dict[str, Sample]:
    try:
        return {
            name: Sample.of(values[here], None if before is None else before[here])
            for name, here in parts.items()
        }
    except NotASample as error:
        raise NotAResult(
            Text("A number of this table is too large", "表格中有数字过大"), received=error.problem
        ) from None
