"""The app of research."""

from django.apps import AppConfig


class ResearchConfig(AppConfig):
    """Declares the pages of research."""

    name = "huoshui.know.research"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="research", prefix="research/", urls="huoshui.know.research.urls"))
        MENU.declare(
            MenuEntry(
                slug="research",
                label=Text("Market research", "市场研究"),
                group="know",
                url="research:list",
                icon="search",
                place=80,
                right=Right.CUSTOMERS_VIEW,
            )
        )
