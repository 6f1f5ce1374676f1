"""The app of the facts."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """Declares the fact tables and relations, and the job that drains the fact queue."""

    name = "huoshui.data.facts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.facts import jobs, relations, tables

        tables.declare()
        relations.declare()
        jobs.declare()
