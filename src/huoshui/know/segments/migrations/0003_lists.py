from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_memberships")]

    operations = [
        migrations.CreateModel(
            name="IdList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("size", models.PositiveIntegerField()),
                ("ids", models.TextField()),
                ("by", models.CharField(max_length=200)),
                ("made_at", models.DateTimeField()),
            ],
        ),
    ]
