"""What pages answer before anything is chosen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A table for it."""

    dependencies = (("dashboards", "0001_boards"),)

    operations = (
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("page", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("asked", models.CharField(max_length=64)),
                ("content", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
    )
