"""Snapshots say with which look of the organisation they were made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_plans"),
    ]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="look",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
