from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0003_lists")]

    operations = [
        migrations.AddField(
            model_name="size", name="clauses", field=models.JSONField(default=dict), preserve_default=True
        ),
    ]
