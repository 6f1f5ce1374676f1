"""The app of the tasks."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Declares the pages of tasks, their parts on other pages, and that tasks can be spoken of and found."""

    name = "huoshui.desk.worklist"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.worklist import parts, queries, sheets
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import (
            MENU,
            PAGES,
            PANELS,
            SEARCH,
            SUBJECTS,
            MenuEntry,
            Pages,
            SubjectKind,
        )
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="worklist", prefix="work/", urls="huoshui.desk.worklist.urls"))
        MENU.declare(
            MenuEntry(
                slug="work",
                label=Text("My work", "今日待办"),
                group="overview",
                url="worklist:work",
                icon="checkbox",
                place=20,
                right=Right.TASKS_WORK,
            )
        )
        PANELS.declare(parts.TODAY, parts.OF_CUSTOMER)
        SUBJECTS.declare(
            SubjectKind(
                slug="task",
                label=Text("Task", "任务"),
                url="worklist:task",
                argument="task_id",
                titles=queries.titles,
            )
        )
        SEARCH.declare(parts.SEARCH_TASKS)
        EXPORTS.declare(sheets.EXPORT)
