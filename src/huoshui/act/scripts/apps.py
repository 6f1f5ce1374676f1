"""The app of scripts."""

from django.apps import AppConfig


class ScriptsConfig(AppConfig):
    """Declares the pages of scripts and their part on the page of a task."""

    name = "huoshui.act.scripts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.scripts import parts, queries
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, PANELS, SUBJECTS, MenuEntry, Pages, SubjectKind
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="scripts", prefix="scripts/", urls="huoshui.act.scripts.urls"))
        MENU.declare(
            MenuEntry(
                slug="scripts",
                label=Text("Scripts", "话术"),
                group="act",
                url="scripts:list",
                icon="message-2",
                place=50,
                right=Right.CUSTOMERS_VIEW,
            )
        )
        SUBJECTS.declare(
            SubjectKind(
                slug="script",
                label=Text("Script", "话术"),
                url="scripts:script",
                argument="script_id",
                titles=queries.titles,
            )
        )
        PANELS.declare(parts.OF_TASK)
