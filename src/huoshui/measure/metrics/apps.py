"""The app of the metrics."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Declares the first metrics, the customers behind their figures, and their pages."""

    name = "huoshui.measure.metrics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, PANELS, SUBJECTS, MenuEntry, Pages, Panel
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text
        from huoshui.measure.metrics import cells, metrics, own, sheets
        from huoshui.measure.metrics.alerts import jobs as alerts
        from huoshui.measure.metrics.alerts.queries import SUBJECT as ALERT

        metrics.declare()
        cells.declare()
        SUBJECTS.declare(own.SUBJECT, ALERT)
        alerts.declare()
        EXPORTS.declare(sheets.EXPORT)
        PAGES.declare(Pages(slug="metrics", prefix="", urls="huoshui.measure.metrics.urls"))
        PANELS.declare(
            # It asks for itself by a page of its own: opening a segment computes nothing.
            Panel(
                slug="metrics_of_segment",
                label=Text("Their figures", "指标表现"),
                page="segment",
                width="wide",
                place=10,
                template="metrics/_group.html",
                context=lambda _actor, _subject, _language: {},
            )
        )
        MENU.declare(
            MenuEntry(
                slug="metrics",
                label=Text("Metrics", "指标"),
                group="measure",
                url="metrics:list",
                icon="chart-line",
                place=10,
                right=Right.CUSTOMERS_VIEW,
            )
        )
