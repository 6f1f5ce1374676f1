"""The app of custom traits."""

from django.apps import AppConfig


class CustomConfig(AppConfig):
    """Lets the registry of traits follow those of the house, and declares the pages of traits."""

    name = "huoshui.know.custom"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import (
            ATTRIBUTE_USES,
            MENU,
            PAGES,
            PREPARATIONS,
            SUBJECTS,
            TRAITS,
            AttributeUse,
            MenuEntry,
            Pages,
            Preparation,
        )
        from huoshui.kernel.texts import Text
        from huoshui.know.custom import own, uses

        TRAITS.follow(own.traits)
        PREPARATIONS.declare(Preparation(slug="own_traits", run=own.forget))
        ATTRIBUTE_USES.declare(AttributeUse(slug="traits", places=uses.of_attributes))
        SUBJECTS.declare(own.SUBJECT)
        PAGES.declare(Pages(slug="custom", prefix="traits/", urls="huoshui.know.custom.urls"))
        MENU.declare(
            MenuEntry(
                slug="traits",
                label=Text("Traits", "特征"),
                group="know",
                url="traits:list",
                icon="adjustments-horizontal",
                place=35,
                right=Right.CUSTOMERS_VIEW,
            )
        )
