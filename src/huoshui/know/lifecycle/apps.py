"""The app of the customer's life."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    """Declares the traits of rhythm and stage, by the rule that the settings choose."""

    name = "huoshui.know.lifecycle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from huoshui.know.lifecycle import traits

        traits.declare(stage_days=getattr(settings, "HUOSHUI_STAGE_DAYS", None))
