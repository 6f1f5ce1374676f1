"""The app of the customers."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Declares the lake table of customers."""

    name = "huoshui.data.customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.customers import tables
        from huoshui.database import lookups

        lookups.register()
        tables.declare()
