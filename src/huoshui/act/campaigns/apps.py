"""The app of campaigns."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """Declares the pages of campaigns, campaigns as an origin of messages, and what the clock does with them."""

    name = "huoshui.act.campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.campaigns import jobs, queries, writing
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, SUBJECTS, MenuEntry, Pages, SubjectKind
        from huoshui.kernel.texts import Text

        jobs.declare()
        writing.declare()
        PAGES.declare(Pages(slug="campaigns", prefix="campaigns/", urls="huoshui.act.campaigns.urls"))
        MENU.declare(
            MenuEntry(
                slug="campaigns",
                label=Text("Campaigns", "营销活动"),
                group="act",
                url="campaigns:list",
                icon="target-arrow",
                place=10,
                right=Right.CUSTOMERS_VIEW,
            )
        )
        SUBJECTS.declare(
            SubjectKind(
                slug="campaign",
                label=Text("Campaign", "营销活动"),
                url="campaigns:campaign",
                argument="number",
                titles=queries.titles,
            )
        )
