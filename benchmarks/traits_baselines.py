"""The customer traits written by hand, in DuckDB SQL and in pandas, over the Parquet files of a house's lake.

These are what a skilled analyst would write without the platform; ``traits.py`` measures the product beside
them. Both read the files that the Delta log names, only the needed columns, and write one row per customer to
a Parquet file (zstd). Both compute the same definitions, so their results can be compared row by row:

* An order counts when it is live (``superseded_by`` is null), earlier than ``as_of`` and has revenue above 0;
  lines, changes and events count when they are live and earlier than ``as_of``.
* ``recency_days``: whole days elapsed since the last order. ``frequency``, ``monetary``: number and revenue
  of orders. ``net_monetary``: with the order changes (refunds are negative).
* ``r_score``, ``f_score``, ``m_score``: quintiles 1 to 5 among buyers by percent rank,
  ``(rank - 1) / (n - 1)``; equal values get the same score; the most recent, most frequent, highest get 5.
* ``median_gap_days``: median of the days (with fraction) between successive orders; ``overdue_ratio``: days
  since the last order (with fraction) divided by it, missing where the median is 0 or there is one order.
* ``…_30d`` and so on: since the start of the day that many house days before ``as_of``.
* ``favourite_category``: most revenue over all lines; of equal ones the first by name.

Amounts are added exactly: as decimals in SQL, as whole ten-thousandths in pandas.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deltalake import DeltaTable

if TYPE_CHECKING:
    import duckdb
    import pandas
    import pyarrow

NEEDED = {
    "customers": {"customer_id": "bigint"},
    "orders": {
        "customer_id": "bigint",
        "ordered_at": "timestamptz",
        "revenue": "decimal(18, 4)",
        "superseded_by": "bigint",
    },
    "order_lines": {
        "customer_id": "bigint",
        "ordered_at": "timestamptz",
        "category": "varchar",
        "revenue": "decimal(18, 4)",
        "superseded_by": "bigint",
    },
    "order_changes": {
        "customer_id": "bigint",
        "occurred_at": "timestamptz",
        "revenue": "decimal(18, 4)",
        "superseded_by": "bigint",
    },
    "events": {"customer_id": "bigint", "occurred_at": "timestamptz", "superseded_by": "bigint"},
}
"""The columns the traits need; a table the house does not have yet counts as empty."""

DAY = 86_400_000_000
"""Microseconds in a day."""


@dataclass(frozen=True)
class Cut:
    """The instant the traits are computed for, and the starts of the day windows before it."""

    as_of: datetime
    starts: dict[int, datetime]

    @classmethod
    def before(cls, day: date, zone: str) -> Cut:
        """Before 00:00 of ``day`` in the house's zone; windows are that many days of that zone long."""
        place = ZoneInfo(zone)

        def midnight(which: date) -> datetime:
            return datetime.combine(which, time(), place).astimezone(ZoneInfo("UTC"))

        return cls(midnight(day), {n: midnight(day - timedelta(days=n)) for n in (30, 90, 365)})


def files(home: Path, name: str) -> list[str]:
    """The data files of a table's newest version, or none where the table does not exist."""
    folder = home / "lake" / name
    return DeltaTable(str(folder)).file_uris() if DeltaTable.is_deltatable(str(folder)) else []


# ---- DuckDB SQL ------------------------------------------------------------------------------------------


def _connect(home: str, memory: str, threads: int, spill: Path) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with one view per needed table."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": memory, "threads": threads})
    connection.execute("set enable_progress_bar = false")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"set temp_directory = {_text(spill)}")
    for name, columns in NEEDED.items():
        uris = files(Path(home), name)
        if uris:
            source = f"select {', '.join(columns)} from read_parquet([{', '.join(map(_text, uris))}]"
            source += ", union_by_name = true, hive_partitioning = true)"
        else:
            source = f"select {', '.join(f'null::{t} as {c}' for c, t in columns.items())} where false"
        connection.execute(f"create view {name} as {source}")
    return connection


