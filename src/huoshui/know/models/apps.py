"""The app of the models."""

from django.apps import AppConfig


class ModelsConfig(AppConfig):
    """Trains what rooms above declare: by a job, each week, and before traits are computed."""

    name = "huoshui.know.models"
    label = "models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.know.models import chores

        chores.declare()
