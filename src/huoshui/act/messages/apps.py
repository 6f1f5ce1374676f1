"""The app of the outbox to customers."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """Declares the lanes of the worker, what withdrawals wait for, and the pages of the outbox."""

    name = "huoshui.act.messages"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.messages import delivering, settling, watching
        from huoshui.desk.jobs.kinds import STANDING, Standing
        from huoshui.kernel.actors import Right
        from huoshui.kernel.outreach import CHANNELS, HEARD, UNDERWAY, Underway
        from huoshui.kernel.plugs import MENU, PAGES, PANELS, MenuEntry, Pages
        from huoshui.kernel.texts import Text
        from huoshui.kernel.watching import WATCHES

        UNDERWAY.declare(Underway(slug="outbox", settle=delivering.settle))
        HEARD.declare(lambda: settling.hear)
        WATCHES.declare(watching.WATCH)
        PANELS.declare(watching.PANEL)
        # The rooms of channels stand below and have declared theirs.
        for slug in CHANNELS.slugs():
            STANDING.declare(Standing(slug=f"lane.{slug}", work=delivering.Serving(slug).look))
        PAGES.declare(Pages(slug="outbox", prefix="outbox/", urls="huoshui.act.messages.urls"))
        MENU.declare(
            MenuEntry(
                slug="outbox",
                label=Text("Outbox", "发件箱"),
                group="act",
                url="outbox:list",
                icon="message",
                place=60,
                right=Right.CUSTOMERS_VIEW,
            )
        )
