"""The app of privacy."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Declares who is marketable."""

    name = "huoshui.data.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.privacy import traits
        from huoshui.database import lookups

        lookups.register()
        traits.declare()