def traits_query(cut: Cut) -> str:
    """One statement that computes every trait.

    The gaps between orders come from a sorted list per customer, which costs less than half of a window.
    """
    as_of = _instant(cut.as_of)
    starts = {days: _instant(start) for days, start in cut.starts.items()}
    order_windows = ",\n".join(
        f"count(*) filter (where ordered_at >= {start}) as orders_{days}d,\n"
        f"coalesce(sum(revenue) filter (where ordered_at >= {start}), 0) as revenue_{days}d"
        for days, start in starts.items()
    )
    return f"""
        with live_orders as (
            select customer_id, ordered_at, revenue from orders
            where superseded_by is null and revenue > 0 and ordered_at < {as_of}
        ),
        order_sums as (
            select customer_id, count(*) as frequency, sum(revenue) as monetary,
                   min(ordered_at) as first_order_at, max(ordered_at) as last_order_at,
                   list_sort(list(epoch_us(ordered_at))) as moments,
                   {order_windows}
            from live_orders group by customer_id
        ),
        buyers as (
            select * exclude (moments),
                   (epoch_us({as_of}) - epoch_us(last_order_at)) // {DAY} as recency_days,
                   list_median(list_transform(range(1, len(moments)), lambda i: moments[i + 1] - moments[i]))
                       / {DAY} as median_gap_days
            from order_sums
        ),
        scores as (
            select *, {_score("recency_days desc")} as r_score, {_score("frequency")} as f_score,
                   {_score("monetary")} as m_score
            from buyers
        ),
        changes as (
            select customer_id, sum(revenue) as change from order_changes
            where superseded_by is null and occurred_at < {as_of} group by customer_id
        ),
        category_sums as (
            select customer_id, category, sum(revenue) as revenue from order_lines
            where superseded_by is null and category is not null and ordered_at < {as_of}
            group by customer_id, category
        ),
        favourites as (
            select customer_id, arg_min(category, (-revenue, category)) as favourite_category
            from category_sums group by customer_id
        ),
        activity as (
            select customer_id, max(occurred_at) as last_event_at,
                   count(*) filter (where occurred_at >= {starts[30]}) as events_30d,
                   count(*) filter (where occurred_at >= {starts[90]}) as events_90d
            from events
            where superseded_by is null and customer_id is not null and occurred_at < {as_of}
            group by customer_id
        )
        select customer_id, recency_days, coalesce(frequency, 0) as frequency,
               coalesce(monetary, 0)::decimal(18, 4) as monetary,
               (coalesce(monetary, 0) + coalesce(change, 0))::decimal(18, 4) as net_monetary,
               r_score, f_score, m_score, monetary / frequency as average_order_value,
               first_order_at, last_order_at,
               {", ".join(f"coalesce(orders_{n}d, 0) as orders_{n}d" for n in starts)},
               {", ".join(f"coalesce(revenue_{n}d, 0)::decimal(18, 4) as revenue_{n}d" for n in starts)},
               favourite_category, median_gap_days,
               (epoch_us({as_of}) - epoch_us(last_order_at)) / {DAY} / nullif(median_gap_days, 0)
                   as overdue_ratio,
               coalesce(events_30d, 0) as events_30d, coalesce(events_90d, 0) as events_90d, last_event_at
        from customers
        left join scores using (customer_id)
        left join changes using (customer_id)
        left join favourites using (customer_id)
        left join activity using (customer_id)
    """


def duckdb_sql(home: str, result: str, as_of: str, zone: str, memory: str, threads: int) -> int:
    """Compute the traits in one SQL statement, write them to ``result``, return the number of rows."""
    cut = Cut.before(date.fromisoformat(as_of), zone)
    connection = _connect(home, memory, threads, Path(result).with_suffix(".spill"))
    query = f"copy ({traits_query(cut)}) to {_text(result)} (format parquet, compression zstd)"
    return int(connection.execute(query).fetchall()[0][0])


def duckdb_scan(home: str, memory: str, threads: int, spill: str) -> int:
    """Only read the needed columns of every table: the floor below every program. Returns the rows read.

    Each column is folded into one number, because plain counts and extremes may be answered from statistics.
    """
    fold = {
        "bigint": "bit_xor({})",
        "timestamptz": "bit_xor(epoch_us({}))",
        "decimal(18, 4)": "sum({})",
        "varchar": "sum(strlen({}))",
    }
    connection = _connect(home, memory, threads, Path(spill))
    rows = 0
    for name, columns in NEEDED.items():
        wanted = ", ".join(fold[kind].format(column) for column, kind in columns.items())
        rows += connection.execute(f"select count(*), {wanted} from {name}").fetchall()[0][0]
    return rows


