"""The app of privacy."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Declares who is marketable, and the pages on which people decide."""

    name = "huoshui.data.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.privacy import traits
        from huoshui.database import lookups
        from huoshui.kernel.plugs import PAGES, Pages

        lookups.register()
        traits.declare()
        PAGES.declare(Pages(slug="privacy", prefix="privacy/", urls="huoshui.data.privacy.urls"))
