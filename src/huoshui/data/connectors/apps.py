"""The app of the connectors."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Owns the journal of loads; declares the pages of imports and their jobs."""

    name = "huoshui.data.connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.data.connectors import jobs, sheets
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="imports", prefix="imports/", urls="huoshui.data.connectors.urls"))
        MENU.declare(
            MenuEntry(
                slug="imports",
                label=Text("Imports", "数据导入"),
                group="settings",
                url="imports:list",
                icon="database",
                place=10,
                right=Right.IMPORTS_RUN,
            )
        )
        jobs.declare()
        EXPORTS.declare(sheets.EXPORT)
