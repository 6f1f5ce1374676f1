"""The app of the users."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

PRESETS = (
    ("marketing", "Marketing", "市场"),
    ("sales", "Sales", "销售"),
    ("operations", "Operations", "运营"),
    ("service", "Service", "客服"),
)


class UsersConfig(AppConfig):
    """Holds the user model of the installation, and declares the pages of colleagues and of one's account."""

    name = "huoshui.desk.users"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.users import queries, signing_in
        from huoshui.desk.users.services import sessions
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import ACTOR_OF, MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.texts import Text

        ACTOR_OF.declare(lambda: queries.actor_of)
        PAGES.declare(
            Pages(slug="account", prefix="account/", urls="huoshui.desk.users.urls.account"),
            Pages(slug="people", prefix="settings/", urls="huoshui.desk.users.urls.people"),
        )
        MENU.declare(
            MenuEntry(
                slug="people",
                label=Text("Colleagues", "同事"),
                group="settings",
                url="people:list",
                icon="users-group",
                place=10,
                right=Right.USERS_MANAGE,
            )
        )
        sessions.declare()
        signing_in.watch()
        post_migrate.connect(_preset_teams, sender=self)


def _preset_teams(using: str, **_signal: Any) -> None:
    """After migrations, and after a flush of the tables."""
    from huoshui.desk.users.models import Team

    if Team._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before there were teams
    for slug, name_en, name_zh in PRESETS:
        Team.objects.using(using).get_or_create(
            slug=slug, defaults={"name_en": name_en, "name_zh": name_zh, "preset": True}
        )
