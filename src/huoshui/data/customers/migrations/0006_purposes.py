"""Attributes say what they may be used for; sensitive ones begin with service alone."""

from typing import Any

from django.db import migrations, models

import huoshui.data.customers.purposes


def narrow(apps: Any, _schema: Any) -> None:
    """What is sensitive serves what it was asked for."""
    apps.get_model("customers", "Attribute").objects.filter(kind="sensitive").update(purposes=["service"])


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_retired_attributes")]

    operations = [
        migrations.AddField(
            "attribute", "purposes", models.JSONField(default=huoshui.data.customers.purposes.usual)
        ),
        migrations.RunPython(narrow, migrations.RunPython.noop),
    ]
