"""The app of the facts."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """Declares the fact tables and relations."""

    name = "huoshui.data.facts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.facts import relations, tables

        tables.declare()
        relations.declare()
