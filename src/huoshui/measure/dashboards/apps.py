"""The app of the dashboards."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """Declares the overview, the metrics and the page of one customer."""

    name = "huoshui.measure.dashboards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="dashboards", prefix="", urls="huoshui.measure.dashboards.urls"))
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
                slug="metrics",
                label=Text("Metrics", "指标"),
                group="measure",
                url="dashboards:metrics",
                icon="chart-line",
                place=10,
                right=Right.CUSTOMERS_VIEW,
            ),
        )
