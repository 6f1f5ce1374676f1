"""One SELECT over the views of the lake is answered; everything else is refused before it runs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from huoshui.lake.errors import NotASelect, QueryFailed
from huoshui.lake.sql import as_rows, check, select
from huoshui.lake.tests.shop import put_orders

visible_to_python = pa.table({"secret": [1]})

# {file} is a CSV file that exists, {out} one that must not.
HOSTILE = [
    # statements
    "COPY orders TO '{out}'",
    "COPY (SELECT * FROM orders) TO '{out}' (FORMAT csv)",
    "COPY orders FROM '{file}'",
    "EXPORT DATABASE '{out}'",
    "ATTACH '{out}' AS other",
    "ATTACH '{out}'; SELECT 1",
    "DETACH memory",
    "USE memory",
    "PRAGMA database_list",
    "PRAGMA memory_limit = '1TB'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '1TB'",
    "SET VARIABLE x = 1",
    "RESET memory_limit",
    "CALL pragma_version()",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CREATE TABLE t AS SELECT 1",
    "CREATE VIEW v AS SELECT * FROM orders",
    "CREATE MACRO m() AS 1",
    "CREATE SECRET (TYPE s3)",
    "DROP VIEW orders",
    "ALTER TABLE orders ADD COLUMN x INT",
    "INSERT INTO orders SELECT * FROM orders",
    "UPDATE orders SET revenue = 0",
    "DELETE FROM orders",
    "TRUNCATE orders",
    "MERGE INTO orders USING orders AS o ON true WHEN MATCHED THEN DELETE",
    "COMMENT ON TABLE orders IS 'x'",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "SELECT * INTO t FROM orders",
    "EXPLAIN SELECT * FROM orders",
    "EXPLAIN ANALYZE SELECT * FROM orders",
    "DESCRIBE orders",
    "SUMMARIZE orders",
    "SHOW TABLES",
    "PIVOT orders ON order_id USING sum(revenue)",
    # several statements, and none
    "SELECT 1; SELECT 2",
    "SELECT * FROM orders -- all\n; DROP VIEW orders",
    "",
    "-- nothing",
    "SELECT",
    "SELECT 1 {# a comment elsewhere #}",
    "SELECT ?",
    "SELECT $1",
    # files
    "SELECT * FROM '{file}'",
    'SELECT * FROM "{file}"',
    "FROM '{file}'",
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_csv_auto('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM parquet_scan('{file}')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM glob('{file}')",
    "SELECT * FROM orders, LATERAL read_text(orders.order_id)",
    "SELECT * FROM orders POSITIONAL JOIN '{file}'",
    "SELECT * FROM orders WHERE EXISTS (FROM '{file}')",
    "SELECT * FROM orders UNION ALL SELECT * FROM '{file}'",
    "SELECT (SELECT count(*) FROM '{file}')",
    "SELECT * FROM main.read_csv('{file}')",
    'SELECT * FROM (WITH "{file}" AS (SELECT 1) SELECT * FROM "{file}"), "{file}"',
    'WITH x AS (SELECT * FROM "{file}") SELECT * FROM x',
    # what the engine knows about itself and its surroundings
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT CURRENT_SETTING(order_id) FROM orders",
    "SELECT \"current_setting\"('temp_directory')",
    "SELECT 'temp_directory'.current_setting()",
    "SELECT system.main.current_setting('temp_directory')",
    "SELECT list_transform(['temp_directory'], lambda x: current_setting(x))",
    "SELECT getvariable('x')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pg_tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM (WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master), sqlite_master",
    "SELECT * FROM (WITH duckdb_views AS (SELECT 1) SELECT * FROM duckdb_views), duckdb_views",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('orders')",
    "SELECT json_execute_serialized_sql('x')",
    "SELECT nextval('s')",
    "SELECT write_log('x')",
    "SELECT * FROM test_all_types()",
    "SELECT * FROM seq_scan('orders')",
    "SELECT E'\\'', current_setting('temp_directory') --'",
    "SELECT $$ ' $$, current_setting('temp_directory') -- '",
    # other tables than the lake's, and variables of this program
    "SELECT * FROM visible_to_python",
    "SELECT * FROM main.orders",
    "SELECT * FROM memory.main.orders",
    'SELECT * FROM "orders@1"',
    'SELECT * FROM "orders@1*"',
    "SELECT * FROM customers_secret",
]

ANSWERED = [
    ("SELECT order_id FROM orders ORDER BY 1", ["a", "b", "c"]),
    ("select ORDER_ID from ORDERS order by revenue desc;", ["c", "b", "a"]),
    ("SELECT count(*) FROM orders", [3]),
    ("SELECT order_id FROM orders WHERE revenue > (SELECT avg(revenue) FROM orders)", ["c"]),
    ("WITH big AS (SELECT * FROM orders WHERE revenue > 1) SELECT order_id FROM big ORDER BY 1", ["b", "c"]),
    ("WITH orders AS (SELECT 'mine' AS x) SELECT x FROM orders", ["mine"]),
    (
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SELECT n FROM t",
        [1, 2, 3],
    ),
    ("SELECT rank() OVER (ORDER BY revenue DESC) FROM orders ORDER BY order_id", [3, 2, 1]),
    ("SELECT order_id FROM orders QUALIFY row_number() OVER (ORDER BY revenue) = 1", ["a"]),
    ("SELECT order_id FROM orders UNION ALL SELECT 'z' ORDER BY 1", ["a", "b", "c", "z"]),
    ("SELECT order_id FROM orders EXCEPT SELECT 'a' ORDER BY 1", ["b", "c"]),
    ("(SELECT 1)", [1]),
    ("FROM orders SELECT order_id ORDER BY 1", ["a", "b", "c"]),
    ("VALUES (1), (2)", [1, 2]),
    ("SELECT * FROM (VALUES (1)) AS t(a)", [1]),
    ("SELECT * FROM range(3)", [0, 1, 2]),
    ("SELECT unnest([1, 2])", [1, 2]),
    ("SELECT o.order_id FROM orders o JOIN orders p USING (order_id) ORDER BY 1", ["a", "b", "c"]),
    ("SELECT 'DROP TABLE orders; -- ' || order_id FROM orders LIMIT 1", None),
    ("SELECT count(*) FILTER (WHERE revenue > 1) FROM orders", [2]),
    ("SELECT list_transform([1], lambda x: x + 1)[1]", [2]),
    ("SELECT count(*) FROM products", [0]),
    ("SELECT 1 /* with /* nested */ comments */", [1]),
    ("SELECT strftime(max(ordered_at), '%H') FROM orders", ["16"]),  # 8:00 UTC is 16:00 in Shanghai
]


@pytest.fixture
def shop(lake):
    put_orders(lake, {"a": 1, "b": 2, "c": 30})
    return lake


@pytest.mark.django_db(transaction=True)
def test_what_is_no_plain_select_is_refused_and_leaves_no_file(shop, tmp_path):
    file, out = tmp_path / "file.csv", tmp_path / "out"
    file.write_text("secret\n1\n")
    before = sorted(tmp_path.rglob("*"))
    snapshot = shop.snapshot()
    let_through = []
    for query in HOSTILE:
        text = query.replace("{file}", str(file)).replace("{out}", str(out))
        try:
            let_through.append((query, select(snapshot, text).to_pylist()))
        except NotASelect:
            continue
    assert let_through == []
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.django_db(transaction=True)
def test_legitimate_selects_are_answered(shop):
    snapshot = shop.snapshot()
    for query, expected in ANSWERED:
        answer = select(snapshot, query)
        if expected is not None:
            assert answer[0].to_pylist() == expected, query


@pytest.mark.django_db(transaction=True)
def test_only_rows_that_count_are_answered_and_of_the_snapshot_asked(shop):
    early = shop.snapshot()
    put_orders(shop, {"a": 100}, load_id=2)
    query = "SELECT revenue::int AS paid FROM orders WHERE order_id = 'a'"
    assert as_rows(select(shop.snapshot(), query)) == [{"paid": 100}]
    assert as_rows(select(early, query)) == [{"paid": 1}]
    with pytest.raises(QueryFailed):
        select(shop.snapshot(), "SELECT superseded_by FROM orders")


@pytest.mark.django_db(transaction=True)
def test_a_query_that_takes_too_long_is_stopped_and_the_session_lives_on(shop):
    snapshot = shop.snapshot()
    endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5"
    with pytest.raises(QueryFailed, match="longer than"):
        select(snapshot, endless, timeout=0.3)
    assert select(snapshot, "SELECT count(*) AS n FROM orders")["n"].to_pylist() == [3]


@pytest.mark.django_db(transaction=True)
def test_an_unknown_column_is_named_in_one_line(shop):
    with pytest.raises(QueryFailed) as refusal:
        select(shop.snapshot(), "SELECT nothing_like_it FROM orders")
    assert "nothing_like_it" in refusal.value.received
    assert "\n" not in refusal.value.received


@pytest.mark.django_db(transaction=True)
def test_failing_arithmetic_and_unknown_functions_are_refusals(shop):
    cast = "SELECT CAST(order_id AS INT) FROM orders"
    for query in (cast, "SELECT no_such_function(1)", "SELECT 1 FROM orders GROUP BY"):
        with pytest.raises((QueryFailed, NotASelect)):
            select(shop.snapshot(), query)


def test_the_refusal_lists_the_views():
    with pytest.raises(NotASelect) as refusal:
        check("SELECT * FROM nowhere")
    assert "orders" in refusal.value.valid
    assert refusal.value.received == "the table nowhere"


def test_a_name_of_the_query_may_not_look_like_the_catalog():
    for name in ("sqlite_master", "DuckDB_Tables", "pg_class", "pragma_database_list"):
        with pytest.raises(NotASelect):
            check(f"WITH {name} AS (SELECT 1) SELECT * FROM {name}")


def test_the_text_of_a_check_may_hold_anything():
    for text in (
        "\x00",
        "SELECT '\x00'",
        "(" * 200,
        "SELECT " + "(" * 500 + "1" + ")" * 500,
        "é" * 1000,
        "';--",
    ):
        try:
            check(text)
        except NotASelect:
            continue
