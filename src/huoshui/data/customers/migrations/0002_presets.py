"""The attributes that every house has from the start."""

from typing import Any

from django.db import migrations

# Written out here: a migration says what was so when it was made, whatever the code says later.
PRESETS = (
    ("gender", "Gender", "性别", "text"),
    ("birth_year", "Year of birth", "出生年份", "integer"),
    ("country", "Country", "国家", "text"),
    ("province", "Province", "省份", "text"),
    ("city", "City", "城市", "text"),
    ("city_tier", "City tier", "城市等级", "text"),
    ("occupation", "Occupation", "职业", "text"),
    ("first_channel", "First channel", "首次渠道", "text"),
)


def add(apps: Any, schema_editor: Any) -> None:
    attribute = apps.get_model("customers", "Attribute")
    for slug, label_en, label_zh, type_ in PRESETS:
        attribute.objects.get_or_create(
            slug=slug,
            defaults={
                "label_en": label_en,
                "label_zh": label_zh,
                "type": type_,
                "kind": "ordinary",
                "preset": True,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
