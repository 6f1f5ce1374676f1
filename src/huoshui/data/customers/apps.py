"""The app of the customers."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CustomersConfig(AppConfig):
    """Declares the lake table and the pages of customers, and sees to it that the preset attributes are there."""

    name = "huoshui.data.customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.customers import chores, subjects, tables
        from huoshui.database import lookups
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, SEARCH, SUBJECTS, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        lookups.register()
        tables.declare()
        PAGES.declare(Pages(slug="customers", prefix="customers/", urls="huoshui.data.customers.urls"))
        MENU.declare(
            MenuEntry(
                slug="customers",
                label=Text("Customers", "客户"),
                group="know",
                url="customers:list",
                icon="users",
                place=10,
                right=Right.CUSTOMERS_VIEW,
            )
        )
        SEARCH.declare(subjects.SEARCH_CUSTOMERS)
        SUBJECTS.declare(subjects.CUSTOMER)
        chores.declare()
        post_migrate.connect(_declare_presets, sender=self)
        post_migrate.connect(_keep_words, sender=self)


def _declare_presets(using: str, **_signal: Any) -> None:
    """After migrations, and after a flush of the tables: a house without presets could not write its customers."""
    from huoshui.data.customers.models import Attribute
    from huoshui.data.customers.tables import PRESETS

    if Attribute._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before there were attributes
    for slug, label_en, label_zh, type_ in PRESETS:
        Attribute.objects.using(using).get_or_create(
            slug=slug,
            defaults={
                "label_en": label_en,
                "label_zh": label_zh,
                "type": type_,
                "kind": "ordinary",
                "preset": True,
            },
        )


def _keep_words(using: str, **_signal: Any) -> None:
    from huoshui.data.customers.models import SearchText
    from huoshui.database import beginnings

    if SearchText._meta.db_table in connections[using].introspection.table_names():
        beginnings.keep(SearchText, "words", using=using)
