"""The app of the audit log."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Declares the page of the log, and sees to it that the database guards the rows."""

    name = "huoshui.desk.audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from huoshui.desk.audit import sheets
        from huoshui.kernel.actors import Right
        from huoshui.kernel.plugs import MENU, PAGES, MenuEntry, Pages
        from huoshui.kernel.sheets import EXPORTS
        from huoshui.kernel.texts import Text

        PAGES.declare(Pages(slug="audit", prefix="settings/audit/", urls="huoshui.desk.audit.urls"))
        MENU.declare(
            MenuEntry(
                slug="audit",
                label=Text("Audit log", "审计日志"),
                group="settings",
                url="audit:list",
                icon="shield",
                place=70,
                right=Right.AUDIT_VIEW,
            )
        )
        EXPORTS.declare(sheets.EXPORT)
        post_migrate.connect(_guard, sender=self)


def _guard(using: str, **_signal: Any) -> None:
    from huoshui.database import guards
    from huoshui.desk.audit.models import Entry

    if Entry._meta.db_table in connections[using].introspection.table_names():
        guards.keep_rows(Entry, using=using)
