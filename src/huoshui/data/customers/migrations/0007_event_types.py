"""Events say what they may be used for, as attributes do."""

from django.db import migrations, models

import huoshui.data.customers.purposes


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_purposes")]

    operations = [
        migrations.CreateModel(
            name="EventType",
            fields=[
                ("name", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("purposes", models.JSONField(default=huoshui.data.customers.purposes.usual)),
            ],
        ),
    ]
