"""The app of holdouts."""

from django.apps import AppConfig


class HoldoutsConfig(AppConfig):
    """Declares the table of decisions and the page of the global control group."""

    name = "huoshui.act.holdouts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.holdouts import tables
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        tables.declare()
        PAGES.declare(Pages(slug="holdouts", prefix="holdouts/", urls="huoshui.act.holdouts.urls"))
        MENU.declare(
            MenuEntry(
                slug="holdouts",
                label=Text("Control groups", "对照组"),
                group="act",
                url="holdouts:home",
                icon="scale",
                place=60,
                right=Right.CUSTOMERS_VIEW,
            )
        )
