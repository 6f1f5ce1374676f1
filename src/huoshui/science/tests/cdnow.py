"""CDNOW as a table of purchases, and the columns of the papers: 39 weeks to learn from, 39 to be judged by."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from huoshui.science.clv import purchase_summary

SAMPLE, MASTER = "cdnow/CDNOW_sample.txt", "cdnow/CDNOW_master.txt"
START, CALIBRATION_END, AFTER = date(1997, 1, 1), date(1997, 9, 30), date(1998, 7, 1)


def orders(path: Path) -> Any:
    rows = [line.split() for line in path.read_text().splitlines()]
    rows = [row for row in rows if row[0].isdigit()]
    return ibis.memtable(
        pa.table(
            {
                "customer_id": [int(row[0]) for row in rows],
                "day": [date.fromisoformat(row[-3]) for row in rows],
                "revenue": [float(row[-1]) for row in rows],
            }
        )
    )


def summary(path: Path, unit: str = "W") -> dict[str, np.ndarray]:
    table = purchase_summary(
        orders(path), as_of=AFTER, calibration_end=CALIBRATION_END, unit=unit
    ).to_pyarrow()
    return {name: table[name].to_numpy() for name in table.column_names}
