"""The app of experiments."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Declares the pages of experiments."""

    name = "huoshui.measure.experiments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        PAGES.declare(
            Pages(slug="experiments", prefix="experiments/", urls="huoshui.measure.experiments.urls")
        )
        MENU.declare(
            MenuEntry(
                slug="experiments",
                label=Text("Experiments", "实验"),
                group="measure",
                url="experiments:list",
                icon="flask",
                place=40,
                right=Right.CUSTOMERS_VIEW,
            )
        )
