"""Who stands on the lists that people made."""

from __future__ import annotations

import base64

import numpy as np
import pyarrow as pa

from huoshui.data.customers.columns import Column, keep
from huoshui.know.segments.models import IdList


def ids_of(number: int) -> pa.Table:
    """The column ``customer_id`` of a list; empty for one that is not there."""
    made = IdList.objects.filter(pk=number).values_list("made_at", "size").first()
    held = keep(("segment list", number, made), lambda: _read(number))
    return pa.table({"customer_id": pa.array(held.keys)})


def names() -> dict[int, str]:
    """The names of all lists by number, the newest first."""
    return dict(IdList.objects.order_by("-pk").values_list("pk", "name"))


def _read(number: int) -> Column:
    held = IdList.objects.filter(pk=number).values_list("ids", flat=True).first()
    keys = np.frombuffer(base64.b64decode(held or ""), dtype="<i8")
    return Column(keys=keys, filled=np.ones(len(keys), dtype=np.bool_), type=pa.int64())
