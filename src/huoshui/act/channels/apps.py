"""The app of the ways to reach people."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Declares the channels and their pages."""

    name = "huoshui.act.channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.act.channels import (
            folder,
            mailing,
            task,
            webhook,
            webhook_delivery,
            webhook_services,
            webhook_watching,
        )
        from huoshui.desk.worklist.rules import TASK_RULES
        from huoshui.kernel.actors import Right
        from huoshui.kernel.outreach import CHANNELS, UNDERWAY, Underway
        from huoshui.kernel.plugs import MENU, PAGES, PANELS, MenuEntry, Pages
        from huoshui.kernel.texts import Text
        from huoshui.kernel.watching import WATCHES

        CHANNELS.declare(mailing.CHANNEL, task.CHANNEL, webhook.CHANNEL)
        TASK_RULES.declare(task.RULE)
        PANELS.declare(task.PANEL)
        WATCHES.declare(webhook_watching.WATCH)
        UNDERWAY.declare(Underway(slug="webhooks", settle=webhook_delivery.settle))
        PAGES.declare(
            Pages(slug="channels", prefix="channels/", urls="huoshui.act.channels.urls"),
            Pages(slug="webhooks", prefix="channels/webhooks/", urls="huoshui.act.channels.webhook_urls"),
            Pages(slug="message_tasks", prefix="channels/tasks/", urls="huoshui.act.channels.task_urls"),
        )
        MENU.declare(
            MenuEntry(
                slug="channels",
                label=Text("Channels", "渠道"),
                group="act",
                url="channels:list",
                icon="route",
                place=70,
                right=Right.CUSTOMERS_VIEW,
            )
        )
        folder.declare()
        webhook_services.declare()
