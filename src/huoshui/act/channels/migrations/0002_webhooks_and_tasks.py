"""Webhooks, what is delivered to them, and how messages become tasks."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0001_email"),
        ("users", "0002_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=100)),
                ("url", models.CharField(max_length=2000)),
                ("secret", models.CharField(max_length=120)),
                ("former_secret", models.CharField(blank=True, default="", max_length=120)),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.CharField(
                        choices=[("none", "None"), ("phone", "Phone"), ("email", "Email")],
                        default="none",
                        max_length=10,
                    ),
                ),
                ("repeats", models.BooleanField(default=False)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "because",
                    models.CharField(
                        blank=True,
                        choices=[("person", "Person"), ("gone", "Gone")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("resumes_at", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("because", ""), ("disabled_at", None)),
                            models.Q(("because__in", ["person", "gone"]), ("disabled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="endpoint_is_disabled_because",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("contact__in", ["none", "phone", "email"]),
                            models.Q(("name", ""), _negated=True),
                            models.Q(("url", ""), _negated=True),
                            models.Q(("secret", ""), _negated=True),
                        ),
                        name="endpoint_can_be_called",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                ("type", models.CharField(max_length=60)),
                ("body", models.TextField(blank=True)),
                ("customer_id", models.BigIntegerField(blank=True, null=True)),
                ("marketing", models.BooleanField(default=False)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=200)),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="channels.endpoint",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["endpoint", "state", "due_at"], name="delivery_by_state"),
                    models.Index(fields=["endpoint", "-id"], name="delivery_by_age"),
                    models.Index(
                        condition=models.Q(("state", "trying")),
                        fields=["customer_id"],
                        name="delivery_underway_to",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("endpoint", "key"), name="delivery_is_made_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("waiting", "trying", "delivered", "uncertain", "dead", "stopped"))
                        ),
                        name="delivery_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state__in", ("waiting", "trying"))),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ("delivered", "uncertain", "dead", "stopped")),
                            ),
                            _connector="OR",
                        ),
                        name="delivery_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("claimed_at__isnull", False), ("state", "trying")),
                            models.Q(("state", "trying"), _negated=True),
                            _connector="OR",
                        ),
                        name="delivery_is_tried_since",
                    ),
                ],
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="TaskSetting",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(default=2)),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__lte", 60), ("id", 1)), name="task_setting_is_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("answer", models.CharField(blank=True, default="", max_length=200)),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="channels.delivery",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["delivery", "at"], name="attempt_of_delivery")],
            },
        ),
    ]
