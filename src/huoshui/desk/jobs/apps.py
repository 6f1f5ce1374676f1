"""The app of the jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Declares the pages of jobs, the interface for tasks and the hourly tidying."""

    name = "huoshui.desk.jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.jobs import backend, chores, sheets
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="jobs", prefix="jobs/", urls="huoshui.desk.jobs.urls"))
        MENU.declare(
            MenuEntry(
                slug="jobs",
                label=Text("Background jobs", "后台任务"),
                group="settings",
                url="jobs:list",
                icon="loader-2",
                place=60,
            )
        )
        backend.declare()
        chores.declare()
        EXPORTS.declare(sheets.EXPORT)
