"""The app of comments, files, versions and sign-offs."""

from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    """Declares the pages of threads, their parts on other pages, and the daily sweep."""

    name = "huoshui.desk.threads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.threads import chores, parts
        from huoshui.kernel.plugs import MENU, PAGES, PANELS, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="threads", prefix="", urls="huoshui.desk.threads.urls"))
        MENU.declare(
            MenuEntry(
                slug="inbox",
                label=Text("Mentioned me", "提到我的"),
                group="overview",
                url="threads:inbox",
                icon="message",
                place=30,
            )
        )
        PANELS.declare(*parts.ALL)
        chores.declare()
