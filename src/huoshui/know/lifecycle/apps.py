"""The app of the customer's life."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    """Declares the traits of rhythm and stage, by the rule that the settings choose, and the pages of this room."""

    name = "huoshui.know.lifecycle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text
        from huoshui.know.lifecycle import populations, traits

        traits.declare(stage_days=getattr(settings, "HUOSHUI_STAGE_DAYS", None))
        populations.declare()
        PAGES.declare(Pages(slug="lifecycle", prefix="", urls="huoshui.know.lifecycle.urls"))
        for slug, label, icon, place in (
            ("lifecycle", Text("Lifecycle", "生命周期"), "route", 40),
            ("cohorts", Text("Cohorts", "同期群"), "columns-3", 50),
        ):
            MENU.declare(
                MenuEntry(
                    slug=slug,
                    label=label,
                    group="know",
                    url=f"lifecycle:{slug}",
                    icon=icon,
                    place=place,
                    right=Right.CUSTOMERS_VIEW,
                )
            )
