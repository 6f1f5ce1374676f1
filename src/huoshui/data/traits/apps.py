"""The app of the traits."""

from django.apps import AppConfig


class TraitsConfig(AppConfig):
    """Declares the tables of computed traits, and the job that computes them."""

    name = "huoshui.data.traits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.traits import jobs, tables

        tables.declare()
        jobs.declare()
