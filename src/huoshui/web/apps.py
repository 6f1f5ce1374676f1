"""The app of the shell."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Declares the pages that belong to no room."""

    name = "huoshui.web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.plugs import PAGES, SEARCH, Pages
        from huoshui.web import search

        PAGES.declare(Pages(slug="web", prefix="", urls="huoshui.web.urls"))
        SEARCH.declare(search.PAGES_OF_MENU)
