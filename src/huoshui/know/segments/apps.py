"""The app of segments."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Declares the pages of segments, and segments as populations."""

    name = "huoshui.know.segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import (
            CONSEQUENCES,
            MENU,
            PAGES,
            PANELS,
            Consequence,
            MenuEntry,
            Pages,
            Panel,
        )
        from huoshui.kernel.texts import Text
        from huoshui.know.segments import jobs, listing, populations, refreshing, tables

        tables.declare()
        populations.declare()
        jobs.declare()
        listing.declare()
        CONSEQUENCES.declare(Consequence(slug="memberships", run=refreshing.after_traits))
        PANELS.declare(
            Panel(
                slug="segments",
                label=Text("Segments", "分群"),
                page="customer",
                width="narrow",
                place=20,
                template="segments/_of_customer.html",
                context=lambda _actor, subject, _language: {"customer_id": subject.partition(":")[2]},
                right=Right.CUSTOMERS_VIEW,
            )
        )
        PAGES.declare(Pages(slug="segments", prefix="segments/", urls="huoshui.know.segments.urls"))
        MENU.declare(
            MenuEntry(
                slug="segments",
                label=Text("Segments", "分群"),
                group="know",
                url="segments:list",
                icon="users-group",
                place=20,
                right=Right.CUSTOMERS_VIEW,
            )
        )
