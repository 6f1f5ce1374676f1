"""The app of the metrics."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """Declares the first metrics."""

    name = "huoshui.measure.metrics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.measure.metrics import metrics

        metrics.declare()