def _score(order: str) -> str:
    """SQL for a quintile by percent rank, in whole numbers so that no rounding moves a customer."""
    return f"(1 + least(4, 5 * (rank() over (order by {order}) - 1) // greatest(count(*) over () - 1, 1)))"


def _instant(value: datetime) -> str:
    """An SQL literal of a UTC instant."""
    return f"timestamptz '{value:%Y-%m-%d %H:%M:%S}+00'"


def _text(value: Path | str) -> str:
    """An SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


# ---- pandas ----------------------------------------------------------------------------------------------


def _read(home: str, name: str, time_column: str | None, cut: Cut, columns: list[str]) -> pyarrow.Table:
    """Read columns of the live rows before the cut; the filter runs while the files are read."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    uris = files(Path(home), name)
    if not uris:
        types = {
            "bigint": pa.int64(),
            "timestamptz": pa.timestamp("us", "UTC"),
            "varchar": pa.string(),
            "decimal(18, 4)": pa.decimal128(18, 4),
        }
        return pa.table({c: pa.array([], types[NEEDED[name][c]]) for c in columns})
    schema = pa.schema(DeltaTable(str(Path(home) / "lake" / name)).schema().to_arrow())
    wanted = None
    if time_column is not None:
        moment = pa.scalar(cut.as_of, pa.timestamp("us", "UTC"))
        wanted = pc.field("superseded_by").is_null() & (pc.field(time_column) < moment)
    return ds.dataset(uris, schema=schema, format="parquet").to_table(columns=columns, filter=wanted)


