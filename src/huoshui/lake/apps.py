"""The app of the lake."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    """Owns the house versions."""

    name = "huoshui.lake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the lake's own table."""
        from huoshui.kernel.plugs import LAKE_TABLES
        from huoshui.lake import arrow
        from huoshui.lake.care import EVENTS_BY_NAME

        arrow.leave_pandas_aside()
        LAKE_TABLES.declare(EVENTS_BY_NAME)
