"""When an alert rang, that it was changed, and that it has ended; an ended one can be taken up again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0003_alerts")]

    operations = [
        migrations.AddField(model_name="alert", name="changed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="alert", name="ended_at", field=models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Ring",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("period", models.DateField()),
                ("said", models.JSONField(default=dict)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rings",
                        to="metrics.alert",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["alert", "at"], name="rings_by_alert")]},
        ),
    ]
