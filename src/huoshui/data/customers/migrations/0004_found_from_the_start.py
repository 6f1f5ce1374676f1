"""Customers who were there before the search are found by it as well: a worker writes their words."""

from typing import Any

import pyarrow as pa
from django.db import migrations

from huoshui.database.rows import fetch, insert

PIECE = 40_000


def note_all(apps: Any, schema_editor: Any) -> None:
    customers = apps.get_model("customers", "Customer").objects.filter(deleted_at=None)
    words, due = apps.get_model("customers", "SearchText"), apps.get_model("customers", "SearchDue")
    unknown = customers.exclude(pk__in=words.objects.values("pk")).order_by("pk").values_list("pk")
    last = 0
    while ids := [pk for (pk,) in fetch(unknown.filter(pk__gt=last)[:PIECE])]:
        insert(due, pa.table({"customer_id": pa.array(ids, pa.int64())}), {}, unless_taken=True)
        last = ids[-1]


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_lists_and_search")]

    operations = [migrations.RunPython(note_all, migrations.RunPython.noop)]
