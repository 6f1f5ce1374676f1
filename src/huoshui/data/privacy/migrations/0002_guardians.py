"""A guardian agrees for a child under fourteen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_purposes"),
        ("privacy", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consent",
            name="consent_codes_are_known",
        ),
        migrations.AlterField(
            model_name="consent",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("marketing", "Marketing"),
                    ("service", "Service"),
                    ("profiling", "Profiling"),
                    ("research", "Research"),
                    ("third_party", "Third Party"),
                    ("abroad", "Abroad"),
                    ("guardian", "Guardian"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["granted", "withdrawn"]),
                    (
                        "purpose__in",
                        [
                            "marketing",
                            "service",
                            "profiling",
                            "research",
                            "third_party",
                            "abroad",
                            "guardian",
                        ],
                    ),
                    ("channel__in", ["email", "sms", "phone", "wecom", "post", "push", "any"]),
                ),
                name="consent_codes_are_known",
            ),
        ),
    ]
