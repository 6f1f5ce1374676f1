"""Make the benchmark data: a shop's transactions and its customers' events, the same on every run.

Every value comes from DuckDB's ``hash()`` of row numbers and a seed, never from ``random()``, so two people
who use the same DuckDB version, sizes and seed measure on the same rows. The shape follows real shops: most
customers buy a few times and a few buy very often (orders per buyer: median 5, 99th percentile 30; events per
customer: about 39 and 215, at the default sizes), customers arrive over the whole time and about half of them stop
coming, a few products make most of the sales.

Files (``transactions_2`` has the same columns and customers but other order ids; it is for loading into a
house that already holds the first file):

* ``transactions.parquet``, ``transactions.csv``: one row per order line, the lines of an order beside each
  other, orders in time order; ``order_time`` is Shanghai wall-clock time without a zone.
* ``transactions_2.parquet``, ``transactions_2.csv``
* ``events.parquet``: one row per event in time order, with UTC instants.
* ``dataset.json``: sizes, seconds and quantiles of what was made.

Use: ``python benchmarks/dataset.py --to DIR [--lines N] [--customers N] [--events N]``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from measure import table

START = date(2023, 7, 1)
END = date(2026, 7, 1)
"""First local day of the data and the day after its last: a refresh as of ``END`` sees every row."""

LOCAL = "+08"
"""The shop's zone: ``order_time`` is wall-clock time there."""

PRODUCTS = 2_000
LINES_PER_ORDER = 3
CATEGORIES = (
    "Lighting", "Smart locks", "Cameras", "Doorbells", "Thermostats", "Speakers", "Hubs", "Sensors",
    "Curtains", "Switches", "Sockets", "Vacuum robots", "Air purifiers", "Humidifiers", "Heaters", "Fans",
    "Kitchen", "Pet care", "Garden", "Accessories",
)  # fmt: skip
EVENT_SHARES = {
    "page_viewed": 38,
    "product_viewed": 24,
    "product_searched": 9,
    "product_added": 7,
    "app_opened": 6,
    "cart_viewed": 5,
    "product_removed": 2,
    "checkout_started": 2,
    "coupon_claimed": 2,
    "message_opened": 3,
    "message_clicked": 1,
    "device_paired": 1,
}
"""Event names with their share in percent."""


