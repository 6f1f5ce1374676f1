"""Days of trade that a house sets itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0002_instances"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnFestival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=40)),
                ("name_en", models.CharField(max_length=60)),
                ("name_zh", models.CharField(max_length=60)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))), name="festival_has_days"
                    ),
                    models.UniqueConstraint(fields=("slug", "first_day"), name="festival_begins_once"),
                ],
            },
        ),
    ]
