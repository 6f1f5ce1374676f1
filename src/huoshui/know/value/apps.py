"""The app of customer value."""

from django.apps import AppConfig


class ValueConfig(AppConfig):
    """Declares the traits of value, the relations they are computed over, the model behind them and the page."""

    name = "huoshui.know.value"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text
        from huoshui.know.value import clv, outlook, populations, relations, traits

        clv.declare()
        relations.declare()
        traits.declare()
        outlook.declare()
        populations.declare()
        PAGES.declare(Pages(slug="value", prefix="value/", urls="huoshui.know.value.urls"))
        MENU.declare(
            MenuEntry(
                slug="value",
                label=Text("Value", "价值"),
                group="know",
                url="value:value",
                icon="diamond",
                place=30,
                right=Right.CUSTOMERS_VIEW,
            )
        )
