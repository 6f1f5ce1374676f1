"""The app of plans."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans, their goals, measures, budgets and reviews."""

    name = "huoshui.plan.plans"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, SUBJECTS, MenuEntry, Pages, SubjectKind
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text
        from huoshui.plan.plans import queries, ready
        from huoshui.plan.plans.budget import sheets
        from huoshui.plan.plans.reviews import jobs as review_jobs

        review_jobs.declare()
        ready.declare()
        EXPORTS.declare(sheets.EXPORT)
        PAGES.declare(Pages(slug="plans", prefix="plans/", urls="huoshui.plan.plans.urls"))
        SUBJECTS.declare(
            SubjectKind(
                slug=queries.KIND,
                label=Text("Plan", "计划"),
                url="plans:plan",
                argument="plan_id",
                titles=queries.titles,
            )
        )
        MENU.declare(
            MenuEntry(
                slug="plans",
                label=Text("Development plans", "客户发展计划"),
                group="plan",
                url="plans:list",
                icon="map-pin",
                place=10,
                right=Right.CUSTOMERS_VIEW,
            )
        )
