"""The app of the dashboards."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Declares the overview, the metrics, the page of one customer, and boards with their mail."""

    name = "huoshui.measure.dashboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, SUBJECTS, MenuEntry, Pages, SubjectKind
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text
        from huoshui.measure.dashboards import jobs, sheets, uses
        from huoshui.measure.dashboards.boards import jobs as letters
        from huoshui.measure.dashboards.boards import queries

        EXPORTS.declare(sheets.EXPORT)
        uses.declare()
        PAGES.declare(
            Pages(slug="dashboards", prefix="", urls="huoshui.measure.dashboards.urls"),
            Pages(slug="boards", prefix="boards/", urls="huoshui.measure.dashboards.boards.urls"),
        )
        jobs.declare()
        letters.declare()
        SUBJECTS.declare(
            SubjectKind(
                slug=queries.KIND,
                label=Text("Board", "看板"),
                url="boards:board",
                argument="board_id",
                titles=queries.titles,
            )
        )
        MENU.declare(
            MenuEntry(
                slug="overview",
                label=Text("Overview", "总览"),
                group="overview",
                url="dashboards:overview",
                icon="layout-dashboard",
                place=10,
                right=Right.CUSTOMERS_VIEW,
            ),
            MenuEntry(
                slug="boards",
                label=Text("Boards", "看板"),
                group="measure",
                url="boards:list",
                icon="columns-3",
                place=20,
                right=Right.CUSTOMERS_VIEW,
            ),
        )
