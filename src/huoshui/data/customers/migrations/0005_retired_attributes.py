"""Attributes can be retired."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_found_from_the_start")]

    operations = [
        migrations.AddField("attribute", "retired_at", models.DateTimeField(null=True, blank=True)),
    ]
