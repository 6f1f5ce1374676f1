"""The app of the organisation."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """Holds one row, and says what every room may know of the house."""

    name = "huoshui.desk.organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.organisation import queries
        from huoshui.kernel.plugs import HOUSE, HOUSE_ZONE, House

        def house() -> House:
            found = queries.current()
            return House(name=found.name, currency=found.currency, zone=found.zone, demo=found.demo)

        HOUSE.declare(house)
        HOUSE_ZONE.declare(lambda: queries.current().zone)
