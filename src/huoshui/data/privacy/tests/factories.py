"""Statements of consent for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from huoshui.data.privacy import services
from huoshui.kernel.actors import CONSOLE

NOW = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)


def statements(*customer_ids: int, **changes: Any) -> pa.Table:
    """Rows for `services.record_many`: each of the customers agreed to marketing by e-mail a day ago."""
    row = {
        "purpose": "marketing",
        "channel": "email",
        "state": "granted",
        "wording": "v3",
        "source": "web form",
        "given_at": NOW - timedelta(days=1),
        "evidence": "form 17",
    }
    return pa.Table.from_pylist(
        [{**row, "customer_id": customer_id, **changes} for customer_id in customer_ids], services.ROWS
    )


def record(rows: pa.Table, load_id: int = 1) -> pa.Table:
    """Record them and return their facts."""
    return services.record_many(actor=CONSOLE, rows=rows, load_id=load_id, now=NOW)
