"""Count segments of five clauses: the product, SQL written by hand over the same files, and PostgreSQL with indexes.

    python benchmarks/segments.py --home /path/to/a/copy [--prepare] [--questions 41] [--no-postgres]

Every question is another rule of one shape (two attributes, a trait, two events in a window of days), so that nobody
answers from what was asked before. The product has no index for the rule; PostgreSQL has exactly those the rule wants,
and only the two kinds of events it asks for. All three must count the same customers.

*Cold* is the first question to a process that has done what ``huoshui serve`` does before somebody comes
(`warming.count`: programs are imported, the lake is open, nobody was counted) and has read no attribute, trait or event
that the rule asks for; the files lie in the cache of the operating system, as they do for PostgreSQL. Five processes
are asked, and the slowest counts. *Warm* are all later questions of the first of them. Processor seconds are those of
all threads of the process.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measure import run_function, table

CITIES = (
    *("上海", "北京", "杭州", "深圳", "广州", "成都", "武汉", "西安", "南京", "苏州"),
    *("重庆", "天津", "长沙", "青岛", "宁波", "郑州", "厦门", "昆明", "无锡", "大连"),
)
OFTEN, SELDOM = "product_viewed", "cart_viewed"
COLD_RUNS = 5

Answers = dict[str, list[float]]


def asked(number: int) -> dict[str, Any]:
    """The values of the rule with this number; equal for equal numbers."""
    random = Random(number)  # noqa: S311 - values to ask for, no secrets
    return {
        "cities": random.sample(CITIES, 4),
        "gender": random.choice(("female", "male")),
        "frequency": random.choice((2, 3, 4)),
        "views": random.choice((1, 2, 3)),
        "view_days": random.choice((21, 28, 30)),
        "cart_days": random.choice((45, 56, 60)),
    }


def rule(number: int) -> dict[str, Any]:
    """The rule with this number as the product takes it."""
    of = asked(number)
    return {
        "all": [
            {"attribute": "city", "op": "in", "value": of["cities"]},
            {"attribute": "gender", "op": "=", "value": of["gender"]},
            {"trait": "frequency", "op": ">=", "value": of["frequency"]},
            {"did": OFTEN, "op": ">=", "value": of["views"], "within_days": of["view_days"]},
            {"did": SELDOM, "op": "=", "value": 0, "within_days": of["cart_days"]},
        ]
    }


# -- the house ---------------------------------------------------------------------------------------------------


def open_house(home: str) -> Any:
    """The lake of a house."""
    os.environ["HUOSHUI_HOME"] = home
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from huoshui.lake import open_lake

    return open_lake()


def prepare(home: str) -> None:
    """Give the customers of a house cities and genders, a tenth of them none, and bring its files in order."""
    lake = open_house(home)
    import ibis
    from huoshui.lake import care

    with lake.write("benchmark") as write:
        customers = write.snapshot.table("customers")
        by_city, by_gender = customers.customer_id % 97, customers.customer_id.hash().abs() % 100
        city = ibis.literal(list(CITIES))[(by_city % len(CITIES)).cast("int64")]
        gender = ibis.ifelse(
            by_gender < 45, "female", ibis.ifelse(by_gender < 90, "male", ibis.null("string"))
        )
        write.overwrite(
            "customers",
            customers.mutate(city=ibis.ifelse(by_city < 87, city, ibis.null("string")), gender=gender),
        )
    care.compact(lake)


def described(home: str) -> dict[str, Any]:
    """Files of the house as others read them, and the moment that rules speak of."""
    lake = open_house(home)
    from huoshui.kernel.clock import now
    from huoshui.kernel.plugs import HOUSE_ZONE
    from huoshui.know.segments import queries

    tables = lake.snapshot()
    as_of = queries.moment(tables=tables, zone=HOUSE_ZONE(), now=now())
    files = {slug: tables.files(slug) for slug in ("customers", "traits", "events_by_name")}
    days = {str(days): as_of.days_before(days).isoformat() for days in range(1, 61)}
    return {"files": files, "as_of": as_of.at.isoformat(), "days": days}


# -- the three ---------------------------------------------------------------------------------------------------


def product(home: str, questions: int) -> Answers:
    """The product, in a process that has started and was not asked anything yet."""
    lake = open_house(home)
    from huoshui.kernel.clock import now
    from huoshui.kernel.plugs import HOUSE_ZONE
    from huoshui.know.segments import queries
    from huoshui.project.serving import warming

    warming.count()

    def count(number: int) -> int:
        tables = lake.snapshot()
        as_of = queries.moment(tables=tables, zone=HOUSE_ZONE(), now=now())
        return queries.count(tables=tables, as_of=as_of, rule=queries.read(rule(number))).count

    return _timed(count, questions)


def by_hand(house: Mapping[str, Any], questions: int) -> Answers:
    """DuckDB SQL over the files that the product reads, with a connection and views that stay."""
    import duckdb

    connection = duckdb.connect(config={"threads": len(os.sched_getaffinity(0))})
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    connection.execute("SET enable_progress_bar = false")
    for slug, files in house["files"].items():
        listed = ", ".join(f"'{file}'" for file in files)
        connection.execute(f"CREATE VIEW {slug} AS SELECT * FROM read_parquet([{listed}])")

    def count(number: int) -> int:
        of = asked(number)
        cities = ", ".join(f"'{city}'" for city in of["cities"])
        views, carts = (
            f"TIMESTAMPTZ '{house['days'][str(of[name])]}'" for name in ("view_days", "cart_days")
        )
        found = connection.execute(
            f"""
            WITH people AS MATERIALIZED (
                SELECT customer_id FROM customers JOIN traits USING (customer_id)
                WHERE city IN ({cities}) AND gender = '{of["gender"]}' AND frequency >= {of["frequency"]}),
            seen AS (
                SELECT customer_id,
                    count(*) FILTER (name = '{OFTEN}' AND occurred_at >= {views}) AS views,
                    count(*) FILTER (name = '{SELDOM}') AS carts
                FROM events_by_name
                WHERE name IN ('{OFTEN}', '{SELDOM}') AND occurred_at >= {carts}
                  AND occurred_at < TIMESTAMPTZ '{house["as_of"]}' AND customer_id IN (FROM people)
                GROUP BY customer_id)
            SELECT count(*) FROM people JOIN seen USING (customer_id) WHERE views >= {of["views"]} AND carts = 0
            """
        ).fetchone()
        return int(found[0]) if found else 0

    return _timed(count, questions)


def postgres(url: str, house: Mapping[str, Any], questions: int, correlated: bool) -> Answers:
    """PostgreSQL: one sub-query for each clause about events, or one for each clause and customer (``correlated``)."""
    import psycopg

    conditions = (
        "(SELECT count(*) FROM events e WHERE e.customer_id = p.customer_id AND e.name = '{name}' "
        "AND e.occurred_at >= '{since}' AND e.occurred_at < '{until}') {test}"
        if correlated
        else "p.customer_id {way} (SELECT customer_id FROM events e WHERE e.name = '{name}' "
        "AND e.occurred_at >= '{since}' AND e.occurred_at < '{until}' GROUP BY customer_id HAVING count(*) >= {least})"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET work_mem = '256MB'")

        def count(number: int) -> int:
            of = asked(number)
            cities = ", ".join(f"'{city}'" for city in of["cities"])
            until = house["as_of"]
            views = conditions.format(
                name=OFTEN,
                since=house["days"][str(of["view_days"])],
                until=until,
                test=f">= {of['views']}",
                way="IN",
                least=of["views"],
            )
            carts = conditions.format(
                name=SELDOM,
                since=house["days"][str(of["cart_days"])],
                until=until,
                test="= 0",
                way="NOT IN",
                least=1,
            )
            found = connection.execute(
                f"SELECT count(*) FROM people p WHERE city IN ({cities}) AND gender = '{of['gender']}' "
                f"AND frequency >= {of['frequency']} AND {views} AND {carts}"
            ).fetchone()
            return int(found[0]) if found else 0

        return _timed(count, questions)


def load(url: str, house: Mapping[str, Any]) -> None:
    """The two tables with what the rule asks for and nothing else, and an index for each way to ask."""
    import duckdb
    import psycopg

    lists = {slug: ", ".join(f"'{f}'" for f in files) for slug, files in house["files"].items()}
    rows = {
        "people (customer_id, city, gender, frequency)": "SELECT customer_id, city, gender, frequency FROM "
        f"read_parquet([{lists['customers']}]) AS c JOIN read_parquet([{lists['traits']}]) AS t USING (customer_id)",
        "events (customer_id, name, occurred_at)": "SELECT customer_id, name, occurred_at::VARCHAR FROM "
        f"read_parquet([{lists['events_by_name']}]) "
        f"WHERE name IN ('{OFTEN}', '{SELDOM}') AND customer_id IS NOT NULL ORDER BY occurred_at",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE people (customer_id bigint, city text, gender text, frequency bigint)"
        )
        connection.execute("CREATE TABLE events (customer_id bigint, name text, occurred_at timestamptz)")
        source = duckdb.connect()
        source.execute("SET TimeZone = 'UTC'")
        for into, query in rows.items():
            with connection.cursor().copy(f"COPY {into} FROM STDIN (FORMAT csv)") as copy:
                reader = source.sql(query).to_arrow_reader(200_000)
                _write_csv(reader, copy.write)
        for index in (
            "people (city, gender, frequency) INCLUDE (customer_id)",
            "events (name, occurred_at) INCLUDE (customer_id)",
            "events (customer_id, name, occurred_at)",
        ):
            connection.execute(f"CREATE INDEX ON {index}")
        connection.execute("VACUUM ANALYZE people")
        connection.execute("VACUUM ANALYZE events")


def _write_csv(reader: Any, write: Callable[[bytes], None]) -> None:
    import pyarrow as pa
    import pyarrow.csv as csv

    for batch in reader:
        held = pa.BufferOutputStream()
        csv.write_csv(batch, held, csv.WriteOptions(include_header=False))
        write(held.getvalue().to_pybytes())


def _timed(count: Callable[[int], int], questions: int) -> Answers:
    """Seconds, processor seconds and answer of each question."""
    answers: Answers = {"seconds": [], "cpu": [], "counts": []}
    for number in range(questions):
        cpu, began = _cpu(), time.perf_counter()
        counted = count(number)
        answers["seconds"].append(time.perf_counter() - began)
        answers["cpu"].append(_cpu() - cpu)
        answers["counts"].append(counted)
    return answers


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# -- the table ---------------------------------------------------------------------------------------------------


def main() -> int:
    """Measure, print the table, and say whether all counted the same."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", required=True, help="a copy of a house: --prepare changes it")
    parser.add_argument("--prepare", action="store_true", help="give the customers attributes first")
    parser.add_argument("--questions", type=int, default=41)
    parser.add_argument("--no-postgres", action="store_true")
    choices = parser.parse_args()
    home = str(Path(choices.home).resolve())
    if choices.prepare:
        run_function("segments:prepare", {"home": home})
    house = run_function("segments:described", {"home": home}).value

    def several(target: str, arguments: dict[str, Any]) -> Answers:
        """One process asks everything; further ones only their first question."""
        found: Answers = run_function(target, {**arguments, "questions": choices.questions}).value
        for _ in range(COLD_RUNS - 1):
            first = run_function(target, {**arguments, "questions": 1}).value
            found.setdefault("first", []).append(first["seconds"][0])
            found.setdefault("first cpu", []).append(first["cpu"][0])
        found.setdefault("first", []).append(found["seconds"][0])
        found.setdefault("first cpu", []).append(found["cpu"][0])
        return found

    series = {
        "product": several("segments:product", {"home": home}),
        "SQL by hand, same files": several("segments:by_hand", {"house": house}),
    }
    if not choices.no_postgres:
        from tests.plugins.postgres import find_programs, running_server

        programs = find_programs()
        if programs is None:
            print("PostgreSQL is not installed here: leave it out with --no-postgres", file=sys.stderr)
            return 1
        with running_server(programs) as server:
            url = server.new_database()
            run_function("segments:load", {"url": url, "house": house})
            for name, correlated in (("a sub-query for each clause", False), ("correlated", True)):
                arguments = {"url": url, "house": house, "correlated": correlated}
                series[f"PostgreSQL, {name}"] = several("segments:postgres", arguments)
    figures = {name: _figures(one) for name, one in series.items()}
    ours = figures["product"]
    rows = [
        (
            name,
            *(f"{1000 * one[key]:,.0f}" for key in ("cold", "p50", "p95")),
            *(
                ("in the server",) * 2
                if name.startswith("PostgreSQL")
                else (f"{1000 * one[key]:,.0f}" for key in ("cold processor", "processor"))
            ),
            f"{one['p50'] / ours['p50']:.1f}",
        )
        for name, one in figures.items()
    ]
    heads = ("", "cold ms", "p50 ms", "p95 ms", "cold processor ms", "processor ms", "x product")
    print(table(heads, rows))
    print(table(("goal", "asked", "reached"), _goals(figures)))
    results = Path(__file__).resolve().parent / "results"
    results.mkdir(exist_ok=True)
    (results / "segments.json").write_text(json.dumps(series, indent=2) + "\n", encoding="utf-8")
    agree = len({tuple(one["counts"]) for one in series.values()}) == 1
    print("all counted the same customers" if agree else "THEY DO NOT AGREE")
    return 0 if agree else 1


