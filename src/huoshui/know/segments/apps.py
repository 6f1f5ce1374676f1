"""The app of segments."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Declares the pages of segments, and segments as populations."""

    name = "huoshui.know.segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text
        from huoshui.know.segments import populations

        populations.declare()
        PAGES.declare(Pages(slug="segments", prefix="segments/", urls="huoshui.know.segments.urls"))
        MENU.declare(
            MenuEntry(
                slug="segments",
                label=Text("Segments", "分群"),
                group="know",
                url="segments:list",
                icon="users-group",
                place=20,
                right=Right.CUSTOMERS_VIEW,
            )
        )
