"""The app of the pages of the house."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """Declares the pages."""

    name = "huoshui.project.house"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="house", prefix="settings/house/", urls="huoshui.project.house.urls"))
        MENU.declare(
            MenuEntry(
                slug="house",
                label=Text("Settings", "设置"),
                group="settings",
                url="house:organisation",
                icon="settings",
                place=5,
                right=Right.HOUSE_MANAGE,
                also=("customers:attributes",),
            )
        )
