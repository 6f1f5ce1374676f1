"""The app of customer value."""

from django.apps import AppConfig


class ValueConfig(AppConfig):
    """Declares the traits of value and the relations they are computed over."""

    name = "huoshui.know.value"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.know.value import relations, traits

        relations.declare()
        traits.declare()
