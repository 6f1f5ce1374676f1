"""The app of the organisation."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Holds one row, and says the time zone of the house."""

    name = "huoshui.desk.organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.organisation import queries
        from huoshui.kernel.plugs import HOUSE_ZONE

        HOUSE_ZONE.declare(lambda: queries.current().zone)
