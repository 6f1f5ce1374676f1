"""The app of mail to colleagues."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """Declares the outbox's page and the job that sends."""

    name = "huoshui.desk.mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.mail import services
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="mail", prefix="settings/mail/", urls="huoshui.desk.mail.urls"))
        MENU.declare(
            MenuEntry(
                slug="mail",
                label=Text("Mail", "邮件"),
                group="settings",
                url="mail:list",
                icon="mail",
                place=65,
                right=Right.USERS_MANAGE,
            )
        )
        services.declare()