def _figures(one: Answers) -> dict[str, float]:
    """Seconds: the slowest first question, the middle and the 95th of a hundred later ones, and of the processor."""
    warm = sorted(one["seconds"][1:])
    return {
        "cold": max(one["first"]),
        "cold processor": statistics.median(one["first cpu"]),
        "p50": statistics.median(warm),
        "p95": warm[math.ceil(0.95 * len(warm)) - 1],
        "processor": statistics.median(one["cpu"][1:]),
    }


def _goals(figures: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str, str]]:
    """What issue 7 asks for, against the faster of the two forms of PostgreSQL."""
    ours, theirs = figures["product"], [one for name, one in figures.items() if name.startswith("PostgreSQL")]
    rows = [
        ("p95 warm, ms", "<= 150", f"{1000 * ours['p95']:,.0f}"),
        ("cold, ms", "<= 300", f"{1000 * ours['cold']:,.0f}"),
    ]
    if theirs:
        faster = min(one["p50"] for one in theirs) / ours["p50"]
        rows.append(("times faster than PostgreSQL, p50", ">= 3", f"{faster:.1f}"))
        faster = min(one["p95"] for one in theirs) / ours["p95"]
        rows.append(("times faster than PostgreSQL, p95", ">= 3", f"{faster:.1f}"))
    return rows


if __name__ == "__main__":
    sys.exit(main())
