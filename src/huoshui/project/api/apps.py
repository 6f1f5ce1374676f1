"""The app of the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Declares the addresses of the API and of its guide, and the job that forgets old answers."""

    name = "huoshui.project.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text
        from huoshui.project.api import chores

        PAGES.declare(Pages(slug="api", prefix="api/", urls="huoshui.project.api.urls"))
        MENU.declare(
            MenuEntry(
                slug="api",
                label=Text("API", "API 接口"),
                group="settings",
                url="reference:api",
                icon="api",
                place=90,
            )
        )
        chores.declare()
