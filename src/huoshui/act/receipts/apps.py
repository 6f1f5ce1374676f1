"""The app of receipts."""

from django.apps import AppConfig


class ReceiptsConfig(AppConfig):
    """Declares the receipts of a customer, and their pages."""

    name = "huoshui.act.receipts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.receipts import pages
        from huoshui.kernel.plugs import PAGES, PANELS, Pages

        PAGES.declare(Pages(slug="receipts", prefix="receipts/", urls="huoshui.act.receipts.urls"))
        PANELS.declare(pages.PANEL)