@dataclass(frozen=True)
class Sizes:
    """How much to make. Orders follow from lines: one for every three."""

    lines: int = 20_000_000
    customers: int = 1_000_000
    events: int = 50_000_000
    seed: int = 1

    @property
    def orders(self) -> int:
        return max(self.lines // LINES_PER_ORDER, 1)


def connect(folder: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that spills into ``folder`` and knows the hash macros used below."""
    connection = duckdb.connect(config={"memory_limit": memory, "threads": threads})
    connection.execute("set enable_progress_bar = false")
    connection.execute("set preserve_insertion_order = true")
    connection.execute("set timezone = 'UTC'")
    connection.execute("set temp_directory = " + _text(folder))
    # Hashing twice: the hash of several columns alone is correlated where only the last one differs.
    connection.execute("create macro mixed(draw, a, b := 0, c := 0) as hash(hash(draw, a, b, c))")
    # A uniform number in (0, 1) from up to three whole numbers and the number of the draw.
    connection.execute(
        "create macro uniform(draw, a, b := 0, c := 0) as "
        "((mixed(draw, a, b, c) >> 11)::double + 0.5) / 9007199254740992.0"
    )
    # A standard normal number by the Box-Muller transform of two uniform ones.
    connection.execute(
        "create macro normal(draw, a, b := 0) as "
        "sqrt(-2 * ln(uniform(draw, a, b, 1))) * cos(2 * pi() * uniform(draw, a, b, 2))"
    )
    return connection


def make_customers(connection: duckdb.DuckDBPyConnection, sizes: Sizes) -> None:
    """Table ``customers``: number, and the part of the three years in which the customer was active."""
    connection.execute(
        f"""
        create or replace table customers as
        select n::integer as customer, arrived,
               (1 - arrived)
               * if(uniform(11, n, {sizes.seed}) < 0.5, 1, uniform(12, n, {sizes.seed})) as stayed
        from (
            select range as n, 0.97 * pow(uniform(10, range, {sizes.seed}), 1.3) as arrived
            from range(1, {sizes.customers} + 1)
        )
        """
    )


def make_products(connection: duckdb.DuckDBPyConnection) -> None:
    """Lists ``product_ids``, ``product_names``, ``product_categories``, ``product_prices`` as variables.

    Lists indexed by the product's number keep the order of the lines, which a join does not promise.
    """
    connection.execute(
        f"""
        create or replace table products as
        select n as product, format('P{{:05d}}', n) as product_id, category,
               category || ' ' || ['Mini', 'Basic', 'Plus', 'Pro', 'Max'][1 + n % 5] || ' ' || n
                   as product_name,
               (greatest(5, round(exp(4.6 + 0.9 * normal(20, n)))) - 0.10)::decimal(10, 2) as unit_price
        from (
            select range as n,
                   {list(CATEGORIES)}[1 + floor({len(CATEGORIES)} * pow(uniform(21, range), 1.4))::integer]
                   as category
            from range(1, {PRODUCTS} + 1)
        )
        """
    )
    for variable, column in (
        ("product_ids", "product_id"),
        ("product_names", "product_name"),
        ("product_categories", "category"),
        ("product_prices", "unit_price"),
    ):
        connection.execute(
            f"set variable {variable} = (select list({column} order by product) from products)"
        )


def share_out(total: int, median: float, spread: float, draw: int, seed: int) -> str:
    """SQL for (customer, arrived, stayed, many): ``total`` things shared out with log-normal weights.

    Weights are whole numbers and the running sum is exact, so the shares add up to exactly ``total`` and do
    not depend on how many threads summed them.
    """
    return f"""
        select customer, arrived, stayed,
               (upto * {total} // whole - (upto - weight) * {total} // whole)::integer as many
        from (
            select *, sum(weight) over (order by customer)::hugeint as upto,
                   sum(weight) over ()::hugeint as whole
            from (
                select *, ceil(1000 * {median} * exp({spread} * normal({draw}, customer, {seed})))::bigint
                       as weight
                from customers
            )
        )
    """


def make_orders(connection: duckdb.DuckDBPyConnection, sizes: Sizes, part: int) -> None:
    """Table ``orders`` in time order: place in the file (from 0), customer, second since the start."""
    seed = sizes.seed * 10 + part
    days = (END - START).days
    connection.execute(
        f"""
        create or replace table orders as
        select row_number() over () - 1 as place, customer, second
        from (
            select customer,
                   floor({days} * (arrived + stayed * uniform(31, customer, k, {seed})))::integer * 86400
                   + floor(86400 * (0.28 + 0.36 * (uniform(32, customer, k, {seed})
                                                   + uniform(33, customer, k, {seed}))))::integer as second
            from (
                select customer, arrived, stayed, unnest(range(many)) as k
                from ({share_out(sizes.orders, 5, 0.77, 30, sizes.seed)})
            )
            order by second, customer, k
        )
        """
    )


def transaction_lines(sizes: Sizes, part: int) -> str:
    """SQL for the lines of ``orders``; each two neighbours share six lines, which makes the total exact."""
    seed = sizes.seed * 10 + part
    orders, rest = sizes.orders, sizes.lines - LINES_PER_ORDER * sizes.orders
    return f"""
        select format('SO{{:07d}}', place + 1 + {orders * (part - 1)}) as order_id,
               format('C{{:07d}}', customer) as customer_id,
               timestamp '{START} 00:00:00' + to_seconds(second) as order_time,
               getvariable('product_ids')[product] as product_id,
               getvariable('product_names')[product] as product_name,
               getvariable('product_categories')[product] as category,
               case when dice < 0.70 then 1 when dice < 0.88 then 2 when dice < 0.96 then 3 else 4 end
                   as quantity,
               (getvariable('product_prices')[product] * if(uniform(43, place, line, {seed}) < 0.15, 0.9, 1))
               ::decimal(10, 2) as unit_price
        from (
            select place, customer, second, line,
                   1 + floor({PRODUCTS} * pow(uniform(41, place, line, {seed}), 2))::integer as product,
                   uniform(42, place, line, {seed}) as dice
            from (
                select place, customer, second, unnest(range(many)) as line
                from (
                    select *,
                           case when place = {orders - 1} then {rest} else 0 end + {LINES_PER_ORDER}
                           + case when place = {orders - 1} and place % 2 = 0 then 0
                                  else [0, 0, 1, 1, 1, -1, -1, 2, 2, -2]
                                       [1 + (mixed(40, place // 2, {seed}) % 10)::integer]
                                       * if(place % 2 = 0, 1, -1) end as many
                    from orders
                )
            )
        )
    """


def event_rows(sizes: Sizes) -> str:
    """SQL for the events in time order.

    A customer's events come in visits of five; a visit has one session id and spreads over minutes.
    """
    seed = sizes.seed
    milliseconds = (END - START).days * 86_400_000
    names = [name for name, share in EVENT_SHARES.items() for _ in range(share)]
    return f"""
        select format('E{{:09d}}', row_number() over ()) as message_id,
               format('C{{:07d}}', customer) as customer_id,
               name as event,
               timestamptz '{START} 00:00:00{LOCAL}' + to_milliseconds(millisecond) as occurred_at,
               format('{{:016x}}', mixed(51, customer, k // 5, {seed})) as session_id,
               if(about_product, getvariable('product_ids')[product], null) as product_id,
               case when name in ('product_added', 'product_removed')
                         then getvariable('product_prices')[product]
                    when name = 'coupon_claimed' then 5 * (1 + (dice >> 20) % 10) end
                   ::decimal(10, 2) as value,
               case when name = 'product_searched' then
                         '{{"query":"' || lower(getvariable('product_categories')[product]) || '","results":'
                         || (dice >> 20) % 60 || '}}'
                    when name like 'message%' then
                         '{{"channel":"' || ['email', 'sms', 'wechat', 'push'][1 + (dice >> 20)::bigint % 4]
                         || '"}}'
                    else '{{"device":"' || ['ios', 'android', 'web'][1 + (mixed(52, customer) % 3)::integer]
                         || '","path":"/' || lower(getvariable('product_categories')[product]) || '/'
                         || product || '"}}'
               end as properties
        from (
            select *, {names}[1 + (dice % 100)::integer] as name,
                   (dice >> 40) % 3 > 0 and (name like 'product%' or name = 'device_paired') as about_product,
                   1 + floor({PRODUCTS} * pow(uniform(54, customer, k, {seed}), 2))::integer as product
            from (
                select customer, k, millisecond, mixed(53, customer, k, {seed}) as dice
                from (
                    select customer, k,
                           least({milliseconds} - 1,
                                 floor({milliseconds}
                                       * (arrived + stayed * uniform(55, customer, k // 5, {seed})))::bigint
                                 + (k % 5) * 45000 + floor(40000 * uniform(56, customer, k, {seed}))::bigint
                           ) as millisecond
                    from (
                        select customer, arrived, stayed, unnest(range(many))::integer as k
                        from ({share_out(sizes.events, 39, 0.734, 50, seed)})
                    )
                )
                order by millisecond, customer, k
            )
        )
    """


def copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a query to ``path`` (Parquet with zstd, or CSV); it gets its name only when complete."""
    parquet = path.suffix == ".parquet"
    options = "format parquet, compression zstd" if parquet else "format csv, header true"
    unfinished = path.with_name(path.name + ".unfinished")
    connection.execute(f"copy ({query}) to {_text(unfinished)} ({options})")
    os.replace(unfinished, path)


def per_customer(connection: duckdb.DuckDBPyConnection, path: Path, what: str) -> str:
    """Median and 99th percentile per customer of ``what`` in a file, as text for the table."""
    row = connection.execute(
        f"""
        select quantile_disc(many, 0.5), quantile_disc(many, 0.99)
        from (select count({what}) as many from read_parquet({_text(path)}) group by customer_id)
        """
    ).fetchall()[0]
    return f"p50 {row[0]}, p99 {row[1]}"


def make(
    folder: Path, sizes: Sizes, parts: list[str], csv: bool, memory: str, threads: int
) -> list[dict[str, Any]]:
    """Make the wanted files in ``folder`` and return one record per file: rows, bytes, seconds, shape."""
    folder.mkdir(parents=True, exist_ok=True)
    records: list[dict[str, Any]] = []

    def timed(name: str, rows: int, work: Callable[[], None], shape: Callable[[], str]) -> None:
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        size = (folder / name).stat().st_size
        records.append(
            {"file": name, "rows": rows, "bytes": size, "seconds": seconds, "per_customer": shape()}
        )
        print(f"{name}: {rows:,} rows, {size / 1e6:,.0f} MB, {seconds:.1f} s", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="spill-", dir=folder) as spill:
        connection = connect(Path(spill), memory, threads)
        make_customers(connection, sizes)
        make_products(connection)
        for part, stem in enumerate(("transactions", "transactions_2"), start=1):
            if stem not in parts:
                continue
            parquet = folder / f"{stem}.parquet"

            def write_lines(part: int = part, parquet: Path = parquet) -> None:
                make_orders(connection, sizes, part)
                copy(connection, transaction_lines(sizes, part), parquet)
                connection.execute("drop table orders")

            def write_csv(parquet: Path = parquet) -> None:
                copy(connection, f"select * from read_parquet({_text(parquet)})", parquet.with_suffix(".csv"))

            def orders_shape(parquet: Path = parquet) -> str:
                return per_customer(connection, parquet, "distinct order_id") + " orders"

            timed(parquet.name, sizes.lines, write_lines, orders_shape)
            if csv:
                timed(parquet.with_suffix(".csv").name, sizes.lines, write_csv, lambda: "the same")
        if "events" in parts:
            events = folder / "events.parquet"
            timed(
                events.name,
                sizes.events,
                lambda: copy(connection, event_rows(sizes), events),
                lambda: per_customer(connection, events, "*") + " events",
            )
        connection.close()
    return records


def _text(value: Path | str) -> str:
    """An SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def main() -> None:
    """Read the arguments, make the files, print what was made."""
    default = Sizes()
    everything = ["transactions", "transactions_2", "events"]
    parser = argparse.ArgumentParser(description="Make the benchmark data set (deterministic).")
    parser.add_argument("--to", type=Path, required=True, help="folder for the files")
    parser.add_argument("--lines", type=int, default=default.lines, help="order lines (default %(default)s)")
    parser.add_argument("--customers", type=int, default=default.customers, help="default %(default)s")
    parser.add_argument("--events", type=int, default=default.events, help="default %(default)s")
    parser.add_argument("--seed", type=int, default=default.seed, help="another seed makes other data")
    parser.add_argument("--parts", nargs="+", choices=everything, default=everything, help="what to make")
    parser.add_argument(
        "--csv", action=argparse.BooleanOptionalAction, default=True, help="CSV beside Parquet"
    )
    parser.add_argument("--memory", default="3GB", help="DuckDB's memory limit (default %(default)s)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    arguments = parser.parse_args()
    sizes = Sizes(arguments.lines, arguments.customers, arguments.events, arguments.seed)
    records = make(arguments.to, sizes, arguments.parts, arguments.csv, arguments.memory, arguments.threads)
    manifest = {
        "lines": sizes.lines,
        "orders": sizes.orders,
        "customers": sizes.customers,
        "events": sizes.events,
        "seed": sizes.seed,
        "start": START.isoformat(),
        "end": END.isoformat(),
        "duckdb": duckdb.__version__,
        "files": records,
    }
    (arguments.to / "dataset.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    print(
        table(
            ["file", "rows", "MB", "s", "per customer"],
            [
                [
                    r["file"],
                    f"{r['rows']:,}",
                    f"{r['bytes'] / 1e6:,.0f}",
                    f"{r['seconds']:.1f}",
                    r["per_customer"],
                ]
                for r in records
            ],
        )
    )


if __name__ == "__main__":
    main()
