"""Looks of the organisation: colours, logo and template of its documents, each kept as it was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0003_festivals"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="look",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="organisation",
            name="look_before",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="HouseLook",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("colour", models.CharField(max_length=7)),
                ("accent", models.CharField(max_length=7)),
                ("logo", models.TextField(blank=True)),
                ("template", models.TextField(blank=True)),
                ("template_name", models.CharField(blank=True, max_length=200)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
            ],
        ),
    ]
