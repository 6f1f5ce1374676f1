"""The app of the connectors."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Owns the journal of loads."""

    name = "huoshui.data.connectors"
    default_auto_field = "django.db.models.BigAutoField"
