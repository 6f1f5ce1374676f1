"""Put the benchmark's events into a house whose transactions were imported, through the lake's own door.

Importing 50 million events by the command line would measure the import; the traits benchmark only needs them there.

Use: ``HUOSHUI_HOME=HOUSE python benchmarks/house.py --data DIR``
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import django


def main() -> None:
    """Append ``events.parquet`` to the table ``events`` with the customers' ids."""
    parser = argparse.ArgumentParser(description="Put events into a house.")
    parser.add_argument("--data", type=Path, required=True, help="the folder that dataset.py filled")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    django.setup()

    import ibis
    import pyarrow as pa
    from huoshui.data.customers.models import Identity
    from huoshui.kernel.plugs import LAKE_TABLES
    from huoshui.lake import open_lake

    lake = open_lake()
    known = list(Identity.objects.filter(kind="number").values_list("value", "customer_id"))
    with lake.write("benchmark events") as tx:
        people = tx.session.hold(pa.table({"number": [n for n, _ in known], "who": [c for _, c in known]}))
        events = tx.session.read_parquet(arguments.data / "events.parquet").drop("row_no")
        rows = events.left_join(people, [("customer_id", "number")]).drop("number", "customer_id")
        moment = ibis.literal(datetime.now(UTC))
        rows = rows.rename(customer_id="who", name="event").mutate(
            received_at=moment,
            source=ibis.literal("shop"),
            load_id=ibis.literal(0).cast("int64"),
            ingested_at=moment,
        )
        missing = {
            c.name: ibis.null(c.type) for c in LAKE_TABLES["events"].all_columns if c.name not in rows.columns
        }
        tx.append("events", rows.mutate(**missing))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
