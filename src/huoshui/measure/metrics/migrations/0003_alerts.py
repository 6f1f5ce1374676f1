"""Alerts of metrics."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("metrics", "0002_entered_values"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.SlugField(max_length=60)),
                ("kind", models.CharField(max_length=10)),
                ("grain", models.CharField(max_length=10)),
                ("bound", models.DecimalField(decimal_places=6, max_digits=24, null=True)),
                ("where", models.JSONField(default=dict)),
                ("mail", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("quiet", "Quiet"),
                            ("firing", "Firing"),
                            ("unknown", "Unknown"),
                            ("learning", "Learning"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("said", models.JSONField(default=dict)),
                ("seen", models.CharField(blank=True, default="", max_length=120)),
                ("period", models.DateField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("fired_at", models.DateTimeField(null=True)),
                ("fired", models.PositiveIntegerField(default=0)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["metric"], name="alerts_by_metric")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bound__isnull", True), ("kind", "unusual")),
                            models.Q(("bound__isnull", False), ("kind__in", ("below", "above"))),
                            _connector="OR",
                        ),
                        name="alerts_have_a_bound_unless_unusual",
                    )
                ],
            },
        ),
    ]