def _frame(table: pyarrow.Table) -> pandas.DataFrame:
    """A frame with amounts as whole ten-thousandths, text as categories sorted by name."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    for i, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            units = np.rint(pc.cast(table.column(i), pa.float64()).to_numpy() * 10_000).astype("int64")
            table = table.set_column(i, column.name, pa.array(units))
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            table = table.set_column(i, column.name, table.column(i).dictionary_encode())
    frame = table.to_pandas(self_destruct=True, split_blocks=True)
    for name in frame.columns:
        if frame[name].dtype == "category":
            frame[name] = frame[name].cat.reorder_categories(sorted(frame[name].cat.categories))
    return frame


def _quintile(values: pandas.Series) -> pandas.Series:
    """Quintile 1 to 5 by percent rank; missing values stay missing."""
    below = values.rank(method="min") - 1
    return 1 + (5 * below // max(values.count() - 1, 1)).clip(upper=4)


def pandas_frames(home: str, result: str, as_of: str, zone: str, threads: int) -> int:
    """Compute the traits with pandas, write them to ``result``, return the number of rows."""
    import pandas as pd
    import pyarrow as pa

    pa.set_cpu_count(threads)
    pa.set_io_thread_count(max(threads, 2))
    cut = Cut.before(date.fromisoformat(as_of), zone)
    moment, starts = pd.Timestamp(cut.as_of), {n: pd.Timestamp(start) for n, start in cut.starts.items()}
    day = pd.Timedelta(days=1)

    customers = _read(home, "customers", None, cut, ["customer_id"]).to_pandas()
    traits = customers.set_index("customer_id")

    orders = _frame(_read(home, "orders", "ordered_at", cut, ["customer_id", "ordered_at", "revenue"]))
    orders = orders[orders["revenue"] > 0].sort_values(["customer_id", "ordered_at"], ignore_index=True)
    sums = orders.groupby("customer_id", sort=False).agg(
        frequency=("revenue", "size"),
        monetary=("revenue", "sum"),
        first_order_at=("ordered_at", "min"),
        last_order_at=("ordered_at", "max"),
    )
    for n, start in starts.items():
        recent = orders[orders["ordered_at"] >= start].groupby("customer_id", sort=False)["revenue"]
        sums[f"orders_{n}d"] = recent.size()
        sums[f"revenue_{n}d"] = recent.sum()
    gaps = orders["ordered_at"].diff()[orders["customer_id"].eq(orders["customer_id"].shift())]
    sums["median_gap_days"] = (gaps / day).groupby(orders["customer_id"], sort=False).median()
    del orders, gaps
    traits = traits.join(sums)
    elapsed = (moment - traits["last_order_at"]) / day
    traits["recency_days"] = elapsed // 1
    traits["overdue_ratio"] = elapsed / traits["median_gap_days"].where(traits["median_gap_days"] > 0)
    traits["r_score"] = _quintile(-traits["recency_days"])
    traits["f_score"] = _quintile(traits["frequency"])
    traits["m_score"] = _quintile(traits["monetary"])
    traits["average_order_value"] = traits["monetary"] / 10_000 / traits["frequency"]

    changes = _frame(_read(home, "order_changes", "occurred_at", cut, ["customer_id", "revenue"]))
    change = changes.groupby("customer_id", sort=False)["revenue"].sum()
    traits["net_monetary"] = traits["monetary"].fillna(0).add(change.reindex(traits.index).fillna(0))

    lines = _frame(_read(home, "order_lines", "ordered_at", cut, ["customer_id", "category", "revenue"]))
    lines = lines[lines["category"].notna()]
    by_category = lines.groupby(["customer_id", "category"], sort=False, observed=True)["revenue"].sum()
    del lines
    ranked = by_category.reset_index().sort_values(
        ["customer_id", "revenue", "category"], ascending=[True, False, True]
    )
    first = ranked.drop_duplicates("customer_id").set_index("customer_id")["category"]
    traits["favourite_category"] = first.astype("str")
    del by_category, ranked, first

    events = _frame(_read(home, "events", "occurred_at", cut, ["customer_id", "occurred_at"]))
    events = events[events["customer_id"].notna()]
    traits["last_event_at"] = events.groupby("customer_id", sort=False)["occurred_at"].max()
    for n in (30, 90):
        recent = events[events["occurred_at"] >= starts[n]]
        traits[f"events_{n}d"] = recent.groupby("customer_id", sort=False).size()

    counted = ["frequency", "monetary", "events_30d", "events_90d"]
    counted += [f"{what}_{n}d" for n in starts for what in ("orders", "revenue")]
    traits[counted] = traits[counted].fillna(0)
    amounts = ["monetary", "net_monetary", *(f"revenue_{n}d" for n in starts)]
    traits[amounts] = traits[amounts] / 10_000
    traits.reset_index().to_parquet(result, compression="zstd", index=False)
    return len(traits)


# ---- comparison ------------------------------------------------------------------------------------------


def differences(one: Path, other: Path, columns: dict[str, str] | None = None) -> dict[str, int]:
    """Compare two results row by row: for each column the number of customers whose values differ.

    ``columns`` names the columns to compare as {name in ``one``: name in ``other``}; without it, all of
    ``one``. Numbers may differ by a billionth of their size, which is the rounding of floating point. The key
    ``customers`` counts customers that only one of the results holds.
    """
    import duckdb

    connection = duckdb.connect()
    left, right = f"read_parquet({_text(one)})", f"read_parquet({_text(other)})"
    if columns is None:
        names = [row[0] for row in connection.execute(f"describe select * from {left}").fetchall()]
        columns = {name: name for name in names if name != "customer_id"}
    types = dict(
        connection.execute(f"select column_name, column_type from (describe select * from {left})").fetchall()
    )

    def differs(a: str, b: str) -> str:
        if types[a].startswith(("DECIMAL", "DOUBLE", "FLOAT", "BIGINT", "INTEGER", "HUGEINT")):
            near = f"abs(a.{a}::double - b.{b}::double) <= 1e-9 * greatest(1, abs(a.{a}::double))"
            return f"not coalesce({near}, a.{a} is null and b.{b} is null)"
        return f"a.{a} is distinct from b.{b}"

    both = "a.customer_id is not null and b.customer_id is not null"
    counts = ", ".join(f"count(*) filter (where {both} and {differs(a, b)})" for a, b in columns.items())
    row: tuple[Any, ...] = connection.execute(
        f"select count(*) filter (where not ({both})), {counts} "
        f"from {left} a full join {right} b on a.customer_id = b.customer_id"
    ).fetchall()[0]
    return dict(zip(["customers", *columns], row, strict=True))
